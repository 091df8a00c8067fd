"""Who played, how much, and where were the silences?"""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.analysis.result import Window


@dataclass(frozen=True, slots=True)
class Participation:
    """One player's share of the time; `n` is the number of notes.

    `playing` are the spans within 2 s of an own onset or while a note is held; `share` is theirs of the window,
    0–1. `minutes_played` counts the started minutes of the window with at least one onset, of `minutes_total`.
    """

    playing: tuple[Window, ...]
    playing_s: float
    share: float
    minutes_played: int
    minutes_total: int
    n_notes: int

    @property
    def longest(self) -> Window:
        """The longest stretch of playing; the first of equals."""
        return max(self.playing, key=lambda span: (span.length_s, -span.start_s))


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
