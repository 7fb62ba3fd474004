"""The reader's parts: maps, digits, ballot numbers, marks and decoding."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from ballot.election import ElectionKind
from ballot.geometry import Box
from ballot.layout import BoxKind, DigitField, MarkBox
from ballot.reading import MarkState
from calibration.testdeck.sheet import OCRB_FILE
from recognition.box_strokes import StrokeMeasure
from recognition.boxes import BoxMeasure
from recognition.decode import ScanImage, Undecodable, decode_page
from recognition.digits import DigitScores, digit_places, digit_shapes_of, score_digits
from recognition.geometry import Matrix, apply, compose, half_turn, inverted, scaling, to_affine, warp
from recognition.identify import NumberVerdict, _line_offset_px, judge_number
from recognition.marks import judge_mark, mark_score
from recognition.profile import DEFAULT_PROFILE
from recognition.reference import CompiledLayouts, compile_layouts
from tests.conftest import Press
from tests.measured_boxes import CROSSED_BOX, EMPTY_BOX

PX_PER_MM = 200 / 25.4

coordinates = st.floats(-500, 500, allow_nan=False)


@st.composite
def maps(draw: st.DrawFn) -> Matrix:
    """Any map a scanner makes of a page: turned, scaled, a little skewed, moved."""
    angle, scale = draw(st.floats(-np.pi, np.pi)), draw(st.floats(0.05, 50))
    skew = draw(st.floats(-0.2, 0.2))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    return np.array([[cos, -sin + skew * cos, draw(coordinates)], [sin, cos + skew * sin, draw(coordinates)]])


points = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=5).map(np.array)


@given(maps(), points)
def test_a_map_and_its_inverse_undo_each_other(matrix: Matrix, places: np.ndarray) -> None:
    assert apply(inverted(matrix), apply(matrix, places)) == pytest.approx(places, abs=1e-6)
    assert compose(matrix, inverted(matrix)) == pytest.approx(np.eye(3)[:2], abs=1e-6)


@given(maps(), maps(), points)
def test_a_composed_map_applies_the_inner_one_first(outer: Matrix, inner: Matrix, places: np.ndarray) -> None:
    assert apply(compose(outer, inner), places) == pytest.approx(
        apply(outer, apply(inner, places)), rel=1e-9, abs=1e-6
    )


@given(maps(), coordinates, coordinates)
def test_the_map_in_the_reading_is_the_map_used(matrix: Matrix, x: float, y: float) -> None:
    assert to_affine(matrix).apply(x, y) == pytest.approx(tuple(apply(matrix, np.array([[x, y]]))[0]))


@given(st.floats(1, 5000), st.floats(1, 5000), points)
def test_two_half_turns_are_none(width: float, height: float, places: np.ndarray) -> None:
    turn = half_turn(width, height)
    assert apply(turn, apply(turn, places)) == pytest.approx(places, abs=1e-6)


def test_warping_turns_and_scales_about_pixel_edges_not_centres() -> None:
    image = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10
    assert np.array_equal(warp(image, half_turn(6, 4), 6, 4, 255), image[::-1, ::-1])
    enlarged = np.kron(image, np.ones((3, 3), np.uint8))
    assert np.array_equal(warp(enlarged, scaling(3), 6, 4, 255), image)
    beyond = warp(image, np.array([[1.0, 0, 6], [0, 1, 0]]), 6, 4, 77)
    assert (beyond == 77).all()


def _digit_line(text: str, shift_px: tuple[float, float] = (0.0, 0.0)) -> tuple[np.ndarray, DigitField]:
    """A line in OCR-B of 10 points at 200 dpi, moved, and the field as learnt from it unmoved."""
    over = 4
    font = ImageFont.truetype(str(OCRB_FILE), 10 / 72 * 200 * over)
    pitch = font.getlength("0")
    size = (int(pitch * len(text) + 32 * over), 60 * over)
    image = Image.new("L", size, 255)
    boxes = []
    for index, digit in enumerate(text):
        place = (16 * over + index * pitch, 40 * over)
        alone = Image.new("L", size, 0)
        ImageDraw.Draw(alone).text(place, digit, fill=255, font=font, anchor="ls")
        ys, xs = np.nonzero(np.asarray(alone))
        mm = 1 / over / PX_PER_MM
        boxes.append(Box(xs.min() * mm, ys.min() * mm, np.ptp(xs) * mm, np.ptp(ys) * mm))
        moved = (place[0] + shift_px[0] * over, place[1] + shift_px[1] * over)
        ImageDraw.Draw(image).text(moved, digit, fill=20, font=font, anchor="ls")
    small = cv2.resize(np.asarray(image), (size[0] // over, size[1] // over), interpolation=cv2.INTER_AREA)
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.united(box)
    return small, DigitField(whole, text, tuple(boxes))


@settings(max_examples=40)
@given(
    st.text("0123456789", min_size=8, max_size=22),
    st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
    st.integers(0, 2**31),
)
def test_digits_of_the_standard_are_read_even_if_no_blank_shows_them(
    text: str, shift_px: tuple[float, float], seed: int
) -> None:
    image, _ = _digit_line(text, shift_px)
    _, field = _digit_line("0" * len(text))
    noise = np.random.default_rng(seed).normal(0, 8, image.shape)
    strip = np.clip(image + noise, 0, 255).astype(np.uint8)
    scores = score_digits(strip, digit_places(field) * PX_PER_MM, digit_shapes_of([]))
    read = scores.read(DEFAULT_PROFILE.min_digit_correlation, DEFAULT_PROFILE.min_digit_margin)
    assert read == text


@settings(max_examples=60)
@given(st.text("0123456789", min_size=8, max_size=8), st.tuples(st.integers(-5, 5), st.integers(-9, 9)))
def test_a_line_of_other_digits_than_the_blanks_is_found_where_it_lies(
    text: str, shift_px: tuple[int, int]
) -> None:
    image, _ = _digit_line(text, shift_px)
    blank, _ = _digit_line("00000001")
    strip, specimen = (np.pad(picture, 16, constant_values=244) for picture in (image, blank))
    found, _ = _line_offset_px(strip, specimen)
    aside, along = np.abs(found - shift_px)
    assert along <= 1
    assert aside <= 5  # thin digits stand at one side of their cell


def test_no_digit_is_read_where_there_is_none() -> None:
    image, field = _digit_line("0123456789")
    white = np.full_like(image, 244)
    scratched = white.copy()
    cv2.line(scratched, (0, 50), (scratched.shape[1], 5), 40, 3)
    for strip in (white, scratched):
        scores = score_digits(strip, digit_places(field) * PX_PER_MM, digit_shapes_of([]))
        read = scores.read(DEFAULT_PROFILE.min_digit_correlation, DEFAULT_PROFILE.min_digit_margin)
        assert read == "??????????"


@pytest.fixture(scope="session")
def layouts(print_house: Press) -> CompiledLayouts:
    printed = print_house("fjord", ElectionKind.MUNICIPAL_COUNCIL)
    return compile_layouts(printed.election, printed.layouts)


def _scores(text: str) -> DigitScores:
    """Scores that read as `text`, ``?`` where two digits fit equally well."""
    table = np.full((len(text), 10), 0.3)
    for index, char in enumerate(text):
        if char == "?":
            table[index, [3, 8]] = 0.9
        else:
            table[index, int(char)] = 0.93
    return DigitScores(table)


def test_a_ballot_number_names_its_style(layouts: CompiledLayouts) -> None:
    for ballot in layouts.ballots:
        found = judge_number(_scores(ballot.layout.number), layouts, DEFAULT_PROFILE)
        assert (found.verdict, found.ballot) == (NumberVerdict.KNOWN, ballot)
        assert found.text == ballot.layout.number


def test_a_number_unsure_where_the_lists_differ_names_nobody(layouts: CompiledLayouts) -> None:
    first, second = (b.layout.number for b in layouts.ballots[:2])
    hidden = "".join(a if a == b else "?" for a, b in zip(first, second, strict=True))
    assert "?" in hidden
    found = judge_number(_scores(hidden), layouts, DEFAULT_PROFILE)
    assert (found.verdict, found.ballot) == (NumberVerdict.UNREADABLE, None)


def test_a_number_with_a_digit_that_was_not_read_names_nobody(layouts: CompiledLayouts) -> None:
    """A ballot of another election may differ in that digit alone."""
    number = layouts.ballots[0].layout.number
    for place in range(len(number)):
        spoilt = number[:place] + "?" + number[place + 1 :]
        found = judge_number(_scores(spoilt), layouts, DEFAULT_PROFILE)
        assert (found.verdict, found.ballot) == (NumberVerdict.UNREADABLE, None)


def test_one_sure_digit_that_contradicts_is_enough(layouts: CompiledLayouts) -> None:
    number = layouts.ballots[0].layout.number
    known = {b.layout.number for b in layouts.ballots}
    for place in range(len(number)):
        other = number[:place] + str((int(number[place]) + 5) % 10) + number[place + 1 :]
        if other in known:
            continue
        found = judge_number(_scores(other), layouts, DEFAULT_PROFILE)
        assert (found.verdict, found.ballot) == (NumberVerdict.OTHER_ELECTION, None)


def test_a_number_of_question_marks_is_unreadable(layouts: CompiledLayouts) -> None:
    found = judge_number(_scores("?" * 22), layouts, DEFAULT_PROFILE)
    assert (found.verdict, found.ballot) == (NumberVerdict.UNREADABLE, None)
    assert found.text == "?" * 22


@given(st.data())
def test_a_named_style_is_never_contradicted_and_never_one_of_several(
    layouts: CompiledLayouts, data: st.DataObject
) -> None:
    number = data.draw(st.sampled_from([b.layout.number for b in layouts.ballots]))
    text = "".join(
        data.draw(st.sampled_from([char] * 6 + ["?", "?", str((int(char) + 1) % 10)])) for char in number
    )
    found = judge_number(_scores(text), layouts, DEFAULT_PROFILE)
    agreeing = [
        b for b in layouts.ballots if all(a in ("?", c) for a, c in zip(text, b.layout.number, strict=True))
    ]
    if found.verdict is NumberVerdict.KNOWN:
        assert agreeing == [found.ballot]
    else:
        assert found.ballot is None
    if found.verdict is NumberVerdict.OTHER_ELECTION:
        assert not agreeing


RINGED = StrokeMeasure(around=0.42)
BOX = MarkBox(BoxKind.PERSONAL, Box(20, 60, 4.2, 4.2), candidate=7)


@pytest.mark.parametrize(
    ("measure", "state"),
    [
        (EMPTY_BOX, MarkState.EMPTY),
        (replace(EMPTY_BOX, ink_mm2=0.2, reach_mm=0.5), MarkState.EMPTY),
        (replace(EMPTY_BOX, faint_mm2=0.2), MarkState.EMPTY),
        (replace(EMPTY_BOX, ink_mm2=0.19, faint_mm2=0.89), MarkState.DOUBTFUL),
        (replace(EMPTY_BOX, ink_mm2=0.08, faint_mm2=0.4, strokes=RINGED), MarkState.DOUBTFUL),
        (replace(EMPTY_BOX, ink_mm2=0.08, faint_mm2=0.4), MarkState.EMPTY),
        (replace(EMPTY_BOX, strokes=RINGED), MarkState.EMPTY),
        (CROSSED_BOX, MarkState.MARKED),
        (replace(CROSSED_BOX, outline=0.2), MarkState.DOUBTFUL),
        (replace(EMPTY_BOX, outline=0.2), MarkState.DOUBTFUL),
        (replace(EMPTY_BOX, faint_mm2=2.5), MarkState.DOUBTFUL),
        (replace(CROSSED_BOX, ink_mm2=0.6, core_mm2=0.3), MarkState.DOUBTFUL),
        (replace(CROSSED_BOX, ink_mm2=1.1, core_mm2=0.0, depth_mm=0.4), MarkState.DOUBTFUL),
        (replace(CROSSED_BOX, reach_mm=0.6, depth_mm=0.5), MarkState.DOUBTFUL),
        (replace(CROSSED_BOX, bridges=True), MarkState.DOUBTFUL),
        (replace(CROSSED_BOX, ink_mm2=12.5, core_mm2=3.6, ink_share=0.95, void_mm=0.0), MarkState.TAKEN_BACK),
        (replace(CROSSED_BOX, ink_mm2=8, ink_share=0.6, void_mm=0.2, spill_mm2=1.2), MarkState.TAKEN_BACK),
        (replace(CROSSED_BOX, ink_mm2=8, ink_share=0.6, void_mm=0.3), MarkState.MARKED),
        (replace(CROSSED_BOX, struck=True), MarkState.TAKEN_BACK),
        (replace(CROSSED_BOX, rubbed_mm2=0.7), MarkState.TAKEN_BACK),
        (replace(CROSSED_BOX, rubbed_mm2=0.15), MarkState.MARKED),
        (replace(CROSSED_BOX, core_mm2=0.0, depth_mm=1.6, void_mm=1.2), MarkState.MARKED),
    ],
    ids=[
        "clean", "speck", "paper tone", "pale tick", "pencil along the outline", "faint dirt", "blurred",
        "cross", "cross, no outline", "no outline",
        "pale pencil",
        "little ink", "stroke at the rim", "blot", "fold", "blackened", "scribble", "filled box",
        "struck through", "half rubbed out", "a little rubbed", "low tick",
    ],
)  # fmt: skip
def test_what_the_ink_in_a_box_means(measure: BoxMeasure, state: MarkState) -> None:
    reading = judge_mark(BOX, replace(measure, shift_mm=(0.1, -0.2)), DEFAULT_PROFILE)
    assert reading.state is state
    assert reading.candidate == 7
    assert reading.expected == BOX.box
    assert reading.found.as_list() == pytest.approx([20.1, 59.8, 4.2, 4.2])


@given(st.floats(0, 15), st.floats(0, 15))
def test_more_ink_never_scores_less(a: float, b: float) -> None:
    less, more = sorted((a, b))
    scores = [mark_score(replace(CROSSED_BOX, ink_mm2=ink), DEFAULT_PROFILE) for ink in (less, more)]
    assert 0 <= scores[0] <= scores[1] <= 1


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png_header(width: int, height: int) -> bytes:
    """The beginning of a grey PNG of any size: 50 bytes that promise gigabytes."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(b"\0"))


@pytest.mark.parametrize("size", [(40_000, 40_000), (21_000, 400), (16_000, 14_000)], ids=str)
def test_a_picture_that_promises_too_much_is_not_decoded(size: tuple[int, int]) -> None:
    result = decode_page(_png_header(*size))
    assert isinstance(result, Undecodable)
    assert result.reason


@pytest.mark.parametrize("size", [(299, 2000), (2000, 10), (1, 1)], ids=str)
def test_a_picture_too_small_for_a_ballot_is_not_decoded(size: tuple[int, int]) -> None:
    result = decode_page(_encoded(np.full(size[::-1], 200, np.uint8), "PNG"))
    assert isinstance(result, Undecodable)
    assert "too small" in result.reason


def _encoded(pixels: np.ndarray, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow remarks on damaged tags
@given(st.binary(max_size=400))
def test_no_bytes_make_decoding_raise(data: bytes) -> None:
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", b"II*\x00", b"MM\x00*"):
        assert isinstance(decode_page(start + data), Undecodable)


def test_each_format_gives_the_same_pixels() -> None:
    grey = np.tile(np.linspace(0, 255, 400, dtype=np.uint8), (350, 1))
    for kind, options in (("PNG", {}), ("TIFF", {"compression": "tiff_lzw"}), ("TIFF", {})):
        image = decode_page(_encoded(grey, kind, dpi=(200, 200), **options))
        assert isinstance(image, ScanImage)
        assert np.array_equal(image.grey, grey)
        assert image.dpi == pytest.approx((200, 200), abs=0.1)
        assert not image.bilevel
        assert image.colour is None
    colour = decode_page(_encoded(np.dstack([grey] * 3), "JPEG", quality=95))
    assert isinstance(colour, ScanImage)
    assert np.abs(colour.grey.astype(int) - grey).mean() < 2
    assert colour.colour is not None
    assert colour.colour.shape[2] == 3


@pytest.mark.parametrize("stated", [72, 1, 96_000])
def test_a_resolution_no_scanner_has_is_not_believed(stated: int) -> None:
    image = decode_page(_encoded(np.full((400, 400), 200, np.uint8), "TIFF", dpi=(stated, stated)))
    assert isinstance(image, ScanImage)
    assert image.dpi is None


def test_black_and_white_scans_are_known_as_such() -> None:
    pixels = np.where(np.indices((400, 400)).sum(axis=0) % 7 < 2, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("1").save(buffer, "TIFF", compression="group4", dpi=(200, 200))
    image = decode_page(buffer.getvalue())
    assert isinstance(image, ScanImage)
    assert image.bilevel
    assert np.array_equal(image.grey, pixels)


@pytest.mark.parametrize("quality", [95, 75, 40])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_black_and_white_in_a_jpeg_is_known_and_restored(mode: str, quality: int) -> None:
    pixels = np.full((600, 600), 255, np.uint8)
    cv2.putText(pixels, "Kari Nordmann", (20, 300), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 0, 6)
    pixels = np.where(pixels < 128, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, "JPEG", quality=quality)
    image = decode_page(buffer.getvalue())
    assert isinstance(image, ScanImage)
    assert image.bilevel
    assert image.colour is None
    assert np.mean(image.grey != pixels) < 0.001


@pytest.mark.parametrize("contrast", [1.0, 4.0])
def test_a_grey_scan_of_black_print_is_not_black_and_white(contrast: float) -> None:
    """Its edges are blurred, however white the paper and however black the print."""
    pixels = np.full((600, 600), 250, np.uint8)
    cv2.putText(pixels, "Kari Nordmann", (20, 300), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 0, 6)
    scanned = cv2.GaussianBlur(pixels, (0, 0), 0.9).astype(np.float64)
    harsh = np.clip(128 + contrast * (scanned - 128), 0, 255).astype(np.uint8)
    image = decode_page(_encoded(harsh, "JPEG"))
    assert isinstance(image, ScanImage)
    assert not image.bilevel


def test_transparency_is_paper() -> None:
    pixels = np.zeros((400, 400, 4), np.uint8)
    pixels[:200, :, 3] = 255
    image = decode_page(_encoded(pixels, "PNG"))
    assert isinstance(image, ScanImage)
    assert (image.grey[:200] == 0).all()
    assert (image.grey[200:] == 255).all()
