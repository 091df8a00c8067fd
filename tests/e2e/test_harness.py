"""Can the tests trust what they play with? The player, the recorder and the server, against plain clients."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jack
import mido
import numpy as np
import pytest
import rtmidi
from hypothesis import given
from hypothesis import strategies as st

from tests.e2e.jack_server import JackServer
from tests.e2e.play_midi import Timed, is_note_off, is_note_on, span
from tests.e2e.processes import wait_for
from tests.e2e.room import Room


@pytest.fixture
def on_server(shared_jack: JackServer) -> Iterator[None]:
    """This process is a client of the server too."""
    before = {name: os.environ.get(name) for name in shared_jack.env}
    os.environ.update(shared_jack.env)
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


def small_file(folder: Path, channel: int) -> Path:
    """Ten notes, a tenth of a second apart."""
    file, track = mido.MidiFile(ticks_per_beat=500), mido.MidiTrack()
    file.tracks.append(track)
    for pitch in range(60, 70):
        track.append(mido.Message("note_on", note=pitch, velocity=80, channel=channel, time=0))
        track.append(mido.Message("note_off", note=pitch, channel=channel, time=100))
    path = folder / f"channel-{channel}.mid"
    file.save(path)
    return path


def listening(client: str, heard: list[tuple[int, bytes]]) -> Any:
    """A plain receiver of that client's output, which notes when each message came."""
    receiver = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=f"plain-{client}")
    names = [name for name in receiver.get_ports() if name.startswith(f"{client}:")]
    receiver.open_port(receiver.get_ports().index(names[0]))
    receiver.set_callback(lambda event, _: heard.append((time.perf_counter_ns(), bytes(event[0]))))
    return receiver


@pytest.mark.usefixtures("on_server")
def test_two_clients_play_their_own_files_and_the_log_holds_every_message(room: Room, tmp_path: Path) -> None:
    player = room.player(keys=small_file(tmp_path, 0), drums=small_file(tmp_path, 9))
    heard: dict[str, list[tuple[int, bytes]]] = {"keys": [], "drums": []}
    receivers = [listening(client, messages) for client, messages in heard.items()]
    sent = player.play(0.0, 2.0)
    for client, messages in heard.items():
        mine = [m for m in sent if m.client == client]
        wait_for(lambda m=mine, h=messages: len(h) >= len(m), 2.0, "every message heard")  # type: ignore[misc]
        assert [m.data for m in mine] == [data for _, data in messages]
        delays_ms = [(at_ns - m.counter_ns) * 1e-6 for m, (at_ns, _) in zip(mine, messages, strict=True)]
        assert min(delays_ms) > 0
        assert np.median(delays_ms) < 10
    for receiver in receivers:
        receiver.close_port()


def test_the_player_keeps_the_times_of_the_file(room: Room, tmp_path: Path) -> None:
    sent = room.player(keys=small_file(tmp_path, 0)).play(0.25, 0.85)
    since_first_s = np.array([(m.counter_ns - sent[0].counter_ns) * 1e-9 for m in sent])
    of_file_s = np.array([m.file_s - sent[0].file_s for m in sent])
    assert np.median(np.abs(since_first_s - of_file_s)) < 0.001


messages = st.builds(
    lambda at, client, kind, pitch: Timed(at, client, (kind, pitch, 64)),
    st.floats(0, 10),
    st.sampled_from(["keys", "drums"]),
    st.sampled_from([0x90, 0x80]),
    st.integers(60, 62),
)


@given(st.lists(messages, max_size=40), st.floats(0, 5), st.floats(5, 10))
def test_a_span_holds_each_note_on_within_it_and_ends_every_note_it_began(
    played: list[Timed], start_s: float, end_s: float
) -> None:
    found = span(played, start_s, end_s)
    wanted = [m for m in played if is_note_on(m.data) and start_s <= m.at_s < end_s]
    assert sum(is_note_on(m.data) for m in found) == len(wanted)
    assert sum(is_note_off(m.data) for m in found) == len(wanted)
    assert all(start_s <= m.at_s <= end_s for m in found)


class Ramp:
    """A client whose every sample tells the server's frame it was made for."""

    PERIOD = 2**16

    def __init__(self) -> None:
        self.client = jack.Client("ramp", no_start_server=True)
        self.ports = [self.client.outports.register(f"out_{n}") for n in (1, 2)]
        self.client.set_process_callback(self.process)

    def process(self, n: int) -> None:
        """One cycle."""
        wave = self.expected(self.client.last_frame_time, n)
        for port in self.ports:
            port.get_array()[:] = wave

    @classmethod
    def expected(cls, frame: int, n: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        """What stands at its outputs at a frame: 1 to 2, so that silence is told apart."""
        wave: np.ndarray[tuple[int], np.dtype[np.float32]] = (
            1 + ((frame + np.arange(n)) % cls.PERIOD) / cls.PERIOD
        ).astype(np.float32)
        return wave


@pytest.mark.usefixtures("on_server")
def test_the_recorder_keeps_every_sample_with_its_frame(room: Room) -> None:
    recorder = room.recorder(r"^ramp:")
    ramp = Ramp()
    with ramp.client:
        threading.Event().wait(1.0)
    recording = recorder.save()
    right = sounding = 0
    for frame, row, _ in recording.blocks:
        block = recording.frames[row : row + 128]
        sounding += bool(block.any())
        right += np.array_equal(block, np.column_stack([Ramp.expected(int(frame), len(block))] * 2))
    assert sounding > 200
    assert right >= 0.95 * sounding


@pytest.mark.usefixtures("on_server")
def test_the_recorder_knows_which_row_stood_at_the_outputs_at_a_time(room: Room) -> None:
    recorder = room.recorder(r"^nobody:")
    threading.Event().wait(0.5)
    recording = recorder.save()
    assert (np.diff(recording.blocks[:, 2]) > 0).all()
    for _, row, counter_ns in recording.blocks[10:-10]:
        assert recording.row_at(counter_ns) == pytest.approx(row)
        assert recording.counter_at(row) == pytest.approx(counter_ns)
        assert recording.row_at(counter_ns + 1e6) >= row


def test_a_server_that_was_killed_can_be_started_again(own_jack: JackServer, room_of: Any, tmp_path: Path) -> None:
    own_jack.kill()
    own_jack.start()
    assert len(room_of(own_jack).player(keys=small_file(tmp_path, 0)).play(0.0, 0.1)) == 2


def test_the_recorder_keeps_what_it_has_when_its_server_dies(own_jack: JackServer, room_of: Any) -> None:
    recorder = room_of(own_jack).recorder(r"^nobody:")
    threading.Event().wait(0.2)
    own_jack.kill()
    assert len(recorder.saved().blocks) > 10
