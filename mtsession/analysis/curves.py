"""How loud, how dense and how high was the playing at each tenth of a second? Curves that can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mtsession.analysis.played import Played
from mtsession.analysis.result import MIN_EVENTS, Window
from mtsession.analysis.surrogates import beat_s, give_and_take

STEP_S = 0.1
"""10 Hz (measures: matching)."""

NEAR, AROUND = 1, 75
"""A curve is the mean over this many steps on either side (0.3 s) less the mean over so many (15.1 s): detrended, so
that two who both grow louder over a session do not match for that."""

RUN_S = 15.0
"""Swells last some seconds: notes shuffled one by one would lose them, and swells of unrelated players look alike.
In runs of this length they keep them (simulated swells of 3–18 s: outside the band 5 %, one by one 35 %)."""

LEAST_INTERVAL_S = 1e-6

FLAT = 1e-6
"""A curve whose spread is below this does not vary."""

Floats: TypeAlias = NDArray[np.float64]


class Curve(StrEnum):
    """What can be matched."""

    LOUDNESS = "loudness"
    DENSITY = "density"
    REGISTER = "register"


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """Onsets and what was played at each: `times_s` (S, n), S renderings of one player's n onsets, ascending.

    `marks` are (S, n) or (1, n): the number of notes (density), their mean velocity (loudness) and pitch (register).
    """

    times_s: Floats
    marks: Mapping[Curve, Floats]


def marked(played: Played) -> Marked:
    """One player's onsets. A mark that is known of fewer than 8 onsets is left out, a missing one interpolated."""
    onsets_s = played.onsets.times_s
    of_onset = np.searchsorted(onsets_s, played.starts_s, side="right") - 1
    marks = {Curve.DENSITY: np.bincount(of_onset, minlength=len(onsets_s)).astype(np.float64)}
    for curve, values in ((Curve.LOUDNESS, played.velocities), (Curve.REGISTER, played.pitches)):
        known = np.isfinite(values)
        n = np.bincount(of_onset[known], minlength=len(onsets_s))
        if np.sum(n > 0) >= MIN_EVENTS:
            total = np.bincount(of_onset[known], weights=values[known], minlength=len(onsets_s))
            has = n > 0
            marks[curve] = np.interp(onsets_s, onsets_s[has], total[has] / n[has])
    return Marked(onsets_s[None], {curve: mark[None] for curve, mark in marks.items()})


def shuffled(player: Marked, n: int, rng: Generator) -> Marked:
    """`n` renderings with the same runs of intervals, each with its notes, in another order; the same start.

    Of a player who keeps time as a clock does, the runs are of distances from the even beat: moved intervals would
    break the beat at every seam, and another clock of the same tempo would look like company.
    """
    times_s = player.times_s[0]
    if give_and_take(times_s)[0] == 1.0:
        order = runs_in_another_order(len(times_s), _run_length(times_s), n, rng)
        rendered_s = np.maximum.accumulate(beat_s(times_s) + (times_s - beat_s(times_s))[order], axis=1)
        # No two onsets at one moment, were a late one set before an early one
        rendered_s += LEAST_INTERVAL_S * np.arange(len(times_s))
    else:
        order = runs_in_another_order(len(times_s) - 1, _run_length(times_s), n, rng)
        since_start_s = np.cumsum(np.diff(times_s)[order], axis=1)
        order = np.concatenate((order, np.full((n, 1), len(times_s) - 1)), axis=1)
        rendered_s = times_s[0] + np.concatenate((np.zeros((n, 1)), since_start_s), axis=1)
    return Marked(rendered_s, {curve: mark[0][order] for curve, mark in player.marks.items()})


def _run_length(times_s: Floats) -> int:
    n_intervals = len(times_s) - 1
    return int(np.clip(round(RUN_S * n_intervals / float(times_s[-1] - times_s[0])), 1, n_intervals))


def runs_in_another_order(n: int, length: int, n_orders: int, rng: Generator) -> NDArray[np.intp]:
    """Orders of 0 … n − 1 in which runs of `length`, begun at random, have changed places, (n_orders, n)."""
    n_runs = -(-n // length) + 1
    begun = rng.integers(0, length, n_orders)
    runs = np.argsort(rng.random((n_orders, n_runs)), axis=1)
    places = (runs[:, :, None] * length + np.arange(length)).reshape(n_orders, -1) - begun[:, None]
    return places[(places >= 0) & (places < n)].reshape(n_orders, n)


def n_steps(window: Window) -> int:
    """How many tenths of a second the window has."""
    return int(window.length_s / STEP_S + 1e-6)


def curves_of(player: Marked, window: Window) -> dict[Curve, Floats]:
    """Each curve of each rendering at the window's tenths of a second, detrended, mean 0, (S, steps)."""
    steps = n_steps(window)
    cells = np.clip(np.ceil((player.times_s - window.start_s) / STEP_S), 0, steps).astype(np.intp)
    cells += (steps + 1) * np.arange(len(cells))[:, None]
    before = _per_cell(cells, steps)
    found = {}
    for curve, mark in player.marks.items():
        raw = _per_cell(cells, steps, mark) if curve is Curve.DENSITY else _between(player, mark, before, window)
        found[curve] = _detrended(raw)
    return found


def _per_cell(cells: NDArray[np.intp], steps: int, weights: Floats | None = None) -> Floats:
    flat = None if weights is None else np.broadcast_to(weights, cells.shape).ravel()
    counts = np.bincount(cells.ravel(), weights=flat, minlength=len(cells) * (steps + 1))
    per_cell: Floats = counts.reshape(len(cells), steps + 1)[:, :steps].astype(np.float64)
    return per_cell


def _between(player: Marked, mark: Floats, onsets: Floats, window: Window) -> Floats:
    """The mark at each step, in a straight line from onset to onset; before the first and after the last as there."""
    times_s = player.times_s
    n, steps = times_s.shape[1], onsets.shape[1]
    last = np.clip(np.cumsum(onsets, axis=1).astype(np.intp) - 1, 0, n - 2)
    last += (n - 1) * np.arange(len(times_s))[:, None]
    slope = np.diff(mark, axis=1) / np.diff(times_s, axis=1)
    at_zero = mark[:, :-1] - slope * times_s[:, :-1]
    steps_s = np.clip(window.start_s + STEP_S * np.arange(steps), times_s[:, 0].max(), times_s[:, -1].min())
    between = slope.ravel()[last]
    between *= steps_s
    between += at_zero.ravel()[last]
    return between


def _detrended(raw: Floats) -> Floats:
    """The mean near each step less the mean around it, mean 0 in all."""
    steps = raw.shape[1]
    sums = np.empty((len(raw), steps + 1 + 2 * AROUND))
    sums[:, : AROUND + 1] = 0.0
    np.cumsum(raw - raw.mean(axis=1, keepdims=True), axis=1, out=sums[:, AROUND + 1 : AROUND + 1 + steps])
    sums[:, AROUND + 1 + steps :] = sums[:, AROUND + steps, None]
    curve = _moving_mean(sums, NEAR)
    curve -= _moving_mean(sums, AROUND)
    curve -= curve.mean(axis=1, keepdims=True)
    return curve


def _moving_mean(sums: Floats, half: int) -> Floats:
    """The mean of `half` steps on either side, of as many as there are at the ends."""
    steps = sums.shape[1] - 1 - 2 * AROUND
    at = np.arange(steps)
    share = 1.0 / (np.minimum(at + half, steps - 1) - np.maximum(at - half, 0) + 1)
    low, high = AROUND - half, AROUND + half + 1
    means: Floats = sums[:, high : high + steps] - sums[:, low : low + steps]
    means *= share
    return means
