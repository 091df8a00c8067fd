"""Whose turn was it when? The bands beneath the notes."""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.analysis.result import Measured, Void
from mtsession.analysis.summary import SessionMeasures
from mtsession.analysis.turns import Turns
from mtsession.analysis.words import reason_in_words
from mtsession.events import Seat


@dataclass(frozen=True, slots=True)
class TurnBand:
    """One seat's turns in columns; `gap_s` is the silence that ends a turn. Without turns, `missing` says why."""

    seat: Seat
    start_s: tuple[float, ...]
    end_s: tuple[float, ...]
    n_notes: tuple[int, ...]
    gap_s: float | None
    missing: str | None


def turn_bands(measures: SessionMeasures) -> tuple[TurnBand, ...]:
    """One band a player, in the players' order."""
    return tuple(_band(player.seat, player.turns) for player in measures.players)


def _band(seat: Seat, found: Measured[Turns] | Void) -> TurnBand:
    if isinstance(found, Void):
        return TurnBand(seat, (), (), (), None, reason_in_words(found.reason))
    turns = found.value.turns
    return TurnBand(
        seat=seat,
        start_s=tuple(round(turn.start_s, 3) for turn in turns),
        end_s=tuple(round(turn.end_s, 3) for turn in turns),
        n_notes=tuple(turn.n_notes for turn in turns),
        gap_s=found.value.gap_s,
        missing=None,
    )
