"""How do the curves of each two of several players go together? Each player is shuffled once for all the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mtsession.analysis.in_force import Condition
from mtsession.analysis.matching import Matching, matchings
from mtsession.analysis.played import Played
from mtsession.analysis.result import Measured, Void, Window
from mtsession.analysis.validity import MATCHING_RESTS_ON, void_parts
from mtsession.events import Seat


@dataclass(frozen=True, slots=True)
class Matchings:
    """The matching of each pair, as `matching` measures it; a player's pairs of the whole window in one go."""

    played: Mapping[Seat, Played]
    whole: Window
    conditions: Sequence[Condition]
    n_surrogates: int
    _found: dict[tuple[Seat, Seat, Window], Measured[Matching] | Void] = field(default_factory=dict)

    def of(self, first: Seat, second: Seat, stretch: Window) -> Measured[Matching] | Void:
        """The matching of two seats, in the order in which the pair is measured."""
        if (first, second, stretch) not in self._found:
            self._measure(first, self._after(first) if stretch == self.whole else (second,), stretch)
        return self._found[first, second, stretch]

    def _after(self, first: Seat) -> tuple[Seat, ...]:
        seats = tuple(self.played)
        return seats[seats.index(first) + 1 :]

    def _measure(self, first: Seat, others: Sequence[Seat], stretch: Window) -> None:
        asked = [
            (self.played[other], void_parts(MATCHING_RESTS_ON, self.conditions, (first, other), stretch))
            for other in others
        ]
        measured = matchings(self.played[first], asked, stretch, self.n_surrogates)
        self._found.update({(first, other, stretch): one for other, one in zip(others, measured, strict=True)})
