"""A session file survives: a kill at any moment, a full disk, and what comes after."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mtsession.capture.reader import read_audio, read_session
from mtsession.capture.schema import time_of_s
from mtsession.capture.writer import SessionWriter
from mtsession.errors import DiskFullError, SessionFormatError
from mtsession.events import Contact, Gap, Pedal
from tests.capture.making import CLIENT, KEY, OUTPUT, a_note, header, noise, write
from tests.e2e.processes import wait_for

HERE, REPOSITORY = Path(__file__).parent, Path(__file__).resolve().parents[2]
LEAST_KEPT_S = 0.4
pytestmark = pytest.mark.e2e


def child(script: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(HERE / script), str(path)],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
    )


def killed_writer(path: Path, after_s: float) -> float:
    """Write, kill; when the kill was, on the machine's counter."""
    writing = child("steady_writer.py", path)
    assert writing.stdout is not None
    try:
        assert writing.stdout.readline() == "ready\n"
        time.sleep(after_s)
        return time.perf_counter()
    finally:
        writing.send_signal(signal.SIGKILL)
        writing.wait()
        writing.stdout.close()


@pytest.mark.parametrize("after_s", [0.63, 1.11])
def test_a_kill_loses_at_most_two_ticks(tmp_path: Path, after_s: float) -> None:
    path = tmp_path / "s.mts"
    killed_s = killed_writer(path, after_s)
    session = read_session(path, KEY)
    lost_s = killed_s - time_of_s(session.events[-1])
    (track,) = session.tracks
    lost_audio_s = killed_s - (track.start_s + track.n_frames / track.sample_rate_hz)
    print(f"lost {lost_s:.3f} s of events, {lost_audio_s:.3f} s of audio")
    assert max(lost_s, lost_audio_s) <= LEAST_KEPT_S
    assert [event.id for event in session.events if isinstance(event, Contact)] == list(
        range(1, len(session.events) + 1)
    )
    assert len(read_audio(path, KEY, "output")) == track.n_frames


def test_a_killed_session_goes_on_where_it_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "s.mts"
    for _ in range(3):
        killed_writer(path, 0.5)
    contacts = [event for event in read_session(path, KEY).events if isinstance(event, Contact)]
    assert [contact.id for contact in contacts] == list(range(1, len(contacts) + 1))
    assert contacts[-1].time_s - contacts[0].time_s > 1.0
    SessionWriter(path, KEY, header=None).close(9.0)
    assert len(read_session(path, KEY).events) == len(contacts)
    assert [file.name for file in tmp_path.iterdir()] == ["s.mts"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of a file's size")
def test_what_is_played_on_a_full_disk_is_written_when_there_is_space_again(tmp_path: Path) -> None:
    said, _ = child("full_disk.py", tmp_path / "s.mts").communicate(timeout=60)
    facts = json.loads(said)
    assert facts["told"].startswith("The disk takes no more")
    assert facts["refused"]
    assert facts["failure"] == "None"
    session = read_session(tmp_path / "s.mts", KEY)
    assert len(session.notes(CLIENT)) == 6_000
    assert not [event for event in session.events if isinstance(event, Gap)]
    assert session.duration_s == 100.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a file system of 1 MB can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_session_on_a_disk_that_fills_up_keeps_every_note(small_disk: Path) -> None:
    path, filler = small_disk / "s.mts", small_disk / "filler"
    writer = SessionWriter(path, KEY, header=header(), tick_s=0.02)
    filler.write_bytes(bytes(max(0, shutil.disk_usage(small_disk).free - 50_000)))
    for number in range(1, 1001):
        for event in a_note(number, number / 100):
            writer.put(event)
    wait_for(lambda: writer.failure, 10.0, "the disk to be full")
    assert isinstance(writer.failure, DiskFullError)
    writer.put(Pedal(99.0, CLIENT, 64))
    filler.unlink()
    wait_for(lambda: writer.failure is None, 10.0, "the writer to go on")
    writer.close(100.0)
    session = read_session(path, KEY)
    assert len(session.notes(CLIENT)) == 1000
    assert session.events[-1] == Pedal(99.0, CLIENT, 64)


def test_a_session_that_cannot_be_closed_for_want_of_space_can_be_closed_later(small_disk: Path) -> None:
    path, filler = small_disk / "s.mts", small_disk / "filler"
    writer = SessionWriter(path, KEY, header=header(), tick_s=0.02)
    writer.put(Pedal(1.0, CLIENT, 64))
    wait_for(lambda: len(read_session(path, KEY).events) == 1, 5.0, "a commit")
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free))
    with pytest.raises(DiskFullError, match=r"The disk takes no more.*Free some space"):
        writer.close(7.0)
    filler.unlink()
    writer.close(7.0)
    assert read_session(path, KEY).duration_s == 7.0


def test_a_new_session_on_a_full_disk_is_refused(small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(bytes(shutil.disk_usage(small_disk).free))
    with pytest.raises(DiskFullError, match=r"s\.mts cannot be written.*Free some space"):
        SessionWriter(small_disk / "s.mts", KEY, header=header())
    assert [path.name for path in small_disk.iterdir()] == ["filler"], "what never began is not listed as damaged"


@pytest.mark.parametrize("spare_bytes", [4096, 20_000, 60_000, 100_000, 140_000])
def test_a_new_session_on_an_almost_full_disk_begins_or_leaves_nothing(small_disk: Path, spare_bytes: int) -> None:
    path = small_disk / "s.mts"
    (small_disk / "filler").write_bytes(bytes(shutil.disk_usage(small_disk).free - spare_bytes))
    try:
        SessionWriter(path, KEY, header=header()).abandon()
    except DiskFullError:
        assert not list(small_disk.glob("s.mts*"))
    else:
        assert read_session(path, KEY).players


@pytest.mark.parametrize("spare_bytes", [0, 20_000, 60_000])
def test_an_engine_that_starts_anew_on_a_full_disk_goes_on_or_says_so(small_disk: Path, spare_bytes: int) -> None:
    path, filler = small_disk / "s.mts", small_disk / "filler"
    writer = SessionWriter(path, KEY, header=header(), tick_s=0.02)
    for event in a_note(1, 1.0):
        writer.put(event)
    wait_for(lambda: len(read_session(path, KEY).events) == 4, 5.0, "a commit")
    writer.abandon()
    filler.write_bytes(bytes(max(0, shutil.disk_usage(small_disk).free - spare_bytes)))
    said = ""
    try:
        again = SessionWriter(path, KEY, header=None, tick_s=0.02)
    except (DiskFullError, SessionFormatError) as error:
        said = str(error)
        filler.unlink()
        again = SessionWriter(path, KEY, header=None, tick_s=0.02)
    again.put(Pedal(2.0, CLIENT, 64))
    filler.unlink(missing_ok=True)
    again.close(3.0)
    assert not said or said.startswith("s.mts cannot be")
    assert len(read_session(path, KEY).events) == 5


def test_audio_waits_for_space_too(small_disk: Path) -> None:
    path, filler = small_disk / "s.mts", small_disk / "filler"
    write(path, [])
    writer = SessionWriter(path, KEY, header=None, tick_s=0.02)
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - 40_000))
    writer.put_audio(OUTPUT, 0, noise(48_000, channels=1))
    wait_for(lambda: writer.failure, 10.0, "the disk to be full")
    filler.unlink()
    wait_for(lambda: writer.failure is None, 10.0, "the writer to go on")
    writer.close(1.0)
    assert len(read_audio(path, KEY, "output")) == 48_000
