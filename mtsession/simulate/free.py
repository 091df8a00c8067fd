"""What is played without a pulse: freely, or a few quiet notes between many pauses?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, default_rng

from mtsession.events import Seat
from mtsession.session import Player, Role
from mtsession.simulate.performance import (
    Hit,
    Performance,
    Stretch,
    TruePause,
    Truth,
    last_end_s,
    script_of,
)
from mtsession.simulate.phrases import SCALE
from mtsession.simulate.timing import Times, gap_s

PAUSE_S = 3.0
"""A silence this long is a pause (measures: who played, how much)."""


@dataclass(frozen=True, slots=True)
class FreePlayer:
    """Notes at a mean rate without a pulse, never closer than `apart_s`; each held for `held_s` at most."""

    seat: Seat
    role: Role
    rate_per_s: float
    apart_s: float = 0.12
    held_s: float = 0.4
    instrument: str = "keyboard"
    velocity: int = 64

    def onsets_s(self, rng: Generator, length_s: float) -> Times:
        """A Poisson process with a dead time."""
        mean_s = 1.0 / self.rate_per_s - self.apart_s
        waits_s = self.apart_s + rng.exponential(mean_s, int(2 * self.rate_per_s * length_s) + 20)
        times_s = np.cumsum(waits_s)
        return times_s[times_s < length_s - self.held_s]

    def hits(self, rng: Generator, length_s: float) -> list[Hit]:
        """What is played in a stretch from 0."""
        return _notes(rng, self.onsets_s(rng, length_s), self.held_s, self.velocity)


@dataclass(frozen=True, slots=True)
class FreePlaying:
    """Players without a pulse who know nothing of each other."""

    players: tuple[FreePlayer, ...]
    length_s: float

    def perform(self, seed: int) -> Performance:
        """The same seed gives the same performance."""
        rng = default_rng(seed)
        hits = [(player.seat, hit) for player in self.players for hit in player.hits(rng, self.length_s)]
        end_s = last_end_s(hits)
        truth = Truth(seed, end_s, (Stretch("free", 0.0, end_s),), (), (), ())
        players = tuple(Player(p.seat, p.role, p.instrument, "open-keys") for p in self.players)
        return Performance(players, script_of(hits), truth)


@dataclass(frozen=True, slots=True)
class QuietClient:
    """A client who plays a few soft notes at a time and then pauses, beside somebody who plays freely.

    A group has `notes` notes (least, most), `interval_s` apart by a log-normal law; pauses are log-normal about
    `pause_s` and not shorter than `shortest_pause_s`.
    """

    client: Seat
    other: FreePlayer
    groups: int
    notes: tuple[int, int] = (2, 5)
    interval_s: float = 0.8
    interval_spread: float = 0.3
    pause_s: float = 7.0
    pause_spread: float = 0.4
    shortest_pause_s: float = 3.5
    held_s: float = 0.5
    velocity: int = 30
    instrument: str = "pads"

    def perform(self, seed: int) -> Performance:
        """The same seed gives the same performance; every silence of the client of 3 s and more is in the truth."""
        rng = default_rng(seed)
        client_hits = _notes(rng, self._onsets_s(rng), self.held_s, self.velocity)
        others = self.other.hits(rng, client_hits[-1].time_s + self.pause_s)
        hits = [(self.client, hit) for hit in client_hits] + [(self.other.seat, hit) for hit in others]
        players = (
            Player(self.client, Role.CLIENT, self.instrument, "open-keys"),
            Player(self.other.seat, self.other.role, self.other.instrument, "open-keys"),
        )
        end_s = last_end_s(hits)
        truth = Truth(seed, end_s, (), (), (), (), pauses=_pauses(self.client, client_hits, end_s))
        return Performance(players, script_of(hits), truth)

    def _onsets_s(self, rng: Generator) -> Times:
        times_s, now_s = [], 0.0
        for _ in range(self.groups):
            now_s += max(self.shortest_pause_s, gap_s(rng, self.pause_s, self.pause_spread))
            for _ in range(int(rng.integers(self.notes[0], self.notes[1], endpoint=True))):
                times_s.append(now_s)
                now_s += gap_s(rng, self.interval_s, self.interval_spread)
        return np.array(times_s)


def _notes(rng: Generator, times_s: Times, held_s: float, velocity: int) -> list[Hit]:
    """A note of the scale at each time, let go before the next begins."""
    lengths_s = np.minimum(held_s, 0.9 * np.append(np.diff(times_s), np.inf))
    pitches = rng.choice(SCALE, len(times_s))
    loud = np.clip(np.rint(rng.normal(velocity, 3.0, len(times_s))), 1, 127)
    return [
        Hit(time_s, length_s, int(pitch), int(strength))
        for time_s, length_s, pitch, strength in zip(times_s.tolist(), lengths_s.tolist(), pitches, loud, strict=True)
    ]


def _pauses(seat: Seat, hits: list[Hit], end_s: float) -> tuple[TruePause, ...]:
    ends_s = [0.0, *(hit.time_s + hit.duration_s for hit in hits)]
    starts_s = [*(hit.time_s for hit in hits), end_s]
    spans = zip(ends_s, starts_s, strict=True)
    return tuple(TruePause(seat, from_s, to_s) for from_s, to_s in spans if to_s - from_s >= PAUSE_S)
