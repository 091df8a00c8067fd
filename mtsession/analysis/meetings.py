"""Which onsets of two players lie next to each other: as they played, and with the second's intervals shuffled?

All measures of two players' timing rest on the same neighbours, so that these are looked up once, for many shuffled
players in one go: copies of the pair are laid end to end, far enough apart that none reaches into the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mtsession.analysis.surrogates import Floats, generator_for, shuffled_in_chunks

LARGEST_S = 0.12
"""Onsets farther apart than this are no pair (measures: togetherness)."""

PERIODS = 8
"""The local period is the median of this many intervals before."""

Indices: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True)
class Meetings:
    """`copies` pairs of players end to end: each has the same number of onsets of either, both at least one.

    `first_s` (copies · n,) and `second_s` (copies · m,) ascend; `reach_s` (copies · n,) is how far from each of the
    first's onsets its partner may lie.
    """

    first_s: Floats
    second_s: Floats
    reach_s: Floats
    usual_s: tuple[float, float]
    copies: int

    @cached_property
    def second_after(self) -> Indices:
        """For each of the first's onsets the index of the second's first one that is not before it."""
        return np.searchsorted(self.second_s, self.first_s)

    @cached_property
    def first_after(self) -> Indices:
        """For each of the second's onsets the index of the first's first one that is not before it."""
        return np.searchsorted(self.first_s, self.second_s)

    @cached_property
    def pairs(self) -> tuple[Indices, Indices]:
        """Indices of onsets that are each other's nearest, and within reach."""
        to_second = _nearer(self.first_s, self.second_s, self.second_after)
        to_first = _nearer(self.second_s, self.first_s, self.first_after)
        own = np.arange(len(self.first_s))
        paired = (to_first[to_second] == own) & (np.abs(self.first_s - self.second_s[to_second]) <= self.reach_s)
        return own[paired], to_second[paired]

    @property
    def n_first(self) -> int:
        """Onsets of the first in each copy."""
        return len(self.first_s) // self.copies

    @property
    def n_second(self) -> int:
        """Onsets of the second in each copy."""
        return len(self.second_s) // self.copies

    def copy_of(self, of_first: Indices) -> Indices:
        """In which copy onsets of the first lie."""
        return of_first // self.n_first


Statistic: TypeAlias = Callable[[Meetings], Floats]
"""What is asked of each copy: (copies,) or (copies, k)."""


def meetings(first_s: Floats, second_s: Floats) -> Meetings:
    """Two players as they played."""
    return Meetings(first_s, second_s, reach_s(first_s), (_usual_s(first_s), _usual_s(second_s)), 1)


def by_chance(first_s: Floats, second_s: Floats, n: int, statistics: Sequence[Statistic]) -> tuple[Floats, ...]:
    """Each statistic over n second players whose intervals were shuffled, (n,) or (n, k); both must have played."""
    shuffled = shuffled_in_chunks(second_s, n, generator_for(first_s, second_s), beside=len(first_s))
    asked = [[statistic(copies) for statistic in statistics] for copies in _end_to_end(first_s, second_s, shuffled)]
    return tuple(np.concatenate(answers) for answers in zip(*asked, strict=True))


def _end_to_end(first_s: Floats, second_s: Floats, chunks: Iterable[Floats]) -> Iterator[Meetings]:
    apart_s = max(first_s[-1], second_s[-1]) - min(first_s[0], second_s[0]) + 10 * LARGEST_S
    reach, usual_s = reach_s(first_s), (_usual_s(first_s), _usual_s(second_s))
    for shuffled_s in chunks:
        copies = len(shuffled_s)
        later_s = apart_s * np.arange(copies)[:, None]
        every_s = (first_s + later_s).ravel(), (shuffled_s + later_s).ravel()
        yield Meetings(*every_s, np.tile(reach, copies), usual_s, copies)


def _usual_s(times_s: Floats) -> float:
    return float(np.median(np.diff(times_s))) if len(times_s) > 1 else np.inf


def reach_s(times_s: Floats) -> Floats:
    """How far from each onset its partner may lie, (n,)."""
    return np.minimum(LARGEST_S, local_period_s(times_s) / 4.0)


def local_period_s(times_s: Floats) -> Floats:
    """For each onset the median of the last 8 intervals before it; at the start of those there are, (n,).

    The first onset takes the interval after it; a lone onset has an infinite period.
    """
    intervals_s = np.diff(times_s)
    if len(intervals_s) == 0:
        return np.full(len(times_s), np.inf)
    early = [float(np.median(intervals_s[: max(1, index)])) for index in range(min(len(times_s), PERIODS))]
    if len(times_s) <= PERIODS:
        return np.array(early)
    return np.concatenate((early, np.median(sliding_window_view(intervals_s, PERIODS), axis=1)))


def nearest(times_s: Floats, to_s: Floats) -> Indices:
    """For each of `times_s` the index of the nearest of `to_s` (not empty, ascending); of two equals the earlier."""
    return _nearer(times_s, to_s, np.searchsorted(to_s, times_s))


def _nearer(times_s: Floats, to_s: Floats, after: Indices) -> Indices:
    """For each of `times_s` the index of the nearest of `to_s`, of two equals the earlier; `after` as looked up."""
    if len(to_s) == 1:
        return np.zeros(len(times_s), dtype=np.intp)
    after = np.clip(after, 1, len(to_s) - 1)
    return np.where(times_s - to_s[after - 1] <= to_s[after] - times_s, after - 1, after)
