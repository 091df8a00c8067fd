"""Every number of a session's measures as one row of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from mtsession.analysis.result import ChanceBand, Measured, Void, VoidReason
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


RESEARCH = {"research": True}
"""Metadata of a field whose number stands only in the export for research: a coefficient, not a thing to be told."""

UNITS = (("_per_s", "1/s"), ("per_minute", "1/min"), ("_bpm", "BPM"), ("_s", "s"))
"""What the end of a field's name says of its unit."""


def rows_of(measures: DataclassInstance, seats: tuple[Seat, ...], *, research: bool = False) -> Iterator[Row]:
    """One row for each number of the outcomes in the fields of a dataclass, in the order of the fields."""
    for field in fields(measures):
        outcome = getattr(measures, field.name)
        if isinstance(outcome, Void):
            window = outcome.window
            yield Row(field.name, seats, "", None, "", outcome.n, window.start_s, window.end_s, outcome.reason)
        elif isinstance(outcome, Measured):
            yield from _rows_of_value(field.name, seats, outcome, research=research)


def _rows_of_value(measure: str, seats: tuple[Seat, ...], measured: Measured[Any], *, research: bool) -> Iterator[Row]:
    window = measured.window
    numbers = list(_numbers(measured.value, research=research))
    if numbers and measured.band is not None:
        numbers += [("chance_low", measured.band.low), ("chance_high", measured.band.high)]
    for name, number in numbers:
        quantity, unit = _quantity_and_unit(name)
        value, void = (None, number) if isinstance(number, VoidReason) else (number, None)
        yield Row(measure, seats, quantity, value, unit, measured.n, window.start_s, window.end_s, void)


def _numbers(value: DataclassInstance, *, research: bool) -> Iterator[tuple[str, float | VoidReason]]:
    """The numbers of a value, those of what it holds as "field name", and why a part of it has none."""
    for field in fields(value):
        found = getattr(value, field.name)
        if field.metadata == RESEARCH and not research:
            continue
        if isinstance(found, int | float):
            yield field.name, found
        elif isinstance(found, Mapping):
            yield from _numbers_by_key(field.name, found, research=research)
        elif is_dataclass(found) and not isinstance(found, type):
            yield from ((f"{field.name} {name}", number) for name, number in _numbers(found, research=research))


def _numbers_by_key(name: str, found: Mapping[Any, Any], *, research: bool) -> Iterator[tuple[str, float | VoidReason]]:
    for key, item in found.items():
        if isinstance(item, int | float | VoidReason):
            yield f"{name} {key}", item
        elif isinstance(item, ChanceBand):
            yield f"chance_low {key}", item.low
            yield f"chance_high {key}", item.high
        elif is_dataclass(item) and not isinstance(item, type):
            yield from ((f"{name} {key} {inner}", number) for inner, number in _numbers(item, research=research))


def _quantity_and_unit(name: str) -> tuple[str, str]:
    """By the field's name, or that of its key: "lag_s loudness", "median density_per_s". A count has no unit."""
    if name.startswith("n_"):
        return name, ""
    for ending, unit in UNITS:
        for part in name.split(" "):
            if part.endswith(ending):
                return name.replace(part, part.removesuffix(ending)) or "rate", unit
    return name, ""
