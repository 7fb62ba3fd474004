"""The layout file and its proofs: nothing is lost on the way, and no damage goes unseen."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from ballot.election import Election
from ballot.errors import LayoutError
from calibration.layout_basis import require_learnt_for
from calibration.layout_file import layouts_from_bytes, layouts_to_bytes, load_layouts, save_layouts
from calibration.proof import write_proofs
from tests.conftest import Fifth
from tests.fifth_house import ELECTION


def test_a_layout_survives_its_file(fifth: Fifth, tmp_path: Path) -> None:
    layouts = fifth[2]
    save_layouts(layouts, tmp_path / "layout")
    assert load_layouts(tmp_path / "layout") == layouts
    assert layouts_to_bytes(load_layouts(tmp_path / "layout")) == (tmp_path / "layout").read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["layout"]


def _exchanged(election: Election) -> Election:
    """The election with the first two candidates of a list in the other order."""
    entry = election.lists[0]
    first, second, *others = entry.candidates
    people = replace(second, number=1), replace(first, number=2), *others
    return replace(election, lists=(replace(entry, candidates=people), *election.lists[1:]))


@pytest.mark.parametrize(
    "change",
    [
        _exchanged,
        lambda e: replace(e, id="another"),
        lambda e: replace(e, ballots=e.ballots[1:]),
        lambda e: replace(e, ballots=(replace(e.ballots[0], number="9" * 22), *e.ballots[1:])),
        lambda e: replace(e, max_write_ins=0),
    ],
)
def test_a_layout_serves_no_election_file_that_says_otherwise(
    fifth: Fifth, change: Callable[[Election], Election]
) -> None:
    """With two candidates exchanged, each would have got the votes of the other in silence."""
    layouts = layouts_from_bytes(layouts_to_bytes(fifth[2]))
    require_learnt_for(layouts, ELECTION, "Learn it.")
    unread = replace(ELECTION, electorate=7, lists=tuple(replace(e, parties=("Z",)) for e in ELECTION.lists))
    require_learnt_for(layouts, unread, "Learn it.")
    with pytest.raises(LayoutError, match="layout"):
        require_learnt_for(layouts, change(ELECTION), "Learn it.")


def _repacked(data: bytes, change: Callable[[dict], None], drop: str = "") -> bytes:
    """The layout file with its document changed, and without the members that end in `drop`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        document = json.loads(old.read("layout.json"))
        change(document)
        new.writestr("layout.json", json.dumps(document))
        for name in old.namelist():
            if name != "layout.json" and not (drop and name.endswith(drop)):
                new.writestr(name, old.read(name))
    return out.getvalue()


def _zip_of(document: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("layout.json", document)
    return out.getvalue()


def _unchanged(document: dict) -> None:
    pass


def _other_format(document: dict) -> None:
    document["format"] = "layout/99"


def _box_without_width(document: dict) -> None:
    del document["ballots"][0]["inside"]["mark_boxes"][0]["box"]["w_mm"]


def _unknown_kind(document: dict) -> None:
    document["ballots"][0]["kind"] = "referendum"


def test_a_damaged_layout_file_is_refused(fifth: Fifth, tmp_path: Path) -> None:
    good = layouts_to_bytes(fifth[2])
    assert layouts_from_bytes(_repacked(good, _unchanged)) == fifth[2]
    broken = {
        "cut": good[: len(good) // 2],
        "empty": b"",
        "no zip": b"PK is not enough",
        "bit": good[:60] + bytes([good[60] ^ 255]) + good[61:],
        "format": _repacked(good, _other_format),
        "no width": _repacked(good, _box_without_width),
        "kind": _repacked(good, _unknown_kind),
        "no object": _zip_of("[1]"),
        "no ballots": _zip_of('{"format": "layout/1"}'),
        "no pictures": _repacked(good, _unchanged, drop=".png"),
    }
    for name, data in broken.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(LayoutError, match=r"(?i)learn"):
            load_layouts(path)
    with pytest.raises(LayoutError, match="cannot be opened"):
        load_layouts(tmp_path / "missing")


def test_no_flipped_byte_of_a_layout_file_goes_unseen(fifth: Fifth) -> None:
    whole = layouts_to_bytes(replace(fifth[2], ballots=fifth[2].ballots[2:]))
    seen = 0
    for place in range(0, len(whole), len(whole) // 150):
        flipped = whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :]
        try:
            assert layouts_from_bytes(flipped) == layouts_from_bytes(whole)
        except LayoutError:
            seen += 1
    assert seen > 100


def test_a_proof_is_written_for_each_side(fifth: Fifth, tmp_path: Path) -> None:
    layouts = fifth[2]
    written = write_proofs(layouts, tmp_path / "proofs")
    assert sorted(p.name for p in written) == sorted(
        f"{ballot.key}_{side.side.value}.png" for ballot in layouts.ballots for side in ballot.sides
    )
    assert sorted((tmp_path / "proofs").iterdir()) == sorted(written)
    picture = cv2.imread(str(tmp_path / "proofs" / "AP_inside.png"))
    assert picture is not None
    inside = layouts.ballots[0].inside
    scale = inside.reference.dpi / 25.4
    assert picture.shape[1] == round(inside.width_mm * scale)
    for mark in inside.mark_boxes:
        x, y = round(mark.box.x_mm * scale), round(mark.box.center_mm[1] * scale)
        blue, green, red = picture[y, x].tolist()
        assert green > blue + 80
        assert green > red + 80
