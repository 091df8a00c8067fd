"""How is the true peak kept under its ceiling, whatever is played, within a millisecond and without a click?

The peak between samples is found by fourfold interpolation (ITU-R BS.1770-5, annex 2). The gain that each stretch
needs is held over the look-ahead (sliding minimum), recovers slowly, and is smoothed by two running means as long
as the look-ahead: it has always arrived where it must be when the peak leaves. Gains are integers of 2**-30: the
running means never drift, and at rest the gain is exactly 1.
"""

from __future__ import annotations

import numpy as np

from mtsession.audio.intrinsics import njit
from mtsession.audio.layout import LIMITER_PAST, MAX_LOOKAHEAD, Number, Record, Samples

CEILING_DB = -6.0
"""True peak that never leaves (care rules, §4)."""
MARGIN_DB = 0.3
"""What fourfold interpolation may under-read, and what a changing gain may add between samples."""
LOOKAHEAD_S = 0.001
RECOVERY_S = 0.1

ONE = 1 << 30
HALF_TAPS = 8
_KAISER_BETA = 3.0
"""Tried: with 16 taps this under-reads the peaks of noise up to the Nyquist frequency least (0.36 dB)."""
_FILTER_WAIT = HALF_TAPS - 2


def _interpolator(fraction: float) -> Samples:
    """A Kaiser-windowed sinc that reads `fraction` of a sample after its middle; float32 (2 HALF_TAPS,), sum 1."""
    distance = np.arange(-HALF_TAPS + 1, HALF_TAPS + 1) - fraction
    taps = np.sinc(distance) * np.i0(_KAISER_BETA * np.sqrt(np.maximum(0.0, 1.0 - (distance / HALF_TAPS) ** 2)))
    return np.asarray(taps / taps.sum(), np.float32)


_QUARTER, _MIDDLE, _THREE_QUARTERS = (_interpolator(fraction) for fraction in (0.25, 0.5, 0.75))


def lookahead_frames(sample_rate_hz: float) -> int:
    """The limiter's delay: two running means and what the interpolation waits for, within a millisecond."""
    return 2 * ((int(sample_rate_hz * LOOKAHEAD_S) - _FILTER_WAIT) // 2) + _FILTER_WAIT


def set_up(limiter: Record, sample_rate_hz: float) -> None:
    """Write a limiter at rest into its shared memory."""
    limiter["lookahead"] = lookahead_frames(sample_rate_hz)
    limiter["ceiling"] = 10 ** ((CEILING_DB - MARGIN_DB) / 20)
    limiter["release"] = round(2**20 / (RECOVERY_S * sample_rate_hz))
    limiter["at_rest"] = 2 * MAX_LOOKAHEAD
    limiter["recovering"] = ONE
    limiter["first"] = limiter["second"] = ONE
    limiter["first_sum"] = limiter["second_sum"] = (limiter["lookahead"] - _FILTER_WAIT) // 2 * ONE


@njit
def take_in(limiter: Record, mix: Samples, n: int) -> None:
    """Put the run's samples behind the remembered ones."""
    for channel in range(2):
        for i in range(n):
            limiter.past[channel, LIMITER_PAST + i] = mix[channel, i]


@njit
def find_peaks(past: Samples, needed: Samples, n: int) -> Number:
    """True peak of the interval that each newly arrived sample completes; returns the run's highest."""
    for i in range(n):
        needed[i] = 0.0
    for channel in range(2):
        samples = past[channel]
        for i in range(n):
            quarter = middle = last = np.float32(0.0)
            start = LIMITER_PAST + i - 2 * HALF_TAPS + 1
            for tap in range(2 * HALF_TAPS):
                sample = samples[start + tap]
                quarter += _QUARTER[tap] * sample
                middle += _MIDDLE[tap] * sample
                last += _THREE_QUARTERS[tap] * sample
            here = max(abs(samples[start + HALF_TAPS - 1]), abs(samples[start + HALF_TAPS]))
            needed[i] = max(needed[i], here, abs(quarter), abs(middle), abs(last))
    highest = np.float32(0.0)
    for i in range(n):
        highest = max(highest, needed[i])
    return highest


@njit
def held_minimum(limiter: Record, gain: int, frame: int) -> Number:
    """The smallest gain of the last look-ahead: a queue of ever larger gains (amortised constant time)."""
    window = limiter.lookahead - _FILTER_WAIT
    while limiter.queue_size > 0:
        last = (limiter.queue_head + limiter.queue_size - 1) % MAX_LOOKAHEAD
        if limiter.queue_gain[last] < gain:
            break
        limiter.queue_size -= 1
    free = (limiter.queue_head + limiter.queue_size) % MAX_LOOKAHEAD
    limiter.queue_gain[free] = gain
    limiter.queue_frame[free] = frame
    limiter.queue_size += 1
    if limiter.queue_frame[limiter.queue_head] <= frame - window:
        limiter.queue_head = (limiter.queue_head + 1) % MAX_LOOKAHEAD
        limiter.queue_size -= 1
    return limiter.queue_gain[limiter.queue_head]


@njit
def next_gain(limiter: Record, peak: float, frame: int) -> np.float32:
    """The gain for the sample that leaves at `frame`, after a peak has arrived."""
    gain = ONE
    if peak > limiter.ceiling:
        gain = int(limiter.ceiling / peak * ONE)
    least = held_minimum(limiter, gain, frame)
    if least < limiter.recovering:
        limiter.recovering = least
    elif least > limiter.recovering:
        limiter.recovering += ((least - limiter.recovering) * limiter.release >> 20) + 1
    limiter.at_rest = limiter.at_rest + 1 if limiter.recovering == ONE else 0
    span = (limiter.lookahead - _FILTER_WAIT) // 2
    slot = frame % span
    limiter.first_sum += limiter.recovering - limiter.first[slot]
    limiter.first[slot] = limiter.recovering
    mean = limiter.first_sum // span
    limiter.second_sum += mean - limiter.second[slot]
    limiter.second[slot] = mean
    return np.float32(limiter.second_sum / (span * float(ONE)))


@njit
def let_out(limiter: Record, out: Samples, start: int, n: int, frame: int, highest: float) -> None:
    """Write the delayed run, held under the ceiling, to `out` (n, 2) from row `start`."""
    delayed = LIMITER_PAST - limiter.lookahead
    left = limiter.past[0]
    right = limiter.past[1]
    if limiter.at_rest > 2 * MAX_LOOKAHEAD and highest <= limiter.ceiling:
        for i in range(n):
            out[start + i, 0] = left[delayed + i]
            out[start + i, 1] = right[delayed + i]
        limiter.queue_size = 0
        return
    for i in range(n):
        gain = next_gain(limiter, limiter.needed[i], frame + i)
        out[start + i, 0] = left[delayed + i] * gain
        out[start + i, 1] = right[delayed + i] * gain


@njit
def forget(limiter: Record, n: int) -> None:
    """Move the remembered samples up by the run."""
    for channel in range(2):
        for i in range(LIMITER_PAST):
            limiter.past[channel, i] = limiter.past[channel, i + n]


@njit
def limit(limiter: Record, mix: Samples, out: Samples, start: int, n: int, frame: int) -> None:
    """One run of at most a tick through the limiter."""
    take_in(limiter, mix, n)
    highest = find_peaks(limiter.past, limiter.needed, n)
    let_out(limiter, out, start, n, frame, highest)
    forget(limiter, n)
