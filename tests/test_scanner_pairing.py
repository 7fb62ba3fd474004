"""Pages pair into sheets; a lone page never shifts the others."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.files import natural_key
from scanner.pairing import PageName, pair_pages


def sheets(*stems: str) -> list[tuple[str, ...]]:
    pages = [PageName(stem) for stem in stems]
    return [tuple(stems[i] for i in sheet if i is not None) for sheet in pairs(pages)]


def pairs(pages: list[PageName]) -> list[tuple[int, int | None]]:
    return [(sheet.front, sheet.back) for sheet in pair_pages(pages)]


def counted(first: int, last: int, base: str = "") -> list[str]:
    return [f"{base}{number:04}" for number in range(first, last + 1)]


def test_side_letters_pair_by_stem() -> None:
    assert sheets("0001a", "0001b", "0002a", "0002b") == [("0001a", "0001b"), ("0002a", "0002b")]


def test_lone_side_does_not_shift_the_following() -> None:
    assert sheets("0001a", "0001b", "0002a", "0003a", "0003b", "0004b", "0005a", "0005b") == [
        ("0001a", "0001b"),
        ("0002a",),
        ("0003a", "0003b"),
        ("0004b",),
        ("0005a", "0005b"),
    ]


def test_word_and_number_sides() -> None:
    assert sheets("x_back", "x_front") == [("x_front", "x_back")]
    assert sheets("0001-1", "0001-2", "0002-1", "0003-1", "0003-2") == [
        ("0001-1", "0001-2"),
        ("0002-1",),
        ("0003-1", "0003-2"),
    ]
    assert sheets("0007_side1", "0007_side2") == [("0007_side1", "0007_side2")]
    assert sheets("0007f", "0007b", "0008r", "0008v") == [("0007f", "0007b"), ("0008r", "0008v")]


def test_running_numbers_and_letters_are_no_sides() -> None:
    assert sheets("scan_1", "scan_2", "scan_3", "scan_4") == [("scan_1", "scan_2"), ("scan_3", "scan_4")]
    assert sheets("page_e", "page_f", "page_g", "page_h") == [("page_e", "page_f"), ("page_g", "page_h")]
    assert sheets("IMG_0001", "IMG_0002", "IMG_0003") == [("IMG_0001", "IMG_0002"), ("IMG_0003",)]


def test_gap_in_running_numbers_leaves_one_sheet_one_side() -> None:
    assert sheets("0001", "0002", "0004", "0005", "0006") == [("0001", "0002"), ("0004",), ("0005", "0006")]
    assert sheets("0002", "0003", "0004") == [("0002",), ("0003", "0004")]
    assert sheets("0000", "0001", "0002", "0003") == [("0000", "0001"), ("0002", "0003")]
    assert sheets("0017", "0018", "0019", "0020") == [("0017", "0018"), ("0019", "0020")]


def test_time_stamps_are_no_running_numbers() -> None:
    stems = [f"scan_2023091110{m:02}00" for m in range(6)]
    assert sheets(*stems) == [tuple(stems[0:2]), tuple(stems[2:4]), tuple(stems[4:6])]


def test_a_copy_in_the_folder_moves_no_other_page() -> None:
    names = [*counted(1, 3), "0003 - Kopi", *counted(4, 8)]
    found = sheets(*names)
    assert ("0003 - Kopi",) in found
    assert [sheet for sheet in found if len(sheet) == 2] == [
        ("0001", "0002"),
        ("0003", "0004"),
        ("0005", "0006"),
        ("0007", "0008"),
    ]


def test_a_page_lost_from_one_of_two_batches_moves_no_other_page() -> None:
    first = [name for name in counted(1, 8, "krets1_") if name != "krets1_0004"]
    found = sheets(*first, *counted(1, 6, "krets2_"))
    assert found == [
        ("krets1_0001", "krets1_0002"),
        ("krets1_0003",),
        ("krets1_0005", "krets1_0006"),
        ("krets1_0007", "krets1_0008"),
        ("krets2_0001", "krets2_0002"),
        ("krets2_0003", "krets2_0004"),
        ("krets2_0005", "krets2_0006"),
    ]


def test_pages_scanned_again_pair_only_with_the_next_number() -> None:
    assert sheets("0003", "0017", "0018", "0101", "0102") == [("0003",), ("0017", "0018"), ("0101", "0102")]


def test_many_lost_pages_move_no_other() -> None:
    lost = {"0004", "0011", "0015"}
    for sheet in sheets(*(name for name in counted(1, 20) if name not in lost)):
        assert len({(int(name) - 1) // 2 for name in sheet}) == 1


def test_what_counts_may_stand_anywhere_in_the_name() -> None:
    assert sheets("0001_20230911", "0002_20230911") == [("0001_20230911", "0002_20230911")]
    assert sheets("Scan (1)", "Scan (2)", "Scan (4)") == [("Scan (1)", "Scan (2)"), ("Scan (4)",)]
    timed = ["0001_100000", "0002_100001", "0003_100001", "0004_100002"]
    assert sheets(*timed) == [tuple(timed[:2]), tuple(timed[2:])]


def test_a_counter_that_goes_on_from_another_batch_keeps_the_parity_that_finds_partners() -> None:
    assert sheets(*counted(18, 23)) == [("0018", "0019"), ("0020", "0021"), ("0022", "0023")]
    assert sheets("0019", "0020", "0021", "0022", "0023", "0025") == [
        ("0019", "0020"),
        ("0021", "0022"),
        ("0023",),
        ("0025",),
    ]
    assert sheets("0019", *counted(22, 25)) == [("0019",), ("0022", "0023"), ("0024", "0025")]


def test_names_of_all_kinds_pair_in_the_order_given() -> None:
    assert sheets("a_front_300", "a_back_300") == [("a_front_300", "a_back_300")]
    assert sheets("forsiden", "baksiden", "neste") == [("forsiden", "baksiden"), ("neste",)]


def test_the_first_of_a_series_may_have_no_number() -> None:
    names = ["Scan 1", "Scan 2", "Scan 3", "Scan"]
    assert sheets(*names) == [("Scan", "Scan 1"), ("Scan 2", "Scan 3")]
    assert sheets("IMG", "IMG_0001") == [("IMG", "IMG_0001")]
    assert sheets("Scan", "Scan (2)", "Scan (3)", "Scan (4)") == [
        ("Scan", "Scan (2)"),
        ("Scan (3)", "Scan (4)"),
    ]
    odd = ("Scan", "Scan 1", "Scan 2", "Scan 3", "Scan 4")
    assert sorted(sheets(*odd)) == [(name,) for name in odd]


@pytest.mark.parametrize("hour", ["00", "09", "10", "23"])
def test_times_pair_in_order_at_any_hour(hour: str) -> None:
    stems = [f"Scan_20250908_{hour}30{second:02}" for second in (15, 16, 19, 20, 26, 27)]
    assert sheets(*stems) == [tuple(stems[0:2]), tuple(stems[2:4]), tuple(stems[4:6])]


@pytest.mark.parametrize(
    "time",
    [
        "2025-09-08_{}-30-{:02}",
        "20250908 {}.30.{:02}",
        "2025-09-08 kl. {}.30.{:02}",
        "08.09.2025 {}.30.{:02}.417",
    ],
)
@pytest.mark.parametrize("hour", ["00", "14"])
def test_of_times_with_signs_between_the_seconds_do_not_count(time: str, hour: str) -> None:
    stems = [time.format(hour, second) for second in (1, 2, 3, 5, 6, 7, 8, 10)]
    assert sheets(*stems) == [tuple(stems[at : at + 2]) for at in range(0, 8, 2)]


def test_a_counter_after_a_time_counts() -> None:
    stems = [f"2025-09-08_10-15-30_{number:03}" for number in range(1, 9) if number != 4]
    assert sheets(*stems) == [(stems[0], stems[1]), (stems[2],), tuple(stems[3:5]), tuple(stems[5:7])]


def test_numbers_to_the_base_of_16_are_no_sides_and_count() -> None:
    names = [f"IMG_{number:08x}" for number in range(1, 28)]
    found = sheets(*sorted(names, key=natural_key))
    assert found == [*(tuple(names[at : at + 2]) for at in range(0, 26, 2)), (names[26],)]
    lost = sheets(*sorted((name for name in names if name != names[11]), key=natural_key))
    assert lost == [sheet if names[11] not in sheet else (names[10],) for sheet in found]


def test_of_three_pages_of_which_the_first_has_no_number_none_is_paired() -> None:
    assert sorted(sheets("Scan", "Scan 1", "Scan 2")) == [("Scan",), ("Scan 1",), ("Scan 2",)]


def test_long_counters_are_no_times() -> None:
    lost = [name for name in (f"{n:07}" for n in range(1, 21)) if name != "0000006"]
    assert ("0000005",) in sheets(*lost)
    counter = [str(n) for n in range(2_000_001, 2_000_041) if n != 2_000_010]
    assert ("2000009",) in sheets(*counter)
    assert all(int(sheet[0]) % 2 for sheet in sheets(*counter))


def test_a_number_claimed_twice_pairs_with_nobody() -> None:
    assert sheets("0001", "0001", "0002", "0003", "0004") == [
        ("0001",),
        ("0001",),
        ("0002",),
        ("0003", "0004"),
    ]


def test_sheets_paired_by_place_say_so() -> None:
    pages = [PageName(stem) for stem in ("0001", "0002", "0003 - Kopi", "0004")]
    assert [(sheet.front, sheet.run) for sheet in pair_pages(pages)] == [(0, 0), (2, None), (3, 0)]
    assert [sheet.run for sheet in pair_pages([PageName("1a"), PageName("1b")])] == [None]


def test_two_claims_to_one_side_pair_with_nobody() -> None:
    assert sheets("0001a", "0001A", "0001b") == [("0001a",), ("0001A",), ("0001b",)]


def test_multipage_file_pairs_within_itself_and_breaks_the_run() -> None:
    pages = [PageName("x"), *(PageName("multi", pages=3, page=n) for n in range(3)), PageName("y")]
    assert pairs(pages) == [(0, None), (1, 2), (3, None), (4, None)]
    assert [sheet.run for sheet in pair_pages(pages)] == [0, 1, 1, 4]


def test_folders_never_share_a_sheet() -> None:
    assert pairs([PageName("0001", "a"), PageName("0002", "b")]) == [(0, None), (1, None)]


stems_st = st.lists(
    st.one_of(
        st.from_regex(r"\A(box|)[0-9]{1,4}[ab]?\Z"),
        st.from_regex(r"\A[a-c][_-](front|back|[0-3])\Z"),
        st.text(max_size=6),
    ),
    max_size=25,
)
pages_st = stems_st.flatmap(
    lambda stems: st.lists(st.sampled_from("xy"), min_size=len(stems), max_size=len(stems)).map(
        lambda groups: [PageName(s, g) for s, g in zip(stems, sorted(groups), strict=True)]
    )
)


@given(pages_st)
def test_every_page_is_on_exactly_one_sheet(pages: list[PageName]) -> None:
    sheets_found = pairs(pages)
    placed = [index for pair in sheets_found for index in pair if index is not None]
    assert sorted(placed) == list(range(len(pages)))
    assert all(back is None or pages[front].group == pages[back].group for front, back in sheets_found)


@given(
    st.sets(st.integers(1, 60), min_size=1).flatmap(
        lambda numbers: st.tuples(st.just(sorted(numbers)), st.sets(st.sampled_from(sorted(numbers))))
    ),
    st.sampled_from([("a", "b"), ("_front", "_back"), ("-1", "-2"), (" recto", " verso")]),
)
def test_lost_backs_never_mix_sheets(case: tuple[list[int], set[int]], marks: tuple[str, str]) -> None:
    numbers, lost = case
    stems = [
        f"{number:04}{mark}"
        for number in numbers
        for mark in marks
        if not (number in lost and mark == marks[1])
    ]
    for sheet in sheets(*stems):
        assert len({stem[:4] for stem in sheet}) == 1
        assert len(sheet) == (1 if int(sheet[0][:4]) in lost else 2)


@given(st.integers(10, 60), st.integers(0, 58))
def test_one_lost_page_among_running_numbers_moves_no_other(count: int, lost_at: int) -> None:
    stems = [f"{n:04}" for n in range(1, 2 * (count // 2) + 1)]
    del stems[lost_at % len(stems)]
    for sheet in sheets(*stems):
        assert len({(int(stem) - 1) // 2 for stem in sheet}) == 1


@given(st.lists(st.uuids(version=4), min_size=2, max_size=30, unique=True), st.booleans())
def test_random_names_pair_with_nobody_but_those_with_sides_do(names: list[UUID], with_sides: bool) -> None:
    """Their alphabetical order is not that in which the pages came."""
    if with_sides:
        found = sheets(*(f"{name}{side}" for name in names for side in ("_front", "_back")))
        assert found == [(f"{name}_front", f"{name}_back") for name in names]
    else:
        assert sheets(*sorted(map(str, names))) == [(str(name),) for name in sorted(names, key=str)]


@given(st.lists(st.integers(0, 10_000), unique=True))
def test_natural_order_counts(numbers: list[int]) -> None:
    assert sorted((f"scan{n}.jpg" for n in numbers), key=natural_key) == [
        f"scan{n}.jpg" for n in sorted(numbers)
    ]


@given(st.lists(st.text(max_size=8), unique=True))
def test_natural_order_is_total(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(names, key=natural_key) == sorted(backwards, key=natural_key)
