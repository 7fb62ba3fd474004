"""What every answer of the desk goes through: only this machine, only our own pages, nothing foreign."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

_OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE_METHODS = frozenset({"GET", "HEAD"})

STRICT_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
RESULT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
"""The result page stands alone, so its style stands inside it; it runs no script."""


async def guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Refuses requests that do not come from the desk's own pages.

    A page elsewhere can make a browser send requests here, under a name of its own that
    resolves to this machine (hence the check of ``Host``) or as a form (hence ``Origin``,
    which browsers always send with a form and pages cannot forge).
    """
    refusal = _refusal(request)
    if refusal:
        return PlainTextResponse(refusal, status_code=403)
    response = await answer(request)
    response.headers.setdefault("Content-Security-Policy", STRICT_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _refusal(request: Request) -> str:
    host = request.headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in _OWN_HOSTS:
        return "Denne siden svarer bare på 127.0.0.1."
    if request.method not in _SAFE_METHODS:
        origin = request.headers.get("origin", "")
        if origin != f"{request.url.scheme}://{host}":
            return "Skjemaet kom ikke fra denne siden. Ingenting ble lagret."
    return ""
