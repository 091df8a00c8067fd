"""Which table keeps which event, and what stands in the header of a session file?"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, SupportsFloat, SupportsIndex, TypeAlias, get_type_hints

from mtsession import events as happenings
from mtsession.events import Event, Gap, NoteOn
from mtsession.session import Player, Setup

APPLICATION_ID = 0x4D545331
"""`PRAGMA application_id` of a session file: "MTS1"."""

SCHEMA_VERSION = 1
"""`PRAGMA user_version`: raised with every change of `schema.sql`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class SessionHeader:
    """What is known of a session before its first event. `started_at` has a time zone."""

    session_id: str
    started_at: datetime
    players: tuple[Player, ...]
    setup: Setup


@dataclass(frozen=True, slots=True)
class EventTable:
    """One kind of event and its table: a column a field, named alike, after `seq`.

    `insert` keeps one `row()`; of the rows of `select`, `events()` reads all but their `seq`; `select_end` is the last
    moment that the events tell of, NULL where there is none.
    """

    name: str
    event_type: type[Any]
    columns: tuple[str, ...]
    to_column: tuple[Callable[[Any], Any], ...]
    from_column: tuple[Callable[[Any], Any], ...]
    insert: str
    select: str
    select_end: str

    def row(self, seq: int, event: Event) -> Row:
        """What the table keeps of an event; numpy's numbers become plain ones. TypeError for another type's value."""
        pairs = zip(self.columns, self.to_column, strict=True)
        return seq, *(convert(getattr(event, name)) for name, convert in pairs)

    def events(self, rows: Sequence[Row]) -> list[Event]:
        """The events of rows (without their `seq`); ValueError for a value that an event cannot have."""
        if not rows:
            return []
        columns = (
            _converted(column, convert)
            for column, convert in zip(zip(*rows, strict=True), self.from_column, strict=True)
        )
        return list(map(self.event_type, *columns))


TABLE_NAMES: Mapping[type[Any], str] = {
    happenings.Contact: "contacts",
    happenings.Lift: "lifts",
    happenings.Refused: "refused",
    happenings.NoteOn: "notes",
    happenings.NoteOff: "note_ends",
    happenings.Sounded: "sounded",
    happenings.Released: "released",
    happenings.Pedal: "pedals",
    happenings.Expression: "expressions",
    happenings.AudioOnset: "audio_onsets",
    happenings.VoicePitch: "voice_pitches",
    happenings.Control: "controls",
    happenings.Choice: "choices",
    happenings.Mark: "marks",
    happenings.SetupChange: "setup_changes",
    happenings.ConsentChange: "consent",
    happenings.Gap: "gaps",
    happenings.DeviceChange: "device_changes",
    happenings.ClockPair: "clock_pairs",
    happenings.AudioEpoch: "audio_epochs",
    happenings.BlockCount: "block_counts",
}


def _converted(column: Sequence[Any], convert: Callable[[Any], Any]) -> Iterable[Any]:
    """Numbers one by one; of texts, few of which differ, each once: the events then share it."""
    if convert in (int, float, bool):
        return map(convert, column)
    each = {value: convert(value) for value in set(column)}
    return map(each.__getitem__, column)


def _converters(hint: object) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    plain = getattr(hint, "__supertype__", hint)
    if plain is bool:
        return _flag, bool
    if plain is int:
        return _whole, int
    if plain is float:
        return _number, float
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return _text, plain
    return _text, _text


def _flag(value: object) -> int:
    return int(bool(value))


def _whole(value: SupportsIndex) -> int:
    number = operator.index(value)
    if not -(2**63) <= number < 2**63:
        raise OverflowError(f"{number} needs more than 64 bits")
    return number


def _number(value: SupportsFloat) -> float:
    number = float(value)
    if math.isnan(number):
        raise ValueError("not a number")
    return number


def _text(value: str | None) -> str | None:
    """Without the bytes that are no text, which a device's name may hold: those become "?"."""
    return None if value is None else value.encode("utf-8", "replace").decode("utf-8")


def event_table(event_type: type[Any], name: str) -> EventTable:
    """The table of an event's type, by its fields."""
    hints = get_type_hints(event_type)
    columns = tuple(field.name for field in fields(event_type))
    to_column, from_column = zip(*(_converters(hints[column]) for column in columns), strict=True)
    listed, marks = ", ".join(("seq", *columns)), ", ".join("?" * (len(columns) + 1))
    (end,) = {"end_s", "time_s", "accepted_s"}.intersection(columns)
    return EventTable(
        name,
        event_type,
        columns,
        to_column,
        from_column,
        insert=f"INSERT INTO {name} ({listed}) VALUES ({marks})",  # noqa: S608
        select=f"SELECT {listed} FROM {name} ORDER BY seq",  # noqa: S608
        select_end=f"SELECT max({end}) FROM {name}",  # noqa: S608
    )


EVENT_TABLES: Mapping[type[Any], EventTable] = {kind: event_table(kind, name) for kind, name in TABLE_NAMES.items()}


@cache
def ddl() -> str:
    """The statements that make an empty session file."""
    tables = files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")
    return f"{tables}\nPRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {SCHEMA_VERSION};\n"


def time_of_s(event: Event) -> float:
    """When an event began: by this the events of a session are ordered."""
    match event:
        case NoteOn():
            return event.accepted_s
        case Gap():
            return event.start_s
        case _:
            return event.time_s


def end_of_s(event: Event) -> float:
    """The last moment that an event tells of."""
    return event.end_s if isinstance(event, Gap) else time_of_s(event)


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970, exactly; ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a session's start needs a time zone")
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(since_1970_us: int) -> datetime:
    """The moment in UTC."""
    return _EPOCH + since_1970_us * _MICROSECOND
