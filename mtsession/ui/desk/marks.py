"""How is a moment marked afterwards? As one more mark in the session file, named as what it is."""

from __future__ import annotations

from mtsession.capture.writer import SessionWriter
from mtsession.errors import AlreadyRunningError
from mtsession.events import Mark, Seat
from mtsession.session import Role, Session
from mtsession.ui.desk.state import SealedSession
from mtsession.wording import say

MARKED_STRETCH_S = 10.0
"""As in the session: a mark means the last ten seconds."""


def keep_mark(sealed: SealedSession, session: Session, at_s: float) -> None:
    """Add a mark to a closed session. Raises AlreadyRunningError while it is still being played."""
    journal = sealed.path.with_name(sealed.path.name + "-wal")
    if journal.exists():
        raise AlreadyRunningError(say("desk.still_running"), say("desk.still_running_next"))
    writer = SessionWriter(sealed.path, sealed.key, header=None)
    writer.put(Mark(at_s, _marker(session), max(0.0, at_s - MARKED_STRETCH_S), say("desk.marked_in_review")))
    writer.close(session.duration_s)


def _marker(session: Session) -> Seat:
    therapists = [player.seat for player in session.players if player.role is Role.THERAPIST]
    return therapists[0] if therapists else session.players[0].seat
