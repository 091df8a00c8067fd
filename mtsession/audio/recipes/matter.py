"""What are all struck and plucked things made of? Damped modes, filtered noise, a beginning and an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]
Numbers: TypeAlias = NDArray[np.float64]

SIXTY_DB = float(np.log(1000.0))
_ROW = 1024


@dataclass(frozen=True, slots=True)
class Modes:
    """Damped sinusoids: frequency, time to fall by 60 dB, amplitude, and phase (0 starts from silence); all (k,)."""

    frequency_hz: Numbers
    decay_s: Numbers
    amplitude: Numbers
    phase: Numbers | float = 0.0


def pitch_hz(pitch: float) -> float:
    """Equal temperament, A4 = 440 Hz = 69."""
    return float(440.0 * 2 ** ((pitch - 69) / 12))


def from_db(decibels: float) -> float:
    """DB as amplitude."""
    return float(10 ** (decibels / 20))


def ring(modes: Modes, n_frames: int, rate_hz: float) -> Samples:
    """The sum of the modes, (n_frames,).

    exp(s(r + c)) = exp(sr)·exp(sc): with the samples laid out in rows, all modes together are one matrix product.
    """
    s = (-SIXTY_DB / modes.decay_s + 2j * np.pi * modes.frequency_hz)[:, np.newaxis] / rate_hz
    rows = np.exp(s * np.arange(0, n_frames, _ROW))
    start = modes.amplitude * np.exp(1j * np.broadcast_to(modes.phase, modes.amplitude.shape))
    columns = start[:, np.newaxis] * np.exp(s * np.arange(_ROW))
    left = np.concatenate((rows.real, rows.imag)).astype(np.float32)
    right = np.concatenate((columns.imag, columns.real)).astype(np.float32)
    return np.asarray((left.T @ right).reshape(-1)[:n_frames], np.float32)


def noise(n_frames: int, rate_hz: float, band_hz: tuple[float, float], random: np.random.Generator) -> Samples:
    """Noise between two frequencies, with slopes of 12 dB an octave; root mean square 1."""
    spectrum = np.fft.rfft(random.standard_normal(n_frames))
    f = np.maximum(np.fft.rfftfreq(n_frames, 1 / rate_hz), 1.0)
    low, high = band_hz
    shaped = np.fft.irfft(spectrum / (1 + (low / f) ** 2) / (1 + (f / high) ** 2), n_frames)
    return np.asarray(shaped / np.sqrt(np.mean(shaped**2)), np.float32)


def falling(n_frames: int, rate_hz: float, decay_s: float) -> Samples:
    """A fall by 60 dB in `decay_s`."""
    return np.asarray(np.exp(-SIXTY_DB * np.arange(n_frames) / (decay_s * rate_hz)), np.float32)


def softened(samples: Samples, rate_hz: float, rise_s: float) -> Samples:
    """The same with a rise like half a cosine: the time a mallet or a felt stays on what it strikes."""
    n = min(len(samples), max(1, round(rise_s * rate_hz)))
    rise = np.ones(len(samples), np.float32)
    rise[:n] = 0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / n)
    return samples * rise


def ended(samples: Samples) -> Samples:
    """The same without what is 66 dB under its peak, and with its last tenth brought to silence."""
    heard = np.flatnonzero(np.abs(samples) > from_db(-66.0) * np.abs(samples).max())
    samples = samples[: heard[-1] + 1]
    n = len(samples) // 10
    end = np.ones(len(samples), np.float32)
    end[-n:] = 0.5 + 0.5 * np.cos(np.pi * (np.arange(n) + 1) / n)
    return samples * end


def together(parts: Sequence[Samples], n_frames: int) -> Samples:
    """Parts that begin at once, summed; the longer ones are cut."""
    whole = np.zeros(n_frames, np.float32)
    for part in parts:
        n = min(n_frames, len(part))
        whole[:n] += part[:n]
    return whole


def perceived_level_db(samples: Samples, rate_hz: float, window_s: float = 0.4) -> float:
    """Loudness of the first `window_s`, in LUFS of one channel (ITU-R BS.1770-5: K weighting, momentary)."""
    n = round(window_s * rate_hz)
    heard = np.zeros(n)
    heard[: min(n, len(samples))] = samples[:n]
    power = np.abs(np.fft.rfft(heard)) ** 2 * k_weight(np.asarray(np.fft.rfftfreq(n, 1 / rate_hz), np.float64))
    return float(-0.691 + 10 * np.log10(2 * power.sum() / n**2 + 1e-12))


def k_weight(frequency_hz: Numbers) -> Numbers:
    """Power response of the K weighting: its shelf and its high-pass, as the analogue filters behind the standard."""
    s = 2j * np.pi * frequency_hz
    shelf = 2 * np.pi * 1681.974
    gain = 10 ** (3.99984 / 20)
    q = 0.7071752
    high = (gain * s**2 + np.sqrt(gain) * (shelf / q) * s + shelf**2) / (s**2 + (shelf / q) * s + shelf**2)
    corner = 2 * np.pi * 38.1355
    low = s**2 / (s**2 + (corner / 0.5003270) * s + corner**2)
    return np.asarray(np.abs(high * low) ** 2, np.float64)


def levelled(samples: Samples, rate_hz: float, level_db: float) -> Samples:
    """The same at a perceived level."""
    return samples * np.float32(from_db(level_db - perceived_level_db(samples, rate_hz)))
