"""Which MIDI inputs are there, and what comes from them? The only module that knows rtmidi.

Measured on JACK (python-rtmidi 1.5.8): the drivers print to standard error at a missing server or sequencer, so opening
an API is done with standard error aside; `close_port` and the destructor of a client whose JACK server has died
crash the process, so such a client is kept until the process ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeAlias

import rtmidi

from mtsession.clock import Clock
from mtsession.errors import MidiPortError
from mtsession.events import ContactId, DeviceChange, Event, Seat
from mtsession.midi.decode import HeldKeys, Origin, decode
from mtsession.wording import say

logger = logging.getLogger(__name__)

API_NAMES = {
    rtmidi.API_LINUX_ALSA: "ALSA",
    rtmidi.API_UNIX_JACK: "JACK",
    rtmidi.API_MACOSX_CORE: "CoreMIDI",
    rtmidi.API_WINDOWS_MM: "WinMM",
}

POLL_S = 0.25
"""How often ports are looked for; listing them takes 0.3 ms."""

RETRY_S = 5.0
"""How often an API that did not open (no JACK server) is tried again: a try takes 4 ms."""

Received: TypeAlias = tuple[list[int], float]
"""What rtmidi gives a callback: the message and a delta time that nobody should use."""

Callback: TypeAlias = Callable[[Received, object], None]


@dataclass(frozen=True, slots=True)
class MidiPort:
    """An input as its API names it. A `virtual` one is not there yet: opening makes it, for others to connect to."""

    api: str
    name: str
    virtual: bool = False

    @property
    def lasting_name(self) -> str:
        """The name without the numbers that ALSA and WinMM append and that change when it is plugged in again."""
        pattern = {"ALSA": r" \d+:\d+$", "WinMM": r" \d+$"}.get(self.api, r"$^")
        return re.sub(pattern, "", self.name)

    @property
    def is_software(self) -> bool:
        """Whether another program plays here, not a device: its input latency counts as 0 (care rules, §2).

        JACK's and ALSA's bridges and JACK's own driver carry devices; every other JACK client is a program.
        """
        match self.api:
            case "JACK":
                return not self.name.startswith(_JACK_DEVICES)
            case "ALSA":
                return self.name.startswith(_ALSA_LOOPS)
            case "CoreMIDI":
                return self.name.startswith("IAC")
            case _:
                return False


_JACK_DEVICES = ("system:", "a2j:", "a2jmidid:", "alsa_midi", "jackd")
_ALSA_LOOPS = ("Midi Through", "Virtual Raw MIDI", "VirMIDI")


class OpenPort(Protocol):
    """A port that sends its messages to a callback until it is closed."""

    def close(self) -> None: ...


class MidiSystem(Protocol):
    """What lists and opens ports: `RtMidi`, or the fake one of tests."""

    def ports(self) -> tuple[MidiPort, ...]: ...

    def open(self, port: MidiPort, callback: Callback) -> OpenPort:
        """Raises MidiPortError for a port that is gone or that another program holds."""
        ...


def midi_input_ports(system: MidiSystem | None = None) -> tuple[MidiPort, ...]:
    """All MIDI inputs, over all APIs that open."""
    return (system or machine_midi()).ports()


def find_port(wanted: str, ports: tuple[MidiPort, ...]) -> MidiPort:
    """The port of that name; else of that name but for changing numbers; else the only one that contains the text.

    Raises MidiPortError, which names what is there, for none or several.
    """
    ways: tuple[Callable[[MidiPort], bool], ...] = (
        lambda port: port.name == wanted,
        lambda port: port.lasting_name == MidiPort(port.api, wanted).lasting_name,
        lambda port: wanted.casefold() in port.name.casefold(),
    )
    for way in ways:
        found = [port for port in ports if way(port)]
        if len(found) == 1:
            return found[0]
        if found:
            raise _port_error("several_ports", wanted=wanted, there=_listed(found))
    if not ports:
        raise _port_error("no_ports", wanted=wanted)
    raise _port_error("no_such_port", wanted=wanted, there=_listed(ports))


class MidiInput:
    """One open input, bound to a seat: its callback stamps, decodes and puts."""

    def __init__(
        self,
        port: MidiPort,
        seat: Seat,
        clock: Clock,
        next_id: Callable[[], ContactId],
        put: Callable[[Event], None],
        *,
        system: MidiSystem | None = None,
    ) -> None:
        """Open the port. Raises MidiPortError."""
        self.port, self.held = port, HeldKeys()
        self._origin = Origin(seat, port.lasting_name, next_id, self.held)
        self._clock, self._put = clock, put
        self._open = (system or machine_midi()).open(port, self._receive)

    def close(self) -> None:
        """Close the port, then lift the keys that are still down."""
        self._open.close()
        for lift in self.held.lift_all(self._clock.now_s(), self._origin.seat):
            self._put(lift)

    def _receive(self, received: Received, _: object) -> None:
        time_s = self._clock.now_s()
        for event in decode(received[0], time_s, self._origin):
            self._put(event)


class PortWatcher:
    """Keeps each seat's port open as it comes and goes; says so with `DeviceChange`, and lifts what was held.

    `wanted` is a port's name or part of it, by seat. A port that is not there is waited for: whoever wants an error
    at the start asks `find_port` first.
    """

    def __init__(
        self,
        wanted: Mapping[Seat, str],
        clock: Clock,
        next_id: Callable[[], ContactId],
        put: Callable[[Event], None],
        *,
        system: MidiSystem | None = None,
        poll_s: float = POLL_S,
    ) -> None:
        self._wanted, self._system, self._poll_s = dict(wanted), system or machine_midi(), poll_s
        self._clock, self._next_id, self._put = clock, next_id, put
        self._inputs: dict[Seat, MidiInput | None] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi-ports", daemon=True)

    @property
    def inputs(self) -> Mapping[Seat, MidiInput | None]:
        """What is open now, by seat; None where the port is missing."""
        return dict(self._inputs)

    def start(self) -> None:
        """Open what is there, then watch from a thread of its own."""
        self.poll()
        self._thread.start()

    def poll(self) -> None:
        """Look once: open what appeared, report and let go what went."""
        ports = self._system.ports()
        for seat, wanted in self._wanted.items():
            self._attend(seat, wanted, ports)

    def close(self) -> None:
        """Stop watching and close the ports; keys that are down are lifted."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()
        for midi_input in self._inputs.values():
            if midi_input is not None:
                midi_input.close()
        self._inputs.clear()

    def _run(self) -> None:
        while not self._closing.wait(self._poll_s):
            self.poll()

    def _attend(self, seat: Seat, wanted: str, ports: tuple[MidiPort, ...]) -> None:
        now = self._inputs.get(seat)
        if now is not None and now.port in ports:
            return
        if now is not None:
            self._lose(seat, now)
        opened = self._try_to_open(seat, wanted, self._free(ports))
        if opened is not None:
            self._report(seat, opened.port.name, present=True)
        elif seat not in self._inputs:
            self._report(seat, wanted, present=False)
        self._inputs[seat] = opened

    def _lose(self, seat: Seat, lost: MidiInput) -> None:
        self._inputs[seat] = None
        lost.close()
        self._report(seat, lost.port.name, present=False)

    def _free(self, ports: tuple[MidiPort, ...]) -> tuple[MidiPort, ...]:
        """Not another seat's: of two devices of one kind, the one that stays must not play for both."""
        taken = {opened.port for opened in self._inputs.values() if opened is not None}
        return tuple(port for port in ports if port not in taken)

    def _try_to_open(self, seat: Seat, wanted: str, ports: tuple[MidiPort, ...]) -> MidiInput | None:
        try:
            port = find_port(wanted, ports)
            return MidiInput(port, seat, self._clock, self._next_id, self._put, system=self._system)
        except MidiPortError as error:
            logger.debug("seat %s: %s", seat, error)
            return None

    def _report(self, seat: Seat, device: str, *, present: bool) -> None:
        self._put(DeviceChange(self._clock.now_s(), seat, device, present))


class RtMidi:
    """The machine's MIDI: every API of rtmidi that opens, looked at through one client each."""

    def __init__(self) -> None:
        self._scouts = tuple(_Scout(api) for api in rtmidi.get_compiled_api() if api in API_NAMES)

    def ports(self) -> tuple[MidiPort, ...]:
        return tuple(MidiPort(API_NAMES[scout.api], name) for scout in self._scouts for name in scout.names())

    def open(self, port: MidiPort, callback: Callback) -> OpenPort:
        return _RtMidiPort(port, callback)


@cache
def machine_midi() -> RtMidi:
    """The one `RtMidi` of this process; its clients live as long as the process does."""
    return RtMidi()


class _Scout:
    """Lists one API's inputs through a client that stays open, so that looking disturbs no audio graph."""

    def __init__(self, api: int) -> None:
        self.api = api
        self._client: rtmidi.MidiIn | None = None
        self._tried_s = -RETRY_S

    def names(self) -> list[str]:
        names = _input_names(self._client)
        if not names and time.monotonic() - self._tried_s >= RETRY_S:
            self._tried_s = time.monotonic()
            names = self._try_anew()
        return names

    def _try_anew(self) -> list[str]:
        """An API that did not open may now; a client that sees nothing may be one whose server died and came back."""
        fresh = _new_client(self.api)
        names = _input_names(fresh)
        if fresh is not None and (names or self._client is None):
            _never_delete(fresh)
            self._client = fresh
        elif fresh is not None:
            fresh.delete()
        return names


class _RtMidiPort:
    """One client with one open port."""

    def __init__(self, port: MidiPort, callback: Callback) -> None:
        self._api = next(number for number, name in API_NAMES.items() if name == port.api)
        self._label = port.name if port.virtual else f"in {next(_port_numbers)}"
        client = _new_client(self._api)
        if client is None:
            raise _port_error("api_closed", api=port.api)
        self._client: rtmidi.MidiIn | None = client
        client.ignore_types(sysex=True, timing=True, active_sense=True)
        client.set_callback(callback)
        try:
            self._connect(client, port)
        except (rtmidi.RtMidiError, NotImplementedError) as error:
            client.delete()
            raise _port_error("port_taken", name=port.name) from error

    def close(self) -> None:
        """Close the port; a second time does nothing."""
        client, self._client = self._client, None
        if client is None:
            return
        client.cancel_callback()
        if self._api == rtmidi.API_UNIX_JACK and not _jack_has(self._label):
            _never_delete(client)
            return
        client.close_port()
        client.delete()

    def _connect(self, client: rtmidi.MidiIn, port: MidiPort) -> None:
        if port.virtual:
            client.open_virtual_port(self._label)
            return
        names = client.get_ports()
        if port.name not in names:
            client.delete()
            raise _port_error("port_gone", name=port.name)
        client.open_port(names.index(port.name), name=self._label)


_port_numbers = itertools.count(1)
_aside = threading.Lock()


def _new_client(api: int) -> rtmidi.MidiIn | None:
    """A client of an API, or None where its server or driver is not there."""
    with _stderr_aside(), contextlib.suppress(rtmidi.RtMidiError):
        return rtmidi.MidiIn(api, name=f"mtsession-{os.getpid()}")
    return None


def _input_names(client: rtmidi.MidiIn | None) -> list[str]:
    """The names of the inputs that a client sees; none where its driver refuses to say."""
    with contextlib.suppress(rtmidi.RtMidiError):
        return [] if client is None else list(client.get_ports())
    return []


def _jack_has(label: str) -> bool:
    """Whether the JACK server that answers now knows our port: false where it died, or came back without it."""
    with _stderr_aside(), contextlib.suppress(rtmidi.RtMidiError):
        probe = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=f"mtsession-{os.getpid()}-probe")
        names = probe.get_ports()
        probe.delete()
        return any(name.startswith(f"mtsession-{os.getpid()}") and name.endswith(f":{label}") for name in names)
    return False


def _never_delete(client: rtmidi.MidiIn) -> None:
    """Keep a client until the process ends: its destructor would crash were its JACK server gone by then."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(client))


@contextlib.contextmanager
def _stderr_aside() -> Iterator[None]:
    """What the drivers print while they open goes nowhere: the error tells it."""
    with _aside:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)


def _listed(ports: Iterable[MidiPort]) -> str:
    return ", ".join(f"{port.name} ({port.api})" for port in ports)


def _port_error(key: str, **facts: object) -> MidiPortError:
    return MidiPortError(say(f"midi.{key}", **facts), say(f"midi.{key}_next"))
