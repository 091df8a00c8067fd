"""When does a simulated player play? Laws of timing, each drawn from a generator that is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Times: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Timekeeper:
    """One player of a coupled pulse (Vorberg & Schulze 2002, with period correction).

    `phase` is the share of the last asynchrony (own − other) taken off the next interval, `period` the share taken
    off the player's own period for good. `keeper_sd_s` is the noise of each interval, `motor_sd_s` that of each hit.
    """

    phase: float
    period: float = 0.0
    keeper_sd_s: float = 0.010
    motor_sd_s: float = 0.005


def coupled_pulse(rng: Generator, intended_s: Times, one: Timekeeper, other: Timekeeper) -> tuple[Times, Times]:
    """Two players' hits, (n + 1,) each from time 0, on n intended intervals and each other's last asynchrony."""
    n = len(intended_s)
    noise_s = rng.standard_normal((n, 2)) * (one.keeper_sd_s, other.keeper_sd_s)
    phase, period = np.array([one.phase, other.phase]), np.array([one.period, other.period])
    planned_s, drift_s = np.zeros((n + 1, 2)), np.zeros(2)
    motor_s = rng.standard_normal((n + 1, 2)) * (one.motor_sd_s, other.motor_sd_s)
    for k in range(n):
        played_s = planned_s[k] + motor_s[k]
        ahead_s = played_s - played_s[::-1]
        drift_s = drift_s - period * ahead_s
        planned_s[k + 1] = planned_s[k] + intended_s[k] + drift_s - phase * ahead_s + noise_s[k]
    played = planned_s + motor_s
    return played[:, 0] - played.min(), played[:, 1] - played.min()


def tempo_curve_s(beats: int, points: tuple[tuple[float, float], ...]) -> Times:
    """Intervals of a pulse whose tempo goes in straight lines through (share of the beats, BPM), (beats,)."""
    shares, bpm = np.array(points).T
    curve_bpm: Times = np.interp(np.linspace(0.0, 1.0, beats), shares, bpm)
    return 60.0 / curve_bpm


def poisson_onsets(rng: Generator, rate_per_s: float, length_s: float) -> Times:
    """Playing without a pulse: each moment as likely as any other."""
    return np.sort(rng.uniform(0.0, length_s, rng.poisson(rate_per_s * length_s)))


def steady_onsets(rng: Generator, bpm: float, length_s: float, jitter_sd_s: float) -> Times:
    """A pulse from a random phase, each hit off its beat by normal noise, in order."""
    period_s = 60.0 / bpm
    beats_s = np.arange(rng.uniform(0.0, period_s), length_s, period_s)
    return np.sort(beats_s + rng.normal(0.0, jitter_sd_s, len(beats_s)))


def with_dropped(rng: Generator, times_s: Times, share: float) -> Times:
    """Each hit is left out with that probability."""
    return times_s[rng.uniform(size=len(times_s)) >= share]


def with_extra(rng: Generator, times_s: Times, share: float) -> Times:
    """That share of further hits, anywhere between the first and the last."""
    if len(times_s) == 0:
        return times_s
    extra_s = rng.uniform(times_s[0], times_s[-1], round(share * len(times_s)))
    return np.sort(np.concatenate((times_s, extra_s)))


def gap_s(rng: Generator, median_s: float, spread: float) -> float:
    """A gap between turns: log-normal about the median, at most two spreads away (a factor of e^±2·spread)."""
    return float(median_s * np.exp(np.clip(rng.normal(0.0, spread), -2 * spread, 2 * spread)))
