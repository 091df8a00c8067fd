"""At what tempo did a player play, and when was there no steady pulse?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.pulse import Pulses, pulses
from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.analysis.windows import index_ranges, window_starts_s
from mtsession.session import OnsetStream

WINDOW_S = 10.0

NEIGHBOURS = 4
"""A window's strength is averaged with so many on either side: a statement rests on 18 s of playing."""

GATE, GATE_ALONE = 12.0, 13.6
"""What the averaged strength must exceed (random onsets of 0.5–6 a second: ≤ 1.5 % do), and one window without any
neighbours; in between, in proportion. Found by simulation."""

FEWEST_ONSETS, FEWEST_BEATS = 5, 4
"""In the window itself, and from its first onset to its last: a short burst fits any slow pulse."""

CHANCE_SHARE = 0.02
"""Random onsets are given a tempo in up to this share of the windows: no more than that is no pulse."""


@dataclass(frozen=True, slots=True)
class TempoCurve:
    """Tempo in 10 s windows, hop 1 s; `n` is the number of windows in which a tempo is stated.

    `times_s` are the centres of the windows, `bpm` is None where there was no steady pulse. `share_stated` is of the
    windows in which the player played at all.
    """

    times_s: tuple[float, ...]
    bpm: tuple[float | None, ...]
    median_bpm: float
    share_stated: float


def tempo(onsets: OnsetStream, window: Window) -> Measured[TempoCurve] | Void:
    """The tempo of one player's onsets (those in the window); void where they keep no pulse, or are too few."""
    if len(onsets) < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS if len(onsets) else VoidReason.NEVER_PLAYED, len(onsets), window)
    starts_s = window_starts_s(window, WINDOW_S)
    if len(starts_s) == 0:
        return Void(VoidReason.TOO_SHORT, len(onsets), window)
    times_s = onsets.times_s
    low, high = index_ranges(times_s, starts_s, WINDOW_S)
    found = pulses(times_s, starts_s, WINDOW_S)
    spans_s = times_s[np.maximum(high, 1) - 1] - times_s[np.minimum(low, len(times_s) - 1)]
    stated = has_pulse(found) & (high - low >= FEWEST_ONSETS) & (spans_s * found.hz >= FEWEST_BEATS)
    share_stated = float(np.sum(stated) / np.sum(high > low))
    if share_stated <= CHANCE_SHARE:
        return Void(VoidReason.NO_STEADY_PULSE, int(np.sum(stated)), window)
    bpm = 60.0 * found.hz
    value = TempoCurve(
        times_s=tuple((starts_s + WINDOW_S / 2).tolist()),
        bpm=tuple(one if said else None for one, said in zip(bpm.tolist(), stated.tolist(), strict=True)),
        median_bpm=float(np.median(bpm[stated])),
        share_stated=share_stated,
    )
    return Measured(value, int(np.sum(stated)), window)


def has_pulse(found: Pulses) -> NDArray[np.bool_]:
    """Whether random onsets would hardly keep so strong a pulse, (W,)."""
    width = 2 * NEIGHBOURS + 1
    n_averaged = np.convolve(np.ones(len(found.strength)), np.ones(width))[NEIGHBOURS:-NEIGHBOURS]
    averaged = np.convolve(found.strength, np.ones(width))[NEIGHBOURS:-NEIGHBOURS] / n_averaged
    gate = GATE + (GATE_ALONE - GATE) * (width - n_averaged) / (width - 1)
    return np.asarray(averaged > gate)
