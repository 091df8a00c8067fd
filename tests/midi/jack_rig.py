"""The contract on real JACK ports, in a process of its own: a JACK client cannot change its server.

`python jack_rig.py RULE` plays one rule of the contract, or one of the rules below that only real ports can show,
and fails with its traceback.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mtsession.clock import SessionClock, new_clock
from mtsession.events import Contact, Event
from mtsession.midi.ports import MidiInput, MidiPort, RtMidi, midi_input_ports
from tests.midi.contract import CLIENT, CONTRACT, Seated, numbers

SENDER = Path(__file__).with_name("jack_sender.py")
PATIENCE_S = 10.0


class Sender:
    """A keyboard in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SENDER), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        assert self._from.readline() == "ready\n"

    def send(self, message: Sequence[int]) -> int:
        """Send; when it was, in ns of `perf_counter_ns`."""
        self._to.write(bytes(message).hex() + "\n")
        self._to.flush()
        return int(self._from.readline())

    def end(self) -> None:
        self._to.close()
        self._process.wait(PATIENCE_S)
        self._from.close()


class JackRig:
    """Keyboards that are processes in the JACK graph."""

    def __init__(self) -> None:
        self.system = RtMidi()
        self._senders: dict[str, Sender] = {}

    def plug(self, name: str) -> str:
        self._senders[name] = Sender(name)
        return f"{name}:out"

    def unplug(self, name: str) -> None:
        self._senders.pop(name).end()

    def send(self, name: str, message: Sequence[int]) -> int:
        return self._senders[name].send(message)

    def until(self, condition: Callable[[], object]) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline_s:
                raise TimeoutError("it did not come")
            time.sleep(0.002)

    def end(self) -> None:
        for name in list(self._senders):
            self.unplug(name)


def a_virtual_input_is_played_by_whoever_connects_to_it(rig: JackRig) -> None:
    events: list[Event] = []
    port = MidiPort("JACK", "room", virtual=True)
    opened = MidiInput(port, CLIENT, new_clock(), numbers(), events.append, system=rig.system)
    sender = Sender("keys", ":room")
    sender.send((0x90, 60, 64))
    rig.until(lambda: events)
    assert isinstance(events[0], Contact)
    opened.close()
    sender.end()


def clock_and_sysex_and_sensing_are_not_received(rig: JackRig) -> None:
    rig.plug("keys")
    seated = Seated(rig, "keys")
    for message in ((0xF8,), (0xFE,), (0xF0, 1, 2, 3, 0xF7), (0x90, 60, 64)):
        rig.send("keys", message)
    rig.until(lambda: seated.events)
    assert len(seated.events) == 1
    assert seated.input.held.ignored == 0
    seated.input.close()


def looking_for_ports_prints_nothing_and_leaves_no_client(rig: JackRig) -> None:
    rig.plug("keys")
    for _ in range(70):  # a JACK server has room for 64 clients
        assert "keys:out" in [port.name for port in midi_input_ports()]


def a_message_is_stamped_soon_after_it_was_sent(rig: JackRig) -> None:
    """Also prints the times from client to client, in ms, for the report."""
    rig.plug("keys")
    events: list[Event] = []
    port = next(port for port in rig.system.ports() if port.name == "keys:out")
    opened = MidiInput(port, CLIENT, SessionClock(origin_ns=0), numbers(), events.append, system=rig.system)
    late_ms = []
    for velocity in range(1, 101):
        sent_ns = rig.send("keys", (0x90, 60, velocity))
        rig.until(lambda: any(isinstance(e, Contact) and e.velocity == velocity for e in events))  # noqa: B023
        contact = next(event for event in events if isinstance(event, Contact) and event.velocity == velocity)
        late_ms.append(contact.time_s * 1e3 - sent_ns * 1e-6)
    opened.close()
    late_ms.sort()
    print(json.dumps({"median_ms": late_ms[50], "worst_ms": late_ms[-1]}))
    assert late_ms[0] > 0
    assert late_ms[50] < 10


def a_port_whose_server_died_is_closed_without_harm(rig: JackRig) -> None:
    rig.plug("keys")
    seated = Seated(rig, "keys")
    rig.send("keys", (0x90, 60, 64))
    rig.until(lambda: seated.events)
    ask_to_do("kill the server")
    seated.input.close()
    assert len(seated.events) == 2


def a_port_whose_server_died_and_came_back_is_closed_without_harm_and_can_be_opened_again(rig: JackRig) -> None:
    rig.plug("keys")
    before = Seated(rig, "keys")
    ask_to_do("kill the server")
    ask_to_do("start the server")
    before.input.close()
    rig.plug("keys")
    rig.until(lambda: "keys:out" in [port.name for port in rig.system.ports()])
    again = Seated(rig, "keys")
    rig.send("keys", (0x90, 60, 64))
    rig.until(lambda: again.events)
    again.input.close()


def ask_to_do(what: str) -> None:
    """Ask the test, who has the server, and wait until it did."""
    print(what, flush=True)
    assert sys.stdin.readline() == "done\n"


ON_JACK_ONLY: dict[str, Callable[[JackRig], None]] = {
    rule.__name__: rule
    for rule in (
        a_virtual_input_is_played_by_whoever_connects_to_it,
        clock_and_sysex_and_sensing_are_not_received,
        looking_for_ports_prints_nothing_and_leaves_no_client,
        a_message_is_stamped_soon_after_it_was_sent,
        a_port_whose_server_died_is_closed_without_harm,
        a_port_whose_server_died_and_came_back_is_closed_without_harm_and_can_be_opened_again,
    )
}


def main() -> None:
    """Play the rule that is named."""
    rig = JackRig()
    try:
        (CONTRACT | ON_JACK_ONLY)[sys.argv[1]](rig)
    finally:
        rig.end()


if __name__ == "__main__":
    main()
