"""MIDI inputs: found by name, opened, watched; the same rules on the fake system and on real JACK ports."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from mtsession.clock import ManualClock
from mtsession.errors import MidiPortError
from mtsession.events import Contact, DeviceChange, Event, Lift, Seat
from mtsession.midi.fake import FakeMidi
from mtsession.midi.ports import MidiInput, MidiPort, PortWatcher, find_port
from tests.e2e.jack_server import JackServer, why_not
from tests.e2e.processes import wait_for
from tests.midi.contract import CONTRACT, numbers
from tests.midi.jack_rig import ON_JACK_ONLY

RIG = Path(__file__).with_name("jack_rig.py")
REPOSITORY = Path(__file__).resolve().parents[2]
CLIENT, THERAPIST = Seat("client"), Seat("therapist")

NEEDS_A_MORTAL_SERVER = [rule for rule in ON_JACK_ONLY if "server_died" in rule]


class FakeRig:
    """The fake system, played in the same way as real ports."""

    def __init__(self) -> None:
        self.system = FakeMidi()

    def plug(self, name: str) -> str:
        return self.system.plug(f"{name}:out").name

    def unplug(self, name: str) -> None:
        self.system.unplug(f"{name}:out")

    def send(self, name: str, message: Sequence[int]) -> None:
        self.system.send(f"{name}:out", message)

    def until(self, condition: Callable[[], object]) -> None:
        wait_for(condition, 5.0, "the watcher's poll")


@pytest.fixture(scope="module")
def jack() -> Iterator[JackServer]:
    yield from _served()


@pytest.fixture
def mortal_jack() -> Iterator[JackServer]:
    yield from _served()


def _served() -> Iterator[JackServer]:
    if reason := why_not():
        pytest.skip(reason)
    server = JackServer()
    server.start()
    yield server
    server.stop()


def on_jack(server: JackServer, rule: str) -> subprocess.Popen[str]:
    """The rule, at play in a process of its own."""
    return subprocess.Popen(
        [sys.executable, str(RIG), rule],
        env=os.environ | server.env | {"PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("rule", CONTRACT)
def test_the_fake_system_keeps_the_contract(rule: str) -> None:
    CONTRACT[rule](FakeRig())


@pytest.mark.e2e
@pytest.mark.parametrize("rule", [rule for rule in CONTRACT | ON_JACK_ONLY if rule not in NEEDS_A_MORTAL_SERVER])
def test_real_ports_keep_the_contract_and_print_nothing(jack: JackServer, rule: str) -> None:
    playing = on_jack(jack, rule)
    said, complained = playing.communicate(timeout=60)
    assert (complained, playing.returncode) == ("", 0)
    if said:
        print(json.loads(said))


@pytest.mark.e2e
@pytest.mark.parametrize("rule", NEEDS_A_MORTAL_SERVER)
def test_ports_of_a_server_that_died(mortal_jack: JackServer, rule: str) -> None:
    playing = on_jack(mortal_jack, rule)
    assert playing.stdin is not None
    assert playing.stdout is not None
    for wish in playing.stdout:
        {"kill the server": mortal_jack.kill, "start the server": mortal_jack.start}[wish.strip()]()
        playing.stdin.write("done\n")
        playing.stdin.flush()
    _, complained = playing.communicate(timeout=60)
    assert playing.returncode == 0, complained


@pytest.mark.e2e
def test_looking_for_ports_without_a_jack_server_is_quick_and_prints_nothing() -> None:
    look = (
        "from mtsession.midi.ports import midi_input_ports as ports; assert not [p for p in ports() if p.api == 'JACK']"
    )
    ran = subprocess.run(
        [sys.executable, "-c", look],
        env=os.environ | {"JACK_DEFAULT_SERVER": f"none{secrets.token_hex(4)}"},
        cwd=REPOSITORY,
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert (ran.stdout, ran.stderr) == (b"", b"")


def ports(*names: str, api: str = "JACK") -> tuple[MidiPort, ...]:
    return tuple(MidiPort(api, name) for name in names)


def test_an_exact_name_wins_over_longer_ones() -> None:
    assert find_port("keys", ports("keys", "keys 2")).name == "keys"


def test_part_of_one_name_is_enough_in_any_case() -> None:
    assert find_port("lpk", ports("Akai LPK25:out", "drums:out")).name == "Akai LPK25:out"


def test_a_port_is_found_again_although_alsa_numbered_it_anew() -> None:
    there = ports("LPK25:LPK25 MIDI 1 24:0", "Midi Through:Midi Through Port-0 14:0", api="ALSA")
    assert find_port("LPK25:LPK25 MIDI 1 20:0", there).name == "LPK25:LPK25 MIDI 1 24:0"


def test_two_that_fit_are_both_named() -> None:
    with pytest.raises(MidiPortError, match=r"Akai LPK25.*Korg keys.*\. Write more"):
        find_port("k", ports("Akai LPK25", "Korg keys", "drums"))


def test_a_missing_port_names_what_is_there() -> None:
    with pytest.raises(MidiPortError, match=r"no MIDI input organ.*keys .JACK., drums .JACK."):
        find_port("organ", ports("keys", "drums"))


def test_with_no_port_at_all_the_error_says_so() -> None:
    with pytest.raises(MidiPortError, match="There is no MIDI input, and organ was asked for"):
        find_port("organ", ())


def test_a_message_is_stamped_with_the_session_clock_when_it_arrives() -> None:
    midi, clock, events = FakeMidi(), ManualClock(), list[Event]()
    MidiInput(midi.plug("keys"), CLIENT, clock, numbers(), events.append, system=midi)
    clock.advance(1.5)
    midi.send("keys", (0x90, 60, 64))
    clock.advance(0.5)
    midi.send("keys", (0x90, 60, 0))
    assert [event.time_s for event in events if isinstance(event, Contact | Lift)] == [1.5, 2.0]


def test_each_seat_follows_its_own_port() -> None:
    midi, events = FakeMidi(), list[Event]()
    midi.plug("keys")
    midi.plug("drums")
    watcher = PortWatcher({CLIENT: "drums", THERAPIST: "keys"}, ManualClock(), numbers(), events.append, system=midi)
    watcher.poll()
    midi.unplug("keys")
    watcher.poll()
    assert events == [
        DeviceChange(0.0, CLIENT, "drums", present=True),
        DeviceChange(0.0, THERAPIST, "keys", present=True),
        DeviceChange(0.0, THERAPIST, "keys", present=False),
    ]
    assert {seat: opened is not None for seat, opened in watcher.inputs.items()} == {CLIENT: True, THERAPIST: False}
    watcher.close()


def test_a_missing_port_is_reported_once() -> None:
    events: list[Event] = []
    watcher = PortWatcher({CLIENT: "keys"}, ManualClock(), numbers(), events.append, system=FakeMidi())
    watcher.poll()
    watcher.poll()
    assert events == [DeviceChange(0.0, CLIENT, "keys", present=False)]


def test_a_name_that_became_ambiguous_does_not_disturb_the_port_that_is_open() -> None:
    midi, events = FakeMidi(), list[Event]()
    midi.plug("keys")
    watcher = PortWatcher({CLIENT: "key"}, ManualClock(), numbers(), events.append, system=midi)
    watcher.poll()
    midi.plug("keys 2")
    watcher.poll()
    midi.send("keys", (0x90, 60, 64))
    assert [type(event) for event in events] == [DeviceChange, Contact]


def test_a_seat_whose_device_went_does_not_take_another_seats_device_of_the_same_kind() -> None:
    midi, events = FakeMidi(), list[Event]()
    wanted = {CLIENT: "MPD218", THERAPIST: "MPD218 two"}
    watcher = PortWatcher(wanted, ManualClock(), numbers(), events.append, system=midi)
    midi.plug("MPD218 one")
    watcher.poll()
    midi.plug("MPD218 two")
    watcher.poll()
    midi.unplug("MPD218 one")
    watcher.poll()
    midi.send("MPD218 two", (0x90, 60, 64))
    assert [event.seat for event in events if isinstance(event, Contact)] == [THERAPIST]


def test_a_closed_watcher_hears_nothing_more() -> None:
    midi, events = FakeMidi(), list[Event]()
    midi.plug("keys")
    watcher = PortWatcher({CLIENT: "keys"}, ManualClock(), numbers(), events.append, system=midi)
    watcher.start()
    watcher.close()
    midi.send("keys", (0x90, 60, 64))
    assert [type(event) for event in events] == [DeviceChange]


@pytest.mark.parametrize(
    ("api", "name", "is_software"),
    [
        ("JACK", "keys:out", True),
        ("JACK", "system:midi_capture_1", False),
        ("JACK", "a2j:Launchpad [20] (capture): Launchpad MIDI 1", False),
        ("ALSA", "Midi Through:Midi Through Port-0 14:0", True),
        ("ALSA", "MPD218:MPD218 MIDI 1 20:0", False),
        ("CoreMIDI", "IAC Driver Bus 1", True),
        ("WinMM", "loopMIDI Port 1", False),
    ],
)
def test_a_program_is_told_from_a_device_as_far_as_its_system_tells(api: str, name: str, is_software: bool) -> None:
    assert MidiPort(api, name).is_software is is_software
