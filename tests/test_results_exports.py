"""The result in every form: JSON, CSV and the page."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.election import Candidate, CandidateList, District, ElectionKind
from tally.counts import SheetTotals
from tally.counts_file import parse_counts
from tally.exports.charts import half_circle
from tally.exports.colours import colours, from_left
from tally.exports.numbers import exact, norwegian, quotient, rounded
from tally.exports.results_csv import results_to_csv
from tally.exports.results_html import results_to_html
from tally.exports.results_json import results_to_json
from tally.secrecy import publishable
from tests.results_samples import COUNTS, HOSTILE, MAYOR, MAYOR_COUNTS, sample_election, settled


def test_results_json() -> None:
    data = results_to_json(settled())
    assert data["format"] == "results/1"
    # 136 · 5 − 3, 100 · 5 + 2, 10 · 5 + 1
    assert data["lists"]["A"] == {
        "name": "Alfa",
        "ballots": 136,
        "write_ins_received": 0,
        "write_ins_given": 3,
        "list_votes": 677,
        "seats": 3,
        "deputies": 6,
        "persons_counted": True,
    }
    assert data["seats"] == [
        {"seat": 1, "list": "A", "quotient": "483.571429"},
        {"seat": 2, "list": "H", "quotient": "358.571429"},
        {"seat": 3, "list": "A", "quotient": "225.666667"},
        {"seat": 4, "list": "H", "quotient": "167.333333"},
        {"seat": 5, "list": "A", "quotient": "135.400000"},
    ]
    assert data["candidates"]["A"][:2] == [
        {
            "number": 2,
            "name": "Alfa Nr2",
            "stemmetillegg": "0.0",
            "crosses": 40,
            "write_ins": 0,
            "total": "40.0",
            "rank": 1,
            "status": "elected",
        },
        {
            "number": 1,
            "name": "Alfa Nr1",
            "stemmetillegg": "34.0",
            "crosses": 0,
            "write_ins": 0,
            "total": "34.0",
            "rank": 2,
            "status": "elected",
        },
    ]
    assert (data["lists"]["L"]["seats"], data["lists"]["L"]["deputies"]) == (0, 0)
    assert (data["blank"], data["rejected"]) == (3, {"a": 1, "b": 0, "c": 0, "d": 2})
    assert data["turnout"] == {"ballots": 252, "electorate": 400, "share": "0.630000"}
    assert (data["ties"], data["unused_lots"], data["notices"], data["provisional"]) == ([], [], [], False)


def test_mayor_results_json() -> None:
    data = results_to_json(settled(MAYOR_COUNTS, MAYOR))
    assert data["rounds"] == [
        {"round": 1, "votes": {"1": 45, "2": 40, "3": 15}},
        {"round": 2, "votes": {"1": 45, "2": 49}},
    ]
    assert (data["elected"], data["approved"], data["blank"]) == (2, 100, 4)


def test_mayor_majority_that_hangs_on_the_blanks_is_said_aloud() -> None:
    counts = json.loads(json.dumps(MAYOR_COUNTS))
    counts["categories"][0]["mayor"]["first"] = {"1": 50, "2": 35, "3": 15}
    result = settled(counts, MAYOR)
    assert result.mayor is not None
    assert result.mayor.elected == 1
    assert "4 blanke" in result.notices[0]


def test_surplus_seats_overflow_to_lists_with_candidates() -> None:
    counts = {"format": "counts/1", "categories": [{"category": "VO", "lists": {"L": {"ballots": 90}}}]}
    counts["categories"][0]["lists"]["A"] = {"ballots": 10}  # type: ignore[index]
    data = results_to_json(settled(counts))
    assert {name: entry["seats"] for name, entry in data["lists"].items()} == {"A": 3, "H": 0, "L": 2}
    assert data["lists"]["L"]["deputies"] == 0


def test_vacant_seats_are_said_aloud() -> None:
    result = settled(
        {"format": "counts/1", "categories": [{"category": "VO", "lists": {"L": {"ballots": 9}}}]}
    )
    assert result.vacant_seats == 3
    assert "3 mandater står ledige" in result.notices[0]


def test_without_personal_votes_nobody_is_named_elected() -> None:
    counts = json.loads(json.dumps(COUNTS))
    for entry in counts["categories"][0]["lists"].values():
        entry.pop("candidates")
    data = results_to_json(settled(counts))
    assert data["lists"]["H"]["seats"] == 2
    assert (data["candidates"]["H"], data["lists"]["H"]["persons_counted"]) == ([], False)
    assert any("Høst" in notice for notice in data["notices"])


def test_an_election_without_candidates_settles_seats_only() -> None:
    lists = tuple(replace(entry, candidates=()) for entry in sample_election().lists)
    counts = json.loads(json.dumps(COUNTS))
    for entry in counts["categories"][0]["lists"].values():
        entry.pop("candidates")
    result = settled(counts, sample_election(lists=lists))
    assert [entry.seats for entry in result.lists] == [3, 2, 0]
    assert [entry.deputies for entry in result.lists] == [6, 5, 0]
    assert result.notices == ()
    assert "Valgte representanter" not in results_to_html(result)


def test_small_categories_are_never_published_alone() -> None:
    rows = publishable(sample_election(), settled().counts, 15)
    # VS has 4 ballots; alone in the merged row it would still be seen, so VO joins it.
    assert [(row.categories, row.total) for row in rows] == [(("FO",), 198), (("VO", "VS"), 54)]


@given(st.dictionaries(st.sampled_from(["FO", "FS", "VO", "VF", "VS", "VB", "BF"]), st.integers(0, 60)))
def test_published_categories_hide_small_ones_and_lose_no_ballot(sizes: dict[str, int]) -> None:
    counts = {
        "format": "counts/1",
        "categories": [{"category": c, "lists": {"A": {"ballots": n}}} for c, n in sizes.items()],
    }
    used = sample_election()
    rows = publishable(used, parse_counts(json.dumps(counts).encode(), used, "x"), 15)
    assert sum(row.total for row in rows) == sum(sizes.values())
    assert sorted(c for row in rows for c in row.categories) == sorted(c for c, n in sizes.items() if n)
    if len(rows) > 1:
        assert all(row.total >= 15 for row in rows)
        assert sum(row.merged for row in rows) == any(0 < n < 15 for n in sizes.values())


class _Page(HTMLParser):
    """Collects tags, attributes and visible text, and checks that tags nest."""

    VOID = frozenset({"meta", "circle", "rect", "link", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text += " "
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("kind", ["municipal", "county", "mayor"])
def test_the_page_stands_alone(kind: str) -> None:
    if kind == "mayor":
        result = settled(MAYOR_COUNTS, MAYOR)
    elif kind == "municipal":
        result = settled()
    else:
        election = sample_election(kind=ElectionKind.COUNTY_COUNCIL, max_write_ins=0)
        counts = {"format": "counts/1", "categories": [{"category": "VO", "lists": {"A": {"ballots": 100}}}]}
        result = settled(counts, election)
    html = results_to_html(result)
    page = _Page(html)
    assert ("html", {"lang": "nb"}) in page.tags
    assert HOSTILE not in html
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "iframe", "img", "object", "image", "use"}
    for _, attributes in page.tags:
        assert not {"src", "onclick", "onload"} & set(attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in html
    assert "@import" not in html


def test_the_page_shows_the_result() -> None:
    page = _Page(results_to_html(settled()))
    circles = [attributes for tag, attributes in page.tags if tag == "circle"]
    assert len(circles) == 5
    assert len({attributes["fill"] for attributes in circles}) == 2
    for expected in ("Alfa Nr2", "483,571429", "63,0", "VO, VS", "mangler offisielt stempel", HOSTILE):
        assert expected in page.text
    assert "Foreløpig" not in page.text


def test_the_page_says_how_sheets_were_handled_and_what_is_missing() -> None:
    sheets = {"read": 260, "accepted": 200, "reviewed": 52, "pending": 7, "withdrawn": 1}
    page = _Page(results_to_html(settled(COUNTS | {"sheets": sheets | {"proposed_for_rejection": 4}})))
    text = re.sub(r"\s+", " ", page.text)
    assert "Foreløpig. 7 sedler venter på vurdering" in text
    for expected in (
        "Lest av maskinen 260",
        "Godtatt uten tvil 200",
        "Vurdert av mennesker 52",
        "Foreslått forkastet 4",
    ):
        assert expected in text


def test_ties_are_listed() -> None:
    counts: dict[str, Any] = {
        "format": "counts/1",
        "categories": [{"category": "VO", "lists": {"A": {"ballots": 20}, "H": {"ballots": 20}}}],
        "lots": [{"kind": "seat", "order": ["H", "A"]}, {"kind": "seat", "order": ["A", "L"]}],
    }
    result = settled(counts)
    data = results_to_json(result)
    assert data["ties"][-1] == {
        "kind": "seat",
        "tied": ["A", "H"],
        "places": 1,
        "order": ["H", "A"],
        "decisive": True,
    }
    assert data["unused_lots"] == [{"kind": "seat", "order": ["A", "L"]}]
    text = re.sub(r"\s+", " ", _Page(results_to_html(result)).text)
    assert "A, H sto likt om 1 plass. Loddet falt i rekkefølgen H, A." in text
    assert "en loddtrekning mellom A, L er registrert" in text.lower().replace("a, l", "A, L")


def test_csv_tables() -> None:
    tables = results_to_csv(settled())
    assert sorted(tables) == ["kandidater", "kategorier", "lister", "mandater", "merknader"]
    rows = {name: list(csv.reader(io.StringIO(text), delimiter=";")) for name, text in tables.items()}
    assert rows["lister"][1][:2] == ["A", "Alfa"]
    assert rows["lister"][1][3:8] == ["55,28", "0", "3", "677", "3"]
    assert rows["lister"][3][1] == "'=Lokal"  # a spreadsheet must not run it
    assert rows["mandater"][1] == ["1", "A", "483,571429"]
    assert ["H", "2", "9", HOSTILE, "0,0", "9", "2", "11,0", "Representant"] in rows["kandidater"]
    assert rows["kategorier"][-1][:2] == ["VO+VS", "Øvrige, slått sammen: VO, VS"]
    assert "runder" in results_to_csv(settled(MAYOR_COUNTS, MAYOR))


def test_a_lists_id_in_the_heading_is_no_formula_either() -> None:
    lists = (*sample_election().lists, CandidateList("=1+1", "Ny", ("=1+1",), (Candidate(1, "Ola"),)))
    heading = results_to_csv(settled(election=sample_election(lists=lists)))["kategorier"].splitlines()[0]
    assert heading.split(";")[2:6] == ["A", "H", "L", "'=1+1"]


def test_csv_says_when_it_is_provisional() -> None:
    waiting = replace(settled(), notices=("Lista står alene.",))
    assert results_to_csv(waiting)["merknader"] == "Merknad\r\nLista står alene.\r\n"
    sheets = SheetTotals(read=9, accepted=1, reviewed=0, pending=8)
    waiting = replace(waiting, counts=replace(waiting.counts, sheets=sheets))
    assert "FORELØPIG: 8 sedler er ikke avgjort" in results_to_csv(waiting)["merknader"]


def test_counts_without_any_personal_vote_say_that_nobody_may_have_counted_them() -> None:
    lists = {
        list_id: {key: value for key, value in entry.items() if key == "ballots"}
        for list_id, entry in COUNTS["categories"][0]["lists"].items()
    }
    bare = {**COUNTS, "categories": [{**COUNTS["categories"][0], "lists": lists}]}
    (notice,) = (n for n in settled(bare).notices if "Ingen personstemmer er oppgitt" in n)
    assert "Alfa" in notice
    assert not any("Ingen personstemmer" in n for n in settled().notices)


@pytest.mark.parametrize(("ballots", "said"), [(900, True), (49, False)])
def test_persons_that_are_counted_in_some_categories_only_are_said_aloud(ballots: int, said: bool) -> None:
    bare: dict[str, Any] = {"category": "VF", "lists": {"A": {"ballots": ballots}}}
    counts = {**COUNTS, "categories": [COUNTS["categories"][0], bare]}
    notices = [n for n in settled(counts, sample_election(electorate=2000)).notices if "VF" in n]
    assert [n.startswith("Ingen personstemmer til Alfa er oppgitt for VF.") for n in notices] == [True] * said
    bare["lists"]["A"]["candidates"] = {"1": {"crosses": 0}}
    assert not any("VF" in n for n in settled(counts, sample_election(electorate=2000)).notices)


@pytest.mark.parametrize(
    ("crosses", "ballots", "said"),
    [(True, 900, "VF i krets 2"), (True, 49, ""), (False, 30, "VF"), (False, 24, "")],
)
def test_of_a_category_by_district_the_districts_without_persons_are_named(
    crosses: bool, ballots: int, said: str
) -> None:
    districts = (District("1", "Nord"), District("2", "Sør"))
    counted = {"candidates": {"1": {"crosses": 20}}} if crosses else {}
    parts = [
        {"category": "VF", "district": "1", "lists": {"A": {"ballots": 25, **counted}}},
        {"category": "VF", "district": "2", "lists": {"A": {"ballots": ballots}}},
    ]
    counts = {**COUNTS, "categories": [COUNTS["categories"][0], *parts]}
    notices = settled(counts, sample_election(districts=districts, electorate=2000)).notices
    about = [n for n in notices if "VF" in n]
    assert [f"er oppgitt for {said}. Er" in n for n in about] == [True] * bool(said)


@pytest.mark.parametrize(
    ("value", "expected"), [(Fraction(127, 2), "63.5"), (Fraction(298), "298.0"), (Fraction(-1, 4), "-0.25")]
)
def test_exact(value: Fraction, expected: str) -> None:
    assert exact(value) == expected


def test_exact_refuses_to_round() -> None:
    with pytest.raises(ValueError, match="not exact"):
        exact(Fraction(1, 3))


@given(st.fractions(min_value=-10000, max_value=10000), st.integers(0, 8))
def test_rounding_is_nearest(value: Fraction, decimals: int) -> None:
    assert abs(Fraction(rounded(value, decimals)) - value) <= Fraction(1, 2 * 10**decimals)


def test_numbers_for_norwegian_readers() -> None:
    assert quotient(Fraction(3758 * 5, 7)) == "2684.285714"
    assert norwegian("1234567.50") == "1\u202f234\u202f567,50"
    assert norwegian(-1200) == "−1\u202f200"


@given(st.lists(st.integers(0, 20), min_size=1, max_size=7))
def test_half_circle_seats_everyone_apart(sizes: list[int]) -> None:
    seats = [(f"L{i}", n) for i, n in enumerate(sizes)]
    circle = half_circle(seats)
    for name, count in seats:
        assert sum(dot.list_id == name for dot in circle.dots) == count
    for dot in circle.dots:
        assert circle.radius <= dot.x <= circle.width - circle.radius
        assert circle.radius <= dot.y <= circle.height
    for a, b in itertools.combinations(circle.dots, 2):
        assert math.dist((a.x, a.y), (b.x, b.y)) >= 1.7 * circle.radius


def test_colours_differ_and_lists_sit_from_the_left() -> None:
    lists = tuple(
        CandidateList(i, i, (i,), ()) for i in ("H", "L1", "A", "A2", "SV", *(f"X{n}" for n in range(30)))
    )
    assert len(set(colours(lists).values())) == len(lists)
    assert from_left(lists)[:3] == ("SV", "A", "H")
