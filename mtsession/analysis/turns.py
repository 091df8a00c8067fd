"""Who had the floor, how did it pass from one to the other, and who broke a shared silence?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mtsession.analysis.result import Window
from mtsession.events import Seat
from mtsession.session import FloorTransfer, Turn


@dataclass(frozen=True, slots=True)
class Turns:
    """One player's turns, and the silence `gap_s` that ended each of them (G); `n` is the number of turns."""

    gap_s: float
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class FloorTransfers:
    """Every transfer of a pair, both ways, by time: what the two directions' medians rest on; `n` counts them."""

    transfers: tuple[FloorTransfer, ...]


@dataclass(frozen=True, slots=True)
class Transfers:
    """Floor transfer offsets one way (negative: overlap): median and quartiles; `n` is the number of transfers."""

    giver: Seat
    taker: Seat
    transfers: tuple[FloorTransfer, ...]
    median_s: float
    lower_quartile_s: float
    upper_quartile_s: float


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

    `per_minute` counts those transfers per minute of the window; `longest_chain` is the most transfers in one chain
    (0: the players never alternated); `started_by` counts the chains that each seat began.
    """

    per_minute: float
    chains: tuple[Chain, ...]
    longest_chain: int
    started_by: Mapping[Seat, int]


@dataclass(frozen=True, slots=True)
class FirstAfterSilence:
    """Who played first after ≥ 3 s with nobody playing; `n` is the number of such silences.

    `windows` are the silences, `first_by` counts the seats; those in which the first onsets were within a chord's
    reach (50 ms) count as `together` and for no seat.
    """

    silences: int
    first_by: Mapping[Seat, int]
    together: int
    windows: tuple[Window, ...]
