"""Networks in ONNX files, each run on one core: a count's workers read sheets side by side already."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_ONLY_ERRORS = 3


def one_core_session(model: bytes) -> InferenceSession:
    """A network ready to run.

    Args:
        model: An ONNX file.
    """
    import onnxruntime  # 20 MB that verbs that read no ballot need not spend

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ONLY_ERRORS
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
