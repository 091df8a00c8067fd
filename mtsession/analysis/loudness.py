"""How strongly were the notes played?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.played import Played
from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.analysis.windows import index_ranges, window_starts_s

WINDOW_S = 6.0


@dataclass(frozen=True, slots=True)
class Level:
    """Key velocity, 1–127, in 6 s windows, hop 1 s; `n` is the number of notes that have a velocity.

    `times_s` are the centres of the windows, `mean_velocity` is None where nothing was played in one.
    """

    times_s: tuple[float, ...]
    mean_velocity: tuple[float | None, ...]
    median_velocity: float
    lower_quartile_velocity: float
    upper_quartile_velocity: float


def level(played: Played, window: Window) -> Measured[Level] | Void:
    """The velocities of one player's notes; void below 8 notes with a velocity, or 6 s."""
    inside = played.within(window)
    known = np.isfinite(inside.velocities)
    times_s, velocities = inside.starts_s[known], inside.velocities[known]
    if len(velocities) < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS, len(velocities), window)
    at_s = window_starts_s(window, WINDOW_S)
    if len(at_s) == 0:
        return Void(VoidReason.TOO_SHORT, len(velocities), window)
    lower, median, upper = np.quantile(velocities, (0.25, 0.5, 0.75)).tolist()
    value = Level(
        times_s=tuple((at_s + WINDOW_S / 2).tolist()),
        mean_velocity=_window_means(times_s, velocities, at_s),
        median_velocity=median,
        lower_quartile_velocity=lower,
        upper_quartile_velocity=upper,
    )
    return Measured(value, len(velocities), window)


def _window_means(
    times_s: NDArray[np.float64], velocities: NDArray[np.float64], at_s: NDArray[np.float64]
) -> tuple[float | None, ...]:
    low, high = index_ranges(times_s, at_s, WINDOW_S)
    running = np.concatenate(([0.0], np.cumsum(velocities)))
    sums, counts = (running[high] - running[low]).tolist(), (high - low).tolist()
    return tuple(total / count if count else None for total, count in zip(sums, counts, strict=True))
