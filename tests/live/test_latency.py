import pytest

from mtsession.live.latency import with_known_latency
from mtsession.live.plan import SeatPlan
from mtsession.midi.ports import MidiPort
from mtsession.session import Role
from tests.live.engine_rig import CLIENT

PORTS = (
    MidiPort("JACK", "keys:out"),
    MidiPort("JACK", "system:midi_capture_1"),
    MidiPort("JACK", "a2j:LPK25 [20] (capture): LPK25 MIDI 1"),
    MidiPort("JACK", "Midi-Bridge:MPD218:(capture_0) MPD218 MIDI 1"),
    MidiPort("ALSA", "Digital Piano 24:0"),
)


@pytest.mark.parametrize(
    ("port", "latency_s"),
    [
        ("keys:out", 0.0),
        ("system:midi_capture_1", None),
        ("LPK25", None),
        ("MPD218", None),
        ("Digital Piano", None),
        ("not there", None),
    ],
)
def test_only_an_input_that_is_a_program_has_a_known_latency(port: str, latency_s: float | None) -> None:
    (seat,) = with_known_latency([SeatPlan(CLIENT, Role.CLIENT, port)], PORTS)

    assert seat.latency_s == latency_s


def test_a_latency_that_was_measured_stays() -> None:
    (seat,) = with_known_latency([SeatPlan(CLIENT, Role.CLIENT, "keys:out", latency_s=0.012)], PORTS)

    assert seat.latency_s == 0.012


def test_a_seat_without_an_input_has_no_known_latency() -> None:
    (seat,) = with_known_latency([SeatPlan(CLIENT, Role.CLIENT)], (MidiPort("JACK", "keys:out"),))

    assert seat.latency_s is None
