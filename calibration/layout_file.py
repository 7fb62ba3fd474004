"""The layout file: a zip with ``layout.json`` and the reference pictures of both sides."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ballot.errors import LayoutError
from ballot.layout import BallotLayout, LayoutSet, ReferenceImage, SideLayout

FORMAT = "layout/1"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MAX_BYTES = 500_000_000
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, KeyError, TypeError, ValueError)
"""What reading a damaged zip or a document of another shape raises (`ValidationError` is a ValueError;
RuntimeError says that bytes look encrypted or compressed in an unknown way)."""


def layouts_to_bytes(layouts: LayoutSet) -> bytes:
    """Packs layouts; equal layouts give equal bytes."""
    pictures: dict[str, bytes] = {}

    def side(layout: SideLayout) -> dict[str, Any]:
        data = asdict(layout)
        name = hashlib.sha256(layout.reference.png).hexdigest()[:16] + ".png"
        pictures[name] = layout.reference.png
        data["reference"] = {"dpi": layout.reference.dpi, "png": name}
        return data

    ballots = []
    for ballot in layouts.ballots:
        data = {"kind": ballot.kind, "list_id": ballot.list_id, "number": ballot.number}
        ballots.append(data | {"inside": side(ballot.inside), "outside": side(ballot.outside)})
    head = {"format": FORMAT, "election_id": layouts.election_id, "basis": layouts.basis}
    document = head | {"ballots": ballots}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        text = json.dumps(document, ensure_ascii=False, indent=1)
        archive.writestr(zipfile.ZipInfo("layout.json", _EPOCH), text, zipfile.ZIP_DEFLATED)
        for name in sorted(pictures):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), pictures[name])
    return out.getvalue()


def layouts_from_bytes(data: bytes) -> LayoutSet:
    """Unpacks layouts.

    Raises:
        LayoutError: The bytes are not a layout file of a known format.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > _MAX_BYTES:
                raise LayoutError("The layout file is larger than any real one.", "Learn the layout again.")
            document = json.loads(archive.read("layout.json"))
            if not isinstance(document, dict):
                raise ValueError("the document is no object")
            if document.pop("format", None) != FORMAT:
                raise LayoutError(
                    f"The layout file is not of format {FORMAT}.", "Learn it again with this version."
                )
            pictures = {n: archive.read(n) for n in archive.namelist() if n.endswith(".png")}
        for ballot in document["ballots"]:
            for page in ("inside", "outside"):
                reference = ballot[page]["reference"]
                reference["png"] = pictures[reference["png"]].hex()
        return _from_document(document)
    except _DAMAGED as error:
        raise LayoutError(
            f"The layout file is damaged ({type(error).__name__}).",
            "Learn it again with «valgskann layout».",
        ) from error


def _from_document(document: dict[str, Any]) -> LayoutSet:
    ballots = []
    for data in document["ballots"]:
        sides = {}
        for page in ("inside", "outside"):
            raw = data[page]
            reference = ReferenceImage(raw["reference"]["dpi"], bytes.fromhex(raw["reference"]["png"]))
            raw["reference"] = {"dpi": reference.dpi, "png": b""}
            parsed = TypeAdapter(SideLayout).validate_python(raw)
            sides[page] = _with_reference(parsed, reference)
        ballots.append(
            TypeAdapter(BallotLayout).validate_python(
                {"kind": data["kind"], "list_id": data["list_id"], "number": data["number"], **sides}
            )
        )
    return LayoutSet(str(document["election_id"]), tuple(ballots), str(document.get("basis", "")))


def _with_reference(side: SideLayout, reference: ReferenceImage) -> SideLayout:
    return replace(side, reference=reference)


def save_layouts(layouts: LayoutSet, path: Path) -> None:
    """Writes a layout file, replacing an older one in one step."""
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_bytes(layouts_to_bytes(layouts))
        temporary.replace(path)
    except OSError as error:
        raise LayoutError(
            f"{path}: the layout cannot be written ({error.strerror}).", "Choose another place."
        ) from error


def load_layouts(path: Path) -> LayoutSet:
    """Reads a layout file.

    Raises:
        LayoutError: It is missing or damaged.
    """
    try:
        return layouts_from_bytes(path.read_bytes())
    except OSError as error:
        raise LayoutError(
            f"{path}: the layout cannot be opened ({error.strerror}).",
            "Learn it with «valgskann layout ELECTION -o LAYOUT».",
        ) from error
