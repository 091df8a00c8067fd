"""Which sessions are there, and which one is meant?"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from mtsession.capture.keys import Opener, unwrap
from mtsession.capture.reader import SessionFacts, read_facts, read_session
from mtsession.capture.refusals import refusal
from mtsession.config import DataFolder
from mtsession.errors import SessionFormatError, SessionKeyError, SessionNotFoundError
from mtsession.session import Player, Session

LAST = "last"
"""Names the newest session."""

_ID_TIME = "%Y%m%d-%H%M%S"
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")


class Access(StrEnum):
    """Whether a session can be opened now."""

    READABLE = "readable"
    LOCKED = "locked"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One line of a list of sessions; of a locked or damaged one only its start is known, from its id."""

    id: str
    access: Access
    started_at: datetime
    duration_s: float | None = None
    players: tuple[Player, ...] = ()
    n_notes: int | None = None
    simulated: bool = False


def new_session_id(now_utc: datetime, token: str | None = None) -> str:
    """As "20260114-093000-3fa2": the start in UTC and four hexadecimal digits, drawn where `token` gives none."""
    return f"{now_utc.astimezone(UTC).strftime(_ID_TIME)}-{token or secrets.token_hex(2)}"


def session_ids(folder: DataFolder) -> tuple[str, ...]:
    """The ids of all sessions, newest first."""
    found = (path.stem for path in folder.sessions.glob("*.mts"))
    return tuple(sorted((name for name in found if _ID.fullmatch(name)), reverse=True))


def sessions(folder: DataFolder, opener: Opener | None) -> tuple[SessionSummary, ...]:
    """All sessions, newest first; one that cannot be opened is in the list too."""
    return tuple(summary(folder, session_id, opener) for session_id in session_ids(folder))


def summary(folder: DataFolder, session_id: str, opener: Opener | None) -> SessionSummary:
    """One session's line."""
    started_at = datetime.strptime(session_id[:15], _ID_TIME).replace(tzinfo=UTC)
    if opener is None:
        return SessionSummary(session_id, Access.LOCKED, started_at)
    try:
        facts = read_facts(folder.session_file(session_id), unwrap(folder, session_id, opener))
    except SessionKeyError:
        return SessionSummary(session_id, Access.LOCKED, started_at)
    except SessionFormatError:
        return SessionSummary(session_id, Access.DAMAGED, started_at)
    return _summary_of(facts)


def open_session(folder: DataFolder, session_id: str, opener: Opener) -> Session:
    """Unwrap the key and read. Raises SessionKeyError, SessionFormatError."""
    return read_session(folder.session_file(session_id), unwrap(folder, session_id, opener))


def find(folder: DataFolder, which: str) -> str:
    """The id that is meant: "last", an id, or the beginning of one id only. Raises SessionNotFoundError."""
    known = session_ids(folder)
    if not known:
        raise refusal(SessionNotFoundError, "no_sessions")
    if which == LAST:
        return known[0]
    matching = [session_id for session_id in known if which and session_id.startswith(which)]
    if not matching:
        raise refusal(SessionNotFoundError, "not_found", which=which)
    if len(matching) > 1:
        raise refusal(SessionNotFoundError, "ambiguous", which=which, candidates=", ".join(matching))
    return matching[0]


def _summary_of(facts: SessionFacts) -> SessionSummary:
    header = facts.header
    return SessionSummary(
        header.session_id,
        Access.READABLE,
        header.started_at,
        facts.duration_s,
        header.players,
        facts.n_notes,
        header.setup.simulated,
    )
