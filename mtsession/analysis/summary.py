"""All measures of one session: who played, with whom, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from mtsession.analysis.balance import Balance, balance
from mtsession.analysis.density import Density, density
from mtsession.analysis.exchanges import Exchanges, exchanges
from mtsession.analysis.features import Features, features
from mtsession.analysis.following import Following
from mtsession.analysis.group import FollowingMatrix, following_matrix
from mtsession.analysis.imitation import Imitation, imitation
from mtsession.analysis.in_force import Condition
from mtsession.analysis.joint import JointPassages, joint_passages
from mtsession.analysis.loudness import Level, level
from mtsession.analysis.matching import Matching
from mtsession.analysis.matchings import Matchings
from mtsession.analysis.participation import (
    Participation,
    Pauses,
    PlayersAtOnce,
    Shares,
    participation,
    pauses,
    players_at_once,
    shares,
)
from mtsession.analysis.played import Played
from mtsession.analysis.playing import Playing, playing_of
from mtsession.analysis.relative_phase import RelativePhase
from mtsession.analysis.result import Measured, Void, Window
from mtsession.analysis.rows import Row, rows_of
from mtsession.analysis.surrogates import N_SURROGATES
from mtsession.analysis.tempo import TempoCurve, tempo_curve
from mtsession.analysis.tempo_lead import TempoLead, tempo_lead
from mtsession.analysis.tempo_match import TempoMatch, tempo_match
from mtsession.analysis.timing import Timings
from mtsession.analysis.togetherness import Asynchrony
from mtsession.analysis.trend import AsynchronyTrend, asynchrony_trend
from mtsession.analysis.turns import (
    FirstAfterSilence,
    FloorTransfers,
    Transfers,
    Turns,
    first_after_silence,
    floor_transfers,
    transfers_from,
    turns,
)
from mtsession.analysis.validity import (
    GROUP_RESTS_ON,
    IMITATION_RESTS_ON,
    RESTS_ON,
    taken_features,
    void_parts,
)
from mtsession.analysis.where_valid import where_latency_known, where_valid
from mtsession.events import Seat
from mtsession.session import Role, Session

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
    features: Measured[Features] | Void


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
    relative_phase: Measured[RelativePhase] | Void
    following: Measured[Following] | Void
    tempo_match: Measured[TempoMatch] | Void
    asynchrony_trend: Measured[AsynchronyTrend] | Void
    matching: Measured[Matching] | Void
    imitation: Measured[Imitation] | Void
    tempo_lead: Measured[TempoLead] | Void


@dataclass(frozen=True, slots=True)
class GroupMeasures:
    """All players of the session as one."""

    density: Measured[Density] | Void
    pauses: Measured[Pauses] | Void
    players_at_once: Measured[PlayersAtOnce] | Void
    first_after_silence: Measured[FirstAfterSilence] | Void
    following: Measured[FollowingMatrix] | Void


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

    def rows(self, *, research: bool = False) -> tuple[Row, ...]:
        """Every number as a row: players, then pairs, then the group; coefficients only in the export for research."""
        everyone = tuple(player.seat for player in self.players)
        return (
            *(row for player in self.players for row in rows_of(player, (player.seat,), research=research)),
            *(row for pair in self.pairs for row in rows_of(pair, (pair.first, pair.second), research=research)),
            *rows_of(self.group, everyone, research=research),
        )


def measure(session: Session, window: Window | None = None, *, n_surrogates: int = N_SURROGATES) -> SessionMeasures:
    """All measures of a session, or of a window of it (a live view asks for the last minute).

    The same session gives the same measures, byte for byte; `n_surrogates` 0 leaves the chance bands out.
    Raises SessionFormatError for a time that is no number.
    """
    return replace(measure_playing(playing_of(session), window, n_surrogates=n_surrogates), session_id=session.id)


def measure_playing(
    playing: Playing, window: Window | None = None, *, n_surrogates: int = N_SURROGATES
) -> SessionMeasures:
    """The same of what was played alone, for a worker that need not know whose it is: `session_id` is empty."""
    window = window or playing.whole
    everyone, conditions = playing.played, playing.conditions
    timings = Timings(everyone, n_surrogates)
    curves = Matchings(everyone, window, conditions, n_surrogates)
    alone = [_player(seat, role, everyone[seat], window, conditions) for seat, role in playing.roles.items()]
    return SessionMeasures(
        session_id="",
        rules_version=RULES_VERSION,
        window=window,
        players=tuple(_valid_player(player, everyone[player.seat], conditions) for player in alone),
        pairs=tuple(_valid_pair(first, second, timings, curves, window) for first, second in combinations(alone, 2)),
        group=_valid_group(timings, window, conditions),
    )


def _player(seat: Seat, role: Role, notes: Played, window: Window, conditions: Sequence[Condition]) -> PlayerMeasures:
    return PlayerMeasures(
        seat=seat,
        role=role,
        participation=participation(notes, window),
        pauses=pauses([notes], window),
        density=density([notes], window),
        turns=turns(notes, window),
        tempo=tempo_curve(notes.within(window).onsets, window),
        level=level(notes, window),
        features=features(notes, window, taken_features(conditions, seat, window)),
    )


def _pair(
    first: PlayerMeasures,
    second: PlayerMeasures,
    timings: Timings,
    curves: Matchings,
    window: Window,
) -> PairMeasures:
    everyone = timings.played
    one, other = everyone[first.seat], everyone[second.seat]
    transfers = floor_transfers(first.turns, second.turns, window)
    onsets = timings.of(first.seat, second.seat, window)
    seats, n_surrogates, conditions = (first.seat, second.seat), curves.n_surrogates, curves.conditions
    return PairMeasures(
        first=first.seat,
        second=second.seat,
        shares=shares(one, other, window),
        balance=balance(one, other, window, timings.n_surrogates),
        floor_transfers=transfers,
        transfers_from_first=transfers_from(first.seat, transfers),
        transfers_from_second=transfers_from(second.seat, transfers),
        exchanges=exchanges(first.turns, second.turns, window, timings.n_surrogates),
        first_after_silence=first_after_silence([one, other], window),
        joint_passages=joint_passages(one, other, window),
        asynchrony=onsets.asynchrony,
        relative_phase=onsets.relative_phase,
        following=onsets.following,
        tempo_match=tempo_match(first.tempo, second.tempo, window),
        asynchrony_trend=asynchrony_trend(one.within(window).onsets, other.within(window).onsets, window, n_surrogates),
        matching=curves.of(first.seat, second.seat, window),
        imitation=imitation(
            (one, first.turns),
            (other, second.turns),
            window,
            n_surrogates,
            void=void_parts(IMITATION_RESTS_ON, conditions, seats, window),
        ),
        tempo_lead=tempo_lead(first.tempo, second.tempo, window, timings.n_surrogates),
    )


def _group(timings: Timings, window: Window) -> GroupMeasures:
    all_played = list(timings.played.values())
    return GroupMeasures(
        density=density(all_played, window),
        pauses=pauses(all_played, window),
        players_at_once=players_at_once(all_played, window),
        first_after_silence=first_after_silence(all_played, window),
        following=following_matrix(timings.of_all(window), window),
    )


def _valid_player(measured: PlayerMeasures, notes: Played, conditions: Sequence[Condition]) -> PlayerMeasures:
    def again(stretch: Window) -> PlayerMeasures:
        return _player(measured.seat, measured.role, notes, stretch, conditions)

    return where_valid(measured, RESTS_ON, (measured.seat,), conditions, again)


def _valid_pair(
    first: PlayerMeasures,
    second: PlayerMeasures,
    timings: Timings,
    curves: Matchings,
    window: Window,
) -> PairMeasures:
    conditions = curves.conditions

    def again(stretch: Window) -> PairMeasures:
        one, other = (_player(at.seat, at.role, timings.played[at.seat], stretch, conditions) for at in (first, second))
        return _pair(one, other, timings, curves, stretch)

    seats = (first.seat, second.seat)
    whole = _pair(first, second, timings, curves, window)
    return where_latency_known(where_valid(whole, RESTS_ON, seats, conditions, again), seats, conditions, again)


def _valid_group(timings: Timings, window: Window, conditions: Sequence[Condition]) -> GroupMeasures:
    def again(stretch: Window) -> GroupMeasures:
        return _group(timings, stretch)

    return where_valid(_group(timings, window), GROUP_RESTS_ON, tuple(timings.played), conditions, again)
