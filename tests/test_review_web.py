"""The desk's pages, without a browser: what they say, what they store, and what they refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from ballot.errors import StationError, UsageError
from ballot.reading import Doubt, DoubtCode, Reading, SheetKind
from ballot.ruling import Role, SheetState, Verdict
from review.desk import Desk, StaleError
from review.web.app import create_app
from review.web.forms import NO_LIST, answer_of
from store.reading_table import NewReading
from tests.desk_fakes import make_desk_station, served
from tests.rulings import doubtful, written
from tests.station_fakes import ELECTION, intake, make_station, scan


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with make_desk_station(tmp_path / "s") as store:
        yield Desk(store, ELECTION)


def no_result() -> str:
    raise StationError("Sheets are open.", "Rule on them.")


@pytest.fixture
def browser(desk: Desk) -> Iterator[httpx.Client]:
    with served(create_app(desk, no_result)) as home, httpx.Client(base_url=home) as client:
        client.headers["origin"] = home
        client.cookies.set("person", "Kari%20Nordmann")
        yield client


def answer(browser: httpx.Client, sheet: str, **fields: str) -> int:
    return browser.post(f"/seddel/{sheet}", data=fields).status_code


def test_the_front_page_shows_boxes_and_progress(browser: httpx.Client) -> None:
    page = browser.get("/").text
    assert 'lang="nb"' in page
    assert "<b>5</b> sedler tatt inn" in page
    assert "<b>4</b> til gjennomgang" in page
    assert "Vis resultatet" not in page


def test_sheets_can_be_filtered_by_box_and_doubt(browser: httpx.Client) -> None:
    assert browser.get("/sedler").text.count('<th scope="row">') == 4
    only = browser.get("/sedler?kasse=1&kode=stamp_missing").text
    assert only.count('<th scope="row">') == 1
    assert "1-0004" in only
    assert browser.get("/sedler?kasse=9").text.count('<th scope="row">') == 0
    assert browser.get("/sedler?tilstand=alle").text.count('<th scope="row">') == 5


def test_a_sheet_shows_both_sides_its_doubts_and_their_forms(browser: httpx.Client) -> None:
    page = browser.get("/seddel/1-0003").text
    assert page.count("<image href=") == 2
    assert page.index("Innside") < page.index("Utside")
    assert page.count('class="doubt"') == 2
    assert page.count("/utsnitt/1-0003/") == 2
    assert "Usikkert merke: 1 Kari Berg" in page
    assert "H:1 Kari Moe (70%)" in page
    assert "H:1 Kari Moe (Høyre)" in page, "the list of suggestions"


def test_pictures_are_served_as_jpeg(browser: httpx.Client) -> None:
    for address in ("/bilde/1-0003/front.jpg", "/bilde/1-0003/back.jpg", "/utsnitt/1-0003/1.jpg"):
        picture = browser.get(address)
        assert picture.headers["content-type"] == "image/jpeg"
        assert picture.content[:3] == b"\xff\xd8\xff"
    assert browser.get("/bilde/1-0003/top.jpg").status_code == 404
    assert browser.get("/utsnitt/1-0003/9.jpg").status_code == 404
    assert browser.get("/seddel/9-0001").status_code == 404


def test_a_ruling_is_stored_with_the_name_and_leads_on(browser: httpx.Client, desk: Desk) -> None:
    done = browser.post(
        "/seddel/1-0002",
        data={"tvil": "mark_uncertain/1", "svar": "marked", "sett": "0"},
    )
    assert done.status_code == 303
    assert done.headers["location"].startswith("/neste?etter=1-0002")
    ruling = desk.look("1-0002").case.rulings[0]
    assert (ruling.by, ruling.role, ruling.verdict) == ("Kari Nordmann", Role.REVIEWER, Verdict.MARKED)
    following = browser.get(done.headers["location"])
    assert following.headers["location"].startswith("/seddel/1-0003")


def test_a_typed_candidate_is_taken_from_the_suggestion(browser: httpx.Client, desk: Desk) -> None:
    assert answer(browser, "1-0003", tvil="mark_uncertain/1", svar="empty", sett="0") == 303
    typed = {"tvil": "write_in_uncertain/1", "svar": "candidate", "verdi_candidate": "RMDG:3 Kari Eng (Rødt)"}
    assert answer(browser, "1-0003", **typed) == 303
    record = desk.look("1-0003").standing.record
    assert record is not None
    assert record.write_ins == ("RMDG:3",)


def test_a_stale_page_cannot_rule_over_somebody_else(browser: httpx.Client, desk: Desk) -> None:
    desk.rule("1-0002", "1", Verdict.EMPTY, by="Ola")
    answered = browser.post(
        "/seddel/1-0002", data={"tvil": "mark_uncertain/1", "svar": "marked", "sett": "0"}
    )
    assert answered.status_code == 409
    assert "Noen andre har avgjort" in answered.text
    assert desk.look("1-0002").case.rulings[-1].by == "Ola"


def test_the_page_says_why_something_is_doubted(browser: httpx.Client, desk: Desk) -> None:
    stored = desk.look("1-0002").case.reading
    assert stored is not None
    reversed_stamp = "It is the print of a stamp reversed: set off from another ballot while it was wet."
    doubts = (
        Doubt(DoubtCode.STAMP_UNCERTAIN, detail=reversed_stamp),
        Doubt(DoubtCode.UNREADABLE, detail="0002a.jpg: the file ends too early."),
        Doubt(DoubtCode.MARK_UNCERTAIN, detail="It cannot be judged whether this box is marked."),
    )
    again = NewReading(replace(stored.reading, doubts=doubts), "again", "0" * 64, instead_of=stored.number)
    desk.store.add_reading("1-0002", again)
    page = browser.get("/seddel/1-0002").text
    assert '<p class="detail">Det er et speilvendt stempel' in page
    assert '<p class="detail" lang="en">0002a.jpg: the file ends too early.</p>' in page
    assert page.count('class="detail"') == 2, "the question about a mark says it all"


def test_a_page_of_an_older_reading_rules_on_nothing(browser: httpx.Client, desk: Desk) -> None:
    stored = desk.look("1-0002").case.reading
    assert stored is not None
    assert f'name="lest" value="{stored.number}"' in browser.get("/seddel/1-0002").text
    doubts = (*stored.reading.doubts, Doubt(DoubtCode.SIDES_MISMATCH))
    again = NewReading(replace(stored.reading, doubts=doubts), "again", "0" * 64, instead_of=stored.number)
    new = desk.store.add_reading("1-0002", again)
    entered = {"tvil": "sheet", "svar": "enter", "type": "list", "stempel": "ja", "liste": "A", "sett": "0"}
    refused = browser.post("/seddel/1-0002", data=entered | {"lest": str(stored.number)})
    assert refused.status_code == 409
    assert "eller den er lest på nytt" in refused.text
    assert desk.look("1-0002").case.rulings == ()
    assert answer(browser, "1-0002", **entered, lest=str(new)) == 303


def test_a_ruling_on_a_reading_that_was_replaced_that_moment_is_refused(desk: Desk) -> None:
    meant = desk._ruling("1-0002", "mark_uncertain/1", Verdict.MARKED, "", "Kari", Role.REVIEWER, "")
    (before,) = desk.store.full_readings(["1-0002"])
    assert before is not None
    again = NewReading(before.reading, "again", "0" * 64, instead_of=before.number)
    desk.store.add_reading("1-0002", again)
    with pytest.raises(StaleError, match="was read again"):
        desk.store.add_ruling(meant, desk._allowed(meant, None))


@pytest.mark.parametrize(
    "fields",
    [
        {"tvil": "mark_uncertain/1"},
        {"tvil": "mark_uncertain/1", "svar": "nonsense"},
        {"tvil": "mark_uncertain/9", "svar": "marked"},
        {"tvil": "write_in_uncertain/1", "svar": "candidate", "verdi_candidate": "Kari"},
        {"tvil": "sheet", "svar": "enter", "type": "list", "stempel": "ja", "liste": "X"},
        {"tvil": "sheet", "svar": "enter", "type": "list", "liste": "A"},
        {"tvil": "sheet", "svar": "reject:a"},
        {"tvil": "committee/a", "svar": "reject:a", "rolle": "committee"},
    ],
)
def test_what_cannot_be_ruled_is_refused_and_nothing_stored(
    browser: httpx.Client, desk: Desk, fields: dict[str, str]
) -> None:
    assert answer(browser, "1-0003", **fields) == 409
    assert desk.look("1-0003").case.rulings == ()


def test_an_unreadable_sheet_is_entered_by_hand_with_its_id(browser: httpx.Client, desk: Desk) -> None:
    fields = {"type": "list", "liste": "H", "personstemmer": "3, 1", "slengere": "A:2", "stempel": "ja"}
    assert answer(browser, "1-0005", tvil="sheet", svar="enter", seddelid="00000001", **fields) == 303
    assert [i.key for i in desk.look("1-0002").standing.open][-1] == "duplicate_ballot/1-0005"
    desk.rule("1-0005", "duplicate_ballot/1-0002", Verdict.KEEP, by="Kari")
    record = desk.look("1-0005").standing.record
    assert record is not None
    assert (record.list_id, record.personal, record.write_ins) == ("H", (1, 3), ("A:2",))


def test_the_committee_decides_on_its_own_page(browser: httpx.Client, desk: Desk) -> None:
    assert answer(browser, "1-0004", tvil="stamp_missing", svar="stamp_missing") == 303
    assert "1-0004" in browser.get("/valgstyret").text
    assert "Valgstyrets vedtak" in browser.get("/seddel/1-0004").text
    decided = {"tvil": "committee/a", "svar": "reject:a", "rolle": "committee", "begrunnelse": "Uten stempel"}
    assert answer(browser, "1-0004", **decided) == 303
    assert desk.look("1-0004").standing.state is SheetState.REJECTED
    assert "forkastet etter a)" in browser.get("/valgstyret").text


def test_without_a_name_nothing_can_be_ruled(browser: httpx.Client, desk: Desk) -> None:
    browser.cookies.clear()
    page = browser.get("/seddel/1-0002?kasse=1")
    assert page.headers["location"] == "/navn?videre=%2Fseddel%2F1-0002%3Fkasse%3D1"
    assert answer(browser, "1-0002", tvil="mark_uncertain/1", svar="marked") == 303
    assert desk.look("1-0002").case.rulings == ()
    assert browser.post("/navn", data={"navn": "  "}).status_code == 400
    given = browser.post("/navn", data={"navn": "Åse Ø", "videre": "//evil.example"})
    assert given.headers["location"] == "/"
    assert "HttpOnly" in given.headers["set-cookie"]
    assert "samesite=strict" in given.headers["set-cookie"].lower()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9", ""])
def test_forms_from_elsewhere_are_refused(browser: httpx.Client, desk: Desk, origin: str) -> None:
    data = {"tvil": "mark_uncertain/1", "svar": "marked"}
    answered = browser.post("/seddel/1-0002", data=data, headers={"origin": origin})
    assert answered.status_code == 403
    assert desk.look("1-0002").case.rulings == ()


def test_other_host_names_are_refused(browser: httpx.Client) -> None:
    assert browser.get("/", headers={"host": "evil.example:8023"}).status_code == 403
    assert browser.get("/", headers={"host": f"localhost:{browser.base_url.port}"}).status_code == 200


def test_every_answer_carries_the_strict_policy(browser: httpx.Client) -> None:
    for address in (
        "/",
        "/sedler",
        "/seddel/1-0003",
        "/valgstyret",
        "/resultat",
        "/seddel/none",
        "/static/desk.js",
    ):
        headers = browser.get(address).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_the_result_waits_for_every_sheet(browser: httpx.Client) -> None:
    page = browser.get("/resultat")
    assert page.status_code == 409
    assert "Nå venter 4 sedler" in page.text


def test_names_and_file_names_cannot_put_markup_into_a_page(browser: httpx.Client) -> None:
    browser.cookies.clear()
    browser.post("/navn", data={"navn": "<script>alert(1)</script>"})
    assert "<script>alert" not in browser.get("/").text


def test_the_result_page_shows_when_everything_is_decided(desk: Desk) -> None:
    desk.rule("1-0002", "1", Verdict.MARKED, by="Kari")
    desk.rule("1-0003", "1", Verdict.EMPTY, by="Kari")
    desk.rule("1-0003", "2", Verdict.NO_CANDIDATE, by="Kari")
    desk.rule("1-0004", "1", Verdict.STAMP_PRESENT, by="Kari")
    desk.rule("1-0005", "sheet", Verdict.PROPOSE_WITHDRAWAL, by="Kari", reason="Et følgeark")
    desk.rule("1-0005", "committee/w", Verdict.WITHDRAW, by="Ola", role=Role.COMMITTEE, reason="Et følgeark")
    app = create_app(desk, lambda: "<!doctype html><title>Resultat</title>")
    with served(app) as home, httpx.Client(base_url=home) as client:
        assert "Vis resultatet" in client.get("/").text
        result = client.get("/resultat")
    assert "<title>Resultat</title>" in result.text
    assert "script-src" not in result.headers["content-security-policy"]


def shown(page: str) -> dict[str, str]:
    """What the form for entering a sheet by hand would send if nobody touched it."""
    form = page[page.index('id="forhand"') :]
    form = form[: form.index("</form>")]
    sent = {
        name: unescape(value) for name, value in re.findall(r'<input[^>]*?name="(\w+)" value="([^"]*)"', form)
    }
    sent.pop("stempel")
    for name, body in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        options = re.findall(r'<option value="([^"]*)"( selected)?>', body)
        sent[name] = next((unescape(value) for value, chosen in options if chosen), options[0][0])
    return sent


def served_sheet(tmp_path: Path, of: Reading) -> tuple[Desk, FastAPI]:
    store = make_station(tmp_path / "other")
    intake(store).run([scan("x", of)])
    desk = Desk(store, ELECTION)
    return desk, create_app(desk, no_result)


def posted(app: FastAPI, **changes: str) -> tuple[int, str]:
    """Sends the form of sheet 1-0001 as it is shown, with some fields changed."""
    with served(app) as home, httpx.Client(base_url=home) as client:
        client.headers["origin"] = home
        client.cookies.set("person", "Kari")
        sent = shown(client.get("/seddel/1-0001").text) | {"stempel": "ja"} | changes
        answered = client.post("/seddel/1-0001", data=sent)
    return answered.status_code, answered.text


def test_a_hand_entry_starts_from_everything_that_was_read(tmp_path: Path) -> None:
    read = doubtful(Doubt(DoubtCode.TORN), personal=(3,), write_ins=(written(1, "H:2"), written(2, "RMDG:1")))
    desk, app = served_sheet(tmp_path, read)
    assert posted(app)[0] == 303
    record = desk.look("1-0001").standing.record
    assert record is not None
    assert (record.list_id, record.personal, record.write_ins) == ("A", (3,), ("H:2", "RMDG:1"))
    assert posted(app, personstemmer="5")[0] == 303
    assert posted(app)[0] == 303
    after = desk.look("1-0001").standing.record
    assert after is not None and after.personal == (5,), "a second entry starts from the first"


def test_a_party_ballot_is_blank_only_when_that_is_chosen(tmp_path: Path) -> None:
    read = doubtful(Doubt(DoubtCode.PARTY_UNCLEAR), kind=SheetKind.PARTY, list_id=None)
    desk, app = served_sheet(tmp_path, read)
    status, page = posted(app)
    assert status == 409 and "Det er ikke valgt liste" in page
    assert desk.look("1-0001").case.rulings == ()
    assert posted(app, liste=NO_LIST)[0] == 303
    record = desk.look("1-0001").standing.record
    assert record is not None and record.blank


def test_of_an_entry_that_is_refused_nothing_is_stored(tmp_path: Path) -> None:
    desk, app = served_sheet(tmp_path, doubtful(Doubt(DoubtCode.TORN)))
    assert posted(app, personstemmer="99", seddelid="00000417")[0] == 409
    assert posted(app, seddelid="417")[0] == 409
    assert desk.look("1-0001").case.rulings == ()
    assert posted(app, seddelid="00000417")[0] == 303
    assert [r.issue for r in desk.look("1-0001").case.rulings] == ["ballot_id", "sheet"]


SUGGESTED = ("H:4 Kari Moe (Høyre)", "RMDG:2 Ola Aas (Rødt: lista 2023)", "A,B:3 Per Vik (Felles)")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("H:4, RMDG:2", "H:4 RMDG:2"),
        ("H:4;RMDG:2", "H:4 RMDG:2"),
        ("H:4 RMDG:2", "H:4 RMDG:2"),
        ("H:4 Kari Moe", "H:4"),
        ("H:4 ,RMDG:2", "H:4 RMDG:2"),
        ("H:4,,RMDG:2;", "H:4 RMDG:2"),
        (",H:4", "H:4"),
        ("H:4 Kari Moe (Høyre), RMDG:2 Ola Aas (Rødt: lista 2023)", "H:4 RMDG:2"),
        ("A,B:3", "A,B:3"),
        ("H:4,A,B:3", "H:4 A,B:3"),
        ("A,B:3 Per Vik (Felles)", "A,B:3"),
    ],
)
def test_every_candidate_that_is_typed_is_taken(typed: str, value: str) -> None:
    assert answer_of({"svar": "write_in", "verdi_write_in": typed}, SUGGESTED).value == value


@pytest.mark.parametrize(
    "typed", ["H:4 RMDG2", "H:4, RMDG:", "H:4, Ola Dahl", "H:4 Kari Moe (Høyre)2", "H4", ""]
)
def test_half_a_candidate_is_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="viser ikke bare til kandidater"):
        answer_of({"svar": "write_in", "verdi_write_in": typed}, SUGGESTED)


def test_a_chosen_candidate_is_taken_as_it_is() -> None:
    assert answer_of({"svar": "candidate:A,B:3"}).value == "A,B:3"


def test_after_the_committee_has_sent_it_back_a_sheet_can_be_entered_on_the_page(tmp_path: Path) -> None:
    read = doubtful(Doubt(DoubtCode.UNREADABLE), kind=SheetKind.UNKNOWN, list_id=None)
    desk, app = served_sheet(tmp_path, read)
    desk.rule("1-0001", "sheet", Verdict.PROPOSE_REJECTION, "c", by="Kari")
    desk.rule("1-0001", "committee/c", Verdict.APPROVE, by="Styret", role=Role.COMMITTEE)
    assert posted(app, type="list", liste="A", seddelid="00000417")[0] == 303
    after = desk.look("1-0001")
    assert after.standing.state is SheetState.SETTLED
    assert [r.issue for r in after.case.rulings][-2:] == ["ballot_id", "sheet"]


def test_absurd_numbers_are_refused(tmp_path: Path) -> None:
    desk, app = served_sheet(tmp_path, doubtful(Doubt(DoubtCode.TORN)))
    assert posted(app, personstemmer="9" * 5_000)[0] == 409
    with served(app) as home, httpx.Client(base_url=home) as client:
        assert client.get("/sedler?kasse=" + "9" * 30).status_code == 200
    assert desk.look("1-0001").case.rulings == ()
