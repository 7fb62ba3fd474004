"""The desk's pages: boxes and progress, doubtful sheets, one sheet, the committee, the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote, unquote, urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from ballot.box import CATEGORY_NAMES
from ballot.errors import StationError, UsageError, ValgskannError
from ballot.reading import DoubtCode
from ballot.ruling import OPEN_STATES, WHOLE_SHEET, Role, SheetState, Verdict
from review.desk import Desk, DeskEntry, StaleError
from review.web.forms import NO_LIST, answer_of, ballot_id_of, entry_of
from review.web.guard import RESULT_POLICY
from review.web.sheet_view import sheet_view, suggestions
from review.words import CODES, KINDS, REASONS, STATES

PERSON_COOKIE = "person"
_LONGEST_NAME = 80
_LONGEST_NUMBER = 12
_STALE = (
    "Noen andre har avgjort noe på denne seddelen etter at du åpnet den, eller den er lest på nytt. "
    "Svaret ditt ble ikke lagret. Se på seddelen på nytt."
)
_NOT_DECIDED = "Resultatet kan vises når alle sedler er avgjort. Nå venter {count} sedler på noen."


async def form_fields(request: Request) -> dict[str, str]:
    """The fields of a posted form; files are none of our business."""
    return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}


Fields = Annotated[dict[str, str], Depends(form_fields)]


class Pages:
    """Handlers of all addresses. They hold no state: everything is in the store."""

    def __init__(self, desk: Desk, result_page: Callable[[], str]) -> None:
        self._desk = desk
        self._result_page = result_page
        self._templates = Environment(
            loader=PackageLoader("review.web"), autoescape=select_autoescape(), undefined=StrictUndefined
        )
        self._templates.globals.update(
            election=desk.election,
            codes=CODES,
            states=STATES,
            reasons=REASONS,
            kinds=KINDS,
            categories=CATEGORY_NAMES,
        )

    def front(self, request: Request) -> Response:
        """Boxes and how far they have come."""
        boxes = self._desk.progress()
        total = {state: sum(box.states[state] for box in boxes) for state in SheetState}
        waiting = sum(total[state] for state in OPEN_STATES)
        sheets = sum(total.values())
        return self._page(request, "front.html", boxes=boxes, total=total, waiting=waiting, sheets=sheets)

    def name_form(self, request: Request, videre: str = "/") -> Response:
        """Asks for the name that goes with every ruling."""
        return self._page(request, "name.html", videre=_own_address(videre))

    def name_given(self, request: Request, fields: Fields) -> Response:
        """Remembers the name in a cookie of this browser until it is closed."""
        name = " ".join(fields.get("navn", "").split())[:_LONGEST_NAME]
        if not name:
            return self._page(request, "name.html", 400, videre="/", problem="Skriv navnet ditt.")
        answer = RedirectResponse(_own_address(fields.get("videre", "/")), 303)
        answer.set_cookie(PERSON_COOKIE, quote(name), httponly=True, samesite="strict")
        return answer

    def sheets(
        self, request: Request, kasse: str = "", kode: str = "", tilstand: str = SheetState.NEEDS_REVIEW.value
    ) -> Response:
        """Sheets in a state, those of a box or with an open doubt only."""
        box, code = _filter(kasse, kode)
        states = {SheetState(tilstand)} if tilstand in list(SheetState) else None
        found = self._desk.entries(states, box, code)
        return self._page(
            request,
            "sheets.html",
            entries=found,
            boxes=self._desk.store.boxes(),
            kasse=kasse,
            kode=kode,
            tilstand=tilstand,
            query=_query(kasse, kode),
        )

    def next_sheet(self, request: Request, etter: str = "", kasse: str = "", kode: str = "") -> Response:
        """Goes to the next sheet that waits for review, round the corner to the first."""
        box, code = _filter(kasse, kode)
        waiting = self._desk.entries({SheetState.NEEDS_REVIEW}, box, code)
        here = _place(etter)
        later = [entry for entry in waiting if (entry.case.box.number, entry.case.sheet.sequence) > here]
        chosen = (later or list(waiting))[:1]
        if not chosen:
            return RedirectResponse("/?ferdig=1", 303)
        return RedirectResponse(_to(f"/seddel/{chosen[0].case.sheet.id}", _query(kasse, kode)), 303)

    def sheet(self, request: Request, sheet_id: str, kasse: str = "", kode: str = "") -> Response:
        """One sheet, its doubts and the forms to rule on them."""
        if not _person(request):
            return RedirectResponse(f"/navn?{urlencode({'videre': _address(request)})}", 303)
        return self._sheet_page(request, sheet_id, kasse, kode)

    def ruled(
        self, request: Request, sheet_id: str, fields: Fields, kasse: str = "", kode: str = ""
    ) -> Response:
        """Stores what a form says, and goes on to the next doubt or the next sheet."""
        person = _person(request)
        if not person:
            return RedirectResponse(f"/navn?{urlencode({'videre': f'/seddel/{sheet_id}'})}", 303)
        try:
            after = self._store(sheet_id, fields, person)
        except StaleError:
            return self._sheet_page(request, sheet_id, kasse, kode, 409, problem=_STALE)
        except (UsageError, StationError) as error:
            return self._sheet_page(request, sheet_id, kasse, kode, 409, problem=str(error), typed=fields)
        query = _query(kasse, kode)
        if fields.get("rolle") == Role.COMMITTEE.value:
            return RedirectResponse(f"/valgstyret?lagret={sheet_id}", 303)
        if after.standing.state is SheetState.NEEDS_REVIEW or fields.get("svar") == Verdict.REOPEN.value:
            return RedirectResponse(_to(f"/seddel/{sheet_id}", query), 303)
        return RedirectResponse(f"/neste?etter={sheet_id}&{query}", 303)

    def committee(self, request: Request, lagret: str = "") -> Response:
        """What waits for the electoral committee, and what it has decided."""
        states = {SheetState.PROPOSED_REJECTION, SheetState.REJECTED}
        found = self._desk.entries(states)
        waiting = [e for e in found if e.standing.state is SheetState.PROPOSED_REJECTION]
        rejected = [e for e in found if e.standing.state is SheetState.REJECTED]
        return self._page(request, "committee.html", waiting=waiting, rejected=rejected, lagret=lagret)

    def result(self, request: Request) -> Response:
        """The result page; stands alone, so its own policy allows its own style."""
        waiting = len(self._desk.entries(OPEN_STATES))
        if waiting:
            return self._page(request, "error.html", 409, error=_NOT_DECIDED.format(count=waiting))
        return HTMLResponse(self._result_page(), headers={"Content-Security-Policy": RESULT_POLICY})

    def error(self, request: Request, error: ValgskannError) -> Response:
        """An error as a page."""
        return self._page(request, "error.html", 404 if isinstance(error, StationError) else 400, error=error)

    def _store(self, sheet_id: str, fields: dict[str, str], person: str) -> DeskEntry:
        seen, read = (int(fields[n]) if _is_number(fields.get(n, "")) else None for n in ("sett", "lest"))
        if fields.get("tvil") == WHOLE_SHEET and fields.get("svar") == Verdict.ENTER.value:
            self._desk.enter(
                sheet_id, entry_of(fields), ballot_id_of(fields), by=person, seen=seen, read=read
            )
            return self._desk.look(sheet_id)
        given = answer_of(fields, suggestions(self._desk.election)["kandidater"])
        self._desk.rule(
            sheet_id,
            fields.get("tvil", ""),
            given.verdict,
            given.value,
            by=person,
            role=Role.COMMITTEE if fields.get("rolle") == Role.COMMITTEE.value else Role.REVIEWER,
            reason=fields.get("begrunnelse", ""),
            seen=seen,
            read=read,
        )
        return self._desk.look(sheet_id)

    def _sheet_page(
        self,
        request: Request,
        sheet_id: str,
        kasse: str,
        kode: str,
        status: int = 200,
        problem: str = "",
        typed: dict[str, str] | None = None,
    ) -> Response:
        view = sheet_view(self._desk, sheet_id)
        box, code = _filter(kasse, kode)
        left = len(self._desk.entries({SheetState.NEEDS_REVIEW}, box, code))
        return self._page(
            request,
            "sheet.html",
            status,
            view=view,
            left=left,
            query=_query(kasse, kode),
            suggestions=suggestions(self._desk.election),
            problem=problem,
            typed=typed or {},
            no_list=NO_LIST,
        )

    def _page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        known = {"person": _person(request), "path": request.url.path, "problem": "", "ferdig": False}
        if request.query_params.get("ferdig"):
            known["ferdig"] = True
        return HTMLResponse(self._templates.get_template(template).render(known | values), status)


def _person(request: Request) -> str:
    return unquote(request.cookies.get(PERSON_COOKIE, ""))


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _own_address(address: str) -> str:
    """Only addresses of this desk are gone to."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"


def _filter(box: str, code: str) -> tuple[int | None, DoubtCode | None]:
    return int(box) if _is_number(box) else None, DoubtCode(code) if code in list(DoubtCode) else None


def _query(box: str, code: str) -> str:
    return urlencode({key: value for key, value in (("kasse", box), ("kode", code)) if value})


def _place(sheet_id: str) -> tuple[int, int]:
    """Box and sequence of a sheet id; before everything when it is none."""
    box, _, sequence = sheet_id.partition("-")
    return (int(box), int(sequence)) if _is_number(box) and _is_number(sequence) else (0, 0)


def _is_number(text: str) -> bool:
    """Whether a part of an address or a form is a number that a database can hold."""
    return text.isdecimal() and len(text) <= _LONGEST_NUMBER


def _to(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
