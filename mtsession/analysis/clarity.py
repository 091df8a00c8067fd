"""How clear are the pulse and the key of what was played in a window?"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.result import MIN_EVENTS
from mtsession.analysis.windows import index_ranges

SLOWEST_HZ, STEP_HZ, N_RATES = 0.5, 0.025, 141
"""Vector strength is looked for at 0.5, 0.525 … 4 Hz. 6 s blur a rate by 0.17 Hz:
this grid loses 2 % of a peak at worst."""

CHANCE_POWER = 4.0
"""The largest n·R² over these rates that random onsets have in half of the 6 s windows (simulated:
3.9 to 4.3 for 8 to 60 onsets)."""

MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
"""How well each degree of the scale fits the key: Krumhansl & Kessler 1982, Psychological Review 89(4), 334–368."""

PROFILES = np.array([np.roll(profile, key) for profile in (MAJOR, MINOR) for key in range(12)])
"""Twelve major and twelve minor keys, from C, (24, 12)."""

CHUNK = 500
"""Windows worked on at a time: keeps the memory small however long the session is."""

Floats: TypeAlias = NDArray[np.float64]


def pulse_clarity(times_s: Floats, starts_s: Floats, length_s: float) -> Floats:
    """(max n·R² − chance)/(n − chance) of each window's onsets at 0.5–4 Hz, 0–1, (W,); NaN below 8 onsets.

    R(f) = |mean e^(2πi·f·t)|. 1 is every onset on one pulse, 0 what random onsets reach half of the time.
    """
    low, high = index_ranges(times_s, starts_s, length_s)
    n = (high - low).astype(np.float64)
    n[n < MIN_EVENTS] = np.nan
    parts = [_strongest(times_s, low[k : k + CHUNK], high[k : k + CHUNK]) for k in range(0, len(starts_s), CHUNK)]
    power = np.concatenate([np.empty(0), *parts]) / n
    return np.clip((power - CHANCE_POWER) / (n - CHANCE_POWER), 0.0, 1.0)


def _strongest(times_s: Floats, low: NDArray[np.intp], high: NDArray[np.intp]) -> Floats:
    """The largest |Σ e^(2πi·f·t)|² of each window, (W,)."""
    inside_s = times_s[low[0] : high[-1]]
    since_s = inside_s - inside_s[:1]
    turns = np.empty((N_RATES, len(inside_s) + 1), dtype=np.complex128)
    turns[:, 0] = 0.0
    turns[0, 1:] = np.exp(2j * np.pi * SLOWEST_HZ * since_s)
    turns[1:, 1:] = np.exp(2j * np.pi * STEP_HZ * since_s)
    np.cumprod(turns[:, 1:], axis=0, out=turns[:, 1:])
    np.cumsum(turns, axis=1, out=turns)
    sums = turns[:, high - low[0]] - turns[:, low - low[0]]
    strongest: Floats = np.max(sums.real**2 + sums.imag**2, axis=0)
    return strongest


def tonal_clarity(times_s: Floats, pitches: Floats, starts_s: Floats, length_s: float) -> Floats:
    """The largest correlation of each window's pitch classes with the 24 key profiles, −1…1, (W,).

    Each note counts once. NaN below 8 notes with a pitch, or where all pitch classes are equally many.
    """
    known = np.isfinite(pitches)
    low, high = index_ranges(times_s[known], starts_s, length_s)
    classes = np.rint(pitches[known]).astype(np.intp) % 12
    running = np.zeros((len(classes) + 1, 12))
    np.cumsum(classes[:, None] == np.arange(12), axis=0, out=running[1:])
    counts = running[high] - running[low]
    counts[high - low < MIN_EVENTS] = np.nan
    centred = counts - counts.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1)
    norms[norms == 0] = np.nan
    profiles = PROFILES - PROFILES.mean(axis=1, keepdims=True)
    fits = centred @ (profiles / np.linalg.norm(profiles, axis=1, keepdims=True)).T
    clearest: Floats = np.max(fits, axis=1) / norms
    return clearest
