"""Every measure with a chance band, in one form: play it two players and it says whether it lay outside.

A measure is registered with how it is asked and what of its value the band is of; nothing else of a proof depends on
which measure it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from mtsession.analysis.balance import balance
from mtsession.analysis.exchanges import exchanges
from mtsession.analysis.group import following_matrix
from mtsession.analysis.imitation import imitation
from mtsession.analysis.matching import matching
from mtsession.analysis.result import ChanceBand, Measured, Void, Window
from mtsession.analysis.surrogates import N_SURROGATES
from mtsession.analysis.tempo import tempo_curve
from mtsession.analysis.tempo_lead import tempo_lead
from mtsession.analysis.timing import Timing, Timings, timing
from mtsession.analysis.trend import asynchrony_trend
from mtsession.analysis.turns import turns
from tests.analysis.unrelated import MINUTE, Players

Asked: TypeAlias = Callable[[Players, Window], Measured[Any] | Void]

Claims: TypeAlias = Callable[[Measured[Any]], Iterable[tuple[float, ChanceBand]]]


@dataclass(frozen=True, slots=True)
class Banded:
    """One measure: `claims` are the numbers with the band of each, of which none may lie outside by chance."""

    name: str
    ask: Asked
    claims: Claims

    def outside(self, players: Players, window: Window = MINUTE) -> bool | None:
        """Whether a claim lay outside of its band; None where there was none."""
        return judged(self.ask(players, window), self.claims)

    def surrogates(self, players: Players, window: Window = MINUTE) -> set[str]:
        """What the measure names as its surrogate."""
        measured = self.ask(players, window)
        return set() if isinstance(measured, Void) else {band.surrogate for _, band in self.claims(measured)}


def judged(measured: Measured[Any] | Void, claims: Claims) -> bool | None:
    """Whether any claim lies outside."""
    if isinstance(measured, Void):
        return None
    made = list(claims(measured))
    # a statistic that equals a limit up to rounding is inside
    return any(not band.low - 1e-9 <= value <= band.high + 1e-9 for value, band in made) if made else None


def of(*names: str) -> Claims:
    """The band of the measure is that of these fields of its value."""

    def claims(measured: Measured[Any]) -> Iterable[tuple[float, ChanceBand]]:
        return [] if measured.band is None else [(getattr(measured.value, name), measured.band) for name in names]

    return claims


def _of_imitation(measured: Measured[Any]) -> Iterable[tuple[float, ChanceBand]]:
    return [(measured.value.similarity[name], band) for name, band in measured.value.chance.items()]


def _of_matrix(measured: Measured[Any]) -> Iterable[tuple[float, ChanceBand]]:
    return [] if measured.band is None else [(one, measured.band) for one in measured.value.evidence.values()]


def _of_following(measured: Measured[Any]) -> Iterable[tuple[float, ChanceBand]]:
    value, band = measured.value, measured.band
    return [] if band is None else [(value.correlation_behind, band), (value.correlation_ahead, band)]


def _timing(players: Players, window: Window) -> Timing:
    return timing(players[0].within(window).onsets, players[1].within(window).onsets, window)


def _exchanges(players: Players, window: Window) -> Measured[Any] | Void:
    return exchanges(turns(players[0], window), turns(players[1], window), window)


def _imitation(players: Players, window: Window) -> Measured[Any] | Void:
    one, other = players[:2]
    return imitation((one, turns(one, window)), (other, turns(other, window)), window)


def _tempo_lead(players: Players, window: Window) -> Measured[Any] | Void:
    one, other = (tempo_curve(player.within(window).onsets, window) for player in players[:2])
    return tempo_lead(one, other, window)


def _trend(players: Players, window: Window) -> Measured[Any] | Void:
    return asynchrony_trend(players[0].within(window).onsets, players[1].within(window).onsets, window)


def _matrix(players: Players, window: Window) -> Measured[Any] | Void:
    timings = Timings({player.seat: player for player in players}, N_SURROGATES)
    return following_matrix(timings.of_all(window), window)


BANDED = (
    Banded("share of onsets matched", lambda p, w: _timing(p, w).asynchrony, of("share_matched")),
    Banded("relative phase", lambda p, w: _timing(p, w).relative_phase, of("mean_resultant")),
    Banded("who follows whom", lambda p, w: _timing(p, w).following, _of_following),
    Banded("who follows whom, group of four", _matrix, _of_matrix),
    Banded("exchanges a minute", _exchanges, of("per_minute")),
    Banded("balance of the time", lambda p, w: balance(p[0], p[1], w), of("balance")),
    Banded("matching of curves", lambda p, w: matching(p[0], p[1], w), of("largest")),
    Banded("imitation", _imitation, _of_imitation),
    Banded("tempo lead", _tempo_lead, of("correlation")),
    Banded("trend of asynchrony", _trend, of("change_s")),
)
"""A new measure with a band is added here, and is proved with the others."""
