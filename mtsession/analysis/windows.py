"""Where do the sliding windows of a curve lie?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.result import Window

HOP_S = 1.0


def window_starts_s(window: Window, length_s: float, hop_s: float = HOP_S) -> NDArray[np.float64]:
    """Starts of the windows of `length_s` that fit, every `hop_s` from the window's own start; none if none fits."""
    room_s = window.length_s - length_s
    if room_s < -1e-9:
        return np.empty(0)
    return window.start_s + hop_s * np.arange(int(room_s / hop_s + 1e-9) + 1, dtype=np.float64)


def index_ranges(
    times_s: NDArray[np.float64], starts_s: NDArray[np.float64], length_s: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each window the first index in it and the first after it, start ≤ time < start + length."""
    return np.searchsorted(times_s, starts_s), np.searchsorted(times_s, starts_s + length_s)
