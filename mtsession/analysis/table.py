"""What do a session's measures look like as a table for other programs?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from mtsession.analysis.result import Measured
from mtsession.analysis.rows import Row, rows_of
from mtsession.analysis.summary import SessionMeasures
from mtsession.events import Seat

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

COLUMNS = (
    "session", "scope", "seats", "measure", "field", "value", "unit", "n", "window_start_s", "window_end_s",
    "surrogate", "void",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One number of one session, a text a column of `COLUMNS`; empty is none.

    `scope` is "player", "pair" or "group", `seats` are parted by spaces. The fields "chance_low" and "chance_high" are
    a measure's chance band; in their lines, and no others, `surrogate` says what it was made of.
    """

    session: str
    scope: str
    seats: str
    measure: str
    field: str
    value: str
    unit: str
    n: str
    window_start_s: str
    window_end_s: str
    surrogate: str
    void: str


def table(measures: SessionMeasures) -> tuple[Line, ...]:
    """All rows of a session, with the coefficients that only research asks for."""
    return tuple(
        _line(measures.session_id, scope, row, of)
        for scope, of, seats in _scopes(measures)
        for row in rows_of(of, seats, research=True)
    )


def tab_separated(line: Line) -> str:
    """One line of a TSV file, without its end."""
    return "\t".join(astuple(line))


def _scopes(measures: SessionMeasures) -> Iterator[tuple[str, DataclassInstance, tuple[Seat, ...]]]:
    yield from (("player", player, (player.seat,)) for player in measures.players)
    yield from (("pair", pair, (pair.first, pair.second)) for pair in measures.pairs)
    yield "group", measures.group, tuple(player.seat for player in measures.players)


def _line(session_id: str, scope: str, row: Row, of: DataclassInstance) -> Line:
    return Line(
        session=session_id,
        scope=scope,
        seats=" ".join(row.seats),
        measure=row.measure,
        field=row.quantity,
        # The shortest text that reads back as the same number
        value="" if row.value is None else repr(row.value),
        unit=row.unit,
        n=str(row.n),
        window_start_s=repr(row.start_s),
        window_end_s=repr(row.end_s),
        surrogate=_surrogate(row, of),
        void=row.void.value if row.void else "",
    )


def _surrogate(row: Row, of: DataclassInstance) -> str:
    outcome = getattr(of, row.measure)
    if not row.quantity.startswith("chance_") or not isinstance(outcome, Measured):
        return ""
    # A measure with several claims has a band for each, named after it: "chance_low client rhythm".
    band = outcome.band or outcome.value.chance[row.quantity.partition(" ")[2]]
    return f"{band.surrogate}, {band.n_surrogates} times"
