"""How did two players' turns alternate, and more than unrelated turns would?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.result import MIN_EVENTS, ChanceBand, Measured, Void, VoidReason, Window
from mtsession.analysis.surrogates import (
    FEWEST_SPANS,
    N_SURROGATES,
    SHORTEST_S,
    SPANS_SHUFFLED,
    Floats,
    chance_band,
    chunks,
    generator_for,
    shuffled_spans,
)
from mtsession.analysis.turns import PLANNING_S, ROUNDING_S, Turns
from mtsession.events import Seat
from mtsession.session import Turn

LONGEST_GAP_S, LONGEST_OVERLAP_S = 2.0, 1.0
"""From the end of a turn to the begin of the next one of its chain (measures: exchanges)."""

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Chain:
    """Turns that alternated without a break: `n_transfers` changes of the floor, begun by the turn of `started_by`."""

    start_s: float
    end_s: float
    n_transfers: int
    started_by: Seat


@dataclass(frozen=True, slots=True)
class Exchanges:
    """Alternation with gaps ≤ 2 s and overlaps ≤ 1 s; `n` is the number of transfers within chains.

    `per_minute` counts those transfers per minute of the window, None below 8 turns of both players together;
    `longest_chain` is the most transfers in one chain (0: the players never alternated); `started_by` counts the chains
    that each seat began. The chance band is that of `per_minute`.
    """

    per_minute: float | None
    chains: tuple[Chain, ...]
    longest_chain: int
    started_by: Mapping[Seat, int]


def exchanges(
    first: Measured[Turns] | Void, second: Measured[Turns] | Void, window: Window, n_surrogates: int = N_SURROGATES
) -> Measured[Exchanges] | Void:
    """The longest unbroken alternations of two players' turns; void where either never played.

    The chance band shuffles the second's turns and silences; there is none below 30 s, or below 4 turns of either.
    """
    if isinstance(first, Void) or isinstance(second, Void):
        return Void(VoidReason.NEVER_PLAYED, 0, window)
    if window.length_s <= 0:
        return Void(VoidReason.TOO_SHORT, 0, window)
    one, other = first.value.turns, second.value.turns
    chains = _chains(sorted(one + other, key=lambda turn: (turn.start_s, turn.end_s)))
    n = sum(chain.n_transfers for chain in chains)
    value = Exchanges(
        per_minute=n / window.length_s * 60.0 if len(one) + len(other) >= MIN_EVENTS else None,
        chains=chains,
        longest_chain=max((chain.n_transfers for chain in chains), default=0),
        started_by={turns[0].seat: sum(c.started_by == turns[0].seat for c in chains) for turns in (one, other)},
    )
    return Measured(value, n, window, _band(one, other, window, n_surrogates))


def _chains(by_start: Sequence[Turn]) -> tuple[Chain, ...]:
    joined = _alternate(
        np.array([turn.start_s for turn in by_start]),
        np.array([turn.end_s for turn in by_start]),
        np.array([turn.seat != by_start[0].seat for turn in by_start]),
    )
    edges = [0, *(np.flatnonzero(~joined) + 1).tolist(), len(by_start)]
    runs = [by_start[begun:after] for begun, after in pairwise(edges) if after - begun > 1]
    return tuple(Chain(run[0].start_s, max(turn.end_s for turn in run), len(run) - 1, run[0].seat) for run in runs)


def _alternate(starts_s: Floats, ends_s: Floats, whose: Flags) -> Flags:
    """Whether each turn and the next, by start, are links of one chain, (…, n − 1)."""
    offsets_s = starts_s[..., 1:] - ends_s[..., :-1]
    links: Flags = (
        (whose[..., 1:] != whose[..., :-1])
        & (np.diff(starts_s, axis=-1) >= PLANNING_S - ROUNDING_S)
        & (offsets_s >= -LONGEST_OVERLAP_S)
        & (offsets_s <= LONGEST_GAP_S)
    )
    return links


def _band(one: Sequence[Turn], other: Sequence[Turn], window: Window, n: int) -> ChanceBand | None:
    if n == 0 or window.length_s < SHORTEST_S or min(len(one), len(other)) < FEWEST_SPANS:
        return None
    spans_s, others_s = (np.array([(turn.start_s, turn.end_s) for turn in turns]) for turns in (one, other))
    rng = generator_for(spans_s.ravel(), others_s.ravel())
    whose = np.concatenate((np.zeros(len(one), dtype=bool), np.ones(len(other), dtype=bool)))
    links = []
    for some in chunks(n, len(whose)):
        shuffled_s = shuffled_spans(others_s, some, rng)
        every_s = np.concatenate((np.broadcast_to(spans_s, (some, *spans_s.shape)), shuffled_s), axis=1)
        order = np.argsort(every_s[:, :, 0], axis=1, kind="stable")
        by_start_s = np.take_along_axis(every_s, order[:, :, None], axis=1)
        links.append(np.sum(_alternate(by_start_s[:, :, 0], by_start_s[:, :, 1], whose[order]), axis=1))
    return chance_band(np.concatenate(links) / window.length_s * 60.0, SPANS_SHUFFLED)
