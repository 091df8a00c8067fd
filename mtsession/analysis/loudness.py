"""How strongly were the notes played?"""

from __future__ import annotations

from dataclasses import dataclass


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
