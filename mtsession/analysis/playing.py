"""What do the measures of a session rest on, once nothing says any more whose session it was?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mtsession.analysis.in_force import LATENCY_UNKNOWN, Condition, conditions_of
from mtsession.analysis.played import Played, played
from mtsession.analysis.result import Window
from mtsession.analysis.validity import TAKES_AWAY
from mtsession.events import AudioOnset, Contact, Mark, NoteOff, NoteOn, Seat, SetupChange
from mtsession.session import Role, Session

KINDS = (Contact, NoteOn, NoteOff, AudioOnset, SetupChange, Mark)
"""The events that tell of it: with no others a session gives the same measures."""


@dataclass(frozen=True, slots=True, eq=False)
class Playing:
    """Arrays and names of the program's own, for a process or machine that need know no more.

    No session's id or date, no port, no label of a mark, no setting that the void table does not know. `roles` and
    `played` have the same seats, clients first; `conditions` are what was on that takes a measure away.
    """

    roles: Mapping[Seat, Role]
    played: Mapping[Seat, Played]
    conditions: tuple[Condition, ...]
    duration_s: float

    @property
    def whole(self) -> Window:
        """From 0 to the session's end, and as far beyond as an onset lies (a latency can set the first before 0)."""
        onsets = [notes.starts_s for notes in self.played.values() if len(notes)]
        first_s = min((float(starts_s[0]) for starts_s in onsets), default=0.0)
        last_s = max((float(starts_s[-1]) for starts_s in onsets), default=0.0)
        return Window(min(0.0, first_s), max(self.duration_s, last_s))


def playing_of(session: Session) -> Playing:
    """All that a session's measures are computed from. Raises SessionFormatError for a time that is no number."""
    players = sorted(session.players, key=lambda player: list(Role).index(player.role))
    return Playing(
        roles={player.seat: player.role for player in players},
        played={player.seat: played(session, player.seat) for player in players},
        conditions=tuple(condition for condition in conditions_of(session) if _bears(condition)),
        duration_s=session.duration_s,
    )


def _bears(condition: Condition) -> bool:
    return condition.name in TAKES_AWAY or condition.name == LATENCY_UNKNOWN
