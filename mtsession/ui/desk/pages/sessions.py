"""Which sessions are there, and what state are their notes in?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mtsession.capture.library import Access, SessionSummary
from mtsession.charts.looks import looks
from mtsession.charts.series import Look
from mtsession.events import Seat
from mtsession.record.store import Client
from mtsession.ui.desk.people import session_clients
from mtsession.ui.desk.render import page
from mtsession.ui.desk.state import Desk, desk_of


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One line of the list; `note_state` "none", "draft" or "signed"."""

    summary: SessionSummary
    readable: bool
    looks: Mapping[Seat, Look]
    clients: tuple[Client, ...]
    note_state: str


async def sessions_page(request: Request) -> Response:
    """The list, newest first."""
    lines = await run_in_threadpool(session_lines, desk_of(request))
    return page(request, "sessions.html", lines=lines)


def session_lines(desk: Desk) -> tuple[SessionLine, ...]:
    """Every session with its clients and the state of its note."""
    states = note_states(desk)
    return tuple(_line(desk, found, states.get(found.id, "none")) for found in desk.summaries())


def note_states(desk: Desk) -> Mapping[str, str]:
    """The state of each session's note; a signed one outweighs a draft."""
    if desk.record is None:
        return {}
    notes = (*desk.record.unsigned(), *desk.record.signed())
    return {note.session_id: note.state.value for note in notes}


def _line(desk: Desk, found: SessionSummary, note_state: str) -> SessionLine:
    clients = tuple(dict.fromkeys(session_clients(desk, found.id).values()))
    return SessionLine(found, found.access is Access.READABLE, looks(found.players), clients, note_state)
