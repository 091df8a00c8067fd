"""Who had the floor, how did it pass from one to the other, and who broke a shared silence?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis import spans
from mtsession.analysis.participation import silences
from mtsession.analysis.played import Played
from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.events import Seat
from mtsession.session import CHORD_S, FloorTransfer, OnsetStream, Turn

GAP_FACTOR, SHORTEST_GAP_S, LONGEST_GAP_S = 2.5, 0.6, 2.0
"""G = clip(2.5 × median inter-onset interval, 0.6, 2.0) s (measures: turns)."""

PLANNING_S = 0.2
"""A turn answers one of the other's that began at least this much before (measures: floor transfer offset)."""

LONGEST_TRANSFER_S = 10.0

ROUNDING_S = 1e-9


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
class FirstAfterSilence:
    """Who played first after ≥ 3 s with nobody playing; `n` is the number of such silences.

    `windows` are the silences, `first_by` counts the seats; those in which the first onsets were within a chord's
    reach (50 ms) count as `together` and for no seat.
    """

    silences: int
    first_by: Mapping[Seat, int]
    together: int
    windows: tuple[Window, ...]


def turn_gap_s(onsets: OnsetStream) -> float:
    """The default G of a player; the longest where there is no interval to go by."""
    intervals_s = onsets.intervals_s
    if len(intervals_s) == 0:
        return LONGEST_GAP_S
    return float(np.clip(GAP_FACTOR * np.median(intervals_s), SHORTEST_GAP_S, LONGEST_GAP_S))


def turns(played: Played, window: Window, gap_s: float | None = None) -> Measured[Turns] | Void:
    """Runs of playing with no silence of G or longer; `gap_s` sets G by hand. Void where the player never played.

    A turn ends with its last sound: the last note-off, or the last hit and its decay.
    """
    inside = played.within(window)
    if len(inside) == 0:
        return Void(VoidReason.NEVER_PLAYED, 0, window)
    gap_s = turn_gap_s(inside.onsets) if gap_s is None else gap_s
    sounding_to_s = np.maximum.accumulate(inside.ends_s)
    breaks = np.flatnonzero(inside.starts_s[1:] - sounding_to_s[:-1] >= gap_s - ROUNDING_S) + 1
    first = np.concatenate(([0], breaks))
    after = np.concatenate((breaks, [len(inside)]))
    runs = np.column_stack((inside.starts_s[first], sounding_to_s[after - 1], after - first)).tolist()
    found = tuple(Turn(played.seat, start_s, end_s, int(n_notes)) for start_s, end_s, n_notes in runs)
    return Measured(Turns(gap_s, found), len(found), window)


def transfers_to(taker: Sequence[Turn], giver: Sequence[Turn]) -> tuple[FloorTransfer, ...]:
    """Each of the taker's turns against the giver's latest turn that began ≥ 200 ms before; beyond ±10 s there is none.

    The offset is start − end, negative for an overlap (Heldner & Edlund 2010; Levinson & Torreira 2015).
    """
    giver_starts_s = np.array([turn.start_s for turn in giver])
    latest_s = np.array([turn.start_s for turn in taker]) - PLANNING_S + ROUNDING_S
    found = []
    for turn, n_before in zip(taker, np.searchsorted(giver_starts_s, latest_s, side="right").tolist(), strict=True):
        if n_before == 0:
            continue
        prior = giver[n_before - 1]
        offset_s = turn.start_s - prior.end_s
        if abs(offset_s) <= LONGEST_TRANSFER_S:
            found.append(FloorTransfer(prior.seat, turn.seat, turn.start_s, offset_s))
    return tuple(found)


def floor_transfers(
    first: Measured[Turns] | Void, second: Measured[Turns] | Void, window: Window
) -> Measured[FloorTransfers] | Void:
    """Every transfer between two players, by time; void where either never played."""
    if isinstance(first, Void) or isinstance(second, Void):
        return Void(VoidReason.NEVER_PLAYED, 0, window)
    one, other = first.value.turns, second.value.turns
    both = sorted(transfers_to(other, one) + transfers_to(one, other), key=lambda transfer: transfer.time_s)
    return Measured(FloorTransfers(tuple(both)), len(both), window)


def transfers_from(giver: Seat, every: Measured[FloorTransfers] | Void) -> Measured[Transfers] | Void:
    """The transfers one way, with median and quartiles; void below 8 of them."""
    if isinstance(every, Void):
        return every
    given = tuple(transfer for transfer in every.value.transfers if transfer.giver == giver)
    if len(given) < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS, len(given), every.window)
    offsets_s = np.array([transfer.offset_s for transfer in given])
    lower_s, median_s, upper_s = np.quantile(offsets_s, (0.25, 0.5, 0.75)).tolist()
    value = Transfers(giver, given[0].taker, given, median_s, lower_s, upper_s)
    return Measured(value, len(given), every.window)


def first_after_silence(everyone: Sequence[Played], window: Window) -> Measured[FirstAfterSilence] | Void:
    """Who ended each shared silence of ≥ 3 s (the one before the first note too); void where nobody played."""
    n = sum(len(played.within(window)) for played in everyone)
    if n == 0:
        return Void(VoidReason.NOBODY_PLAYED, 0, window)
    quiet = silences(everyone, window)
    quiet = quiet[quiet[:, 1] < max(_last_s(played, window) for played in everyone) + ROUNDING_S]
    waits_s = np.array([_waits_s(played, quiet[:, 1]) for played in everyone])
    ahead = waits_s <= waits_s.min(axis=0, initial=np.inf) + CHORD_S
    alone = ahead.sum(axis=0) == 1
    counts = (ahead & alone).sum(axis=1).tolist()
    value = FirstAfterSilence(
        silences=len(quiet),
        first_by={played.seat: count for played, count in zip(everyone, counts, strict=True)},
        together=int(np.sum(~alone)),
        windows=spans.as_windows(quiet),
    )
    return Measured(value, len(quiet), window)


def _last_s(played: Played, window: Window) -> float:
    starts_s = played.within(window).starts_s
    return float(starts_s[-1]) if len(starts_s) else -np.inf


def _waits_s(played: Played, ends_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """How long after the end of each silence the player's next onset came; infinite where none did."""
    starts_s = np.concatenate((played.starts_s, [np.inf]))
    return starts_s[np.searchsorted(played.starts_s, ends_s - ROUNDING_S)] - ends_s
