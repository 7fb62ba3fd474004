"""The network for marks as an ONNX graph."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, checker, helper, numpy_helper

from recognition.mark_network import FIGURES
from recognition.mark_picture import SIDE_PX

WIDTHS = (16, 32, 48, 64)
"""Planes of the convolutions; the picture is halved after each but the last."""

INNER = 48

Weights = dict[str, npt.NDArray[np.float32]]


def mark_graph(weights: Weights) -> bytes:
    """The ONNX file.

    Args:
        weights: `conv0` to `conv3`, `inner` and `outer`, each with its `_bias`.
    """
    nodes, last = [], "pictures"
    for number in range(len(WIDTHS)):
        conv, warm = f"seen{number}", f"warm{number}"
        inputs = [last, f"conv{number}", f"conv{number}_bias"]
        nodes.append(helper.make_node("Conv", inputs, [conv], kernel_shape=(3, 3), pads=(1, 1, 1, 1)))
        nodes.append(helper.make_node("Relu", [conv], [warm]))
        last = warm
        if number < len(WIDTHS) - 1:
            last = f"half{number}"
            nodes.append(helper.make_node("MaxPool", [warm], [last], kernel_shape=(2, 2), strides=(2, 2)))
    nodes += [
        helper.make_node("GlobalMaxPool", [last], ["most"]),
        helper.make_node("GlobalAveragePool", [last], ["mean"]),
        helper.make_node("Flatten", ["most"], ["most_flat"]),
        helper.make_node("Flatten", ["mean"], ["mean_flat"]),
        helper.make_node("Concat", ["most_flat", "mean_flat", "figures"], ["all"], axis=1),
        helper.make_node("Gemm", ["all", "inner", "inner_bias"], ["within"]),
        helper.make_node("Relu", ["within"], ["within_warm"]),
        helper.make_node("Gemm", ["within_warm", "outer", "outer_bias"], ["odds"]),
    ]
    graph = helper.make_graph(
        nodes,
        "marks",
        [
            helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 2, SIDE_PX, SIDE_PX]),
            helper.make_tensor_value_info("figures", TensorProto.FLOAT, ["n", FIGURES]),
        ],
        [helper.make_tensor_value_info("odds", TensorProto.FLOAT, ["n", 1])],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))
