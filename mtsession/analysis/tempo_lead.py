"""After changes of tempo, whose tempo moved toward the other's, and how much later?

The movement of each tempo curve (in octaves: steps of one level, gaps standing still) is correlated with the other's
at every lag, in windows of half a minute, each about its own mean: the windowed cross-correlation of the two curves,
pooled. The chance band is that of the largest correlation over all lags, with the steps of one curve shuffled in
pieces of a window's length. (Shuffled intervals, the surrogate of other measures, keep no tempo: they have no curve.)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.surrogates import N_SURROGATES, SHORTEST_S, chance_band, generator_for
from mtsession.analysis.tempo import WINDOW_S, TempoCurve
from mtsession.analysis.tempo_match import WITHIN, pulse_log2
from mtsession.analysis.windows import HOP_S

Floats: TypeAlias = NDArray[np.float64]

LARGEST_LAG = 6
"""Hops of 1 s: a player who takes up a tempo does so within a few beats."""

PIECE = round(WINDOW_S / HOP_S)
"""Steps that stay together in a surrogate: as many as share their onsets."""

SPAN = 30
"""Points of a curve in each window of the correlation."""

LARGEST_STEP = 0.1
"""Octaves. More from one point to the next is another level (the double, the triplet), no movement."""

AT_ONCE_S = 1.0
"""Curves on a hop of 1 s tell no smaller lag."""

STEPS_SHUFFLED = "steps of one tempo curve shuffled"


class Moved(StrEnum):
    """Who came to the other's tempo."""

    FIRST = "first"
    SECOND = "second"
    BOTH = "both"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class TempoLead:
    """How alike two tempo curves moved; `n` is the number of windows in which both had a pulse.

    `correlation` is the largest over lags of ±6 s, `lag_s` that lag: positive where the second's movement came
    after the first's. `moved` is who came to the other's tempo: neither where the correlation is not above the band,
    both where the lag is at most 1 s, None without a band.
    """

    correlation: float
    lag_s: float
    moved: Moved | None


def tempo_lead(
    first: Measured[TempoCurve] | Void,
    second: Measured[TempoCurve] | Void,
    window: Window,
    n_surrogates: int = N_SURROGATES,
) -> Measured[TempoLead] | Void:
    """Whose tempo moved after the other's; both curves must lie on the same windows.

    Void where there is less than half a minute with a pulse of both, and where a tempo changed by less than 5 %.
    """
    if isinstance(first, Void):
        return Void(first.reason, 0, window)
    if isinstance(second, Void):
        return Void(second.reason, 0, window)
    one, other = pulse_log2(first.value), pulse_log2(second.value)
    n_shared = int(np.sum(np.isfinite(one) & np.isfinite(other)))
    if n_shared < SHORTEST_S / HOP_S or len(one) < SPAN + 2 * LARGEST_LAG:
        return Void(VoidReason.TOO_SHORT, n_shared, window)
    steps = _steps(one), _steps(other)
    if min(float(np.ptp(_moved(each))) for each in steps) < np.log2(1.0 + WITHIN):
        return Void(VoidReason.UNVARYING, n_shared, window)
    return _lead(*steps, n_shared, window, n_surrogates)


def _lead(first: Floats, second: Floats, n_shared: int, window: Window, n_surrogates: int) -> Measured[TempoLead]:
    found = _correlations(_moved(first), _moved(second)[None])[0]
    best = int(np.argmax(found))
    correlation, lag_s = float(found[best]), HOP_S * (best - LARGEST_LAG)
    if n_surrogates == 0:
        return Measured(TempoLead(correlation, lag_s, None), n_shared, window)
    shuffled = _shuffled(second, n_surrogates, generator_for(first, second))
    band = chance_band(_correlations(_moved(first), _moved(shuffled)).max(axis=1), STEPS_SHUFFLED)
    moved = _who(lag_s) if correlation > band.high else Moved.NEITHER
    return Measured(TempoLead(correlation, lag_s, moved), n_shared, window, band)


def _who(lag_s: float) -> Moved:
    if abs(lag_s) <= AT_ONCE_S:
        return Moved.BOTH
    return Moved.SECOND if lag_s > 0 else Moved.FIRST


def _steps(log2_bpm: Floats) -> Floats:
    """From each point of a curve to the next, in octaves, (T − 1,): nothing across a gap and between levels."""
    steps = np.diff(log2_bpm)
    steps -= np.round(steps)
    return np.where(np.abs(steps) <= LARGEST_STEP, steps, 0.0)


def _moved(steps: Floats) -> Floats:
    """Where the steps have led to, from 0, (…, T)."""
    moved = np.zeros((*steps.shape[:-1], steps.shape[-1] + 1))
    np.cumsum(steps, axis=-1, out=moved[..., 1:])
    return moved


def _shuffled(steps: Floats, n: int, rng: Generator) -> Floats:
    """`n` orders of the pieces of a curve's steps, (n, len(steps)); where the first piece ends is drawn as well."""
    pieces = (np.arange(len(steps)) + rng.integers(0, PIECE, (n, 1))) // PIECE
    places = rng.permuted(np.tile(np.arange(len(steps) // PIECE + 2), (n, 1)), axis=1)
    return steps[np.argsort(np.take_along_axis(places, pieces, axis=1), axis=1, kind="stable")]


def _correlations(first: Floats, seconds: Floats) -> Floats:
    """Pooled over the windows, at each lag from −6 to 6 hops, of one curve (T,) with each of several, (S, 13)."""
    inner = first[LARGEST_LAG:-LARGEST_LAG]
    edges = np.linspace(0, len(inner), len(inner) // SPAN + 1).astype(np.intp)
    lengths = np.diff(edges)
    centred = inner - np.repeat(np.add.reduceat(inner, edges[:-1]) / lengths, lengths)
    lags = range(2 * LARGEST_LAG + 1)
    covariances = np.stack([seconds[:, lag : lag + len(inner)] @ centred for lag in lags], axis=1)
    squares = np.stack([_squares(seconds[:, lag : lag + len(inner)], edges[:-1], lengths) for lag in lags], axis=1)
    size = np.sqrt(squares * (centred @ centred))
    return np.divide(covariances, size, out=np.zeros_like(size), where=size > 0)


def _squares(curves: Floats, begins: NDArray[np.intp], lengths: NDArray[np.intp]) -> Floats:
    """Sum of squares about each window's own mean, over all windows, (S,)."""
    sums = np.add.reduceat(curves, begins, axis=1)
    total: Floats = np.einsum("st,st->s", curves, curves) - np.sum(sums**2 / lengths, axis=1)
    return np.maximum(total, 0.0)
