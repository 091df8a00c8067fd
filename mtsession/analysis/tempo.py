"""At what tempo did a player play, and when was there no steady pulse, or one that could be counted at two speeds?

Stated is only what is clear: a pulse that random onsets would hardly keep (the gate), ahead of every other tempo that
is none of its octaves, and, for the octave, ahead of those too and not slow enough to be heard at its double.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.pulse import SAME_LEVEL, Pulses, best_pulses, rivals
from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.analysis.windows import index_ranges, window_starts_s
from mtsession.session import OnsetStream

Floats: TypeAlias = NDArray[np.float64]

Flags: TypeAlias = NDArray[np.bool_]

WINDOW_S = 10.0

NEIGHBOURS = 4
"""A window's strength is averaged with so many on either side: a statement rests on 18 s of playing."""

GATE, GATE_ALONE = 12.0, 13.6
"""What the averaged strength must exceed (of random onsets of 0.5–6 a second, with what follows: ≤ 1 % do), and one
window without any neighbours; in between, in proportion. Found by simulation."""

FEWEST_ONSETS, FEWEST_BEATS = 5, 4
"""In the window itself, and from its first onset to its last: a short burst fits any slow pulse."""

CLEAR = 7.0
"""By so much the path must be ahead of any through another level. Chosen on the half of the tracks that `pulse` names;
5–10 give the same within two windows in a hundred."""

DOUBLE_PREFERRED_HZ = 77.0 / 60.0
"""Below this a listener's resonance is stronger at the double (van Noorden & Moelants 1999: 2 Hz, damping 1.12)."""

FILLED = 1.2
"""Onsets on a slow beat from which its double is played as well. No place of an onset speaks against a double: every
one that is on the beat is on the double too. (Against a half each second beat speaks.)"""

PARTNERS = 3.0
"""What a partner's tempo adds to the score of the player's own rival there."""

CHANCE_SHARE = 0.02
"""Random onsets are given a tempo in up to this share of the windows: no more than that is no pulse."""


@dataclass(frozen=True, slots=True)
class TempoCurve:
    """Tempo in 10 s windows, hop 1 s; `n` is the number of windows in which a tempo is stated.

    `times_s` are the centres of the windows, `bpm` is None where none is stated. `share_stated` is of the windows in
    which the player played at all. `unsure_bpm` has a tempo where there is a pulse that could as well be counted
    at another octave, which is not stated; it is empty where there is no such window.
    """

    times_s: tuple[float, ...]
    bpm: tuple[float | None, ...]
    median_bpm: float
    share_stated: float
    unsure_bpm: tuple[float | None, ...] = ()


def tempo_curve(
    onsets: OnsetStream, window: Window, partners: Sequence[OnsetStream] = ()
) -> Measured[TempoCurve] | Void:
    """The tempo of one player's onsets (those in the window); void where they keep no pulse, or are too few.

    Where `partners` state a tempo, a tempo of the player's own onsets that is theirs has an advantage, and its octave
    counts as sure. Leave them out where a tempo is to be compared with a partner's.
    """
    if len(onsets) < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS if len(onsets) else VoidReason.NEVER_PLAYED, len(onsets), window)
    starts_s = window_starts_s(window, WINDOW_S)
    if len(starts_s) == 0:
        return Void(VoidReason.TOO_SHORT, len(onsets), window)
    kept = _keeping(onsets.times_s, starts_s, [_stated_hz(partner.times_s, starts_s) for partner in partners])
    low, high = index_ranges(onsets.times_s, starts_s, WINDOW_S)
    return _curve(kept, starts_s + WINDOW_S / 2, int(np.sum(high > low)), window)


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """The pulse of each window (W,): its frequency, whether it is one at all, and whether its octave is sure."""

    hz: Floats
    is_pulse: Flags
    is_sure: Flags


def _keeping(times_s: Floats, starts_s: Floats, partners_hz: Sequence[Floats]) -> _Kept:
    of = rivals(times_s, starts_s, WINDOW_S)
    found = best_pulses(replace(of, score=of.score + PARTNERS * _near(of.hz, partners_hz)))
    low, high = index_ranges(times_s, starts_s, WINDOW_S)
    spans_s = times_s[np.maximum(high, 1) - 1] - times_s[np.minimum(low, len(times_s) - 1)]
    is_pulse = has_pulse(found) & (high - low >= FEWEST_ONSETS) & (spans_s * found.hz >= FEWEST_BEATS)
    is_partners = _near(found.hz[:, None], partners_hz)[:, 0]
    return _Kept(found.hz, is_pulse, octave_sure(found) | is_partners)


def _stated_hz(times_s: Floats, starts_s: Floats) -> Floats:
    """The tempo that a partner states alone in each window, (W,); NaN where none."""
    if len(times_s) < MIN_EVENTS:
        return np.full(len(starts_s), np.nan)
    kept = _keeping(times_s, starts_s, ())
    return np.where(kept.is_pulse & kept.is_sure, kept.hz, np.nan)


def _near(hz: Floats, partners_hz: Sequence[Floats]) -> Flags:
    """Which of each window's tempi (W, R) is that of a partner."""
    near = np.zeros(hz.shape, dtype=np.bool_)
    for partner_hz in partners_hz:
        near |= np.abs(np.log2(hz / partner_hz[:, None])) <= SAME_LEVEL
    return near


def _curve(kept: _Kept, centres_s: Floats, n_played: int, window: Window) -> Measured[TempoCurve] | Void:
    stated, unsure = kept.is_pulse & kept.is_sure, kept.is_pulse & ~kept.is_sure
    n, bpm = int(np.sum(stated)), 60.0 * kept.hz
    if n <= CHANCE_SHARE * n_played:
        many = np.sum(kept.is_pulse) > CHANCE_SHARE * n_played
        return Void(VoidReason.OCTAVE_UNSURE if many else VoidReason.NO_STEADY_PULSE, n, window)
    value = TempoCurve(
        times_s=tuple(centres_s.tolist()),
        bpm=_where(bpm, stated),
        median_bpm=float(np.median(bpm[stated])),
        share_stated=n / n_played,
        unsure_bpm=_where(bpm, unsure) if np.any(unsure) else (),
    )
    return Measured(value, n, window)


def _where(bpm: Floats, said: Flags) -> tuple[float | None, ...]:
    return tuple(one if here else None for one, here in zip(bpm.tolist(), said.tolist(), strict=True))


def has_pulse(found: Pulses) -> Flags:
    """Whether random onsets would hardly keep so strong a pulse, and no tempo of another level comes near it, (W,)."""
    strength, n_averaged = _averaged(found.strength)
    missing = (2 * NEIGHBOURS + 1 - n_averaged) / (2 * NEIGHBOURS)
    gate = GATE + (GATE_ALONE - GATE) * missing
    return np.asarray((strength > gate) & (found.ahead > _clear(len(found.hz))))


def octave_sure(found: Pulses) -> Flags:
    """Whether a pulse could not as well be counted at its half or its double, (W,)."""
    per_beat, _ = _averaged(found.per_beat)
    at_its_double = (found.hz < DOUBLE_PREFERRED_HZ) & (per_beat > FILLED)
    return np.asarray((found.octave_ahead > _clear(len(found.hz))) & ~at_its_double)


def _clear(n_windows: int) -> float:
    """How far ahead is clear: in proportion where there are too few windows for the whole of it."""
    return CLEAR * min(1.0, n_windows / (2 * NEIGHBOURS + 1))


def _averaged(values: Floats) -> tuple[Floats, Floats]:
    """The mean with the neighbours (those that are numbers), and of how many it is, (W,) each."""
    known, around = np.isfinite(values), np.ones(2 * NEIGHBOURS + 1)
    n = np.convolve(known.astype(np.float64), around)[NEIGHBOURS:-NEIGHBOURS]
    total = np.convolve(np.where(known, values, 0.0), around)[NEIGHBOURS:-NEIGHBOURS]
    return np.divide(total, n, out=np.zeros_like(total), where=n > 0), n
