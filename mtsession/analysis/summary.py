"""All measures of one session: who played, with whom, and how."""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.analysis.balance import Balance
from mtsession.analysis.density import Density
from mtsession.analysis.joint import JointPassages
from mtsession.analysis.loudness import Level
from mtsession.analysis.participation import Participation, Pauses, PlayersAtOnce, Shares
from mtsession.analysis.result import Measured, Void, Window
from mtsession.analysis.tempo import TempoCurve
from mtsession.analysis.tempo_match import TempoMatch
from mtsession.analysis.togetherness import Asynchrony
from mtsession.analysis.turns import Exchanges, FirstAfterSilence, FloorTransfers, Transfers, Turns
from mtsession.events import Seat
from mtsession.session import Role

RULES_VERSION = "1"
"""Changes whenever the same session would give other numbers."""


@dataclass(frozen=True, slots=True)
class PlayerMeasures:
    """One player's measures."""

    seat: Seat
    role: Role
    participation: Measured[Participation] | Void
    pauses: Measured[Pauses] | Void
    density: Measured[Density] | Void
    turns: Measured[Turns] | Void
    tempo: Measured[TempoCurve] | Void
    level: Measured[Level] | Void


@dataclass(frozen=True, slots=True)
class PairMeasures:
    """What two players did together. Clients come first: of a client and a therapist the client is `first`."""

    first: Seat
    second: Seat
    shares: Measured[Shares] | Void
    balance: Measured[Balance] | Void
    floor_transfers: Measured[FloorTransfers] | Void
    transfers_from_first: Measured[Transfers] | Void
    transfers_from_second: Measured[Transfers] | Void
    exchanges: Measured[Exchanges] | Void
    first_after_silence: Measured[FirstAfterSilence] | Void
    joint_passages: Measured[JointPassages] | Void
    asynchrony: Measured[Asynchrony] | Void
    tempo_match: Measured[TempoMatch] | Void


@dataclass(frozen=True, slots=True)
class GroupMeasures:
    """All players of the session as one."""

    density: Measured[Density] | Void
    pauses: Measured[Pauses] | Void
    players_at_once: Measured[PlayersAtOnce] | Void


@dataclass(frozen=True, slots=True)
class SessionMeasures:
    """The measures of one session, or of one window of it."""

    session_id: str
    rules_version: str
    window: Window
    players: tuple[PlayerMeasures, ...]
    pairs: tuple[PairMeasures, ...]
    group: GroupMeasures

    def player(self, seat: Seat) -> PlayerMeasures:
        """The measures of one seat; KeyError where nobody sat there."""
        for measures in self.players:
            if measures.seat == seat:
                return measures
        raise KeyError(seat)

    def pair(self, first: Seat, second: Seat) -> PairMeasures:
        """The measures of two seats, in the order in which the pair was measured; KeyError for any other."""
        for measures in self.pairs:
            if (measures.first, measures.second) == (first, second):
                return measures
        raise KeyError((first, second))
