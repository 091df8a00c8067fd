"""Which steps did two players take together, and how did each step differ from those around it?

A step leads from one matched onset to the next. Rhythm and slow changes of tempo are not what one player takes from
the other's last step, and would drown it: a step of half or double length counts as one, any other length is left out,
and the mean of the steps around is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.meetings import Indices, Meetings, local_period_s
from mtsession.analysis.surrogates import Floats

EVEN = 0.2
"""A step is even within this much of an octave around the first's local period, halved or doubled up to twice."""

MOST_FOLDS = 2

AROUND = 8
"""The mean of so many even steps before and after is slow change."""

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The matched steps of all copies, (k,): each player's deviation, whether the step was even, and its copy.

    `folds` is how often its length was halved (or, negative, doubled) to be compared.
    """

    first_s: Floats
    second_s: Floats
    even: Flags
    folds: Floats
    copy: Indices
    copies: int


def matched_steps(met: Meetings) -> Steps:
    """The steps from each matched onset to the next one."""
    of_first, of_second = met.pairs
    copy_of_onset = met.copy_of(of_first)
    first_s, second_s = np.diff(met.first_s[of_first]), np.diff(met.second_s[of_second])
    beats = (first_s + second_s) / 2.0 / _beat_s(met)[of_first[1:] % met.n_first]
    # A step from copy to copy is no step; the longest of them would overflow.
    same = copy_of_onset[1:] == copy_of_onset[:-1]
    octaves: Floats = np.log2(np.where(same, beats, 1.0))
    folds: Floats = np.round(octaves)
    even = same & (np.abs(octaves - folds) <= EVEN) & (np.abs(folds) <= MOST_FOLDS)
    unit = 2.0 ** np.clip(folds, -MOST_FOLDS, MOST_FOLDS)
    around = _Around(even, copy_of_onset[1:], met.copies)
    deviations = around.without_mean(first_s / unit), around.without_mean(second_s / unit)
    return Steps(*deviations, even, folds, copy_of_onset[1:], met.copies)


def _beat_s(met: Meetings) -> Floats:
    """The first's local period at each of its onsets, brought into the octave around its usual one, (n,).

    A lone onset has none to go by.
    """
    if met.n_first == 1:
        return np.ones(1)
    period_s = local_period_s(met.first_s[: met.n_first])
    beat_s: Floats = period_s / 2.0 ** np.round(np.log2(period_s / np.median(period_s)))
    return beat_s


class _Around:
    """The even steps around each step, in the same copy."""

    def __init__(self, even: Flags, copy: Indices, copies: int) -> None:
        at, starts = np.arange(len(even)), np.searchsorted(copy, np.arange(copies + 1))
        self._even = even
        self._low = np.maximum(at - AROUND, starts[copy])
        self._high = np.minimum(at + AROUND + 1, starts[copy + 1])
        self._n = np.maximum(1, self._over(even))

    def without_mean(self, steps_s: Floats) -> Floats:
        """Each step less the mean of the even ones around it."""
        less: Floats = steps_s - self._over(np.where(self._even, steps_s, 0.0)) / self._n
        return less

    def _over(self, values: NDArray[np.generic]) -> Floats:
        running = np.concatenate(([0.0], np.cumsum(values)))
        total: Floats = running[self._high] - running[self._low]
        return total
