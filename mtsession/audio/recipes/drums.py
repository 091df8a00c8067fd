"""How do skins, metal and seeds sound? Kits: one instrument a number of General MIDI's percussion key map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

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
    ring,
    softened,
    together,
)

STRENGTHS = ((55, 0.35), (95, 0.7), (127, 1.0))

MEMBRANE = np.array([1.0, 1.593, 2.136, 2.296, 2.653, 2.918, 3.156, 3.501, 3.6, 4.06])
"""Modes of a circular membrane (zeros of Bessel functions)."""

Maker: TypeAlias = Callable[[float, float], Samples]
"""`(strength 0–1, rate_hz)` → samples."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One instrument of a kit; `trim_db` is its place in the balance, `choke` as in `Zone`."""

    make: Maker
    trim_db: float = 0.0
    choke: int = 0


def skin(
    frequency_hz: float, decay_s: float, *, glide: float = 0.0, upper: float = 0.5, slap_db: float = -14.0
) -> Maker:
    """A membrane: its lowest mode glides down after a hard stroke, the upper ones die away sooner."""

    def make(strength: float, rate_hz: float) -> Samples:
        n = round(1.3 * decay_s * rate_hz)
        t = np.arange(n) / rate_hz
        phase = frequency_hz * (t + glide * strength * 0.03 * (1 - np.exp(-t / 0.03)))
        body = np.sin(2 * np.pi * phase) * falling(n, rate_hz, decay_s)
        k = np.arange(1, len(MEMBRANE))
        decays = np.asarray(decay_s / (1 + 0.8 * k), np.float64)
        modes = Modes(frequency_hz * MEMBRANE[1:], decays, np.asarray(upper * strength * 0.7**k, np.float64))
        slap = noise(round(0.06 * rate_hz), rate_hz, (500.0, 2500.0 + 4000 * strength), np.random.default_rng(11))
        slap *= falling(len(slap), rate_hz, 0.035) * np.float32(from_db(slap_db) * strength)
        whole = together((body.astype(np.float32), ring(modes, n, rate_hz), slap), n)
        return ended(softened(whole, rate_hz, 0.0012))

    return make


def snare(*, wires_s: float, body_hz: float = 185.0, wires: float = 0.5) -> Maker:
    """Two heads and wires."""

    def make(strength: float, rate_hz: float) -> Samples:
        n = round(1.4 * wires_s * rate_hz)
        head = skin(body_hz, 0.16, glide=1.0, upper=0.8, slap_db=-8.0)(strength, rate_hz)
        rattle = noise(n, rate_hz, (1200.0, 5000.0 + 4000.0 * strength), np.random.default_rng(12))
        rattle = softened(rattle * falling(n, rate_hz, wires_s), rate_hz, 0.002) * np.float32(wires)
        return ended(together((head, rattle), n))

    return make


def metal(
    low_hz: float, high_hz: float, decay_s: float, *, body_hz: float, n_modes: int = 240, bell: float = 0.0
) -> Maker:
    """A cymbal: many close modes, those above `body_hz` the strongest, the high ones the first gone.

    `bell` adds a clear tone.
    """

    def make(strength: float, rate_hz: float) -> Samples:
        random = np.random.default_rng(round(low_hz + 10 * decay_s * high_hz))
        f = low_hz + (high_hz - low_hz) * random.random(n_modes) ** 1.4
        decays = decay_s * (body_hz / np.maximum(f, body_hz)) ** 0.5 * (0.6 + 0.8 * random.random(n_modes))
        amplitude = random.random(n_modes) / (1 + (body_hz / f) ** 2) * np.exp(-f / (3500.0 + 12_000.0 * strength))
        if bell:
            tones = low_hz * np.array([1.9, 2.84, 4.1, 5.4])
            f = np.concatenate((f, tones))
            decays = np.concatenate((decays, np.full(4, 0.8 * decay_s)))
            amplitude = np.concatenate((amplitude, bell * amplitude.max() * np.array([1.0, 0.8, 0.5, 0.4])))
        n = round(min(3.2, decay_s) * rate_hz)
        modes = Modes(f, decays, amplitude, 2 * np.pi * random.random(len(f)))
        return ended(softened(ring(modes, n, rate_hz), rate_hz, 0.0008))

    return make


def click(low_hz: float, high_hz: float, decay_s: float, *, tone_hz: float = 0.0) -> Maker:
    """Wood or hands: a short noise, with a tone where there is one."""

    def make(strength: float, rate_hz: float) -> Samples:
        n = round(2.0 * decay_s * rate_hz)
        burst = noise(n, rate_hz, (low_hz, high_hz * (0.5 + 0.5 * strength)), np.random.default_rng(13))
        burst *= falling(n, rate_hz, decay_s * 0.6)
        if tone_hz:
            modes = Modes(
                tone_hz * np.array([1.0, 2.3, 3.9]), decay_s * np.array([1.0, 0.5, 0.3]), np.array([3.0, 1.2, 0.6])
            )
            burst = burst + ring(modes, n, rate_hz)
        return ended(softened(burst, rate_hz, 0.0005))

    return make


def grains(decay_s: float, swell_s: float, band_hz: tuple[float, float], seed: int) -> Maker:
    """Seeds: many small collisions, swelling and dying away (Cook 1997)."""

    def make(strength: float, rate_hz: float) -> Samples:
        n = round((swell_s + 1.3 * decay_s) * rate_hz)
        random = np.random.default_rng(seed)
        t = np.arange(n) / rate_hz
        swell = np.minimum(1.0, (t + 0.004) / swell_s) * np.exp(-np.maximum(0.0, t - swell_s) * 6.9 / decay_s)
        hits = (random.random(n) < 0.05 * swell) * random.exponential(1.0, n)
        tail = np.exp(-np.arange(200) / 40.0)
        bursts = np.convolve(hits, tail)[:n] * noise(
            n, rate_hz, (band_hz[0], band_hz[1] * (0.6 + 0.4 * strength)), random
        )
        return ended(np.asarray(bursts, np.float32))

    return make


HAT = 1
KIT: Mapping[int, Piece] = {
    36: Piece(skin(54.0, 0.38, glide=2.2, upper=0.12, slap_db=-16.0), 3.0),
    37: Piece(click(700.0, 4000.0, 0.06, tone_hz=480.0), -3.0),
    38: Piece(snare(wires_s=0.26), 1.0),
    39: Piece(click(800.0, 3500.0, 0.14), -2.0),
    40: Piece(snare(wires_s=0.2, body_hz=240.0, wires=0.4), 1.0),
    41: Piece(skin(74.0, 0.75, glide=0.8, upper=0.3), 1.0),
    42: Piece(metal(420.0, 13000.0, 0.16, body_hz=5000.0), -6.0, HAT),
    43: Piece(skin(88.0, 0.7, glide=0.8, upper=0.3), 1.0),
    44: Piece(metal(380.0, 9000.0, 0.11, body_hz=3500.0), -9.0, HAT),
    45: Piece(skin(105.0, 0.62, glide=0.8, upper=0.32), 1.0),
    46: Piece(metal(420.0, 13000.0, 1.1, body_hz=4500.0), -5.0, HAT),
    47: Piece(skin(124.0, 0.56, glide=0.8, upper=0.32), 1.0),
    48: Piece(skin(148.0, 0.5, glide=0.8, upper=0.34), 0.0),
    49: Piece(metal(260.0, 12000.0, 3.4, body_hz=1600.0, n_modes=320), -2.0),
    50: Piece(skin(176.0, 0.44, glide=0.8, upper=0.34), 0.0),
    51: Piece(metal(320.0, 10000.0, 2.6, body_hz=2600.0, bell=0.5), -6.0),
    52: Piece(metal(210.0, 14000.0, 2.0, body_hz=1300.0, n_modes=320), -3.0),
    53: Piece(metal(420.0, 8000.0, 2.4, body_hz=2200.0, n_modes=120, bell=2.5), -5.0),
    54: Piece(grains(0.16, 0.006, (4500.0, 11000.0), 21), -5.0),
    55: Piece(metal(480.0, 13000.0, 1.0, body_hz=2800.0, n_modes=260), -4.0),
    56: Piece(click(500.0, 4000.0, 0.22, tone_hz=540.0), -5.0),
}
"""Numbers of the General MIDI percussion key map."""

KIT_ALIASES: Mapping[int, int] = {
    22: 42, 26: 46, 35: 36, 57: 49, 58: 43, 59: 51, 60: 50, 61: 48, 62: 48, 63: 47, 64: 45, 65: 50, 66: 48,
    69: 54, 70: 54, 73: 37, 74: 37, 75: 37, 76: 37, 77: 37, 80: 53, 81: 53, 82: 54,
}  # fmt: skip
"""The nearest kind for numbers without an instrument; 22, 26 and 58 are the edges and rims of electronic kits."""

FRAME_DRUM: Mapping[int, Piece] = {
    36: Piece(skin(82.0, 1.1, glide=0.5, upper=0.35, slap_db=-20.0)),
    38: Piece(skin(190.0, 0.35, glide=0.3, upper=0.9, slap_db=-8.0), -2.0),
    42: Piece(skin(310.0, 0.16, upper=1.0, slap_db=-4.0), -5.0),
    45: Piece(skin(118.0, 0.7, glide=0.4, upper=0.5, slap_db=-16.0)),
}
"""Middle, rim, finger, and halfway."""

SHAKER: Mapping[int, Piece] = {
    69: Piece(grains(0.12, 0.03, (3200.0, 9000.0), 31)),
    70: Piece(grains(0.09, 0.018, (3800.0, 10000.0), 32), -2.0),
}
"""Away from the body, and back."""

FRAME_DRUM_ALIASES: Mapping[int, int] = {
    number: kind
    for kind, numbers in {36: (35, 41, 43, 64), 38: (37, 39, 40, 62), 45: (47, 48, 50, 45, 60, 61, 63)}.items()
    for number in numbers
} | dict.fromkeys((22, 26, 44, 46, *range(49, 60), *range(65, 88)), 42)

SHAKER_ALIASES: Mapping[int, int] = {number: 69 + number % 2 for number in range(128)}


def kit(pieces: Mapping[int, Piece], rate_hz: float, level_db: float) -> tuple[Take, ...]:
    """All instruments of a kit, each in three strengths, ringing out by themselves."""
    return tuple(
        Take(
            levelled(piece.make(strength, rate_hz), rate_hz, level_db + piece.trim_db),
            root_pitch=number,
            top_velocity=top_velocity,
            choke=piece.choke,
        )
        for number, piece in pieces.items()
        for top_velocity, strength in STRENGTHS
    )
