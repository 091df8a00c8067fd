"""How many notes a second, and when were they most?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Density:
    """Notes per second (every note of a chord counts) in 5 s windows, hop 1 s; `n` is the number of notes.

    `times_s` are the centres of the windows and as many as `per_s`; `mean_per_s` is over the whole window.
    """

    times_s: tuple[float, ...]
    per_s: tuple[float, ...]
    mean_per_s: float
    peak_per_s: float
    peak_at_s: float
