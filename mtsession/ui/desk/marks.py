"""How is a moment marked afterwards? As one more mark in the session file, named as what it is."""

from __future__ import annotations

from mtsession.capture.writer import SessionWriter
from mtsession.config import DataFolder
from mtsession.events import Mark, Seat
from mtsession.live.lock import only_engine
from mtsession.session import Role, Session
from mtsession.ui.desk.state import SealedSession
from mtsession.wording import say

MARKED_STRETCH_S = 10.0
"""As in the session: a mark means the last ten seconds."""


def keep_mark(folder: DataFolder, sealed: SealedSession, session: Session, at_s: float) -> None:
    """Add a mark to a session that is over. Raises AlreadyRunningError while any session of the folder runs."""
    mark = Mark(at_s, _marker(session), max(0.0, at_s - MARKED_STRETCH_S), say("desk.marked_in_review"))
    with only_engine(folder):
        writer = SessionWriter(sealed.path, sealed.key, header=None)
        writer.put(mark)
        writer.close(session.duration_s)


def _marker(session: Session) -> Seat:
    therapists = [player.seat for player in session.players if player.role is Role.THERAPIST]
    return therapists[0] if therapists else session.players[0].seat
