"""What do two or more players play on one pulse that they keep together, each hearing some of the others?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.random import Generator, default_rng

from mtsession.events import Seat
from mtsession.session import Player, Role
from mtsession.simulate.coupling import Coupling, group_pulse
from mtsession.simulate.hands import STEADY_HANDS, Hands
from mtsession.simulate.loudness import LoudnessFollowing, new_swell, velocities
from mtsession.simulate.performance import (
    Hit,
    Performance,
    Stretch,
    TempoPoint,
    TrueCoupling,
    TrueFollowing,
    Truth,
    last_end_s,
    script_of,
)
from mtsession.simulate.phrases import SCALE
from mtsession.simulate.timing import Times, tempo_curve_s

HELD = 0.8
"""The share of a beat for which a note is held."""


@dataclass(frozen=True, slots=True)
class BeatPlayer:
    """One who plays a note a beat, walking between two steps of the scale, both included."""

    seat: Seat
    role: Role
    hands: Hands = STEADY_HANDS
    instrument: str = "keyboard"
    velocity: int = 68
    steps: tuple[int, int] = (0, len(SCALE) - 1)


@dataclass(frozen=True, slots=True)
class Ensemble:
    """A pulse of `beats` beats; `tempo` goes in straight lines through (share of the beats, BPM).

    Row and column of the coupling are places among the players. With `loudness` the first player's loudness follows
    the second's. What hands add comes after: the others hear what was meant.
    """

    players: tuple[BeatPlayer, ...]
    coupling: Coupling
    beats: int
    tempo: tuple[tuple[float, float], ...]
    lead_s: float = 1.0
    loudness: LoudnessFollowing | None = None

    def perform(self, seed: int) -> Performance:
        """The same seed gives the same performance."""
        rng = default_rng(seed)
        intended_s = tempo_curve_s(self.beats, self.tempo)
        beats_s = group_pulse(rng, intended_s, self.coupling) + self.lead_s
        loud = self._velocities(rng, beats_s)
        hits = [
            (player.seat, hit)
            for player, times_s, strengths in zip(self.players, beats_s, loud, strict=True)
            for hit in player.hands.play(rng, _walk(rng, player, times_s, strengths))
        ]
        players = tuple(Player(p.seat, p.role, p.instrument, "open-keys") for p in self.players)
        return Performance(players, script_of(hits), self._truth(seed, hits, beats_s, intended_s))

    def _velocities(self, rng: Generator, beats_s: Times) -> list[list[int]]:
        follow = self.loudness
        if follow is None:
            return [
                [int(v) for v in np.clip(np.rint(rng.normal(player.velocity, 4.0, len(times_s))), 1, 127)]
                for player, times_s in zip(self.players, beats_s, strict=True)
            ]
        swell = new_swell(rng, follow.period_s)
        depths, lags_s = [follow.gain * follow.depth], [follow.lag_s]
        depths += [follow.depth] * (len(self.players) - 1)
        lags_s += [0.0] * (len(self.players) - 1)
        return [
            velocities(rng, swell, times_s - lag_s, player.velocity, depth=depth, noise=follow.noise)
            for player, times_s, lag_s, depth in zip(self.players, beats_s, lags_s, depths, strict=True)
        ]

    def _truth(self, seed: int, hits: list[tuple[Seat, Hit]], beats_s: Times, intended_s: Times) -> Truth:
        points = zip(beats_s.mean(axis=0)[:-1].tolist(), (60.0 / intended_s).tolist(), strict=True)
        seats = [player.seat for player in self.players]
        follow = self.loudness
        return Truth(
            seed=seed,
            length_s=last_end_s(hits),
            stretches=(Stretch("together", float(beats_s.min()), float(beats_s.max())),),
            turns=(),
            transfers=(),
            tempo=tuple(TempoPoint(time_s, bpm) for time_s, bpm in points),
            coupling=self._couplings(),
            loudness=() if follow is None else (TrueFollowing(seats[0], seats[1], follow.lag_s, follow.gain),),
        )

    def _couplings(self) -> tuple[TrueCoupling, ...]:
        phase, period = self.coupling.phase, self.coupling.period
        return tuple(
            TrueCoupling(self.players[i].seat, self.players[j].seat, phase[i][j], period[i][j])
            for i, j in permutations(range(len(self.players)), 2)
            if phase[i][j] or period[i][j]
        )


def _walk(rng: Generator, player: BeatPlayer, times_s: Times, strengths: list[int]) -> list[Hit]:
    """A note at each time, never the one before: a key is let go before it is struck again."""
    low, high = player.steps
    lengths_s = np.append(np.diff(times_s), np.median(np.diff(times_s))) * HELD
    step, hits = (low + high) // 2, []
    for time_s, length_s, velocity in zip(times_s.tolist(), lengths_s.tolist(), strengths, strict=True):
        near = [to for to in range(step - 2, step + 3) if to != step and low <= to <= high]
        step = int(rng.choice(near))
        hits.append(Hit(time_s, length_s, SCALE[step], velocity))
    return hits
