"""The file with the network for handwritten names: made at installation, checked at every start.

    python -m station.name_model WHEEL

takes the network out of the package rapidocr 3.10.0, cuts it to the letters of names and puts it
beside the program. `make install` does this.
"""

from __future__ import annotations

import sys
import zipfile
from hashlib import sha256
from pathlib import Path

from ballot.errors import ModelError
from recognition.names.cut_model import SOURCE_SHA256, cut_model

SOURCE_MEMBER = "rapidocr/models/PP-OCRv6_rec_small.onnx"
MODEL_SHA256 = "b8507edc320bae4dd414942c536603a2bce1f7fb2e18d54afad944c650efe9a7"
"""Of the cut network, as the pinned versions of onnx and protobuf write it."""

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


def install_name_model(wheel: Path, file: Path | None = None) -> Path:
    """Takes the network out of the package's wheel, cuts it and puts it in its place.

    Raises:
        ModelError: The wheel has no such network, another one, or the cut gives another file.
    """
    try:
        with zipfile.ZipFile(wheel) as package:
            source = package.read(SOURCE_MEMBER)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"{wheel} holds no {SOURCE_MEMBER} ({error}).", _REMEDY) from error
    if sha256(source).hexdigest() != SOURCE_SHA256:
        raise ModelError(f"{SOURCE_MEMBER} in {wheel} is not the network of rapidocr 3.10.0.", _REMEDY)
    model = cut_model(source)
    if sha256(model).hexdigest() != MODEL_SHA256:
        raise ModelError(
            "Cutting the network for handwritten names gave a file other than the one the thresholds "
            "were fitted for.",
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
