"""Players who know nothing of each other, for the proofs of what chance gives. Four of a kind a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mtsession.analysis.played import Played, from_arrays
from mtsession.analysis.result import Window
from mtsession.events import Seat
from mtsession.simulate.crowd import Crowd, poisson_crowd, steady_crowd, walking_crowd

MINUTE = Window(0.0, 60.0)

SEATS = (Seat("client"), Seat("therapist"), Seat("client-2"), Seat("client-3"))

Players: TypeAlias = tuple[Played, ...]
"""The four players of a session; measures of two ask the first two."""


def seated(rng: Generator, crowd: Crowd, seat: Seat) -> list[Played]:
    """One player a session on those onsets: notes of at most 0.3 s, pitch and velocity wandering on their own."""
    return [_playing(rng, times_s, seat) for times_s in crowd]


def _playing(rng: Generator, times_s: NDArray[np.float64], seat: Seat) -> Played:
    held_s = np.minimum(0.3, 0.9 * np.diff(times_s, append=MINUTE.end_s + 1.0))
    return from_arrays(
        seat,
        times_s,
        times_s + held_s,
        pitches=60.0 + np.round(7.0 * _wandering(rng, times_s)),
        velocities=np.clip(70.0 + 12.0 * _wandering(rng, times_s) + rng.normal(0.0, 4.0, len(times_s)), 1.0, 127.0),
    )


def _wandering(rng: Generator, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """A swell of its own at each onset, standard deviation 1: kept for some seconds, then forgotten."""
    at_s = np.arange(-10.0, MINUTE.end_s + 10.0, 0.5)
    lasts_s = rng.uniform(1.0, 4.0)
    kernel = np.exp(-0.5 * (np.arange(-30, 31) * 0.5 / lasts_s) ** 2)
    swell = np.convolve(rng.standard_normal(len(at_s)), kernel / np.sqrt(np.sum(kernel**2)), mode="same")
    return np.interp(times_s, at_s, swell)


def phrases_crowd(rng: Generator, sessions: int) -> Crowd:
    """Phrases of three to seven notes with a rhythm, and silences of some 2.5 s between them."""
    return tuple(_phrases(rng) for _ in range(sessions))


def _phrases(rng: Generator) -> NDArray[np.float64]:
    n_phrases = 30
    lengths = rng.integers(3, 8, n_phrases)
    steps_s = 0.3 * rng.choice((1.0, 1.0, 2.0), lengths.sum()) * rng.normal(1.0, 0.04, lengths.sum())
    steps_s[np.cumsum(lengths) - 1] += np.clip(2.5 * np.exp(rng.normal(0.0, 0.3, n_phrases)), 1.6, 8.0)
    # begun well before the window, so that it opens anywhere in a phrase or a silence
    times_s = np.cumsum(steps_s) - rng.uniform(5.0, 20.0)
    return times_s[(times_s >= 0.0) & (times_s < MINUTE.length_s)]


KINDS: Mapping[str, tuple[Callable[[Generator, int], Crowd], Callable[[Generator, int], Crowd]]] = {
    "Poisson": (
        lambda rng, n: poisson_crowd(rng, n, rate_per_s=2.0, length_s=60.0),
        lambda rng, n: poisson_crowd(rng, n, rate_per_s=2.0, length_s=60.0),
    ),
    "clocks, equal": (
        lambda rng, n: steady_crowd(rng, n, bpm=90.0, length_s=60.0),
        lambda rng, n: steady_crowd(rng, n, bpm=90.0, length_s=60.0),
    ),
    "clocks, unequal": (
        lambda rng, n: steady_crowd(rng, n, bpm=90.0, length_s=60.0),
        lambda rng, n: steady_crowd(rng, n, bpm=97.0, length_s=60.0),
    ),
    "walking, equal": (
        lambda rng, n: walking_crowd(rng, n, bpm=90.0, length_s=60.0),
        lambda rng, n: walking_crowd(rng, n, bpm=90.0, length_s=60.0),
    ),
    "walking, unequal": (
        lambda rng, n: walking_crowd(rng, n, bpm=90.0, length_s=60.0),
        lambda rng, n: walking_crowd(rng, n, bpm=97.0, length_s=60.0),
    ),
    "phrases": (phrases_crowd, phrases_crowd),
}
"""Clocks keep an even beat beside which their hits lie; walking players' errors stay (Wing & Kristofferson 1973)."""


def unrelated(kind: str, rng: Generator, sessions: int) -> list[Players]:
    """So many sessions of four players of a kind, one minute each; at unequal tempi every other one is faster."""
    crowds = [KINDS[kind][number % 2](rng, sessions) for number in range(len(SEATS))]
    seats = [seated(rng, crowd, seat) for crowd, seat in zip(crowds, SEATS, strict=True)]
    return list(zip(*seats, strict=True))
