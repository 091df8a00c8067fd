"""The worker measures and renders in a child of its own, and survives that child's death."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from mtsession.analysis.batch import NICE, ONE_THREAD
from mtsession.analysis.change import over_thirds
from mtsession.analysis.summary import measure
from mtsession.capture.keys import folder_opener, unwrap
from mtsession.capture.reader import read_session
from mtsession.capture.writer import SessionWriter
from mtsession.config import DataFolder
from mtsession.errors import SessionKeyError
from mtsession.events import Seat
from mtsession.session import Track
from mtsession.worker import Worker, WorkerDiedError
from tests.ui.desk.making import duet, keep

RATE_HZ = 48_000


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return DataFolder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def kept(folder: DataFolder) -> tuple[Path, bytes]:
    """A session file and its key."""
    return file_and_key(folder, keep(folder, duet(30.0)))


def file_and_key(folder: DataFolder, session_id: str) -> tuple[Path, bytes]:
    opener = folder_opener(folder)
    assert opener is not None
    return folder.session_file(session_id), unwrap(folder, session_id, opener)


def test_it_measures_what_measuring_here_would_give(worker: Worker, kept: tuple[Path, bytes]) -> None:
    path, key = kept
    assert asyncio.run(worker.measures(path, key)) == measure(read_session(path, key))


def test_it_measures_the_thirds_as_here(worker: Worker, kept: tuple[Path, bytes]) -> None:
    path, key = kept
    assert asyncio.run(worker.thirds(path, key)) == over_thirds(read_session(path, key))


def test_it_renders_the_session_as_long_as_it_is(worker: Worker, kept: tuple[Path, bytes]) -> None:
    path, key = kept
    frames, rate_hz = soundfile.read(io.BytesIO(asyncio.run(worker.sound(path, key))))
    assert rate_hz == RATE_HZ
    assert frames.shape[1] == 2
    assert len(frames) / rate_hz == pytest.approx(read_session(path, key).duration_s, abs=5.0)
    assert np.abs(frames).max() > 0.01


def test_the_sound_of_a_note_is_where_the_note_is(worker: Worker, kept: tuple[Path, bytes]) -> None:
    path, key = kept
    frames, rate_hz = soundfile.read(io.BytesIO(asyncio.run(worker.sound(path, key))))
    session = read_session(path, key)
    first_s = min(note.contact_s for player in session.players for note in session.notes(player.seat))
    before = frames[: int((first_s - 0.01) * rate_hz)]
    just_after = frames[int(first_s * rate_hz) : int((first_s + 0.1) * rate_hz)]
    assert np.abs(before).max(initial=0.0) < 1e-3
    assert np.abs(just_after).max() > 1e-3


def test_kept_audio_lies_on_the_session_clock_without_its_latency(worker: Worker, folder: DataFolder) -> None:
    path, key = file_and_key(folder, keep(folder, duet(30.0)))
    click = np.zeros(RATE_HZ, dtype=np.float32)
    click[RATE_HZ // 2] = 0.9
    writer = SessionWriter(path, key, header=None)
    writer.put_audio(Track("microphone", Seat("client"), RATE_HZ, 3.0, 0, 0.010), 0, click)
    writer.close(30.0)
    frames, rate_hz = soundfile.read(io.BytesIO(asyncio.run(worker.sound(path, key, "microphone"))), always_2d=True)
    assert len(frames) == 30 * RATE_HZ
    assert np.argmax(np.abs(frames[:, 0])) / rate_hz == pytest.approx(3.5 - 0.010, abs=1e-4)


def test_it_hands_on_what_the_job_raised(worker: Worker, kept: tuple[Path, bytes]) -> None:
    path, _ = kept
    with pytest.raises(SessionKeyError):
        asyncio.run(worker.measures(path, bytes(32)))


def test_the_child_steps_back_and_takes_one_thread(worker: Worker) -> None:
    assert asyncio.run(worker.run(os.nice, 0)) >= NICE
    assert {name: asyncio.run(worker.run(os.getenv, name)) for name in ONE_THREAD} == ONE_THREAD
    assert asyncio.run(worker.run(os.getpid)) != os.getpid()


def test_the_parents_own_environment_stays_as_it_was(worker: Worker) -> None:
    before = dict(os.environ)
    asyncio.run(worker.run(os.getpid))
    assert dict(os.environ) == before


def test_a_child_that_was_killed_is_replaced_and_the_job_done_once_more() -> None:
    with Worker() as worker:
        first = asyncio.run(worker.run(os.getpid))
        os.kill(first, signal.SIGKILL)
        assert asyncio.run(worker.run(os.getpid)) != first


def test_jobs_that_found_the_same_child_dead_share_one_new_child() -> None:
    async def ask(worker: Worker) -> list[int]:
        first = await worker.run(os.getpid)
        waiting = [asyncio.create_task(worker.run(slow_pid)) for _ in range(3)]
        await asyncio.sleep(0.1)
        os.kill(first, signal.SIGKILL)
        return [first, *await asyncio.gather(*waiting)]

    with Worker() as worker:
        first, *others = asyncio.run(ask(worker))
    assert len(set(others)) == 1
    assert first not in others


def test_a_job_that_kills_its_child_twice_is_given_up_with_a_clear_line() -> None:
    with Worker() as worker:
        with pytest.raises(WorkerDiedError, match="stopped twice"):
            asyncio.run(worker.run(os._exit, 1))
        assert asyncio.run(worker.run(os.getpid)) > 0


def test_the_child_ends_with_its_parent_however_that_ended() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    gone, _ = psutil.wait_procs([child], timeout=10)
    assert gone == [child]


PARENT = """
import asyncio, os, time
from mtsession.worker import Worker
if __name__ == "__main__":
    with Worker() as worker:
        print(asyncio.run(worker.run(os.getpid)), flush=True)
        time.sleep(60)
"""


def slow_pid() -> int:
    time.sleep(0.5)
    return os.getpid()
