"""The desk in a real browser, by keyboard alone. Needs Debian's ``chromium``; fails where it is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from ballot.ruling import SheetState, Verdict
from review.desk import Desk
from review.web.app import create_app
from tests.desk_fakes import MARK, PX_A_MM, make_desk_station, served
from tests.station_fakes import ELECTION


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with make_desk_station(tmp_path / "s") as store:
        yield Desk(store, ELECTION)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "chromium is not installed; the project installs it with apt (see the Makefile)"
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(desk: Desk, chromium: Browser) -> Iterator[Page]:
    app = create_app(desk, lambda: "<!doctype html><title>Resultat</title>")
    with served(app) as home:
        opened = chromium.new_page(base_url=home, viewport={"width": 1440, "height": 900})
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        opened.close()
        assert complaints == [], "the browser found something wrong with a page"


def press(page: Page, *keys: str) -> None:
    """Types as a reviewer does; Enter waits for the page that follows."""
    for key in keys:
        if key == "Enter":
            with page.expect_navigation(wait_until="networkidle"):
                page.keyboard.press(key)
        else:
            page.keyboard.press(key)


def focused(page: Page) -> str:
    value: str = page.evaluate("document.activeElement.value")
    return value


def start(page: Page) -> None:
    """From the front page to the first sheet, with a name."""
    page.goto("/", wait_until="networkidle")
    with page.expect_navigation(wait_until="networkidle"):
        page.keyboard.press("n")
    page.keyboard.type("Kari Nordmann")
    press(page, "Enter")


def test_a_reviewer_settles_every_sheet_without_touching_the_mouse(page: Page, desk: Desk) -> None:
    start(page)
    assert page.url.endswith("/seddel/1-0002")
    press(page, "2", "Enter")  # the mark: not marked
    assert page.url.endswith("/seddel/1-0003")
    press(page, "1", "Enter")  # the mark: marked
    assert focused(page) == "candidate:H:1", "the next doubt has the focus"
    press(page, "3")  # the name: another candidate
    page.keyboard.type("RMDG:4")
    press(page, "Enter")
    assert page.url.endswith("/seddel/1-0004")
    press(page, "1", "Enter")  # the stamp is there
    assert page.url.endswith("/seddel/1-0005")
    press(page, "v", "3")  # nobody can tell the party
    with page.expect_navigation(wait_until="networkidle"):
        page.keyboard.press("Enter")
    assert page.url.endswith("/?ferdig=1")
    states = [entry.standing.state for entry in desk.entries()]
    assert states == [
        SheetState.ACCEPTED,
        SheetState.SETTLED,
        SheetState.SETTLED,
        SheetState.SETTLED,
        SheetState.PROPOSED_REJECTION,
    ]
    record = desk.look("1-0003").standing.record
    assert record is not None
    assert (record.personal, record.write_ins) == ((1,), ("RMDG:4",))
    assert {r.by for entry in desk.entries() for r in entry.case.rulings} == {"Kari Nordmann"}


def test_enter_alone_rules_nothing(page: Page, desk: Desk) -> None:
    start(page)
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert page.url.endswith("/seddel/1-0002")
    assert desk.look("1-0002").case.rulings == ()


def test_the_committee_decides_by_keyboard(page: Page, desk: Desk) -> None:
    desk.rule("1-0004", "1", Verdict.STAMP_MISSING, by="Ola")
    start(page)
    page.goto("/valgstyret", wait_until="networkidle")
    with page.expect_navigation(wait_until="networkidle"):
        page.keyboard.press("n")
    press(page, "1", "Enter")
    assert desk.look("1-0004").standing.state is SheetState.REJECTED


def test_the_outline_lies_on_the_printed_box_of_an_upside_down_scan(page: Page) -> None:
    start(page)
    picture = page.locator("svg").first.bounding_box()
    outline = page.locator("g.doubt polygon").first.bounding_box()
    assert picture is not None
    assert outline is not None
    scale = picture["width"] / (210 * PX_A_MM)
    middle = (
        outline["x"] + outline["width"] / 2 - picture["x"],
        outline["y"] + outline["height"] / 2 - picture["y"],
    )
    expected = MARK.center_mm[0] * PX_A_MM * scale, MARK.center_mm[1] * PX_A_MM * scale
    assert middle == pytest.approx(expected, abs=2)
    natural = page.locator("img.crop").first.evaluate("img => [img.naturalWidth, img.naturalHeight]")
    assert natural[0] > 600


def test_every_control_has_a_name_and_the_focus_is_seen(page: Page) -> None:
    start(page)
    page.goto("/seddel/1-0003", wait_until="networkidle")
    page.keyboard.press("h")
    for control in page.locator("input:not([type=hidden]), select, button, a").all():
        snapshot = control.evaluate(
            "node => [node.labels && node.labels[0] ? node.labels[0].textContent : '',"
            " node.getAttribute('aria-label') || '', node.textContent].join('').trim()"
        )
        assert snapshot, control.evaluate("node => node.outerHTML")
    page.keyboard.press("Tab")
    width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert width == "3px"


def test_text_stands_out_from_its_ground(page: Page) -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2.1 AA) for all text on the sheet page."""
    start(page)
    page.goto("/seddel/1-0003", wait_until="networkidle")
    worst = page.evaluate(
        """() => {
        const light = (c) => { const v = c.map((x) => x / 255)
            .map((x) => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
            return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
        const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
        const ground = (node) => { for (; node; node = node.parentElement) {
            const c = numbers(getComputedStyle(node).backgroundColor);
            if (c.length === 3 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
        let worst = [99, ""];
        for (const node of document.querySelectorAll("main *, header *")) {
            const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
            if (!own || node.closest("svg, datalist, .vh") || !node.offsetParent) continue;
            const [a, b] = [light(numbers(getComputedStyle(node).color).slice(0, 3)), light(ground(node))];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < worst[0]) worst = [ratio, node.outerHTML.slice(0, 120)];
        }
        return worst; }"""
    )
    assert worst[0] >= 4.5, worst
