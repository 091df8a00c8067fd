"""How did one player play, moment by moment: how densely, high, strongly, held, steadily, and in what key?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis import spans
from mtsession.analysis.clarity import pulse_clarity, tonal_clarity
from mtsession.analysis.played import Played
from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.analysis.windows import index_ranges, window_starts_s

WINDOW_S = 6.0

LONGEST_INTERVAL_S = 2.0
"""A longer interval is a pause and says nothing of how notes are held."""

LONGEST_HOLD = 2.0
"""A note held over two intervals or more counts as two: a pedal would else drown the rest."""

FEWEST_FOR_SD = 2

Floats: TypeAlias = NDArray[np.float64]


class Feature(StrEnum):
    """A curve of one player's playing; the unit stands in its name (pitches are MIDI numbers, velocities 1–127)."""

    DENSITY = "density_per_s"
    PITCH = "pitch"
    PITCH_SD = "pitch_sd"
    VELOCITY = "velocity"
    VELOCITY_SD = "velocity_sd"
    ARTICULATION = "articulation"
    PULSE = "pulse_clarity"
    KEY = "tonal_clarity"


@dataclass(frozen=True, slots=True)
class Features:
    """Curves over 6 s windows, hop 1 s; `n` is the number of notes. After the Music Therapy Toolbox (Erkkilä et al.).

    `times_s` are the centres of the windows; each of the `curves` is as long and has None where a window holds too
    little for it: no note (pitch, velocity: their means), fewer than 2 (SDs, n − 1 below), no interval ≤ 2 s
    (articulation: duration ÷ interval to the next onset, 1 is legato, counted up to 2), fewer than 8 (the clarities).
    `median` and `n_windows` are of each curve over its windows. A curve without any value is in none of them; where an
    assist took it all away `void` says which.
    """

    times_s: tuple[float, ...]
    curves: Mapping[Feature, tuple[float | None, ...]]
    median: Mapping[Feature, float]
    n_windows: Mapping[Feature, int]
    void: Mapping[Feature, VoidReason]


@dataclass(frozen=True, slots=True)
class Taken:
    """Where an assist took a curve away, and which."""

    reason: VoidReason
    stretches: Sequence[Window]


def features(played: Played, window: Window, taken: Mapping[Feature, Taken] | None = None) -> Measured[Features] | Void:
    """The curves of one player, with gaps where something has `taken` them away; void below 8 notes or 6 s."""
    inside = played.within(window)
    if len(inside) < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS if len(inside) else VoidReason.NEVER_PLAYED, len(inside), window)
    at_s = window_starts_s(window, WINDOW_S)
    if len(at_s) == 0:
        return Void(VoidReason.TOO_SHORT, len(inside), window)
    found = _curves(inside, at_s)
    for feature, gone in (taken or {}).items():
        found[feature] = np.where(_touches(gone.stretches, at_s), np.nan, found[feature])
    known = {feature: kept for feature, curve in found.items() if len(kept := curve[np.isfinite(curve)])}
    value = Features(
        times_s=tuple((at_s + WINDOW_S / 2).tolist()),
        curves={feature: _with_gaps(found[feature]) for feature in known},
        median={feature: float(np.median(values)) for feature, values in known.items()},
        n_windows={feature: len(values) for feature, values in known.items()},
        void={feature: gone.reason for feature, gone in (taken or {}).items() if feature not in known},
    )
    return Measured(value, len(inside), window)


def _touches(stretches: Sequence[Window], at_s: Floats) -> NDArray[np.bool_]:
    """Which windows share time with one of the stretches, (W,)."""
    edges_s = np.array([(stretch.start_s, stretch.end_s) for stretch in stretches]).reshape(-1, 2)
    joined = spans.merged(edges_s[:, 0], edges_s[:, 1])
    begun_before = np.searchsorted(joined[:, 0], at_s + WINDOW_S, side="left")
    over_before = np.searchsorted(joined[:, 1], at_s, side="right")
    return np.asarray(begun_before > over_before)


def _curves(inside: Played, at_s: Floats) -> dict[Feature, Floats]:
    low, high = index_ranges(inside.starts_s, at_s, WINDOW_S)
    pitch, pitch_sd = _mean_and_sd(inside.starts_s, inside.pitches, at_s)
    velocity, velocity_sd = _mean_and_sd(inside.starts_s, inside.velocities, at_s)
    return {
        Feature.DENSITY: (high - low) / WINDOW_S,
        Feature.PITCH: pitch,
        Feature.PITCH_SD: pitch_sd,
        Feature.VELOCITY: velocity,
        Feature.VELOCITY_SD: velocity_sd,
        Feature.ARTICULATION: _mean_and_sd(*articulations(inside), at_s)[0],
        Feature.PULSE: pulse_clarity(inside.onsets.times_s, at_s, WINDOW_S),
        Feature.KEY: tonal_clarity(inside.starts_s, inside.pitches, at_s, WINDOW_S),
    }


def articulations(inside: Played) -> tuple[Floats, Floats]:
    """Onsets and duration ÷ interval to the next onset, limited to 2. The longest note of a chord counts.

    Percussion and heard hits have no pitch and no end that was played: they have none, and neither do the notes
    before a pause (an interval above 2 s), or the last.
    """
    onsets_s = inside.onsets.times_s
    of_onset = np.searchsorted(onsets_s, inside.starts_s, side="right") - 1
    held_s = np.full(len(onsets_s), np.nan)
    pitched = np.isfinite(inside.pitches)
    np.fmax.at(held_s, of_onset[pitched], (inside.ends_s - inside.starts_s)[pitched])
    intervals_s = np.diff(onsets_s)
    counts = (intervals_s <= LONGEST_INTERVAL_S) & np.isfinite(held_s[:-1])
    return onsets_s[:-1][counts], np.minimum(held_s[:-1][counts] / intervals_s[counts], LONGEST_HOLD)


def _mean_and_sd(times_s: Floats, values: Floats, at_s: Floats) -> tuple[Floats, Floats]:
    """Of the known values in each window; NaN where there are none (for the SD: fewer than 2)."""
    known = np.isfinite(values)
    if not known.any():
        return np.full(len(at_s), np.nan), np.full(len(at_s), np.nan)
    low, high = index_ranges(times_s[known], at_s, WINDOW_S)
    n, centre = (high - low).astype(np.float64), float(np.mean(values[known]))
    sums, squares = (_sums((values[known] - centre) ** power, low, high) for power in (1, 2))
    n[n == 0] = np.nan
    mean = sums / n
    n[n < FEWEST_FOR_SD] = np.nan
    variance = np.maximum(0.0, squares - n * mean**2) / (n - 1)
    return mean + centre, np.sqrt(variance)


def _sums(values: Floats, low: NDArray[np.intp], high: NDArray[np.intp]) -> Floats:
    running = np.concatenate(([0.0], np.cumsum(values)))
    sums: Floats = running[high] - running[low]
    return sums


def _with_gaps(curve: Floats) -> tuple[float | None, ...]:
    return tuple(value if value == value else None for value in curve.tolist())
