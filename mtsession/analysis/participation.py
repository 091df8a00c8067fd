"""Who played, how much, and where were the silences?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mtsession.analysis import spans
from mtsession.analysis.played import Played
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.spans import Spans

ACTIVE_S = 2.0
"""A player is active for this long from an own onset (measures: who played, how much). Not before it: two who take
turns would else play at once."""

PAUSE_S = 3.0
"""A silence this long is a pause (measures: who played, how much)."""

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Participation:
    """One player's share of the time; `n` is the number of notes.

    `playing` are the spans within 2 s from an own onset or while a note is held; `share` is theirs of the window,
    0–1. `minutes_played` counts the started minutes of the window with at least one onset, of `minutes_total`.
    """

    playing: tuple[Window, ...]
    playing_s: float
    share: float
    minutes_played: int
    minutes_total: int
    n_notes: int


@dataclass(frozen=True, slots=True)
class Pauses:
    """Silences of 3 s and more, from the end of a sound to the next onset; `n` is their number.

    The silence before the first note and the one after the last count. `longest_*` is None where there are none.
    """

    count: int
    longest_s: float | None
    longest_start_s: float | None
    spans: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """Two players' activity over the window: four shares of the time that sum to 1; `n` counts both players' notes."""

    only_first: float
    only_second: float
    both: float
    neither: float


@dataclass(frozen=True, slots=True)
class PlayersAtOnce:
    """`shares[k]` is the share of the time in which exactly k players were active; `n` counts all notes."""

    shares: tuple[float, ...]


def activity(played: Played, window: Window) -> Spans:
    """Where a player is active: within 2 s from an own onset, or while a note is held."""
    near = spans.merged(played.starts_s, np.maximum(played.ends_s, played.starts_s + ACTIVE_S))
    return spans.clipped(near, window)


def participation(played: Played, window: Window) -> Measured[Participation] | Void:
    """How much of the window one player played; void where the player never played."""
    inside = played.within(window)
    if len(inside) == 0:
        return Void(VoidReason.NEVER_PLAYED, 0, window)
    if window.length_s <= 0:
        return Void(VoidReason.TOO_SHORT, len(inside), window)
    active = activity(played, window)
    playing_s = spans.total_s(active)
    minutes = np.floor((inside.onsets.times_s - window.start_s) / MINUTE_S)
    minutes_total = max(1, int(np.ceil(window.length_s / MINUTE_S)))
    return Measured(
        Participation(
            playing=spans.as_windows(active),
            playing_s=playing_s,
            share=playing_s / window.length_s,
            minutes_played=len(np.unique(np.minimum(minutes, minutes_total - 1))),
            minutes_total=minutes_total,
            n_notes=len(inside),
        ),
        len(inside),
        window,
    )


def silences(everyone: Sequence[Played], window: Window) -> Spans:
    """Where nobody's note sounded for 3 s or more."""
    sounding = spans.union([played.sounding for played in everyone])
    return spans.at_least(spans.complement(sounding, window), PAUSE_S)


def pauses(everyone: Sequence[Played], window: Window) -> Measured[Pauses] | Void:
    """The silences of one player, or of several together; void where none of them ever played."""
    if not any(len(played.within(window)) for played in everyone):
        reason = VoidReason.NEVER_PLAYED if len(everyone) == 1 else VoidReason.NOBODY_PLAYED
        return Void(reason, 0, window)
    found = spans.as_windows(silences(everyone, window))
    longest = max(found, key=lambda pause: (pause.length_s, -pause.start_s), default=None)
    value = Pauses(
        count=len(found),
        longest_s=longest.length_s if longest else None,
        longest_start_s=longest.start_s if longest else None,
        spans=found,
    )
    return Measured(value, len(found), window)


def shares(first: Played, second: Played, window: Window) -> Measured[Shares] | Void:
    """Who of two was active for which share of the window; void where neither played."""
    n = len(first.within(window)) + len(second.within(window))
    if (void := _void_together(n, window)) is not None:
        return void
    one, other = activity(first, window), activity(second, window)
    both = spans.total_s(spans.intersection(one, other, window)) / window.length_s
    only_first = max(0.0, spans.total_s(one) / window.length_s - both)
    only_second = max(0.0, spans.total_s(other) / window.length_s - both)
    neither = max(0.0, 1.0 - both - only_first - only_second)
    return Measured(Shares(only_first, only_second, both, neither), n, window)


def players_at_once(everyone: Sequence[Played], window: Window) -> Measured[PlayersAtOnce] | Void:
    """For how much of the window none, one, two … of all players were active; void where nobody played."""
    n = sum(len(played.within(window)) for played in everyone)
    if (void := _void_together(n, window)) is not None:
        return void
    time_s = spans.time_by_depth_s([activity(played, window) for played in everyone], window)
    return Measured(PlayersAtOnce(tuple((time_s / window.length_s).tolist())), n, window)


def _void_together(n: int, window: Window) -> Void | None:
    if n == 0:
        return Void(VoidReason.NOBODY_PLAYED, 0, window)
    return Void(VoidReason.TOO_SHORT, n, window) if window.length_s <= 0 else None
