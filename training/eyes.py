"""The part of the network for names that stays as published, and what it sees of a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx

from recognition.geometry import GreyImage
from recognition.onnx_model import one_core_session


class Eyes:
    """Runs the network up to given tensors."""

    def __init__(self, model: onnx.ModelProto, tensors: Sequence[str]) -> None:
        seeing = onnx.ModelProto()
        seeing.CopyFrom(model)
        for tensor in tensors:
            output = onnx.helper.make_tensor_value_info(tensor, onnx.TensorProto.FLOAT, None)
            seeing.graph.output.append(output)
        self._tensors = list(tensors)
        self._session = one_core_session(seeing.SerializeToString())

    def look(self, picture: GreyImage) -> list[npt.NDArray[np.float32]]:
        """The tensors for a row's picture, as the network has them, without the batch's axis."""
        plane = picture.astype(np.float32) / 127.5 - 1.0
        found = self._session.run(self._tensors, {"x": np.stack([plane] * 3)[np.newaxis]})
        return [np.asarray(tensor[0], np.float32) for tensor in found]
