"""Write-in rows read against the closed list, with the installed network."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ballot.reading import DoubtCode
from calibration.testdeck.names import invent_name
from recognition.geometry import GreyImage
from recognition.names.ink import CellState, separate
from recognition.names.row import NameReader, RowReading, name_reader, read_cells, read_party
from station.name_model import load_name_model
from tests.name_elections import election_of
from tests.name_rows import INSIDE, MIN_INK_MM2, STRIKES, WORDS, blank_cell, ink_of, struck, write

LISTS = {
    "A": ["Kari Nordmann", "Bjørn Ødegård", "Åse Marie Sæther", "Per Olav Lie-Hansen", "Ingrid Bakke"],
    "H": ["Ola Hansen", "Gunnar Solberg", "Kristin Haugland", "Knut Hansen", "Trygve Fossum"],
    "SP": ["Kåre Hansen", "Ola Hansen", "Sigrid Undheim", "Jon Bø", "Ragnhild Tveit"],
}

LISTS_OF_FIVE = {"SP": LISTS["SP"]}


@pytest.fixture(scope="module")
def reader() -> NameReader:
    return name_reader(election_of(LISTS), load_name_model())


def read(
    reader: NameReader, patch: GreyImage, party: GreyImage | None = None, own: str = "V", error: float = 0.001
) -> RowReading | None:
    cell = None if party is None else ink_of(party)
    return read_cells(1, ink_of(patch), cell, own, reader, error)


@pytest.mark.parametrize(
    ("text", "capitals", "candidate"),
    [
        ("Kari Nordmann", False, "A:1"),
        ("KARI NORDMANN", True, "A:1"),
        ("Bjørn Ødegård", False, "A:2"),
        ("Åse Sæther", False, "A:3"),
        ("Åse Marie Sæther", False, "A:3"),
        ("Gunnar Solberg", True, "H:2"),
        ("Trygve Fossum", False, "H:5"),
        ("Ragnhild Tveit", False, "SP:5"),
    ],
)
@pytest.mark.parametrize("font", ["patrick-hand", "kalam"])
def test_listed_name_is_accepted(
    reader: NameReader, text: str, capitals: bool, candidate: str, font: str
) -> None:
    found = read(reader, write(text, font, capitals=capitals))
    assert found is not None
    assert found.reading.candidate == candidate, found
    assert not found.reading.doubtful and found.code is None
    assert found.reading.confidence >= reader.calibration.threshold(0.001)
    assert found.reading.best[0].candidate == candidate
    assert len(found.reading.best) == 5
    confidences = [best.confidence for best in found.reading.best]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) <= 1.0 + 1e-9


@pytest.mark.parametrize(
    "text", ["Nordmann Kari", "K. Nordmann", "Kari Nordman", "Solberg", "Per O. Lie Hansen"]
)
def test_right_candidate_is_among_the_five_when_written_otherwise(reader: NameReader, text: str) -> None:
    found = read(reader, write(text))
    assert found is not None
    wanted = {"Solberg": "H:2", "Per O. Lie Hansen": "A:4"}.get(text, "A:1")
    assert found.reading.best[0].candidate == wanted
    assert found.reading.candidate in (wanted, None)


@pytest.mark.parametrize(
    "text",
    [
        "Harald Eriksen",
        "Nora Kvam",
        "KIM LARSEN",
        "Donald Duck",
        "Ole Brumm",
        "Kari Nordby",
        "Kristian Haugland",
    ],
)
@pytest.mark.parametrize("font", ["patrick-hand", "caveat"])
def test_name_on_no_list_is_never_forced_onto_one(reader: NameReader, text: str, font: str) -> None:
    found = read(reader, write(text, font))
    assert found is not None
    assert found.reading.candidate is None and found.reading.doubtful
    assert found.code in (DoubtCode.WRITE_IN_UNKNOWN, DoubtCode.WRITE_IN_UNCERTAIN)


@pytest.mark.parametrize("text", ["98 76 54 32", "jeg vil ha en bedre skole", "Иван Петров", '"', "- ii -"])
def test_what_is_no_name_goes_to_a_person(reader: NameReader, text: str) -> None:
    font = "patrick-hand"
    patch = _in_cyrillic(text) if text[0] == "И" else write(text, font)
    found = read(reader, patch)
    assert found is not None
    assert found.reading.candidate is None and found.code is not None


def _in_cyrillic(text: str) -> GreyImage:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(blank_cell())
    font = ImageFont.truetype("DejaVuSans.ttf", 36)
    ImageDraw.Draw(image).text((60, 62), text, fill=40, font=font)
    return np.asarray(image, np.uint8)


def _scribble(rng: np.random.Generator) -> GreyImage:
    patch = blank_cell()
    points = np.stack([rng.uniform(60, 400, 40), rng.uniform(INSIDE[1] + 8, INSIDE[1] + 66, 40)], axis=1)
    cv2.polylines(patch, [points.astype(np.int32)], False, 50, 2, cv2.LINE_AA)
    return patch


def _face(rng: np.random.Generator) -> GreyImage:
    patch = blank_cell()
    x, y = int(rng.integers(80, 500)), INSIDE[1] + 37
    for radius, dx, dy in ((28, 0, 0), (3, -9, -8), (3, 9, -8)):
        cv2.circle(patch, (x + dx, y + dy), radius, 50, 2, cv2.LINE_AA)
    cv2.ellipse(patch, (x, y + 4), (14, 10), 0, 10, 170, 50, 2, cv2.LINE_AA)
    return patch


@pytest.mark.parametrize("draw", [_scribble, _face])
def test_drawings_go_to_a_person(
    reader: NameReader, draw: Callable[[np.random.Generator], GreyImage]
) -> None:
    for seed in range(6):
        found = read(reader, draw(np.random.default_rng(seed)))
        assert found is not None
        assert found.reading.candidate is None and found.reading.doubtful


def test_empty_row_is_no_reading(reader: NameReader) -> None:
    assert read(reader, blank_cell(), blank_cell()) is None


def test_party_without_a_name_goes_to_a_person(reader: NameReader) -> None:
    found = read(reader, blank_cell(), write("Senterpartiet"))
    assert found is not None and found.code is DoubtCode.WRITE_IN_UNCERTAIN


def test_namesakes_need_the_party(reader: NameReader) -> None:
    alone = read(reader, write("Ola Hansen"))
    assert alone is not None
    assert alone.reading.candidate is None
    assert {best.candidate for best in alone.reading.best[:2]} == {"H:1", "SP:2"}
    for party, candidate in (("Høyre", "H:1"), ("Senterpartiet", "SP:2")):
        found = read(reader, write("Ola Hansen"), write(party))
        assert found is not None
        assert found.reading.best[0].candidate == candidate
        assert found.reading.candidate in (candidate, None)


def test_initial_that_fits_two_is_doubted(reader: NameReader) -> None:
    found = read(reader, write("K. Hansen"))
    assert found is not None
    assert found.reading.candidate is None
    assert {best.candidate for best in found.reading.best[:2]} == {"H:4", "SP:1"}


def test_contradicting_party_goes_to_a_person(reader: NameReader) -> None:
    found = read(reader, write("Kari Nordmann"), write("Senterpartiet"))
    assert found is not None
    assert found.code is DoubtCode.WRITE_IN_UNCERTAIN and "party" in found.detail
    assert found.reading.best[0].candidate == "A:1"


@pytest.mark.parametrize("font", ["patrick-hand", "kalam"])
@pytest.mark.parametrize("below_px", [2, 4, 6])
def test_contradicting_party_goes_to_a_person_though_it_is_underlined(
    reader: NameReader, font: str, below_px: int
) -> None:
    party = write("Høyre", font)
    ys, xs = np.nonzero(party[INSIDE[1] + 8 : -INSIDE[1] - 8, INSIDE[0] + 6 : -INSIDE[0] - 6] < 150)
    y, left, right = (
        int(v) for v in (ys.max() + INSIDE[1] + 8, xs.min() + INSIDE[0], xs.max() + INSIDE[0] + 12)
    )
    cv2.line(party, (left, y + below_px), (right, y + below_px), 60, 3, cv2.LINE_AA)
    found = read(reader, write("Kari Nordmann"), party)
    assert found is not None and found.code is DoubtCode.WRITE_IN_UNCERTAIN


@pytest.mark.parametrize("party", ["Rødt", "SV", "KrF", "MDG", "Kari Nordmann"])
def test_a_party_that_has_no_list_here_goes_to_a_person(reader: NameReader, party: str) -> None:
    """It may be another person of that name, or a name that goes on in the party's cell."""
    found = read(reader, write("Trygve Fossum"), write(party))
    assert found is not None and found.code is DoubtCode.WRITE_IN_UNCERTAIN


@pytest.mark.parametrize("text", ["Per Olav", "Lie-Hansen"])
def test_a_part_of_a_name_goes_to_a_person(reader: NameReader, text: str) -> None:
    found = read(reader, write(text))
    assert found is not None and found.code is DoubtCode.WRITE_IN_UNCERTAIN


def test_agreeing_party_is_accepted(reader: NameReader) -> None:
    found = read(reader, write("Kari Nordmann"), write("Ap"))
    assert found is not None and found.reading.candidate == "A:1"


@pytest.mark.parametrize(
    ("text", "list_id"), [("Høyre", "H"), ("Senterpartiet", "SP"), ("Ap", "A"), ("SP", "SP")]
)
def test_parties_are_read(reader: NameReader, text: str, list_id: str) -> None:
    assert read_party(ink_of(write(text)), reader).list_id == list_id


def test_party_that_looks_struck_out_is_read_but_proves_nothing(reader: NameReader) -> None:
    cell = ink_of(struck(write("Senterpartiet"), "straight"))
    found = read_party(cell, reader)
    assert cell.state is CellState.STRUCK_OUT
    assert found.text and not found.clear


def test_own_list_is_told(reader: NameReader) -> None:
    found = read(reader, write("Kari Nordmann"), own="A")
    assert found is not None
    assert found.own_list and found.reading.candidate == "A:1"


def test_struck_out_name_goes_to_a_person_though_it_can_be_read(reader: NameReader) -> None:
    patch = write("Trygve Fossum")
    cv2.line(patch, (30, 88), (330, 82), 60, 3, cv2.LINE_AA)
    found = read(reader, patch)
    assert found is not None
    assert found.reading.candidate is None and found.code is DoubtCode.WRITE_IN_UNCERTAIN


@pytest.mark.parametrize("shape", list(STRIKES))
@pytest.mark.parametrize("text", ["Trygve Fossum", "Kari Nordmann", "Ragnhild Tveit"])
@pytest.mark.parametrize("font", ["patrick-hand", "kalam", "caveat"])
def test_name_struck_out_by_any_stroke_is_not_counted(
    reader: NameReader, text: str, font: str, shape: str
) -> None:
    found = read(reader, struck(write(text, font), shape))
    assert found is not None
    assert found.reading.candidate is None and found.code is not None


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("shape", list(STRIKES))
@pytest.mark.parametrize("text", ["Trygve Fossum", "Kari Nordmann", "Ragnhild Tveit"])
@pytest.mark.parametrize("font", ["patrick-hand", "kalam", "caveat"])
def test_name_of_which_one_word_is_struck_out_is_not_counted(
    reader: NameReader, text: str, font: str, shape: str, word: str
) -> None:
    found = read(reader, struck(write(text, font), shape, word=word))
    assert found is not None
    assert found.reading.candidate is None and found.code is not None


def test_party_of_which_a_part_is_struck_out_proves_nothing(reader: NameReader) -> None:
    patch = write("Senterpartiet")
    cv2.line(patch, (40, 84), (150, 86), 60, 3, cv2.LINE_AA)
    cell = ink_of(patch)
    assert cell.state is CellState.WRITTEN
    assert not read_party(cell, reader).clear


def test_name_struck_out_and_rewritten_beside_it_goes_to_a_person(reader: NameReader) -> None:
    patch = write("Ingrid Bakke Trygve Fossum", capital_mm=3.0)
    cv2.line(patch, (30, 86), (190, 84), 60, 3, cv2.LINE_AA)
    found = read(reader, patch)
    assert found is not None and found.reading.candidate is None


@pytest.mark.parametrize("text", ['"', "— ii —", '" "', "do", "samme"])
def test_ditto_signs_go_to_a_person(reader: NameReader, text: str) -> None:
    found = read(reader, write(text, capital_mm=4.5))
    assert found is not None
    assert found.reading.candidate is None and found.code is not None


@pytest.mark.parametrize("others", [0, 15, 4995])
def test_small_and_large_lexicons_find_the_written_name(reader: NameReader, others: int) -> None:
    chance = random.Random(5)
    many = {"V": [invent_name(chance) for _ in range(others)]} if others else {}
    names = name_reader(election_of({**LISTS_OF_FIVE, **many}), load_name_model()).names
    found = read(replace(reader, names=names), write("Ragnhild Tveit"))
    assert names.size == 5 + others
    assert found is not None and found.reading.best[0].candidate == "SP:5"


def test_two_names_in_a_row_go_to_a_person(reader: NameReader) -> None:
    found = read(reader, write("Kari Nordmann, Trygve Fossum", capital_mm=3.0))
    assert found is not None and found.reading.candidate is None


@pytest.mark.parametrize("after", [" (?)", " 2"])
def test_a_sign_after_the_name_goes_to_a_person(reader: NameReader, after: str) -> None:
    found = read(reader, write("Trygve Fossum" + after, "patrick-hand", capital_mm=3.0))
    assert found is not None and found.code is DoubtCode.WRITE_IN_UNCERTAIN


def test_accepted_error_of_zero_sends_every_row_to_a_person(reader: NameReader) -> None:
    found = read(reader, write("Kari Nordmann"), error=0.0)
    assert found is not None
    assert found.reading.doubtful and found.reading.best[0].candidate == "A:1"


def test_empty_lexicon_doubts(reader: NameReader) -> None:
    nobody = name_reader(election_of({}), load_name_model())
    found = read(replace(reader, names=nobody.names, parties=nobody.parties), write("Kari Nordmann"))
    assert found is not None and found.code is not None and found.reading.best == ()


def test_same_row_gives_the_same_reading(reader: NameReader) -> None:
    patch = write("Bjørn Ødegård", "caveat")
    cell = separate(patch, blank_cell(), INSIDE, MIN_INK_MM2)
    assert read_cells(1, cell, None, "V", reader) == read_cells(1, cell, None, "V", reader)
