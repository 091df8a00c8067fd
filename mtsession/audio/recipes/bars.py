"""How do bars, tines, bowls and held tones sound?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mtsession.audio.bank import Take
from mtsession.audio.recipes.matter import (
    Modes,
    Samples,
    ended,
    falling,
    from_db,
    levelled,
    noise,
    pitch_hz,
    ring,
    softened,
    together,
)

STRENGTHS = ((60, 0.35), (100, 0.7), (127, 1.0))
"""Hardest stroke of a layer, and how much of the upper modes it wakes."""


@dataclass(frozen=True, slots=True)
class Struck:
    """Something with a few modes: ratios to the lowest, their amplitudes, their decays as shares of the lowest's."""

    ratios: tuple[float, ...]
    amplitudes: tuple[float, ...]
    decays: tuple[float, ...]
    contact_s: float
    knock_hz: tuple[float, float]
    knock_s: float
    knock_db: float
    beating_hz: float = 0.0


MARIMBA = Struck((1, 3.98, 9.9, 16.2), (1, 0.42, 0.2, 0.08), (1, 0.3, 0.13, 0.06), 0.0010, (300, 2200), 0.03, -18)
"""Bars are cut to 1 : 4 : 10 (Rossing 2000)."""
KALIMBA = Struck((1, 6.27, 17.5), (1, 0.34, 0.12), (1, 0.22, 0.07), 0.0006, (180, 1200), 0.05, -16)
"""A clamped tine has 1 : 6.27 : 17.5; its box answers with a knock."""
BOWL = Struck(
    (1, 2.74, 5.17, 8.1, 11.5), (1, 0.5, 0.24, 0.08, 0.03), (1, 0.55, 0.3, 0.16, 0.1), 0.007, (150, 700), 0.08, -34, 0.7
)
"""Modes of Himalayan bowls, each a pair that beats (Inácio, Henrique & Antunes 2006)."""


def marimba(rate_hz: float, level_db: float) -> tuple[Take, ...]:
    """Rosewood bars over tubes."""
    return _struck(MARIMBA, range(36, 100, 5), rate_hz, level_db, decay_s=_decays(2.6, 36, 20), longest_s=3.0)


def kalimba(rate_hz: float, level_db: float) -> tuple[Take, ...]:
    """Steel tines on a wooden box."""
    return _struck(KALIMBA, range(48, 100, 5), rate_hz, level_db, decay_s=_decays(3.4, 48, 22), longest_s=3.5)


def singing_bowl(rate_hz: float, level_db: float) -> tuple[Take, ...]:
    """Bronze bowls struck with a felt mallet."""
    return _struck(BOWL, range(40, 92, 7), rate_hz, level_db, decay_s=_decays(20.0, 40, 24), longest_s=7.0)


def _decays(lowest_s: float, lowest: int, halving: float) -> dict[int, float]:
    """Time to −60 dB by pitch: halves with every `halving` semitones."""
    return {pitch: lowest_s * 2 ** (-(pitch - lowest) / halving) for pitch in range(128)}


def _struck(
    thing: Struck,
    pitches: Sequence[int],
    rate_hz: float,
    level_db: float,
    *,
    decay_s: dict[int, float],
    longest_s: float,
) -> tuple[Take, ...]:
    return tuple(
        Take(
            levelled(_stroke(thing, pitch, wakes, decay_s[pitch], longest_s, rate_hz), rate_hz, level_db),
            root_pitch=pitch,
            top_velocity=top_velocity,
        )
        for pitch in pitches
        for top_velocity, wakes in STRENGTHS
    )


def _stroke(thing: Struck, pitch: int, wakes: float, decay_s: float, longest_s: float, rate_hz: float) -> Samples:
    n = round(min(longest_s, 1.1 * decay_s + 0.1) * rate_hz)
    tone = softened(ring(_modes(thing, pitch, wakes, decay_s), n, rate_hz), rate_hz, thing.contact_s / wakes**0.5)
    random = np.random.default_rng(2000 + pitch)
    knock = noise(round(4 * thing.knock_s * rate_hz), rate_hz, thing.knock_hz, random)
    knock = softened(knock * falling(len(knock), rate_hz, thing.knock_s), rate_hz, 0.0008)
    knock *= np.float32(from_db(thing.knock_db) * wakes * np.abs(tone).max())
    return ended(together((tone, knock), n))


def _modes(thing: Struck, pitch: int, wakes: float, decay_s: float) -> Modes:
    ratios = np.array(thing.ratios)
    f = pitch_hz(pitch) * ratios
    decays = decay_s * np.array(thing.decays)
    amplitudes = np.array(thing.amplitudes) * wakes ** np.arange(len(ratios))
    kept = f < 15_000.0
    f, decays, amplitudes = f[kept], decays[kept], amplitudes[kept]
    if not thing.beating_hz:
        return Modes(f, decays, amplitudes)
    apart = thing.beating_hz * (1 + 0.6 * np.arange(len(f)))
    return Modes(
        np.concatenate((f, f + apart)), np.concatenate((decays, decays)), np.concatenate((amplitudes, 0.6 * amplitudes))
    )


PAD_LOOP_S = 3.0
PAD_ATTACK_S = 0.25
PAD_RELEASE_S = 0.35


def soft_pad(rate_hz: float, level_db: float) -> tuple[Take, ...]:
    """A held tone, as many slightly different strings: every frequency fits the loop, so it has no seam."""
    return tuple(
        _held(pitch, top_velocity, wakes, rate_hz, level_db)
        for pitch in range(36, 97, 6)
        for top_velocity, wakes in ((80, 0.55), (127, 1.0))
    )


def _held(pitch: int, top_velocity: int, wakes: float, rate_hz: float, level_db: float) -> Take:
    n = round(PAD_LOOP_S * rate_hz)
    turns = round(pitch_hz(pitch) * n / rate_hz)
    random = np.random.default_rng(3000 + pitch)
    spectrum = np.zeros(n // 2 + 1, np.complex128)
    for k in range(1, int(4000 / pitch_hz(pitch)) + 2):
        strength = k**-1.15 * np.exp(-k * pitch_hz(pitch) / (250 + 1500 * wakes**2))
        for apart in (-2, -1, 0, 1, 3):
            place = turns * k + apart * (1 + k // 2)
            spectrum[place] += strength * np.exp(2j * np.pi * random.random()) / (1 + abs(apart))
    samples = np.asarray(np.fft.irfft(spectrum, n), np.float32)
    return Take(
        levelled(samples, rate_hz, level_db),
        root_pitch=float(69 + 12 * np.log2(turns * rate_hz / n / 440)),
        top_velocity=top_velocity,
        loop_frames=n,
        attack_s=PAD_ATTACK_S,
        release_s=PAD_RELEASE_S,
    )
