"""Every number of a session's measures as one row of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from mtsession.analysis.result import Measured, Void, VoidReason
from mtsession.events import Seat

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Row:
    """One number, or the reason why there is none.

    `measure` is the field of the summary ("density"), `quantity` the field of its value without the unit
    ("mean"), `unit` as printed ("1/s", "s", "BPM", "" for counts and shares). One of `value` and `void` is None. A
    quantity that a valid measure cannot give (the longest of no pauses) has no row.
    """

    measure: str
    seats: tuple[Seat, ...]
    quantity: str
    value: float | None
    unit: str
    n: int
    start_s: float
    end_s: float
    void: VoidReason | None


UNITS = (("_per_s", "1/s"), ("per_minute", "1/min"), ("_bpm", "BPM"), ("_s", "s"))
"""What the end of a field's name says of its unit."""


def rows_of(measures: DataclassInstance, seats: tuple[Seat, ...]) -> Iterator[Row]:
    """One row for each number of the outcomes in the fields of a dataclass, in the order of the fields."""
    for field in fields(measures):
        outcome = getattr(measures, field.name)
        if isinstance(outcome, Void):
            window = outcome.window
            yield Row(field.name, seats, "", None, "", outcome.n, window.start_s, window.end_s, outcome.reason)
        elif isinstance(outcome, Measured):
            yield from _rows_of_value(field.name, seats, outcome)


def _rows_of_value(measure: str, seats: tuple[Seat, ...], measured: Measured[Any]) -> Iterator[Row]:
    window = measured.window
    for name, number in _numbers(measured):
        quantity, unit = _quantity_and_unit(name)
        yield Row(measure, seats, quantity, number, unit, measured.n, window.start_s, window.end_s, None)


def _numbers(measured: Measured[Any]) -> Iterator[tuple[str, float]]:
    for field in fields(measured.value):
        found = getattr(measured.value, field.name)
        if isinstance(found, int | float):
            yield field.name, found
        elif isinstance(found, Mapping):
            yield from ((f"{field.name} {seat}", number) for seat, number in found.items())
    if measured.band is not None:
        yield "chance_low", measured.band.low
        yield "chance_high", measured.band.high


def _quantity_and_unit(name: str) -> tuple[str, str]:
    for ending, unit in UNITS:
        if name.endswith(ending):
            return name.removesuffix(ending) or "rate", unit
    return name, ""
