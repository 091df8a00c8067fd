"""How does a test play a keyboard that is not there? With the MIDI system that stands in for the machine's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mtsession.errors import MidiPortError
from mtsession.midi.ports import Callback, MidiPort


@dataclass(slots=True)
class FakePort:
    """A port that somebody opened."""

    port: MidiPort
    callback: Callback
    open: bool = True

    def close(self) -> None:
        self.open = False


@dataclass(slots=True)
class FakeMidi:
    """Ports that are plugged in and out, and played, by a test; passes the same contract test as `RtMidi`."""

    plugged: list[MidiPort] = field(default_factory=list)
    opened: list[FakePort] = field(default_factory=list)

    def plug(self, name: str) -> MidiPort:
        """Plug a device in."""
        port = MidiPort("fake", name)
        self.plugged.append(port)
        return port

    def unplug(self, name: str) -> None:
        """Pull it out: who had it open hears nothing of it any more, also when it comes back."""
        self.plugged = [port for port in self.plugged if port.name != name]
        for opened in self.opened:
            opened.open = opened.open and opened.port.name != name

    def send(self, name: str, message: Sequence[int]) -> None:
        """Play on a device: whoever has it open receives it."""
        for opened in self.opened:
            if opened.open and opened.port.name == name:
                opened.callback((list(message), 0.0), None)

    def ports(self) -> tuple[MidiPort, ...]:
        return tuple(self.plugged)

    def open(self, port: MidiPort, callback: Callback) -> FakePort:
        if port not in self.plugged and not port.virtual:
            raise MidiPortError(f"the fake input {port.name} is not there", "plug it in")
        opened = FakePort(port, callback)
        self.opened.append(opened)
        return opened
