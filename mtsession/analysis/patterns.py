"""How alike are two turns, in rhythm and in contour? Edit distances of many pairs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.played import Played
from mtsession.session import Turn

LONGEST = 16
"""A turn is compared by so many of its first signs: the cost grows with the square of it."""

OCTAVES = 0.5
"""Ratios of successive intervals in half octaves: 1:1 is 0, 2:1 is 2, 3:2 is 1; hits some 15 % off stay the same."""

LARGEST_RATIO = 6

FEWEST_ONSETS = 3
"""Fewer have no rhythm, and no contour either."""

STEPS = (1, 4, 8)
"""Semitones at which a step, a skip and a leap begin, up or down: a phrase moved within a scale keeps its contour."""

Floats: TypeAlias = NDArray[np.float64]

Signs: TypeAlias = NDArray[np.int8]

Indices: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """T turns as signs, (LONGEST, T), of which the first `lengths` (T,) count; then 0."""

    signs: Signs
    lengths: Indices


def rhythms(played: Played, turns: Sequence[Turn]) -> Patterns:
    """Each turn's ratios of successive inter-onset intervals, on a logarithmic scale; n − 2 of n onsets."""
    intervals_s = np.diff(played.onsets.times_s)
    ratios = np.log2(intervals_s[1:] / intervals_s[:-1]) / OCTAVES
    first, after = _onsets_of(played, turns)
    return _packed(np.clip(np.rint(ratios), -LARGEST_RATIO, LARGEST_RATIO), first, after - 2)


def contours(played: Played, turns: Sequence[Turn]) -> Patterns:
    """Each turn's pitch intervals between successive onsets, as steps, skips and leaps; n − 1 of n onsets.

    The highest note of a chord counts. A turn of which a pitch is not known (percussion, a heard hit) has none.
    """
    onsets_s = played.onsets.times_s
    of_onset = np.searchsorted(onsets_s, played.starts_s, side="right") - 1
    tops = np.zeros(len(onsets_s))
    np.fmax.at(tops, of_onset, played.pitches)
    unknown = np.bincount(of_onset[np.isnan(played.pitches)], minlength=len(onsets_s)) > 0
    moves = np.diff(tops)
    signs = np.sign(moves) * np.digitize(np.abs(moves), STEPS).astype(np.float64)
    first, after = _onsets_of(played, turns)
    unknown_before = np.concatenate(([0], np.cumsum(unknown)))
    known = unknown_before[after] == unknown_before[first]
    n_signs = np.where(known & (after - first >= FEWEST_ONSETS), after - 1 - first, 0)
    return _packed(signs, first, first + n_signs)


def _onsets_of(played: Played, turns: Sequence[Turn]) -> tuple[Indices, Indices]:
    """The first onset of each turn, and the first after it. A turn begins with an onset."""
    onsets_s = played.onsets.times_s
    begun = np.searchsorted(onsets_s, np.array([turn.start_s for turn in turns]), side="right") - 1
    first = np.maximum(begun, 0)
    return first, np.append(first[1:], len(onsets_s))


def _packed(signs: Floats, first: Indices, after: Indices) -> Patterns:
    lengths = np.clip(after - first, 0, LONGEST)
    at = np.arange(LONGEST)[:, None]
    padded = np.append(signs, 0.0)
    rows = padded[np.minimum(first + at, len(signs))]
    return Patterns(np.where(at < lengths, rows, 0).astype(np.int8), lengths)


def similarities(one: Patterns, other: Patterns, of_one: Indices, of_other: Indices) -> Floats:
    """1 − edit distance ÷ the longer's length of P pairs of patterns (turns by index, neither empty), 0–1, (P,)."""
    longest = one.lengths[of_one], other.lengths[of_other]
    rows, columns = (int(lengths.max(initial=0)) for lengths in longest)
    signs, others = one.signs[:, of_one], other.signs[:, of_other]
    distances = np.empty((rows + 1, columns + 1, len(of_one)), dtype=np.int8)
    distances[:, 0] = np.arange(rows + 1, dtype=np.int8)[:, None]
    distances[0] = np.arange(columns + 1, dtype=np.int8)[:, None]
    for row in range(1, rows + 1):
        for column in range(1, columns + 1):
            least = np.minimum(distances[row - 1, column], distances[row, column - 1]) + np.int8(1)
            changed = distances[row - 1, column - 1] + (signs[row - 1] != others[column - 1])
            np.minimum(least, changed, out=distances[row, column])
    found = distances[longest[0], longest[1], np.arange(len(of_one))]
    return np.asarray(1.0 - found / np.maximum(*longest))
