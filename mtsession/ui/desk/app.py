"""What are the addresses of the desk? Each goes to one page; errors become pages too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from mtsession.errors import MtSessionError, PassphraseError, RecordError, SessionNotFoundError
from mtsession.ui.desk.gate import ENTRY_PATH, Gate
from mtsession.ui.desk.idle import LastUse, NoteUse
from mtsession.ui.desk.pages import clients, frame, notes, review, sessions, unlock
from mtsession.ui.desk.render import error_page
from mtsession.ui.desk.state import Desk, desk_of
from mtsession.wording import say

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

STATIC = Path(str(files("mtsession.ui.desk").joinpath("static")))

CONTENT_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".md": "text/plain",
}
"""Said here: on Windows the registry can make a script `text/plain`, and the page stays blank."""


class OwnTypes(StaticFiles):
    """The static files, with content types that no registry changes."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - handed through
        """As Starlette's, with our content type."""
        answer = super().file_response(*args, **kwargs)
        if found := CONTENT_TYPES.get(Path(str(args[0])).suffix):
            answer.headers["content-type"] = f"{found}; charset=utf-8"
        answer.headers["cache-control"] = "no-cache"
        return answer


def build_app(desk: Desk, last_use: LastUse) -> ASGIApp:
    """The application for one desk.

    The gate stands before everything, Starlette's own page for faults too, and who is turned away keeps nobody's
    desk alive.
    """
    pages = Starlette(
        routes=_routes(),
        exception_handlers={MtSessionError: _on_error, HTTPException: _on_http_error, Exception: _on_fault},
    )
    pages.state.desk = desk
    return Gate(NoteUse(pages, last_use), desk.keys)


def _routes() -> list[Route | Mount]:
    return [
        Route(ENTRY_PATH, frame.enter),
        Route("/", _unlocked(sessions.sessions_page)),
        Route("/sessions/{session}", _unlocked(review.review_page)),
        Route("/sessions/{session}/strip.json", _unlocked(review.strip_json)),
        Route("/sessions/{session}/charts.json", _unlocked(review.charts_json)),
        Route("/sessions/{session}/sound", _unlocked(review.sound)),
        Route("/sessions/{session}/marks", _unlocked(review.add_mark), methods=["POST"]),
        Route("/sessions/{session}/seats", _recorded(clients.seats_page)),
        Route("/sessions/{session}/seats", _recorded(clients.attach_seats), methods=["POST"]),
        Route("/sessions/{session}/note", _recorded(notes.note_page)),
        Route("/sessions/{session}/note", _recorded(notes.save_note), methods=["POST"]),
        Route("/sessions/{session}/note/sign", _recorded(notes.sign_note), methods=["POST"]),
        Route("/notes/{note}", _recorded(notes.signed_page)),
        Route("/notes/{note}/amend", _recorded(notes.amend_note), methods=["POST"]),
        Route("/clients", _recorded(clients.clients_page)),
        Route("/clients", _recorded(clients.add_client), methods=["POST"]),
        Route("/unlock", unlock.unlock_page),
        Route("/unlock", unlock.unlock, methods=["POST"]),
        Route("/lock", unlock.lock, methods=["POST"]),
        Route("/record/new", unlock.new_record_page),
        Route("/record/new", unlock.new_record, methods=["POST"]),
        Route("/about", frame.about_page),
        Route("/theme", frame.set_theme, methods=["POST"]),
        Route("/alive", frame.alive, methods=["POST"]),
        Mount("/static", OwnTypes(directory=STATIC)),
    ]


def _unlocked(endpoint: Endpoint) -> Endpoint:
    """A page that reads sessions: while the record is locked, nothing here can be opened."""

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        if desk_of(request).is_locked:
            return _go("/unlock", request)
        return await endpoint(request)

    return guarded


def _recorded(endpoint: Endpoint) -> Endpoint:
    """A page that needs the record: where there is none, the way leads over making one."""

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        if desk_of(request).record is None and not desk_of(request).is_locked:
            return _go("/record/new", request)
        return await endpoint(request)

    return _unlocked(guarded)


def _go(where: str, request: Request) -> Response:
    then = request.url.path if request.method == "GET" else "/"
    return RedirectResponse(f"{where}?then={quote(then)}", status_code=303)


_STATUS = {
    SessionNotFoundError: HTTPStatus.NOT_FOUND,
    PassphraseError: HTTPStatus.FORBIDDEN,
    RecordError: HTTPStatus.CONFLICT,
}


async def _on_error(request: Request, error: Exception) -> Response:
    """What a person can mend, as a page; a script gets the one line."""
    if not isinstance(error, MtSessionError):
        raise error
    return _told(request, error, _STATUS.get(type(error), HTTPStatus.UNPROCESSABLE_ENTITY))


async def _on_http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    shown = MtSessionError(say("desk.not_found"), say("desk.not_found_next"))
    return _told(request, shown, HTTPStatus(error.status_code))


async def _on_fault(request: Request, _: Exception) -> Response:
    """A bug: Starlette logs it with its traceback after this page went."""
    fault = MtSessionError(say("desk.fault"), say("desk.fault_next"))
    return _told(request, fault, HTTPStatus.INTERNAL_SERVER_ERROR)


def _told(request: Request, error: MtSessionError, status: HTTPStatus) -> Response:
    """A page for a person, one line for a script."""
    if _is_for_script(request):
        return PlainTextResponse(f"{error}.", status_code=status)
    return error_page(request, error, status)


def _is_for_script(request: Request) -> bool:
    return request.headers.get("sec-fetch-dest", "document") in ("empty", "audio")
