"""What was otherwise at the end of a session than at its start, and in this session than in those before?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

from mtsession.analysis.playing import playing_of
from mtsession.analysis.result import VoidReason, Window
from mtsession.analysis.rows import Row
from mtsession.analysis.set_up import SetUp, SetUpChange, between, set_up_of
from mtsession.analysis.summary import SessionMeasures, measure_playing
from mtsession.errors import SessionFormatError
from mtsession.events import Seat
from mtsession.session import Session

N_THIRDS = 3

FEWEST_BEFORE = 3
"""So many earlier sessions make a range of the client's own."""

NO_AMOUNTS = ("chance", "longest_start", "peak_at", "n_", "lag", "minutes_total")
"""Beginnings of quantities that are no amounts: bands, moments and counts of what a number rests on."""

Key: TypeAlias = tuple[str, tuple[Seat, ...], str]


@dataclass(frozen=True, slots=True)
class Series:
    """One number of a measure over several stretches, in their order.

    `values` has None where a stretch has no such number; `void` says why, where the whole measure is void there (None:
    the measure is valid, and this number not its). `n` is what each rests on.
    """

    measure: str
    seats: tuple[Seat, ...]
    quantity: str
    unit: str
    values: tuple[float | None, ...]
    n: tuple[int, ...]
    void: tuple[VoidReason | None, ...]

    @property
    def known(self) -> tuple[float, ...]:
        """The values there are."""
        return tuple(value for value in self.values if value is not None)


@dataclass(frozen=True, slots=True)
class Thirds:
    """Each measure over the start, the middle and the end of one session, and where its set-up changed."""

    windows: tuple[Window, ...]
    series: tuple[Series, ...]
    set_up: tuple[SetUpChange, ...]


class Where(StrEnum):
    """Where the last of several sessions lies against those before. None of them is more than another."""

    WITHIN = "within"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Compared:
    """A number over the sessions of one client; `low` and `high` are the range of those before the last.

    With fewer than 3 earlier values, or without one of the last session, there is no range to lie in: `where`, `low`
    and `high` are None and `void` says why.
    """

    series: Series
    low: float | None
    high: float | None
    where: Where | None
    void: VoidReason | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Sessions of one client, in their order; `set_up` are the changes between and within them, session by session."""

    session_ids: tuple[str, ...]
    compared: tuple[Compared, ...]
    set_up: tuple[tuple[SetUpChange, ...], ...]


def over_thirds(session: Session) -> Thirds:
    """The measures of each third of a session, without chance bands: a third of a session tells a third as much.

    Raises SessionFormatError as `measure` does.
    """
    playing = playing_of(session)
    whole = playing.whole
    edges_s = [whole.start_s + whole.length_s * k / N_THIRDS for k in range(N_THIRDS)] + [whole.end_s]
    windows = tuple(Window(start_s, end_s) for start_s, end_s in pairwise(edges_s))
    thirds = [measure_playing(playing, window, n_surrogates=0).rows() for window in windows]
    return Thirds(windows, tuple(_series(thirds)), set_up_of(session).changes)


def compare(measures: Sequence[SessionMeasures], set_ups: Sequence[SetUp] = ()) -> Comparison:
    """The last of a client's sessions against the range of that client's own earlier ones; oldest first.

    `set_ups`, one a session where given (`set_up_of`), tell what was otherwise in the room. Raises SessionFormatError
    for sessions that were measured by other rules: their numbers are not of one kind.
    """
    if len({measured.rules_version for measured in measures}) > 1:
        raise SessionFormatError("these sessions were measured by different rules", "Analyse them anew")
    return Comparison(
        session_ids=tuple(measured.session_id for measured in measures),
        compared=tuple(_compared(series) for series in _series([measured.rows() for measured in measures])),
        set_up=tuple(between(set_ups)),
    )


def _series(stretches: Sequence[Sequence[Row]]) -> Iterator[Series]:
    """Every amount that any of the stretches has, in the order in which they come up."""
    by_key = [{(row.measure, row.seats, row.quantity): row for row in rows} for rows in stretches]
    keys = dict.fromkeys(key for rows in by_key for key in rows)
    for key in keys:
        told = [rows[key] for rows in by_key if key in rows]
        if any(row.value is not None for row in told) and not key[2].startswith(NO_AMOUNTS):
            yield _one(key, told[0].unit, by_key)


def _one(key: Key, unit: str, by_key: Sequence[Mapping[Key, Row]]) -> Series:
    of_measure, seats, quantity = key
    rows = [rows.get(key) or rows.get((of_measure, seats, "")) for rows in by_key]
    return Series(
        measure=of_measure,
        seats=seats,
        quantity=quantity,
        unit=unit,
        values=tuple(row.value if row else None for row in rows),
        n=tuple(row.n if row else 0 for row in rows),
        void=tuple(row.void if row else None for row in rows),
    )


def _compared(series: Series) -> Compared:
    *before, last = series.values
    known = [value for value in before if value is not None]
    if last is None:
        return Compared(series, None, None, None, series.void[-1] or VoidReason.TOO_FEW_EVENTS)
    if len(known) < FEWEST_BEFORE:
        return Compared(series, None, None, None, VoidReason.TOO_FEW_SESSIONS)
    low, high = min(known), max(known)
    where = Where.BELOW if last < low else Where.ABOVE if last > high else Where.WITHIN
    return Compared(series, low, high, where, None)
