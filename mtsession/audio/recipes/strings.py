"""How does a string sound that is struck by felt, or plucked by a finger?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtsession.audio.bank import Take
from mtsession.audio.recipes.matter import (
    Modes,
    Numbers,
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

HIGHEST_PARTIAL_HZ = 14_000.0
LONGEST_S = 6.0


@dataclass(frozen=True, slots=True)
class Stroke:
    """How hard: serves strokes up to `top_velocity`; the felt lets partials pass up to about `brightness_hz`."""

    top_velocity: int
    brightness_hz: float
    contact_s: float
    knock_db: float


PIANO_STROKES = (Stroke(52, 420.0, 0.0035, -30.0), Stroke(92, 760.0, 0.0025, -26.0), Stroke(127, 1300.0, 0.0016, -23.0))
HARP_STROKES = (Stroke(70, 500.0, 0.0020, -38.0), Stroke(127, 1600.0, 0.0012, -34.0))


def inharmonicity(pitch: float) -> float:
    """Stiffness of a piano's string: bass and treble bridge (Rauhala, Lehtonen & Välimäki 2007)."""
    return float(np.exp(-0.0847 * pitch - 5.82) + np.exp(0.0926 * pitch - 13.64))


def partials_hz(pitch: float, stiffness: float) -> Numbers:
    """The partials of a stiff string, tuned by its first, below the highest that is kept."""
    k = np.arange(1, 70)
    f = pitch_hz(pitch) * k * np.sqrt((1 + stiffness * k**2) / (1 + stiffness))
    return np.asarray(f[f < HIGHEST_PARTIAL_HZ], np.float64)


def felt_piano(rate_hz: float, level_db: float) -> tuple[Take, ...]:
    """A piano with felt between hammers and strings: 18 roots, three strengths."""
    return tuple(
        Take(
            levelled(_piano_note(pitch, stroke, rate_hz), rate_hz, level_db),
            root_pitch=pitch,
            top_velocity=stroke.top_velocity,
            release_s=0.09 if pitch < 90 else 0.5,
        )
        for pitch in range(22, 109, 5)
        for stroke in PIANO_STROKES
    )


def _piano_note(pitch: int, stroke: Stroke, rate_hz: float) -> Samples:
    f = partials_hz(pitch, inharmonicity(pitch))
    k = np.arange(1, len(f) + 1)
    decay_s = 9.0 * 2 ** (-(pitch - 21) / 24) / (1 + 0.22 * (k - 1))
    struck_at = np.maximum(0.15, np.abs(np.sin(np.pi * k / 7.3)))
    amplitude = struck_at * k**-0.4 * np.exp(-f / (stroke.brightness_hz + 0.9 * pitch_hz(pitch)))
    strings = Modes(
        np.concatenate((f, f * 1.00023)),
        np.concatenate((decay_s, 2.4 * decay_s)),
        np.concatenate((amplitude, 0.35 * amplitude)),
    )
    n = round(min(LONGEST_S, 2.0 * decay_s[0] + 0.3) * rate_hz)
    tone = softened(ring(strings, n, rate_hz), rate_hz, stroke.contact_s)
    knock = _hammer(pitch, rate_hz) * np.float32(from_db(stroke.knock_db) * np.abs(tone).max())
    return ended(together((tone, knock), n))


def _hammer(pitch: int, rate_hz: float) -> Samples:
    """The key's bed and the felt: a low thud and a breath of noise."""
    n = round(0.15 * rate_hz)
    random = np.random.default_rng(pitch)
    thud = ring(Modes(np.array([71.0, 118.0, 205.0]), np.array([0.14, 0.1, 0.07]), np.ones(3)), n, rate_hz)
    breath = noise(n, rate_hz, (250.0, 1400.0), random) * falling(n, rate_hz, 0.05)
    return softened(thud + breath, rate_hz, 0.001)


def harp(rate_hz: float, level_db: float) -> tuple[Take, ...]:
    """Gut strings plucked near the middle: 13 roots, two strengths; they ring on when let go."""
    return tuple(
        Take(
            levelled(_harp_note(pitch, stroke, rate_hz), rate_hz, level_db),
            root_pitch=pitch,
            top_velocity=stroke.top_velocity,
            release_s=0.35,
        )
        for pitch in range(28, 104, 6)
        for stroke in HARP_STROKES
    )


def _harp_note(pitch: int, stroke: Stroke, rate_hz: float) -> Samples:
    f = partials_hz(pitch, 4e-5)
    k = np.arange(1, len(f) + 1)
    decay_s = np.asarray(6.0 * 2 ** (-(pitch - 28) / 26) / (1 + 0.09 * (k - 1) ** 1.3), np.float64)
    amplitude = np.abs(np.sin(np.pi * k * 0.36)) / k**0.75 + 0.02 / k
    amplitude *= np.exp(-f / (stroke.brightness_hz + 1.6 * pitch_hz(pitch)))
    n = round(min(LONGEST_S, 1.1 * decay_s[0] + 0.3) * rate_hz)
    tone = softened(ring(Modes(f, decay_s, amplitude), n, rate_hz), rate_hz, stroke.contact_s)
    random = np.random.default_rng(1000 + pitch)
    finger = noise(round(0.03 * rate_hz), rate_hz, (800.0, 4000.0), random)
    finger *= falling(len(finger), rate_hz, 0.02) * np.float32(from_db(stroke.knock_db) * np.abs(tone).max())
    return ended(together((tone, finger), n))
