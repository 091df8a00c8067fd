"""What is left of the measures, where assists, access or latencies took something away in a part of the session?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from mtsession.analysis.in_force import Condition
from mtsession.analysis.matching import Matching, without_short_lags
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.togetherness import Asynchrony, unsigned
from mtsession.analysis.trend import AsynchronyTrend
from mtsession.analysis.turns import FloorTransfers, Transfers
from mtsession.analysis.validity import (
    FAST_RESPONSE_S,
    SIGNED,
    Basis,
    latency_known,
    stretch_for,
    stretch_with_latency,
)
from mtsession.events import Seat

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

M = TypeVar("M", bound="DataclassInstance")


def where_valid(
    measured: M,
    rests_on: Mapping[str, frozenset[Basis]],
    seats: Sequence[Seat],
    conditions: Sequence[Condition],
    again: Callable[[Window], M],
) -> M:
    """Each outcome on the stretch where nothing took away what it rests on; void with the reason where none is left.

    `measured` has an outcome of the whole window in each of its fields; `again` measures the same on a stretch of it.
    """
    found: dict[str, Measured[Any] | Void] = {}
    on_stretch = cache(again)
    for field in fields(measured):
        outcome = getattr(measured, field.name)
        if not isinstance(outcome, Measured | Void):
            continue
        stretch = stretch_for(conditions, seats, rests_on.get(field.name, frozenset()), outcome.window)
        if isinstance(stretch, Window):
            valid = outcome if stretch == outcome.window else getattr(on_stretch(stretch), field.name)
        else:
            valid = Void(stretch, outcome.n, outcome.window) if isinstance(outcome, Measured) else outcome
        found[field.name] = valid
    return replace(measured, **found)


def where_latency_known(
    measured: M, seats: Sequence[Seat], conditions: Sequence[Condition], again: Callable[[Window], M]
) -> M:
    """What depends on the sign of a delay, on the stretch with known latencies; else without the sign.

    Then nothing tells who was later, and no response below 300 ms: an unknown latency could have made both.
    """
    found = {}
    on_stretch = cache(again)
    for name in sorted(SIGNED):
        outcome: Measured[Any] | Void = getattr(measured, name)
        if isinstance(outcome, Void) or latency_known(conditions, seats, outcome.window):
            continue
        stretch = stretch_with_latency(conditions, seats, outcome.window)
        found[name] = _unsigned(outcome) if stretch == outcome.window else getattr(on_stretch(stretch), name)
    return replace(measured, **found)


def _unsigned(measured: Measured[Any]) -> Measured[Any] | Void:
    match measured.value:
        case Asynchrony():
            return unsigned(measured, VoidReason.LATENCY_UNKNOWN)
        case AsynchronyTrend():
            return Void(VoidReason.LATENCY_UNKNOWN, measured.n, measured.window)
        case Matching():
            return without_short_lags(measured, FAST_RESPONSE_S)
        case Transfers(lower_quartile_s=lower_s) if lower_s < FAST_RESPONSE_S:
            return Void(VoidReason.LATENCY_UNKNOWN, measured.n, measured.window)
        case Transfers() | FloorTransfers() as value:
            # Counts stay valid: the fast ones still stand in `n`.
            slow = tuple(transfer for transfer in value.transfers if transfer.offset_s >= FAST_RESPONSE_S)
            return replace(measured, value=replace(value, transfers=slow))
        case _:
            return measured
