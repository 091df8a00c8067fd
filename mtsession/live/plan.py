"""What is this session to be: who sits where with which input, with which sounds, kept how?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from typing import Literal, get_type_hints

import msgspec

from mtsession.errors import SettingError, WireError
from mtsession.events import Contact, Lift, Seat
from mtsession.live.typed import TypedReader, encode
from mtsession.session import Player, Role
from mtsession.wording import say

AS_PLAYED = "open-keys"
"""The palette that leaves every key as it was played: always the therapist's, and everybody's by default."""

MAX_SEATS = 16
"""The mixer counts voices for 16 seats."""

CLIENT_ATTACK_S = 0.008
"""Client sounds rise over at least 8 ms (care rules, safety of sound); the therapist's as the sound has it."""

START_LEVEL_DB = -18.0
"""Where every session begins (care rules, safety of sound)."""

LEVEL_CAP_DB = -12.0
"""The loudest master level that a session allows unless its plan says otherwise."""

_SEAT = re.compile(r"(?P<role>client|therapist|co-therapist|peer)(-[1-9][0-9]?)?")


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """One seat: `port` names its MIDI input (empty: played from a script or from pads).

    `latency_s` from finger to contact time: 0 for virtual inputs, None where it was not measured.
    """

    seat: Seat
    role: Role
    port: str = ""
    instrument: str = "keyboard"
    latency_s: float | None = None

    @property
    def is_guest(self) -> bool:
        """Whether the care rules for a client's seat hold here (clients and peers)."""
        return self.role in (Role.CLIENT, Role.PEER)

    @property
    def attack_s(self) -> float:
        """The least rise time of this seat's sounds."""
        return CLIENT_ATTACK_S if self.is_guest else 0.0


@dataclass(frozen=True, slots=True)
class LivePlan:
    """Everything the engine needs to know of a session but its keys.

    `device` None is the machine's usual one. `script` holds a simulated or recorded session that plays as a device,
    in order of time. `offline` renders as fast as it can, without a device. `length_s` None goes on until told.
    `origin_ns` is the reading of `perf_counter_ns` at session time 0; 0 until the supervisor sets it.
    """

    session_id: str
    seats: tuple[SeatPlan, ...]
    palette: str = AS_PLAYED
    key: str = "C"
    device: str | None = None
    block_frames: int = 128
    callback: Literal["compiled", "python"] = "compiled"
    record_audio: bool = False
    script: tuple[Contact | Lift, ...] = ()
    offline: bool = False
    length_s: float | None = None
    origin_ns: int = 0
    simulated: bool = False
    level_db: float = START_LEVEL_DB
    level_cap_db: float = LEVEL_CAP_DB

    def palette_of(self, seat: SeatPlan) -> str:
        """The palette a seat begins with: the therapist's keys are always as played."""
        return self.palette if seat.is_guest else AS_PLAYED

    def players(self) -> tuple[Player, ...]:
        """The seats as the session file keeps them."""
        return tuple(Player(seat.seat, seat.role, seat.instrument, self.palette_of(seat)) for seat in self.seats)


_SCRIPT = TypedReader[Contact | Lift]((Contact, Lift))

_TYPES = get_type_hints(LivePlan)

_SETTINGS = msgspec.defstruct(
    "Settings",
    [
        (setting.name, _TYPES[setting.name], msgspec.NODEFAULT if setting.default is MISSING else setting.default)
        for setting in fields(LivePlan)
        if setting.name != "script"
    ],
)
"""A plan but its script: events of several classes are told apart by their tags, which plain JSON types have not."""


class _PlanOnTheWire(msgspec.Struct):
    settings: _SETTINGS  # type: ignore[valid-type]
    script: tuple[msgspec.Raw, ...]


_READER = msgspec.json.Decoder(_PlanOnTheWire)


def plan_to_json(plan: LivePlan) -> bytes:
    """One line of JSON, read back by `plan_from_json`."""
    settings = {name: getattr(plan, name) for name in _TYPES if name != "script"}
    script = tuple(msgspec.Raw(encode(event)) for event in plan.script)
    return msgspec.json.encode({"settings": settings, "script": script})


def plan_from_json(line: bytes) -> LivePlan:
    """Read what `plan_to_json` wrote; raises WireError for anything else."""
    try:
        read = _READER.decode(line)
    except msgspec.DecodeError as error:
        raise WireError(say("live.bad_message", reason=error), say("live.bad_message_next")) from error
    script = tuple(_SCRIPT.decode(bytes(event)) for event in read.script)
    return LivePlan(**msgspec.structs.asdict(read.settings), script=script)


def seat_plans(specs: Iterable[str]) -> tuple[SeatPlan, ...]:
    """Read "client=PORT" for each seat; the role is in the seat's name ("client-2", "co-therapist", "peer-1").

    Raises SettingError for an unknown seat, a missing port, a seat or a port given twice, or too many seats.
    """
    seats = tuple(_seat_plan(spec) for spec in specs)
    refuse_twice("live.seat_twice", [seat.seat for seat in seats])
    refuse_twice("live.port_twice", [seat.port for seat in seats])
    if len(seats) > MAX_SEATS:
        raise SettingError(say("live.too_many_seats", most=MAX_SEATS), say("live.too_many_seats_next"))
    return seats


def _seat_plan(spec: str) -> SeatPlan:
    name, equals, port = (part.strip() for part in spec.partition("="))
    known = _SEAT.fullmatch(name)
    if not known:
        raise SettingError(say("live.unknown_seat", seat=name), say("live.unknown_seat_next"))
    if not equals or not port:
        raise SettingError(say("live.no_port", seat=name), say("live.no_port_next", seat=name))
    return SeatPlan(Seat(name), Role(known["role"]), port, _instrument(port))


def _instrument(port: str) -> str:
    """What a port's name says of the instrument; a keyboard where it says nothing."""
    named = (word for word in ("drum", "pad") if word in port.lower())
    return f"{word}s" if (word := next(named, "")) else "keyboard"


def refuse_twice(key: str, names: list[str]) -> None:
    """Raises SettingError with the texts of `key` for the first name that comes again."""
    for index, name in enumerate(names):
        if name in names[:index]:
            raise SettingError(say(key, name=name), say(f"{key}_next"))
