"""Who follows whom among several players?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from mtsession.analysis.following import largest_by_chance
from mtsession.analysis.result import ChanceBand, Measured, Void, VoidReason, Window
from mtsession.analysis.rows import RESEARCH
from mtsession.analysis.surrogates import INTERVALS_SHUFFLED
from mtsession.analysis.timing import Pair, Timing
from mtsession.events import Seat


@dataclass(frozen=True, slots=True)
class Cell:
    """Whether `follower` follows `leader`: None where they have too few matched events, or without surrogates."""

    leader: Seat
    follower: Seat
    follows: bool | None


@dataclass(frozen=True, slots=True)
class FollowingMatrix:
    """Both directions of every pair of 2–8 players; `n` counts the cells that could be told.

    `evidence`, for research only and by "leader > follower", is the correlation of the leader's steps with the
    follower's next ones as Fisher's z, of which chance gives about 0 ± 1. The band is that of the largest of these
    over all cells that could be told: a cell that passes it does so among all of them.
    """

    cells: tuple[Cell, ...]
    evidence: Mapping[str, float] = field(metadata=RESEARCH)


def following_matrix(timings: Mapping[Pair, Timing], window: Window) -> Measured[FollowingMatrix] | Void:
    """From each pair's timing; void where no pair has enough matched events. Nothing is told without surrogates."""
    n = 2 * sum(timing.evidence is not None for timing in timings.values())
    if n == 0:
        most = max((timing.following.n for timing in timings.values()), default=0)
        return Void(VoidReason.NOT_ENOUGH_YET, most, window)
    band = _band(timings)
    directions = [direction for pair, timing in timings.items() for direction in _directions(pair, timing)]
    value = FollowingMatrix(
        tuple(Cell(leader, follower, _beyond(found, band)) for leader, follower, found in directions),
        {f"{leader} > {follower}": found for leader, follower, found in directions if found is not None},
    )
    return Measured(value, n, window, band)


def _band(timings: Mapping[Pair, Timing]) -> ChanceBand | None:
    by_pair = [timing.evidence_by_chance for timing in timings.values() if timing.evidence_by_chance is not None]
    if not by_pair:
        return None
    chance = np.concatenate(by_pair, axis=1)
    low, high = largest_by_chance(chance)
    return ChanceBand(low, high, f"{INTERVALS_SHUFFLED}; the largest of all {chance.shape[1]} directions", len(chance))


def _directions(pair: Pair, timing: Timing) -> Iterator[tuple[Seat, Seat, float | None]]:
    """Leader, follower and the evidence of it."""
    first, second = pair
    behind, ahead = (None, None) if timing.evidence is None else timing.evidence.tolist()
    yield second, first, behind
    yield first, second, ahead


def _beyond(evidence: float | None, band: ChanceBand | None) -> bool | None:
    return None if evidence is None or band is None else evidence > band.high
