"""What do two players' onsets say of their playing together? The three measures that rest on the same neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeAlias

from mtsession.analysis import following, relative_phase, togetherness
from mtsession.analysis.following import Following
from mtsession.analysis.meetings import by_chance, meetings
from mtsession.analysis.played import Played
from mtsession.analysis.relative_phase import RelativePhase
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.surrogates import N_SURROGATES, Floats
from mtsession.analysis.togetherness import Asynchrony
from mtsession.events import Seat
from mtsession.session import OnsetStream

Pair: TypeAlias = tuple[Seat, Seat]


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """Togetherness, relative phase and who follows whom, as the modules of these names measure them one by one.

    `evidence` (2,) and `evidence_by_chance` (n, 2) are what a group's claims are drawn from; None without surrogates
    and where nothing can be told.
    """

    asynchrony: Measured[Asynchrony] | Void
    relative_phase: Measured[RelativePhase] | Void
    following: Measured[Following] | Void
    evidence: Floats | None = None
    evidence_by_chance: Floats | None = None


def timing(first: OnsetStream, second: OnsetStream, window: Window, n_surrogates: int = N_SURROGATES) -> Timing:
    """All three with one set of surrogates: the same numbers in less than half of the time."""
    if min(len(first), len(second)) == 0:
        void = Void(VoidReason.NEVER_PLAYED, 0, window)
        return Timing(void, void, void)
    met = meetings(first.times_s, second.times_s)
    statistics = (togetherness.share_matched, relative_phase.mean_resultant, following.evidence)
    shares = phases = chance = None
    if n_surrogates:
        shares, phases, chance = by_chance(first.times_s, second.times_s, n_surrogates, statistics)
    told = following.of_meetings(met, chance, window)
    return Timing(
        togetherness.of_meetings(met, shares, window),
        relative_phase.of_meetings(met, phases, window),
        told,
        following.evidence(met)[0] if isinstance(told, Measured) else None,
        chance if isinstance(told, Measured) else None,
    )


@dataclass(frozen=True, slots=True)
class Timings:
    """The timing of each two of several players on any stretch, each measured once: pairs and the group ask for it."""

    played: Mapping[Seat, Played]
    n_surrogates: int
    _found: dict[tuple[Pair, Window], Timing] = field(default_factory=dict)

    def of(self, first: Seat, second: Seat, stretch: Window) -> Timing:
        """The timing of two seats, in the order in which the pair is measured."""
        key = (first, second), stretch
        if key not in self._found:
            one, other = (self.played[seat].within(stretch).onsets for seat in (first, second))
            self._found[key] = timing(one, other, stretch, self.n_surrogates)
        return self._found[key]

    def of_all(self, stretch: Window) -> Mapping[Pair, Timing]:
        """The timing of every pair."""
        return {pair: self.of(*pair, stretch) for pair in combinations(self.played, 2)}
