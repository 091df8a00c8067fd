"""How many notes a second, and when were they most?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mtsession.analysis.played import Played
from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.analysis.windows import index_ranges, window_starts_s

WINDOW_S = 5.0


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


def density(everyone: Sequence[Played], window: Window) -> Measured[Density] | Void:
    """The notes per second of one player, or of several together; void below 8 notes or 5 s."""
    starts_s = np.sort(np.concatenate([np.empty(0), *(played.within(window).starts_s for played in everyone)]))
    if len(starts_s) < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS, len(starts_s), window)
    at_s = window_starts_s(window, WINDOW_S)
    if len(at_s) == 0:
        return Void(VoidReason.TOO_SHORT, len(starts_s), window)
    low, high = index_ranges(starts_s, at_s, WINDOW_S)
    per_s, centres_s = (high - low) / WINDOW_S, at_s + WINDOW_S / 2
    peak = int(np.argmax(per_s))
    value = Density(
        times_s=tuple(centres_s.tolist()),
        per_s=tuple(per_s.tolist()),
        mean_per_s=len(starts_s) / window.length_s,
        peak_per_s=float(per_s[peak]),
        peak_at_s=float(centres_s[peak]),
    )
    return Measured(value, len(starts_s), window)
