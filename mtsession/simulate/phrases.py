"""What notes does a simulated player play? Short pentatonic phrases and the chords that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from mtsession.simulate.performance import Hit

SCALE = (60, 62, 64, 67, 69, 72, 74, 76, 79, 81, 84)
"""C major pentatonic from C4 to C6: no two notes of it jar."""

CHORDS = ((48, 52, 55), (45, 52, 57), (41, 53, 57), (43, 50, 59))
"""C, A minor, F and G, all below the scale: one bar each."""

RHYTHMS = (
    (1.0, 1.0, 1.0),
    (0.5, 0.5, 1.0, 1.0),
    (1.0, 0.5, 0.5, 1.0),
    (1.5, 0.5, 1.0),
    (0.5, 0.5, 0.5, 0.5, 1.0),
)
"""Lengths of a phrase's notes in beats; a last long note comes after them."""

LENGTHS = (0.5, 1.0, 1.5)
"""The lengths that occur in a rhythm."""

STEPS, STEP_WEIGHTS = (-2, -1, 0, 1, 2), (0.12, 0.32, 0.12, 0.32, 0.12)

HOME = (0, 5, 10)
"""Steps of the scale that are the key note."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A rhythm in beats, as many steps of the scale, and how strongly it is played (a velocity)."""

    beats: tuple[float, ...]
    steps: tuple[int, ...]
    velocity: int


def new_phrase(rng: Generator, start: int, velocity: int) -> Phrase:
    """A walk over the scale from a step, on a rhythm and a last long note; half of them come home."""
    beats = (*RHYTHMS[rng.integers(len(RHYTHMS))], 1.0)
    moves = rng.choice(STEPS, size=len(beats) - 1, p=STEP_WEIGHTS)
    steps = [start]
    for move in moves.tolist():
        steps.append(_within_scale(steps[-1] + move))
    if rng.uniform() < 0.5:
        steps[-1] = min(HOME, key=lambda home: abs(home - steps[-1]))
    return Phrase(beats, tuple(steps), velocity)


def answer_to(rng: Generator, phrase: Phrase, shift: int) -> Phrase:
    """The same rhythm from another step; the contour as it was, or turned over."""
    first, sign = phrase.steps[0], 1 if rng.uniform() < 0.6 else -1
    steps = tuple(_within_scale(first + shift + sign * (step - first)) for step in phrase.steps)
    return Phrase(phrase.beats, steps, phrase.velocity - 4)


def hits_of(
    rng: Generator, phrase: Phrase, *, start_s: float, beat_s: float, octave: int = 0, chord: Sequence[int] = ()
) -> list[Hit]:
    """The phrase played from `start_s`: nearly legato, a little uneven, the chord under its first note."""
    at_s = start_s + np.concatenate(([0.0], np.cumsum(phrase.beats)[:-1])) * beat_s
    at_s[1:] += rng.normal(0.0, 0.012, len(at_s) - 1)
    held_s = np.concatenate((np.diff(at_s) * 0.92, [phrase.beats[-1] * beat_s * 0.9]))
    swell = np.sin(np.linspace(0.3, 2.6, len(at_s)))
    hits = [
        Hit(time_s, length_s, SCALE[step] + 12 * octave, _velocity(phrase.velocity + 12 * lift + rng.normal(0, 3)))
        for time_s, length_s, step, lift in zip(at_s.tolist(), held_s.tolist(), phrase.steps, swell, strict=True)
    ]
    return hits + spread(rng, chord, start_s, float(np.sum(held_s)), phrase.velocity - 16)


def spread(rng: Generator, chord: Sequence[int], start_s: float, held_s: float, velocity: float) -> list[Hit]:
    """A chord whose fingers land within some 25 ms, the lowest first, and leave together."""
    return [
        Hit(start_s + late_s, held_s - late_s, pitch, _velocity(velocity + rng.normal(0, 2)))
        for pitch, late_s in zip(chord, np.sort(rng.uniform(0.001, 0.025, len(chord))).tolist(), strict=True)
    ]


def _within_scale(step: int) -> int:
    top = len(SCALE) - 1
    return int(np.clip(abs(step) if step <= top else 2 * top - step, 0, top))


def _velocity(velocity: float) -> int:
    return int(np.clip(round(velocity), 20, 115))
