"""The web application of one station: its addresses, and what stands around every page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles

from ballot.errors import ValgskannError
from review.desk import Desk
from review.web import images
from review.web.guard import guard
from review.web.pages import Pages


def create_app(desk: Desk, result_page: Callable[[], str]) -> FastAPI:
    """The desk as a web application.

    Args:
        result_page: Makes the result page (a whole HTML document) of a decided station; raises
            `ValgskannError` when there is none to show.
    """
    app = FastAPI(title="valgskann", docs_url=None, redoc_url=None, openapi_url=None)
    app.middleware("http")(guard)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    pages = Pages(desk, result_page)
    app.get("/")(pages.front)
    app.get("/navn")(pages.name_form)
    app.post("/navn")(pages.name_given)
    app.get("/sedler")(pages.sheets)
    app.get("/neste")(pages.next_sheet)
    app.get("/seddel/{sheet_id}")(pages.sheet)
    app.post("/seddel/{sheet_id}")(pages.ruled)
    app.get("/valgstyret")(pages.committee)
    app.get("/resultat")(pages.result)

    @app.get("/bilde/{sheet_id}/{side}.jpg")
    def side_jpeg(sheet_id: str, side: str) -> Response:
        return images.side_jpeg(desk, sheet_id, side)

    @app.get("/utsnitt/{sheet_id}/{number}.jpg")
    def crop_jpeg(sheet_id: str, number: int) -> Response:
        return images.crop_jpeg(desk, sheet_id, number)

    @app.exception_handler(ValgskannError)
    def failed(request: Request, error: ValgskannError) -> Response:
        return pages.error(request, error)

    return app
