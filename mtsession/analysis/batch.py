"""How are many sessions measured: in this process, by several, or on a Dask cluster?

Workers get a `Job`, which says nothing of whose session it is; the id is put back here. The one module of this room
that starts processes and opens connections.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from types import TracebackType
from typing import Protocol, TypeAlias

import psutil

from mtsession.analysis.playing import Playing
from mtsession.analysis.result import Window
from mtsession.analysis.summary import SessionMeasures, measure_playing
from mtsession.analysis.surrogates import N_SURROGATES
from mtsession.errors import MtSessionError
from mtsession.wording import say

NICE = 10

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
}
"""A worker a core needs no more; and sums are added up in the same order everywhere."""

SUMS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Those of them that decide in which order NumPy adds up: with two threads long sessions end in other last digits."""

AHEAD = 3
"""Jobs handed out for each worker: one in hand, and the next ones ready while this process reads others."""

MOST_LOSSES = 3
"""So often may a job be lost with its worker before it is given up."""


class LostJobError(MtSessionError):
    """A session over which worker after worker died."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is told: what was played, and which measures are asked."""

    playing: Playing
    window: Window | None = None
    n_surrogates: int = N_SURROGATES


def measured(job: Job) -> SessionMeasures:
    """What a worker does. The same job gives the same measures in any process."""
    return measure_playing(job.playing, job.window, n_surrogates=job.n_surrogates)


def adds_in_one_thread() -> bool:
    """Whether this process was told to, before it began."""
    return all(os.environ.get(name) == "1" for name in SUMS)


class Result(Protocol):
    """A job that was handed out."""

    def result(self) -> SessionMeasures:
        """Waits. Raises BrokenProcessPool where a worker died, LostJobError where that happened too often."""
        ...

    def done(self) -> bool:
        """Whether it waits no more."""
        ...


class Team(Protocol):
    """Whoever measures. `room` is how many jobs it takes at a time."""

    @property
    def room(self) -> int: ...

    def submit(self, job: Job) -> Result:
        """Raises BrokenProcessPool where a worker has died."""
        ...

    def renew(self) -> None:
        """New workers in place of all; what was handed out is lost."""
        ...


Outcome: TypeAlias = SessionMeasures | MtSessionError


def measure_many(named: Iterable[tuple[str, Job]], team: Team) -> Iterator[tuple[str, Outcome]]:
    """Each session's id and measures, in the order of the jobs; a session given up has its error in their place.

    Jobs are drawn as workers get free: a long list need not be in memory.
    """
    waiting: deque[_Handed] = deque()
    for session_id, job in named:
        waiting.append(_Handed(session_id, job))
        _hand_out(waiting, team)
        if len(waiting) >= team.room:
            yield _first_done(waiting, team)
    while waiting:
        yield _first_done(waiting, team)


@dataclass(slots=True)
class _Handed:
    session_id: str
    job: Job
    result: Result | None = None


def _first_done(waiting: deque[_Handed], team: Team) -> tuple[str, Outcome]:
    """Wait for the first. When workers die, all that wait are handed out again; at last the first alone."""
    first = waiting[0]
    for losses in range(1, MOST_LOSSES + 1):
        try:
            outcome: Outcome = replace(_handed(first, team).result(), session_id=first.session_id)
            break
        except LostJobError as error:
            outcome = error
            break
        except BrokenProcessPool:
            _take_back(waiting, team)
            # With others beside it nobody could tell over which of them a worker dies again.
            if losses < MOST_LOSSES - 1:
                _hand_out(waiting, team)
    else:
        outcome = LostJobError(say("batch.lost", times=MOST_LOSSES), say("batch.lost_next"))
    waiting.popleft()
    _hand_out(waiting, team)
    return first.session_id, outcome


def _hand_out(waiting: deque[_Handed], team: Team) -> None:
    try:
        for handed in waiting:
            _handed(handed, team)
    except BrokenProcessPool:
        # Found when a job was handed out; told where the first is waited for.
        return


def _handed(handed: _Handed, team: Team) -> Result:
    if handed.result is None:
        handed.result = team.submit(handed.job)
    return handed.result


def _take_back(waiting: deque[_Handed], team: Team) -> None:
    """What was finished before the worker died stays finished."""
    for handed in waiting:
        if handed.result is not None and not _is_measured(handed.result):
            handed.result = None
    team.renew()


def _is_measured(result: Result) -> bool:
    try:
        return result.done() and bool(result.result())
    except BrokenProcessPool:
        return False


class Here:
    """In the process that asks, one session after the other: the same bytes where it `adds_in_one_thread`."""

    room = 1

    def submit(self, job: Job) -> Result:
        """Measured when it is asked for."""
        return _AtHand(job)

    def renew(self) -> None:
        """There is nobody to replace."""


@dataclass(frozen=True, slots=True)
class _AtHand:
    job: Job

    def result(self) -> SessionMeasures:
        return measured(self.job)

    def done(self) -> bool:
        return False


class Processes:
    """Spawned processes of this machine, which step back behind everything else. Use it as a context."""

    def __init__(self, workers: int) -> None:
        self._workers, self.room = workers, AHEAD * workers
        self._pool = self._new_pool()

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def submit(self, job: Job) -> Future[SessionMeasures]:
        """Raises BrokenProcessPool where a worker has died."""
        with environment(ONE_THREAD):
            return self._pool.submit(measured, job)

    def renew(self) -> None:
        """A broken pool takes no more jobs: another one in its place."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, mp_context=get_context("spawn"), initializer=settle_in)


def settle_in() -> None:
    """In the child: step back behind everything else, leave the stop key to the parent, never outlive it."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        psutil.Process().nice(max(NICE, psutil.Process().nice()))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(0)


@contextmanager
def environment(settings: Mapping[str, str]) -> Iterator[None]:
    """The children inherit these; they must stand before one imports numpy, so its initializer is too late."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
