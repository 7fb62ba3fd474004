"""Whole sheets: what is read is right, what cannot be read is doubted, and nothing raises."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import cv2
import numpy as np
import pypdfium2
import pytest
from PIL import Image

from ballot.election import ElectionKind
from ballot.layout import PageSide
from ballot.reading import DoubtCode, Reading, ScanSide, SheetKind, StampState
from ballot.reading_json import reading_to_json
from ballot.sheet import PageImage, SheetScan
from calibration.evaluate import compare
from calibration.learn import learn_layouts
from calibration.testdeck.deck import Press as DeckPress
from calibration.testdeck.deck import SimulatedSheet, make_sheet, plan_sheet, simulate_deck
from calibration.testdeck.handwriting import HANDS, pick_writer, write_text
from calibration.testdeck.official import Stamping
from calibration.testdeck.options import CLEAN, DeckOptions
from calibration.testdeck.paper import Paper
from calibration.testdeck.pens import PEN_KINDS, pick_up_pen
from calibration.testdeck.scanning import Background, Pass
from calibration.testdeck.stamps import Impression, StampDesign, StampQuality
from recognition.reader import CompiledLayouts, compile_layouts, read_sheet
from tests.conftest import Press
from tests.fifth_house import ELECTION as FIFTH
from tests.fifth_house import print_fifth_house
from tests.print_houses import Printed

SEED = 730_000
NAMES = ("Kari Nordmann", "Ola Hansen-Berg", "Åse Lien", "Per Chr. Moe", "Ingebjørg Sæther", "Jon Ås")


def _at_200_dpi(options: DeckOptions) -> DeckOptions:
    return replace(options, scanner=replace(options.scanner, dpis=(200,)))


OPTIONS = _at_200_dpi(replace(CLEAN, voters=replace(CLEAN.voters, no_personal_votes=0.2)))


@pytest.fixture(scope="session")
def deck(printed: Printed) -> tuple[SimulatedSheet, ...]:
    return tuple(simulate_deck(printed.election, printed.folder, SEED, OPTIONS, 12, fields=printed.fields))


@pytest.fixture(scope="session")
def sheet(printed: Printed) -> SimulatedSheet:
    """A list ballot with votes, straight, inside first, on white."""
    return _made(printed)


def _made(printed: Printed, seed: int = 1, **changes: object) -> SimulatedSheet:
    """The first sheet of a deck that has personal votes, its pass through the scanner changed."""
    for index in range(50):
        rng = np.random.default_rng([SEED + seed, index])
        plan = plan_sheet(printed.election, printed.fields, OPTIONS, rng)
        if len([m for m in plan.intent.marks if m.mark_box.candidate]) < 2:
            continue
        stamping = changes.pop("stamping", plan.stamping)
        assert isinstance(stamping, Stamping)
        still: dict[str, object] = {"upside_down": False, "swapped": False, "background": Background.WHITE}
        way = _changed(plan.way, still | changes)
        plan = replace(plan, way=way, stamping=stamping)
        press = DeckPress(printed.folder, printed.fields)
        return make_sheet(printed.election, press, plan, f"s{seed}", "00471100", OPTIONS, rng)
    raise AssertionError("no voter of this deck gives two personal votes")


def _changed(way: Pass, changes: dict[str, object]) -> Pass:
    return replace(way, **changes)  # type: ignore[arg-type]


def _codes(reading: Reading) -> set[DoubtCode]:
    return {d.code for d in reading.doubts}


def _back(sheet: SimulatedSheet) -> PageImage:
    assert sheet.scan.back is not None
    return sheet.scan.back


def test_a_clean_deck_is_read_without_a_silent_error(
    deck: tuple[SimulatedSheet, ...], layouts: CompiledLayouts
) -> None:
    outcomes = [compare(read_sheet(sheet.scan, layouts), sheet.truth) for sheet in deck]
    assert [o.errors for o in outcomes] == [()] * len(deck)
    assert sum(len(sheet.truth["personal"]) for sheet in deck) >= 10
    assert sum(o.positions for o in outcomes) > 100
    assert sum(o.accepted for o in outcomes) >= 10


@pytest.mark.parametrize("key", ["AP", "BYGD", "party"])
def test_a_number_set_in_groups_is_read(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    folder = tmp_path_factory.mktemp("groups")
    boxes = print_fifth_house(folder)[key].boxes
    style = next(s for s in FIFTH.ballots if s.key == key)
    election = replace(FIFTH, ballots=(style,))
    compiled = compile_layouts(election, learn_layouts(election, folder))
    document = pypdfium2.PdfDocument(folder / style.file)
    pages = [np.array(document[side].render(scale=200 / 72).to_pil().convert("L")) for side in range(2)]
    document.close()
    box = list(boxes.values())[1].grown(-1)
    left, right, top, bottom = (
        round(v * 200 / 25.4) for v in (box.x_mm, box.right_mm, box.y_mm, box.bottom_mm)
    )
    cv2.line(pages[0], (left, top), (right, bottom), 40, 4)
    cv2.line(pages[0], (right, top), (left, bottom), 40, 4)
    front, back = (PageImage(f"{i}.png", _png(page)) for i, page in enumerate(pages))
    reading = read_sheet(SheetScan(front, back), compiled)
    assert (reading.ballot_number, reading.ballot_id) == (style.number, "00000001")
    assert (list(reading.personal), reading.party) == (([], "Høgre") if key == "party" else ([2], None))


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", dpi=(200, 200))
    return buffer.getvalue()


@pytest.mark.parametrize("kind", [ElectionKind.COUNTY_COUNCIL, ElectionKind.MAYOR])
def test_other_elections_and_houses_are_read_as_well(print_house: Press, kind: ElectionKind) -> None:
    printed = print_house("vidde" if kind is ElectionKind.MAYOR else "skog", kind)
    compiled = compile_layouts(printed.election, printed.layouts)
    for sheet in simulate_deck(printed.election, printed.folder, SEED + 2, OPTIONS, 3, fields=printed.fields):
        assert compare(read_sheet(sheet.scan, compiled), sheet.truth).errors == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"upside_down": True},
        {"swapped": True},
        {"upside_down": True, "swapped": True},
        {"background": Background.BLACK},
        {"background": Background.CROPPED},
        {"skew_deg": 2.0, "shift_mm": (3.0, -3.0)},
    ],
    ids=str,
)
def test_however_a_sheet_is_fed_it_is_read_the_same(
    printed: Printed, layouts: CompiledLayouts, changes: dict[str, object]
) -> None:
    made = _made(printed, 3, **changes)
    reading = read_sheet(made.scan, layouts)
    assert compare(reading, made.truth).errors == ()
    assert reading.accepted, reading.doubts
    assert list(reading.personal) == sorted(made.truth["personal"])
    assert reading.ballot_id == "00471100"
    inside = next(r for r in reading.registrations if r.page is PageSide.INSIDE)
    assert inside.scan is (ScanSide.BACK if changes.get("swapped") else ScanSide.FRONT)
    assert inside.upside_down is bool(changes.get("upside_down"))


def _saved(page: PageImage, turn: Image.Transpose | None, dpi: int | None) -> PageImage:
    """The same pixels turned, in a file that states another resolution, or none."""
    image = Image.open(io.BytesIO(page.data))
    file = io.BytesIO()
    turned = image if turn is None else image.transpose(turn)
    turned.save(file, "PNG", **({} if dpi is None else {"dpi": (dpi, dpi)}))
    return PageImage(page.name, file.getvalue())


@pytest.mark.parametrize(
    "turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270], ids=["left", "right"]
)
def test_a_picture_that_lies_on_its_side_is_read_and_its_places_are_those_delivered(
    printed: Printed, layouts: CompiledLayouts, turn: Image.Transpose
) -> None:
    made = _made(printed, 3)
    upright = read_sheet(made.scan, layouts)
    reading = read_sheet(
        SheetScan(_saved(made.scan.front, turn, 200), _saved(_back(made), turn, 200)), layouts
    )
    assert compare(reading, made.truth).errors == ()
    assert reading.accepted, reading.doubts
    width, height = Image.open(io.BytesIO(made.scan.front.data)).size
    for page_mm in ((20, 30), (100, 200)):
        (x, y), found = (
            next(r for r in one.registrations if r.scan is ScanSide.FRONT).mm_to_px.apply(*page_mm)
            for one in (upright, reading)
        )
        expected = (y, width - x) if turn is Image.Transpose.ROTATE_90 else (height - y, x)
        assert np.abs(np.subtract(found, expected)).max() < 1.5


@pytest.mark.parametrize("dpi", [None, 96, 600], ids=str)
def test_a_picture_with_a_wrong_resolution_and_the_lid_around_is_read(
    printed: Printed, layouts: CompiledLayouts, dpi: int | None
) -> None:
    made = _made(printed, 3, background=Background.BLACK)
    pages = []
    for page in (made.scan.front, _back(made)):
        picture = np.asarray(Image.open(io.BytesIO(page.data)).convert("RGB"))
        file = io.BytesIO()
        Image.fromarray(np.pad(picture, ((90, 140), (70, 60), (0, 0)))).save(file, "PNG")
        pages.append(_saved(PageImage(page.name, file.getvalue()), None, dpi))
    reading = read_sheet(SheetScan(*pages), layouts)
    assert compare(reading, made.truth).errors == ()
    assert reading.accepted, reading.doubts


def test_the_same_input_gives_the_same_reading(sheet: SimulatedSheet, layouts: CompiledLayouts) -> None:
    first, second = read_sheet(sheet.scan, layouts), read_sheet(sheet.scan, layouts)
    assert first == second
    assert json.dumps(reading_to_json(first)) == json.dumps(reading_to_json(second))


def test_both_sides_the_same_is_no_sheet(sheet: SimulatedSheet, layouts: CompiledLayouts) -> None:
    for page in (sheet.scan.front, _back(sheet)):
        reading = read_sheet(SheetScan(page, page), layouts)
        assert _codes(reading) == {DoubtCode.SIDES_MISMATCH}
        assert reading.personal == ()


def test_sides_of_two_ballots_of_different_lists_are_not_read_in_silence(
    printed: Printed, layouts: CompiledLayouts
) -> None:
    """Insides of two lists cannot be one sheet."""
    by_list = {}
    for index in range(30):
        made = next(
            simulate_deck(printed.election, printed.folder, SEED + 5, OPTIONS, 1, index, printed.fields)
        )
        inside = made.scan.back if "sides_swapped" in made.truth["conditions"] else made.scan.front
        by_list.setdefault(made.truth["list"], inside)
        if {"A", "H"} <= by_list.keys():
            break
    first, second = (by_list[e.id] for e in printed.election.lists)
    assert first is not None
    assert not read_sheet(SheetScan(first, second), layouts).accepted


def test_a_missing_side_is_doubted_and_the_delivered_one_is_read(
    sheet: SimulatedSheet, layouts: CompiledLayouts
) -> None:
    reading = read_sheet(SheetScan(sheet.scan.front, None), layouts)
    assert DoubtCode.MISSING_SIDE in _codes(reading)
    assert reading.back is None
    assert list(reading.personal) == sorted(sheet.truth["personal"])
    only_outside = read_sheet(SheetScan(_back(sheet), None), layouts)
    assert {DoubtCode.MISSING_SIDE, DoubtCode.UNKNOWN_LIST} <= _codes(only_outside)
    assert only_outside.kind is SheetKind.UNKNOWN


def _one_pixel() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (1, 1), 255).save(buffer, "PNG")
    return buffer.getvalue()


def _photo(seed: int) -> bytes:
    """Smooth coloured noise, as of a photograph of anything but a ballot."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (60, 80, 3), dtype=np.uint8)
    large = cv2.resize(small, (2400, 1800), interpolation=cv2.INTER_CUBIC)
    noisy = np.clip(large + rng.normal(0, 12, large.shape), 0, 255).astype(np.uint8)
    ok, data = cv2.imencode(".jpg", noisy)
    assert ok
    return data.tobytes()


def _white() -> bytes:
    ok, data = cv2.imencode(".png", np.full((1756, 2362), 250, np.uint8))
    assert ok
    return data.tobytes()


@pytest.mark.parametrize("place", ["front", "back", "both"])
@pytest.mark.parametrize("what", ["cut", "one pixel", "empty", "text", "photo", "white", "problem"])
def test_what_is_no_picture_of_a_ballot_is_unreadable(
    sheet: SimulatedSheet, layouts: CompiledLayouts, what: str, place: str
) -> None:
    good = sheet.scan.front
    data = {
        "cut": good.data[:5000],
        "one pixel": _one_pixel(),
        "empty": b"",
        "text": b"<html>jam in tray 2</html>",
        "photo": _photo(9),
        "white": _white(),
        "problem": good.data,
    }[what]
    bad = PageImage("bad.jpg", data, "page 3 of the file is damaged" if what == "problem" else "")
    front = bad if place in ("front", "both") else good
    back = bad if place in ("back", "both") else _back(sheet)
    reading = read_sheet(SheetScan(front, back), layouts)
    unreadable = {d.side for d in reading.doubts if d.code is DoubtCode.UNREADABLE}
    assert unreadable == {side for side in ScanSide if place in (side.value, "both")}
    assert not reading.accepted
    if place == "both":
        assert reading.kind is SheetKind.UNKNOWN
        assert reading.personal == ()


def test_a_picture_cut_off_late_is_never_read_in_silence(
    sheet: SimulatedSheet, layouts: CompiledLayouts
) -> None:
    data = sheet.scan.front.data
    for share in (0.3, 0.6, 0.9):
        cut = PageImage("cut.jpg", data[: int(len(data) * share)])
        reading = read_sheet(SheetScan(cut, sheet.scan.back), layouts)
        assert not reading.accepted
        assert compare(reading, sheet.truth).errors == ()


def test_a_ballot_of_another_election_is_told(print_house: Press, layouts: CompiledLayouts) -> None:
    """The county's ballots of the same house look much the same; those that do not are unreadable."""
    other = print_house("fjord", ElectionKind.COUNTY_COUNCIL)
    told = 0
    for made in simulate_deck(other.election, other.folder, SEED + 7, OPTIONS, 3, fields=other.fields):
        reading = read_sheet(made.scan, layouts)
        assert _codes(reading) & {DoubtCode.WRONG_ELECTION, DoubtCode.UNREADABLE}, reading.doubts
        assert reading.ballot_number in (None, made.truth["ballot_number"])
        assert reading.kind is SheetKind.UNKNOWN
        assert reading.personal == ()
        assert reading.list_id is None
        told += DoubtCode.WRONG_ELECTION in _codes(reading)
    assert told


def _without_resolution(page: PageImage) -> PageImage:
    with Image.open(io.BytesIO(page.data)) as picture:
        buffer = io.BytesIO()
        Image.fromarray(np.asarray(picture)).save(buffer, "PNG", compress_level=1)
    return PageImage(page.name, buffer.getvalue())


def test_a_scan_that_does_not_say_its_resolution_is_read(printed: Printed, layouts: CompiledLayouts) -> None:
    made = _made(printed, 11, background=Background.CROPPED)
    scan = SheetScan(_without_resolution(made.scan.front), _without_resolution(_back(made)))
    reading = read_sheet(scan, layouts)
    assert compare(reading, made.truth).errors == ()
    assert list(reading.personal) == sorted(made.truth["personal"])


def _stamped(printed: Printed, impression: Impression | None) -> Stamping:
    return Stamping(PageSide.OUTSIDE, impression)


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_a_missing_stamp_is_never_present(printed: Printed, layouts: CompiledLayouts, seed: int) -> None:
    made = _made(printed, seed, stamping=_stamped(printed, None))
    reading = read_sheet(made.scan, layouts)
    assert reading.stamp is StampState.MISSING
    assert DoubtCode.STAMP_MISSING in _codes(reading)
    assert compare(reading, made.truth).errors == ()


@pytest.mark.parametrize("design", list(StampDesign))
def test_a_clear_stamp_of_every_design_is_present(
    printed: Printed, layouts: CompiledLayouts, design: StampDesign
) -> None:
    field = printed.fields.ballots[0].outside.stamp_field
    assert field is not None
    x, y = field.center_mm
    impression = Impression(design, "blue", StampQuality.CLEAR, x, y, 8.0)
    made = _made(printed, 31, stamping=_stamped(printed, impression))
    assert read_sheet(made.scan, layouts).stamp is StampState.PRESENT


@pytest.mark.parametrize("hand", HANDS)
def test_a_name_written_into_the_stamp_field_is_no_stamp(
    printed: Printed, layouts: CompiledLayouts, hand: str
) -> None:
    made = _made(printed, 41, stamping=_stamped(printed, None), background=Background.CROPPED,
                 skew_deg=0.0, shift_mm=(0.0, 0.0), stretch=(1.0, 1.0))  # fmt: skip
    field = printed.fields.ballots[0].outside.stamp_field
    assert field is not None
    rng = np.random.default_rng([SEED, HANDS.index(hand)])
    with Image.open(io.BytesIO(_back(made).data)) as picture:
        pixels = np.array(picture.convert("RGB"))
    paper = Paper(pixels, 200 / 25.4, 200 / 25.4)
    writer = replace(pick_writer(rng, (hand,)), capital_mm=5.0)
    for row, name in enumerate(rng.permutation(NAMES)[:2]):
        line = replace(field.grown(-6), y_mm=field.y_mm + 14 + 16 * row, h_mm=12.0)
        pen = pick_up_pen(PEN_KINDS["ballpoint_blue"], rng)
        write_text(paper, str(name), line, writer, pen, rng)
    buffer = io.BytesIO()
    Image.fromarray(paper.image).save(buffer, "JPEG", quality=90, dpi=(200, 200))
    back = PageImage("written.jpg", buffer.getvalue())
    reading = read_sheet(SheetScan(made.scan.front, back), layouts)
    assert reading.stamp is not StampState.PRESENT
    assert not reading.accepted
