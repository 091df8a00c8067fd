"""What does bad input get? One clear line that names the thing and the next step, exit code 2, and nothing lost."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import mido
import pytest

from mtsession.events import DeviceChange, Seat
from tests.e2e.desk_pages import make_record, passphrase_env
from tests.e2e.jack_server import JackServer
from tests.e2e.kept import newest
from tests.e2e.processes import Program, wait_for
from tests.e2e.room import Room

RoomOf = Callable[[JackServer], Room]
SMALL_DISK = "size=3m"


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    """Forty notes in twenty seconds."""
    file, track = mido.MidiFile(ticks_per_beat=500), mido.MidiTrack()
    file.tracks.append(track)
    for pitch in range(40, 80):
        track.append(mido.Message("note_on", note=pitch, velocity=80, time=250))
        track.append(mido.Message("note_off", note=pitch, time=250))
    path = tmp_path / "small.mid"
    file.save(path)
    return path


def assert_refused(program: Program, *naming: str) -> None:
    """Exit code 2 and one line on standard error: what happened, naming the thing; then the next step."""
    assert program.process.returncode == 2, program.err
    lines = program.err.splitlines()
    assert len(lines) == 1, program.err
    what, _, next_step = lines[0].partition(". ")
    for name in naming:
        assert name in what, lines[0]
    assert re.match(r"[A-Z]", next_step), lines[0]


def kept_files(room: Room) -> list[str]:
    """The session files of the folder."""
    return sorted(path.name for path in (room.data / "sessions").glob("*.mts"))


def test_no_audio_device_of_that_name(room: Room, small_file: Path) -> None:
    room.player(keys=small_file)
    refused = room.run("live", "--seat", "client=keys", "--device", "Grand Organ", "--no-screen", "--no-desk")
    assert_refused(refused, "Grand Organ")
    assert kept_files(room) == []


def test_no_midi_port_at_all(room: Room) -> None:
    assert_refused(room.run("live", "--seat", "client=keys", "--no-screen", "--no-desk"), "keys")


def test_no_midi_port_of_that_name(room: Room, small_file: Path) -> None:
    room.player(keys=small_file)
    assert_refused(room.run("live", "--seat", "client=theremin", "--no-screen", "--no-desk"), "theremin")


def test_no_audio_server_and_no_midi_port(room: Room) -> None:
    nowhere = {"JACK_DEFAULT_SERVER": "mtsession-test-nowhere"}
    refused = room.run("live", "--seat", "client=keys", "--no-screen", "--no-desk", env=nowhere)
    assert_refused(refused, "keys")


def test_an_unknown_seat(room: Room) -> None:
    assert_refused(room.run("live", "--seat", "violinist=keys", "--no-screen", "--no-desk"), "violinist")


def test_an_unknown_palette(room: Room, small_file: Path) -> None:
    room.player(keys=small_file)
    refused = room.run("live", "--seat", "client=keys", "--palette", "loud", "--no-screen", "--no-desk")
    assert_refused(refused, "loud")


def test_a_device_pulled_out_in_mid_session_leaves_the_session_going(room: Room, small_file: Path) -> None:
    player = room.player(drums=small_file)
    with room.player(keys=small_file) as unplugged:
        program = room.hold(therapist="drums", client="keys")
        unplugged.play(0.0, 2.0)
    wait_for(lambda: "keys" in program.err.splitlines()[-1] if program.err else False, 10.0, "word of the lost device")
    player.play(0.0, 2.0)
    replugged = room.player(keys=small_file)
    wait_for(lambda: room.server.connected("keys:out"), 10.0, "the device found again")
    replugged.play(2.0, 4.0)
    assert program.interrupt() == 0
    session = newest(room.data)
    changes = [e.present for e in session.events if isinstance(e, DeviceChange) and e.seat == Seat("client")]
    assert changes == [True, False, True]
    assert [note.pitch for note in session.notes(Seat("client"))] == list(range(40, 48))
    assert len(session.notes(Seat("therapist"))) == 4


def broken_midi(path: Path, small_file: Path, kind: str) -> Path:
    """Files as people have them."""
    contents = {
        "not midi": b"Dear diary, today we played the drums." * 20,
        "empty": b"",
        "truncated": small_file.read_bytes()[:150],
        "only a header": small_file.read_bytes()[:14],
    }
    path.write_bytes(contents[kind])
    return path


@pytest.mark.parametrize("kind", ["not midi", "empty", "truncated", "only a header"])
def test_a_file_that_cannot_be_imported(room: Room, tmp_path: Path, small_file: Path, kind: str) -> None:
    bad = broken_midi(tmp_path / "diary.mid", small_file, kind)
    assert_refused(room.run("import", str(small_file), str(bad)), "diary.mid")
    assert kept_files(room) == []


def test_a_file_that_is_not_there(room: Room, tmp_path: Path) -> None:
    assert_refused(room.run("import", str(tmp_path / "nothing.mid")), "nothing.mid")


def import_one(room: Room, small_file: Path) -> Path:
    """A kept session; its file."""
    made = room.run("import", str(small_file))
    assert made.process.returncode == 0, made.err
    return room.data / "sessions" / kept_files(room)[-1]


def test_a_session_file_with_the_key_of_another(room: Room, small_file: Path) -> None:
    first = import_one(room, small_file)
    time.sleep(1.1)  # ids are told apart by their second, and then by chance
    second = import_one(room, small_file)
    shutil.copy(first.with_suffix(".key"), second.with_suffix(".key"))
    assert_refused(room.run("analyse", "last"), second.stem)
    assert room.run("analyse", first.stem).process.returncode == 0


@pytest.mark.parametrize("where", [0.02, 0.4, 0.7, 0.98])
def test_a_session_file_with_a_flipped_bit(room: Room, small_file: Path, where: float) -> None:
    path = import_one(room, small_file)
    contents = bytearray(path.read_bytes())
    contents[int(where * len(contents))] ^= 0x10
    path.write_bytes(contents)
    assert_refused(room.run("analyse", "last"), path.stem)
    assert path.read_bytes() == contents


def test_a_session_that_is_not_there(room: Room, small_file: Path) -> None:
    assert_refused(room.run("analyse", "last"))
    import_one(room, small_file)
    assert_refused(room.run("analyse", "19990101"), "19990101")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    disk = tmp_path / "data"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", SMALL_DISK, "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here (needs root)")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> None:
    """Leave no room."""
    with (disk / "filling").open("wb", buffering=0) as filling, suppress(OSError):
        while filling.write(bytes(4096)):
            pass


def test_a_full_disk_at_the_start(small_disk: Path, room: Room, small_file: Path) -> None:
    fill(small_disk)
    assert_refused(room.run("import", str(small_file)))


def test_a_disk_that_fills_up_in_mid_session_loses_nothing(small_disk: Path, room: Room, small_file: Path) -> None:
    player = room.player(keys=small_file)
    program = room.hold(client="keys")
    player.play(0.0, 2.0)
    fill(small_disk)
    player.play(2.0, 6.0)
    assert program.running
    wait_for(lambda: "disk" in program.err.lower(), 10.0, "word of the full disk")
    (small_disk / "filling").unlink()
    player.play(6.0, 8.0)
    assert program.interrupt() == 0, program.err
    assert [note.pitch for note in newest(room.data).notes(Seat("client"))] == list(range(40, 56))


def test_a_second_engine_beside_the_first(room: Room, small_file: Path) -> None:
    player = room.player(keys=small_file, drums=small_file)
    first = room.hold(client="keys")
    second = room.run("live", "--seat", "client=drums", "--no-screen", "--no-desk")
    assert_refused(second, "running")
    player.play(0.0, 2.0)
    assert first.running
    assert first.interrupt() == 0
    assert len(newest(room.data).notes(Seat("client"))) == 4
    assert len(kept_files(room)) == 1


def test_a_wrong_passphrase(room: Room, small_file: Path) -> None:
    import_one(room, small_file)
    right = make_record(room)
    wrong = passphrase_env(room, "another passphrase altogether")
    assert_refused(room.run("analyse", "last", env=wrong), "passphrase")
    assert room.run("analyse", "last", env=right).process.returncode == 0


def test_no_passphrase(room: Room, small_file: Path) -> None:
    import_one(room, small_file)
    make_record(room)
    assert_refused(room.run("analyse", "last"), "passphrase")
