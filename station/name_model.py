"""The file with the network for handwritten names: made at installation, checked at every start.

    python -m station.name_model WHEEL

takes the network out of the package rapidocr 3.10.0, cuts it to the letters of names, gives its upper
part the weights trained here, adds the head that sees strokes through names, and puts it beside the
program. `make install` does this.
"""

from __future__ import annotations

import sys
import zipfile
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from ballot.errors import ModelError
from recognition.names.cut_model import SOURCE_SHA256, TUNED, cut_model, tune_model
from recognition.names.struck import HEAD, add_head

SOURCE_MEMBER = "rapidocr/models/PP-OCRv6_rec_small.onnx"
MODEL_SHA256 = "b2c16394661943b606fbe58bfd14e91555d21b846cb5608753ee7ed5b097d61f"
"""Of the cut and tuned network with its head, as the pinned versions of onnx and protobuf write it."""

_REMEDY = "Run `make install` again; it fetches the network anew."


def model_file() -> Path:
    """Where the network lies: beside the Python that runs the program."""
    return Path(sys.prefix) / "share" / "valgskann" / f"names-{MODEL_SHA256[:12]}.onnx"


def load_name_model(file: Path | None = None) -> bytes:
    """The network, proven to be the one that the thresholds were fitted for.

    Call it when a station or a reading starts, so that a missing file stops the start and not
    the first ballot.

    Raises:
        ModelError: The file is missing, or is not the expected one.
    """
    file = file or model_file()
    try:
        model = file.read_bytes()
    except OSError as error:
        raise ModelError(
            f"The network for handwritten names cannot be read: {file} ({error.strerror}). "
            "Nothing was counted.",
            _REMEDY,
        ) from error
    if sha256(model).hexdigest() != MODEL_SHA256:
        raise ModelError(
            f"The network for handwritten names has been altered: {file} is not the file that was "
            "installed. Nothing was counted.",
            _REMEDY,
        )
    return model


def published_model(wheel: Path) -> bytes:
    """The network as published, cut to the letters of names.

    Raises:
        ModelError: The wheel has no such network, or another one.
    """
    try:
        with zipfile.ZipFile(wheel) as package:
            source = package.read(SOURCE_MEMBER)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"{wheel} holds no {SOURCE_MEMBER} ({error}).", _REMEDY) from error
    if sha256(source).hexdigest() != SOURCE_SHA256:
        raise ModelError(f"{SOURCE_MEMBER} in {wheel} is not the network of rapidocr 3.10.0.", _REMEDY)
    return cut_model(source)


def install_name_model(wheel: Path, file: Path | None = None) -> Path:
    """Takes the network out of the package's wheel, cuts and tunes it and puts it in its place.

    Raises:
        ModelError: As `published_model`, or the result is not the expected file.
    """
    tuned, head = (files("recognition.names").joinpath(name).read_bytes() for name in (TUNED, HEAD))
    model = add_head(tune_model(published_model(wheel), tuned), head)
    digest = sha256(model).hexdigest()
    if digest != MODEL_SHA256:
        raise ModelError(
            f"Cutting and tuning the network for handwritten names gave another file ({digest}) than the "
            "one the thresholds were fitted for.",
            "Install the versions of onnx and protobuf that requirements.lock pins.",
        )
    file = file or model_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".part")
    draft.write_bytes(model)
    draft.replace(file)
    return file


def main() -> None:
    """Installs from the wheel named on the command line."""
    try:
        print(f"Network for handwritten names: {install_name_model(Path(sys.argv[1]))}")
    except ModelError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
