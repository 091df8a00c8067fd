"""How long is the way from finger to contact time? Known where the input is a program on this machine: nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mtsession.errors import MidiPortError
from mtsession.live.plan import SeatPlan
from mtsession.midi.ports import MidiPort, find_port

BRIDGES = ("system:", "a2j", "midi-bridge:", "alsa")
"""Names in the JACK graph under which hardware appears (jackd, a2jmidid, PipeWire); all others are programs."""


def with_known_latency(seats: Iterable[SeatPlan], ports: tuple[MidiPort, ...]) -> tuple[SeatPlan, ...]:
    """The seats, those of virtual inputs with a latency of 0 (measures, the first rules); what was measured stays."""
    return tuple(replace(seat, latency_s=0.0) if _is_unmeasured_and_virtual(seat, ports) else seat for seat in seats)


def _is_unmeasured_and_virtual(seat: SeatPlan, ports: tuple[MidiPort, ...]) -> bool:
    """Whether the seat's input is another program of this machine. Other systems do not tell them from devices."""
    if seat.latency_s is not None or not seat.port:
        return False
    try:
        port = find_port(seat.port, ports)
    except MidiPortError:
        return False
    return port.api == "JACK" and not port.name.casefold().startswith(BRIDGES)
