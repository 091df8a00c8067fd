"""What do many players play who know nothing of each other? All in one draw, for the proofs of what chance gives."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mtsession.simulate.timing import Times

Crowd: TypeAlias = tuple[Times, ...]
"""The onsets of one player a session, ascending, within the session's length."""


def poisson_crowd(rng: Generator, sessions: int, *, rate_per_s: float, length_s: float) -> Crowd:
    """Playing without a pulse: each moment as likely as any other."""
    counts = rng.poisson(rate_per_s * length_s, sessions)
    whose = np.repeat(np.arange(sessions), counts)
    times_s = rng.uniform(0.0, length_s, len(whose))
    return _apart(times_s[np.lexsort((times_s, whose))], counts)


def steady_crowd(rng: Generator, sessions: int, *, bpm: float, length_s: float, jitter_sd_s: float = 0.02) -> Crowd:
    """Players with an ideal clock each, begun at any moment, whose hits lie beside its beats."""
    period_s = 60.0 / bpm
    beats_s = rng.uniform(0.0, period_s, (sessions, 1)) + period_s * np.arange(-2, int(length_s / period_s) + 3)
    return _inside(beats_s + jitter_sd_s * rng.standard_normal(beats_s.shape), length_s)


def walking_crowd(rng: Generator, sessions: int, *, bpm: float, length_s: float, keeper_sd_s: float = 0.03) -> Crowd:
    """Steady players without a metronome: each interval is a little off, and the error stays."""
    period_s = 60.0 / bpm
    shape = (sessions, int(1.1 * length_s / period_s) + 20)
    intervals_s = np.maximum(0.2 * period_s, period_s + keeper_sd_s * rng.standard_normal(shape))
    return _inside(rng.uniform(0.0, period_s, (sessions, 1)) + np.cumsum(intervals_s, axis=1) - period_s, length_s)


def _inside(hits_s: NDArray[np.float64], length_s: float) -> Crowd:
    ordered_s = np.sort(hits_s, axis=1)
    inside = (ordered_s >= 0.0) & (ordered_s < length_s)
    return _apart(ordered_s[inside], inside.sum(axis=1))


def _apart(times_s: NDArray[np.float64], counts: NDArray[np.int64]) -> Crowd:
    return tuple(np.split(times_s, np.cumsum(counts)[:-1]))
