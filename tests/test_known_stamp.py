"""Stamps known from other sheets: learnt from enough of them, found again, and nothing else taken for one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ballot.reading import DoubtCode, StampState
from ballot.sheet import PageImage, SheetScan
from calibration.testdeck.deck import SimulatedSheet, simulate_deck
from calibration.testdeck.options import CLEAN, DeckOptions
from calibration.testdeck.scanning import ColourMode
from calibration.testdeck.stamps import StampDesign
from calibration.testdeck.voters import VoterRanges
from recognition.count_stamps import CountStamps, KnownStamp
from recognition.known_stamp import StampMatch, find_known
from recognition.profile import DEFAULT_PROFILE
from recognition.reader import CompiledLayouts, read_sheet
from recognition.stamp_learning import LEAST_SHEETS, StampLearner, stamp_picture
from recognition.stamp_search import likely_place
from recognition.trace import SheetTrace
from tests.print_houses import Printed

DPI = 200
STAMP_DOUBTS = {DoubtCode.STAMP_MISSING, DoubtCode.STAMP_UNCERTAIN}
SILENT = VoterRanges(
    no_personal_votes=1.0, write_in_rate=0.0, party_ballots=0.0, blank_ballots=0.0, odd_choices=0.0
)


def _options(**stamps: object) -> DeckOptions:
    scanner = replace(CLEAN.scanner, dpis=(DPI,), modes=(ColourMode.GREY,))
    return replace(CLEAN, voters=SILENT, scanner=scanner, stamps=replace(CLEAN.stamps, **stamps))  # type: ignore[arg-type]


def _deck(printed: Printed, seed: int, sheets: int, **stamps: object) -> Iterator[SimulatedSheet]:
    return simulate_deck(
        printed.election, printed.folder, seed, _options(**stamps), sheets, fields=printed.fields
    )


@pytest.fixture(scope="module")
def pictures(printed: Printed, layouts: CompiledLayouts) -> dict[StampDesign, list[np.ndarray]]:
    """Four pictures of each stamp, as they lie in the stamp field of sheets."""
    found: dict[StampDesign, list[np.ndarray]] = {design: [] for design in StampDesign}
    for design in StampDesign:
        for sheet in _deck(printed, 90, 4, designs=(design,), wrong_side=0.0):
            trace = SheetTrace()
            read_sheet(sheet.scan, layouts, trace=trace)
            picture = stamp_picture(trace)
            assert picture is not None
            found[design].append(picture)
    return found


@pytest.fixture(scope="module")
def stamps(pictures: dict[StampDesign, list[np.ndarray]]) -> CountStamps:
    learner = StampLearner(DEFAULT_PROFILE)
    for turn in range(4):
        for design in StampDesign:
            learner.add(pictures[design][turn])
    return learner.stamps()


def test_each_stamp_is_learnt_once(stamps: CountStamps) -> None:
    assert [stamp.sheets for stamp in stamps.known] == [4, 4, 4]


def test_what_two_sheets_show_is_not_known(pictures: dict[StampDesign, list[np.ndarray]]) -> None:
    learner = StampLearner(DEFAULT_PROFILE)
    for count, picture in enumerate(pictures[StampDesign.ROUND], start=1):
        learner.add(picture)
        assert len(learner.stamps().known) == (count >= LEAST_SHEETS)
    assert not learner.is_settled
    for _ in range(11):
        for picture in pictures[StampDesign.ROUND]:
            learner.add(picture)
    assert learner.is_settled
    learner.add(pictures[StampDesign.SQUARE][0])
    assert not learner.is_settled, "a second stamp has just appeared"


@pytest.mark.parametrize(
    "how",
    [
        {"designs": (StampDesign.TEXT,), "wrong_side": 1.0},
        {"qualities": (("double", 1.0),)},
        {"qualities": (("smeared", 1.0),)},
    ],
)
def test_known_stamps_are_found_where_nothing_else_proves_them(
    printed: Printed, layouts: CompiledLayouts, stamps: CountStamps, how: dict[str, object]
) -> None:
    uncertain = 0
    for sheet in _deck(printed, 91, 4, **how):
        without = read_sheet(sheet.scan, layouts)
        known = read_sheet(sheet.scan, layouts, stamps=stamps)
        uncertain += without.stamp is not StampState.PRESENT
        assert known.stamp is StampState.PRESENT
        assert not {d.code for d in known.doubts} & {*STAMP_DOUBTS, DoubtCode.INK_OUTSIDE_FIELDS}
    if "wrong_side" in how:
        assert uncertain == 4


def test_two_stamps_of_another_kind_leave_the_known_ones_incomplete(
    pictures: dict[StampDesign, list[np.ndarray]],
) -> None:
    learner = StampLearner(DEFAULT_PROFILE)
    for turn in range(12):
        learner.add(pictures[StampDesign.ROUND][turn % 4])
    assert learner.stamps().complete
    learner.add(pictures[StampDesign.SQUARE][0])
    assert learner.stamps().complete  # of a short run's first sheets one may be another office's
    learner.add(pictures[StampDesign.SQUARE][1])
    assert not learner.stamps().complete


def test_print_unlike_the_stamps_of_the_count_is_doubted(
    printed: Printed, layouts: CompiledLayouts, stamps: CountStamps
) -> None:
    sheet = next(_deck(printed, 92, 1, missing=1.0))
    assert sheet.scan.back is not None
    picture = Image.open(io.BytesIO(sheet.scan.back.data)).convert("L")
    left, top = picture.width // 3, picture.height // 2
    draw = ImageDraw.Draw(picture)
    draw.rectangle((left, top, left + 330, top + 150), outline=60, width=3)
    text, font = "HANS OLSEN\nMALERI AS\n22 33 44 55", ImageFont.load_default(size=38)
    draw.multiline_text((left + 35, top + 16), text, 60, font)
    file = io.BytesIO()
    picture.save(file, format="PNG", dpi=(DPI, DPI))
    scan = SheetScan(sheet.scan.front, PageImage("changed.png", file.getvalue()))
    assert read_sheet(scan, layouts).stamp is StampState.PRESENT, "nothing tells the stamp of a shop"
    reading = read_sheet(scan, layouts, stamps=stamps)
    assert reading.stamp is StampState.DOUBTFUL
    assert any("not all of it like one of those" in d.detail for d in reading.doubts)


def test_a_missing_stamp_is_never_found(
    printed: Printed, layouts: CompiledLayouts, stamps: CountStamps
) -> None:
    for sheet in _deck(printed, 92, 3, missing=1.0):
        back = sheet.scan.back
        assert back is not None
        for text in ("", "Valgstyret 2023", "Lykke til\nhilsen Kari"):
            scan = SheetScan(sheet.scan.front, _written(back, text))
            reading = read_sheet(scan, layouts, stamps=stamps)
            assert reading.stamp is not StampState.PRESENT
            assert {d.code for d in reading.doubts} & STAMP_DOUBTS


def _written(page: PageImage, text: str) -> PageImage:
    """Text in a handwriting-like size where there is room, as a voter would put it."""
    picture = Image.open(io.BytesIO(page.data)).convert("L")
    font = ImageFont.load_default(size=34)
    ImageDraw.Draw(picture).multiline_text((picture.width // 3, picture.height // 2), text, 60, font)
    file = io.BytesIO()
    picture.save(file, format="PNG", dpi=(DPI, DPI))
    return PageImage("changed.png", file.getvalue())


@pytest.mark.parametrize(
    "stamping",
    [
        {"designs": (StampDesign.TEXT,), "wrong_side": 1.0},
        {"designs": (StampDesign.TEXT,), "wrong_side": 0.0},
        {"designs": (StampDesign.SQUARE,), "wrong_side": 0.0},
        {"designs": (StampDesign.ROUND,), "wrong_side": 0.0, "qualities": (("double", 1.0),)},
    ],
)
def test_writing_within_a_known_stamp_is_told(
    printed: Printed, layouts: CompiledLayouts, stamps: CountStamps, stamping: dict[str, object]
) -> None:
    sheet = next(_deck(printed, 93, 1, tilt_deg=0.0, **stamping))
    trace = SheetTrace()
    plain = read_sheet(sheet.scan, layouts, trace=trace, stamps=stamps)
    assert plain.accepted
    assert trace.stamp is not None
    ys, xs = np.nonzero(trace.stamp.own)
    registration = next(r for r in plain.registrations if r.scan is trace.stamp.scan)
    x, y = registration.mm_to_px.apply((xs.min() + 15) * 0.254, (ys.min() + ys.max()) / 2 * 0.254)
    pages = {"front": sheet.scan.front, "back": sheet.scan.back}
    page = pages[trace.stamp.scan.value]
    assert page is not None
    picture = Image.open(io.BytesIO(page.data)).convert("L")
    zigzag = [(x + 17 * step, y + 45 * (-1) ** step) for step in range(12)]
    ImageDraw.Draw(picture).line(zigzag, fill=60, width=5)
    file = io.BytesIO()
    picture.save(file, format="PNG", dpi=(DPI, DPI))
    pages[trace.stamp.scan.value] = PageImage("changed.png", file.getvalue())
    front, back = pages["front"], pages["back"]
    assert front is not None
    reading = read_sheet(SheetScan(front, back), layouts, stamps=stamps)
    assert DoubtCode.INK_OUTSIDE_FIELDS in {d.code for d in reading.doubts}


@pytest.mark.parametrize("angle_deg", [0, 37, 170, 301])
def test_a_known_stamp_is_found_anywhere_on_a_page(stamps: CountStamps, angle_deg: int) -> None:
    for stamp in stamps.known:
        page = np.zeros((1169, 827), np.uint8)
        page[300:310, 100:700] = 120  # a line that a voter drew
        height, width = stamp.picture.shape
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0)
        matrix[:, 2] += (620 - width / 2, 870 - height / 2)
        laid = np.asarray(cv2.warpAffine(stamp.picture, matrix, (827, 1169)), np.uint8)
        place = likely_place(np.maximum(page, laid), stamp)
        assert place is not None
        (match,) = find_known(np.maximum(page, laid), place, (stamp,))
        assert match.is_proof(DEFAULT_PROFILE)
        assert match.box().center_mm == pytest.approx((620 * 0.254, 870 * 0.254), abs=0.6)
        place = likely_place(page, stamp)
        assert place is None or not any(
            m.is_proof(DEFAULT_PROFILE) for m in find_known(page, place, (stamp,))
        )


def test_drawn_frames_and_letters_are_no_known_stamp(stamps: CountStamps) -> None:
    rng = np.random.default_rng(94)
    for _ in range(12):
        picture = Image.new("L", (260, 200), 0)
        draw = ImageDraw.Draw(picture)
        draw.rectangle((20, 20, 20 + int(rng.integers(120, 200)), 130), outline=200, width=3)
        draw.ellipse((40, 30, 180, 170), outline=200, width=3)
        font = ImageFont.load_default(size=int(rng.integers(12, 26)))
        letters = "".join(rng.choice(list("VALGSTYRETfjordvik"), 14))
        draw.multiline_text((36, 50), f"{letters}\n{letters[::-1]}", 200, font)
        ink = np.asarray(picture)
        matches = list(find_known(ink, (slice(0, 200), slice(0, 260)), stamps.known))
        assert matches and not any(match.is_proof(DEFAULT_PROFILE) for match in matches)


def test_a_stamp_is_learnt_whole_though_one_sheet_shows_a_part(
    pictures: dict[StampDesign, list[np.ndarray]],
) -> None:
    """The boldest impression may be cut off by a fold; what lacks would be doubted on every sheet."""
    first, *others = sorted(pictures[StampDesign.TEXT], key=lambda picture: -int((picture > 30).sum()))
    cut = cv2.dilate(np.ascontiguousarray(first[:, : -first.shape[1] // 3]), np.ones((3, 3), np.uint8))
    learner, whole = StampLearner(DEFAULT_PROFILE), StampLearner(DEFAULT_PROFILE)
    for picture in (cut, *others):
        learner.add(picture)
    for picture in (first, *others):
        whole.add(picture)
    (learnt,), (expected,) = learner.stamps().known, whole.stamps().known
    assert (learnt.picture > 60).sum() > 0.95 * (expected.picture > 60).sum()
    assert (cut > 30).sum() > (first > 30).sum(), "it is the one that all are laid onto"


def test_a_stamp_of_which_most_sheets_show_a_part_is_not_known_until_enough_show_all(
    pictures: dict[StampDesign, list[np.ndarray]],
) -> None:
    """What the third of three sheets shows beyond the others may be a voter's; known in part is not known."""
    first, second, *whole = pictures[StampDesign.SQUARE]
    halves = [np.ascontiguousarray(picture[: picture.shape[0] // 2]) for picture in (first, second)]
    learner, full = StampLearner(DEFAULT_PROFILE), StampLearner(DEFAULT_PROFILE)
    for picture in [*pictures[StampDesign.ROUND] * 11, *halves, whole[0]]:
        learner.add(picture)
    assert len(learner.stamps().known) == 1
    assert not learner.is_settled
    for picture in (whole[1], first):
        learner.add(picture)
    for picture in (first, second, *whole):
        full.add(picture)
    assert learner.is_settled
    learnt, (expected,) = learner.stamps().known[-1], full.stamps().known
    assert (learnt.picture > 60).sum() > 0.95 * (expected.picture > 60).sum()


@pytest.mark.parametrize("grainy", [False, True])
@pytest.mark.parametrize("thick_mm", [1.0, 1.5, 2.0, 2.5])
def test_a_bar_is_no_line_of_letters(stamps: CountStamps, thick_mm: float, grainy: bool) -> None:
    """From afar a line of print looks like one: a stroke of a pen, or the scanner's dark edge."""
    darker = np.zeros((700, 900), np.uint8)
    cv2.line(darker, (200, 380), (640, 330), 200, round(thick_mm * 100 / 25.4), cv2.LINE_AA)
    if grainy:
        darker[np.random.default_rng(3).random(darker.shape) < 0.5] = 0
        darker = cv2.GaussianBlur(darker, (0, 0), 0.7)
    found = list(find_known(darker, (slice(300, 420), slice(200, 641)), stamps.known))
    for stamp in stamps.known:
        where = likely_place(darker, stamp)
        found += [] if where is None else list(find_known(darker, where, (stamp,)))
    assert found
    assert all(match.alike < 0.1 * match.pieces for match in found)


def _letters(lines: tuple[str, str]) -> np.ndarray:
    """The picture of a framed stamp of two lines; an empty one did not come out."""
    image = Image.new("L", (220, 110), 0)
    pen = ImageDraw.Draw(image)
    pen.rectangle((2, 2, 217, 107), outline=200, width=3)
    font = ImageFont.load_default(22)
    for line, top in zip(lines, (14, 60), strict=True):
        pen.text((12, top), line, fill=200, font=font)
    return np.asarray(image, np.uint8)


@pytest.mark.parametrize(
    ("upper", "contradicted"),
    [("GULVIK KOM", False), ("", False), ("GULV", False), ("POSTMOTTAK", True), ("VALGSTYRET", True)],
)
def test_a_line_in_common_does_not_make_another_stamp_the_known_one(upper: str, contradicted: bool) -> None:
    own = KnownStamp(_letters(("GULVIK KOM", "13.09.2027")), 9)
    page = np.zeros((400, 600), np.uint8)
    page[150:260, 200:420] = _letters((upper, "13.09.2027"))
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), 0.7), np.uint8)
    match = next(iter(find_known(page, (slice(150, 260), slice(200, 420)), (own,))))
    assert match.is_proof(DEFAULT_PROFILE)
    assert match.is_contradicted(DEFAULT_PROFILE) is contradicted


def _rows(*lines: str) -> np.ndarray:
    """The picture of a framed stamp of several lines."""
    image = Image.new("L", (240, 24 + 30 * len(lines)), 0)
    pen = ImageDraw.Draw(image)
    pen.rectangle((2, 2, image.width - 3, image.height - 3), outline=200, width=3)
    for index, line in enumerate(lines):
        pen.text((14, 12 + 30 * index), line, fill=200, font=ImageFont.load_default(22))
    return np.asarray(image, np.uint8)


OWN = _rows("GULVIK KOMMUNE", "VALGSTYRET", "13. SEPT 2027", "STEMMESEDDEL")
OTHER_OFFICE = _rows("GULVIK KOMMUNE", "TEKNISK ETAT", "13. SEPT 2027", "STEMMESEDDEL")


def _stamped(picture: np.ndarray, blur_px: float = 0.7) -> np.ndarray:
    page = np.zeros((400, 600), np.uint8)
    height, width = picture.shape
    page[150 : 150 + height, 200 : 200 + width] = picture
    return np.asarray(cv2.GaussianBlur(page, (0, 0), blur_px), np.uint8)


def _match(page: np.ndarray, printed: np.ndarray | None = None) -> StampMatch:
    place = (slice(150, 150 + OWN.shape[0]), slice(200, 200 + OWN.shape[1]))
    return next(iter(find_known(page, place, (KnownStamp(OWN, 9),), printed)))


def test_one_line_of_four_that_is_another_offices_contradicts_a_crisp_stamp() -> None:
    match = _match(_stamped(OTHER_OFFICE))
    assert match.is_proof(DEFAULT_PROFILE) and match.is_contradicted(DEFAULT_PROFILE)


@pytest.mark.parametrize("blur_px", [0.7, 1.5, 2.5])
def test_no_impression_of_the_known_stamp_contradicts_it(blur_px: float) -> None:
    doubled = np.maximum(OWN, np.roll(OWN, (3, 5), (0, 1)))
    for picture in (OWN, doubled, np.where(np.arange(OWN.shape[1]) < 150, OWN, 0).astype(np.uint8)):
        assert not _match(_stamped(picture, blur_px)).is_contradicted(DEFAULT_PROFILE)


def test_writing_over_a_stamp_contradicts_it_but_not_the_blanks_own_print() -> None:
    page = _stamped(OWN)
    over = np.zeros_like(page)
    cv2.putText(over, "Bra jobba!", (215, 225), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.1, 200, 2, cv2.LINE_AA)
    written = np.maximum(page, over)
    assert _match(written).is_contradicted(DEFAULT_PROFILE)
    printed = cv2.dilate(over, np.ones((5, 5), np.uint8)) > 0
    assert not _match(written, printed).is_contradicted(DEFAULT_PROFILE)


def test_black_and_white_breaks_letters_and_tells_other_ink_by_its_place() -> None:
    place = (slice(150, 150 + OWN.shape[0]), slice(200, 200 + OWN.shape[1]))
    match = next(iter(find_known(_stamped(OTHER_OFFICE), place, (KnownStamp(OWN, 9),), bilevel=True)))
    assert match.has_other_ink(DEFAULT_PROFILE) and not match.is_contradicted(DEFAULT_PROFILE)
    loose, crisp = match.ink((400, 600)), match.ink((400, 600), crisp=True)
    assert crisp.sum() < loose.sum() and not (crisp & ~loose).any()
