"""Who does the heavy work? One niced child process that measures and renders, started anew when it dies."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, TypeVar

import numpy as np
import soundfile

from mtsession.analysis.batch import ONE_THREAD, environment, settle_in
from mtsession.analysis.change import Thirds, over_thirds
from mtsession.analysis.summary import SessionMeasures, measure
from mtsession.capture.flac import Frames
from mtsession.capture.reader import read_audio, read_session
from mtsession.errors import MtSessionError
from mtsession.session import Session, Track
from mtsession.wording import say

T = TypeVar("T")
P = ParamSpec("P")

RENDER_RATE_HZ = 48_000

SOUND_TYPE = "audio/flac"

KEPT_PART_S = 60.0
"""Kept audio is taken over in parts of this length: forty minutes at once would be half a gigabyte."""


class WorkerDiedError(MtSessionError):
    """The child process died twice over the same job."""


class Worker:
    """One child process for whatever takes longer than a page may wait.

    Its methods are awaited; they raise what the job raised, or WorkerDiedError.
    """

    def __init__(self) -> None:
        self._pool = _new_pool()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop what waits, and let the child end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def measures(self, path: Path, key: bytes) -> SessionMeasures:
        """All measures of a session file."""
        return await self.run(measure_file, path, key)

    async def thirds(self, path: Path, key: bytes) -> Thirds:
        """The measures of each third of a session file."""
        return await self.run(thirds_of_file, path, key)

    async def sound(self, path: Path, key: bytes, track: str | None = None) -> bytes:
        """The session's sound as a FLAC file: rendered from its notes, or the kept audio of `track`."""
        return await self.run(sound_of_file, path, key, track)

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do any job of module level in the child; where the child dies over it, once more in a new one."""
        pool, task = self._pool, partial(job, *args, **kwargs)
        try:
            return await asyncio.wrap_future(self._submit(task))
        except BrokenProcessPool:
            self._replace(pool)
            return await self._last_try(task)

    async def _last_try(self, task: Callable[[], T]) -> T:
        try:
            return await asyncio.wrap_future(self._submit(task))
        except BrokenProcessPool as error:
            raise WorkerDiedError(say("desk.worker_died"), say("desk.worker_died_next")) from error

    def _submit(self, task: Callable[[], T]) -> Future[T]:
        with environment(ONE_THREAD):
            return self._pool.submit(task)

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        # Several jobs can find the same child dead: only the first of them starts a new one.
        if self._pool is broken:
            broken.shutdown(wait=False)
            self._pool = _new_pool()


def measure_file(path: Path, key: bytes) -> SessionMeasures:
    """Job: read and measure."""
    return measure(read_session(path, key))


def thirds_of_file(path: Path, key: bytes) -> Thirds:
    """Job: read, and measure each third."""
    return over_thirds(read_session(path, key))


def sound_of_file(path: Path, key: bytes, track: str | None) -> bytes:
    """Job: read, render or take the kept audio, and pack as FLAC."""
    session = read_session(path, key)
    if track is None:
        return _rendered(session)
    kept = next(kept for kept in session.tracks if kept.name == track)
    return _packed(_kept(path, key, kept, session.duration_s), kept.sample_rate_hz)


def _rendered(session: Session) -> bytes:
    # Not at the top: it brings the compiled mixer, which measuring does not need.
    from mtsession.audio.offline import render_session

    return _packed(render_session(session), RENDER_RATE_HZ)


def _kept(path: Path, key: bytes, track: Track, duration_s: float) -> Iterator[Frames]:
    """The track on the session's clock from 0 on, its latency taken off; silence where it had not begun."""
    for start_s in np.arange(0.0, duration_s, KEPT_PART_S):
        end_s = min(start_s + KEPT_PART_S, duration_s)
        frames = read_audio(path, key, track.name, start_s + track.latency_s, end_s + track.latency_s)
        missing = max(0, round((end_s - start_s) * track.sample_rate_hz) - len(frames))
        yield np.pad(frames, ((missing, 0), (0, 0)))


def _packed(parts: Iterator[Frames], sample_rate_hz: int) -> bytes:
    first = next(parts, np.zeros((0, 2), dtype=np.float32))
    packed = io.BytesIO()
    with soundfile.SoundFile(packed, "w", sample_rate_hz, first.shape[1], format="FLAC", subtype="PCM_16") as out:
        out.write(first)
        for frames in parts:
            out.write(frames)
    return packed.getvalue()


def _new_pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"), initializer=settle_in)
