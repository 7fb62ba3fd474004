"""The head of the network that tells strokes through a name from the strokes of its letters.

The network for names is made to read through strokes, so what it reads does not tell that a name,
or one word of it, is struck out. Its lower layers see the strokes all the same: two small
convolutions over them, trained on strokes drawn over rows (`make train`, ``docs/model_card_names.md``),
say of each frame whether a stroke runs through it.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
import numpy.typing as npt

STRUCK = "struck"
"""The output: frames, each the log-odds that it is struck through."""

FEATURES = "struck_features"
"""The tensor that the head is laid over: `WIDTH` × 1 × frames."""

WIDTH, INNER, REACH = 960, 48, 3
"""Figures a frame, of the layers below and within the head, and the frames that each convolution spans."""

SHAPES = {
    "middle": (WIDTH,),
    "inner": (INNER, WIDTH, REACH),
    "inner_bias": (INNER,),
    "outer": (1, INNER, REACH),
    "outer_bias": (1,),
}
"""The weights: what is taken from the features, so that nothing beyond the row's ends is as good as
the mean, and the two convolutions."""

HEAD = "struck.npz"
"""Beside this module: the weights."""

_LAYERS = (("p2o.pd_op.add.18.0", (12, 2)), ("p2o.pd_op.add.51.0", (6, 2)))
"""Layers at a quarter of the row's width, and what of them falls into one frame: all rows, two columns."""

_LAST = "p2o.pd_op.pool2d.1.0"
"""The last layer before the letters, at a frame's width."""

_FRAMES = 5


def add_features(model: bytes) -> bytes:
    """The network with the tensor `FEATURES`."""
    import onnx

    network = onnx.load_from_string(model)
    parts = []
    for number, (layer, size) in enumerate(_LAYERS):
        for kind in ("AveragePool", "MaxPool"):
            parts.append(f"{STRUCK}_{kind}_{number}")
            network.graph.node.append(
                onnx.helper.make_node(kind, [layer], parts[-1:], kernel_shape=size, strides=size)
            )
    network.graph.node.append(onnx.helper.make_node("Concat", [*parts, _LAST], [FEATURES], axis=1))
    return bytes(network.SerializeToString(deterministic=True))


def add_head(model: bytes, head: bytes) -> bytes:
    """The network with the output `STRUCK`.

    Args:
        head: An npz archive with the weights of `SHAPES`.

    Raises:
        ValueError: The archive has other weights.
    """
    import onnx
    from onnx import numpy_helper

    with np.load(BytesIO(head)) as archive:
        weights = {name: archive[name].astype(np.float32) for name in archive.files}
    found = {name: values.shape for name, values in weights.items()}
    if found != SHAPES:
        raise ValueError(f"The head's weights should be {SHAPES}, not {found}.")
    network = onnx.load_from_string(add_features(model))
    weights["middle"] = weights["middle"].reshape(1, WIDTH, 1, 1)
    for name in ("inner", "outer"):
        weights[name] = weights[name][:, :, np.newaxis]
    network.graph.initializer.extend(
        numpy_helper.from_array(values, f"{STRUCK}_{name}") for name, values in weights.items()
    )
    centred, raw, within = (f"{STRUCK}_{name}" for name in ("centred", "raw", "within"))

    def along(source: str, weight: str, output: str) -> onnx.NodeProto:
        inputs = [source, f"{STRUCK}_{weight}", f"{STRUCK}_{weight}_bias"]
        pads = (0, REACH // 2, 0, REACH // 2)
        return onnx.helper.make_node("Conv", inputs, [output], kernel_shape=(1, REACH), pads=pads)

    network.graph.node.extend(
        [
            onnx.helper.make_node("Sub", [FEATURES, f"{STRUCK}_middle"], [centred]),
            along(centred, "inner", raw),
            onnx.helper.make_node("Relu", [raw], [within]),
            along(within, "outer", STRUCK),
        ]
    )
    network.graph.output.append(
        onnx.helper.make_tensor_value_info(STRUCK, onnx.TensorProto.FLOAT, [1, 1, 1, "frames"])
    )
    onnx.checker.check_model(network)
    return bytes(network.SerializeToString(deterministic=True))


def struck_most(frames: npt.NDArray[np.float32]) -> float:
    """The log-odds, in the mean of a few frames, where a stroke through the letters is likeliest.

    Args:
        frames: The output `STRUCK`, flat.
    """
    length = min(_FRAMES, frames.size)
    return float(np.convolve(frames, np.full(length, 1 / length), "valid").max())
