"""Cutting the recognition network down to the letters that names are written with, and tuning it.

``PP-OCRv6_rec_small`` knows 18,708 signs. Its last matrix product and its soft-max over all of
them take two thirds of its time; cut to the blank and the Latin letters the network gives the
same log-probabilities, conditional on the row being Latin script. Runs once, at installation.
"""

from __future__ import annotations

from io import BytesIO

from recognition.names.alphabet import KEPT

SOURCE_SHA256 = "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"
"""Of ``rapidocr/models/PP-OCRv6_rec_small.onnx`` in the package rapidocr 3.10.0."""

CHARACTERS = "character"
"""The metadata key under which the signs of the columns stand, one a line."""

TUNED = "tuned.npz"
"""Beside this module: weights of the network's upper part, trained by `make train`
(``docs/model_card_names.md``)."""

_WEIGHTS, _BIASES = "linear_8.w_0", "linear_8.b_0"


def cut_model(source: bytes) -> bytes:
    """The network with only the columns of `KEPT`.

    Args:
        source: The ONNX file whose hash is `SOURCE_SHA256`.

    Returns:
        An ONNX file. Column 0 is the blank, column `i` the `i`-th sign of its metadata.
    """
    import numpy as np
    import onnx
    from onnx import numpy_helper

    model = onnx.load_from_string(source)
    known = next(p.value for p in model.metadata_props if p.key == CHARACTERS).split("\n")
    known.append(" ")  # the last column, which the list does not name
    signs = [sign for sign in KEPT if sign in known]
    columns = np.array([0, *(known.index(sign) + 1 for sign in signs)])
    for tensor in model.graph.initializer:
        if tensor.name in (_WEIGHTS, _BIASES):
            cut = numpy_helper.to_array(tensor)[..., columns]
            tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(cut), tensor.name))
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(columns)
    del model.graph.value_info[:]
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {CHARACTERS: "\n".join(signs)})
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def tune_model(cut: bytes, tuned: bytes) -> bytes:
    """The cut network with the weights of `TUNED` in place of those published.

    Args:
        tuned: An npz archive; each array goes to the weight of its name.

    Raises:
        ValueError: The archive has a weight that the network has not, or of another size.
    """
    import numpy as np
    import onnx
    from onnx import numpy_helper

    model = onnx.load_from_string(cut)
    with np.load(BytesIO(tuned)) as archive:
        weights = {name: archive[name] for name in archive.files}
    for tensor in model.graph.initializer:
        if tensor.name in weights:
            values = weights.pop(tensor.name).astype(np.float32).reshape(tuple(tensor.dims))
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    if weights:
        raise ValueError(f"The network has no weights {', '.join(sorted(weights))}.")
    return bytes(model.SerializeToString(deterministic=True))
