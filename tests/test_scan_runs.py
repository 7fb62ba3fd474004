"""A scan that did not come to its end keeps its box from being closed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ballot.errors import StationError
from ballot.journal import EventKind
from station.verify import verify_store
from store.station_store import StationStore
from tests.station_fakes import deck, intake, make_station


@pytest.fixture
def store(tmp_path: Path):
    with make_station(tmp_path / "s") as made:
        intake(made).run(deck(2))
        yield made


def scanned(store: StationStore, *sources: str) -> None:
    store.end_scan(store.begin_scan(1, sources, "Kari"))


def left(store: StationStore) -> list[int]:
    return [run.number for run in store.unfinished_scans(1)]


def test_a_box_is_not_closed_while_a_scan_is_cut_off(store: StationStore) -> None:
    store.begin_scan(1, ["/scans/b", "/scans/a"], "Kari")
    with pytest.raises(StationError, match=r"of /scans/a, /scans/b into box 1 \(Kari, .*not closed") as error:
        store.close_box(1, "Ola")
    assert "valgskann scan DIR --box 1 /scans/a /scans/b." in error.value.remedy
    assert not store.box(1).closed
    scanned(store, "/scans/a", "/scans/b")
    store.close_box(1, "Ola")
    assert store.box(1).closed
    assert verify_store(store).problems == ()


def test_a_box_may_be_closed_without_what_is_gone_and_the_journal_says_so(store: StationStore) -> None:
    store.begin_scan(1, ["/usb"], "Kari")
    store.close_box(1, "Ola", leave_scans=True)
    closed = store.events()[-1]
    assert (closed.kind, closed.by) == (EventKind.BOX_CLOSED, "Ola")
    assert json.loads(closed.payload) == {"sheets": 2, "unfinished_scans": [1]}


def test_of_a_scan_that_left_sheets_unread_its_command_is_told(store: StationStore) -> None:
    store.begin_scan(1, ["/usb stick"], "Kari")
    store.take_in(1, deck(3)[2], 0, "test")
    with pytest.raises(StationError, match="valgskann scan DIR --box 1 '/usb stick'"):
        store.close_box(1, "Ola")


def test_sheets_that_are_not_read_keep_the_box_open_all_the_same(store: StationStore) -> None:
    store.take_in(1, deck(3)[2], 0, "test")
    with pytest.raises(StationError, match="1 sheets of box 1 are not read yet"):
        store.close_box(1, "Ola", leave_scans=True)


def test_only_a_later_scan_of_the_same_files_makes_up_for_one_that_was_cut_off(store: StationStore) -> None:
    store.begin_scan(1, ["/a", "/b"], "Kari")
    scanned(store, "/a")
    assert left(store) == [1]
    scanned(store, "/c", "/b", "/a")
    assert left(store) == []
    first = store.begin_scan(1, ["/a"], "Kari")
    second = store.begin_scan(1, ["/a"], "Ola")
    store.end_scan(first)
    assert left(store) == [second.number]  # it still runs
    store.end_scan(second)
    third = store.begin_scan(1, ["/a"], "Kari")
    scanned(store, "/a")
    store.end_scan(third)  # it ran beside the one that made up for it
    assert left(store) == []


def test_scans_of_other_boxes_do_not_matter(store: StationStore) -> None:
    with pytest.raises(StationError, match="no box 2"):
        store.begin_scan(2, ["/a"], "Kari")
    store.begin_scan(1, ["/a"], "Kari")
    assert store.unfinished_scans(2) == ()


def test_images_that_no_scan_can_have_left_are_wrong(store: StationStore) -> None:
    run = store.begin_scan(1, ["/a"], "Kari")
    for side in (b"front", b"back"):
        store.vault.put(side)  # and killed before the sheet was entered
    found = verify_store(store)
    assert (found.unused_images, found.problems) == (2, ())
    store.vault.put(b"a sheet that the database no longer knows")
    assert "images: 3 belong to no sheet" in verify_store(store).problems[0]
    store.end_scan(run)
    assert "(0) leave 0 at most" in verify_store(store).problems[0]
