"""How much faster are 60 sessions measured by two processes than by one, and by a Dask cluster of two workers?

The command `mtsession analyse … --json`, from its start to its last byte.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mtsession.analysis.batch import ONE_THREAD, Job
from mtsession.analysis.playing import KINDS, playing_of
from mtsession.analysis.summary import measure_playing
from mtsession.capture.backlog import Backlog
from mtsession.capture.keys import Opener, folder_opener, folder_sealer, new_session_key, unwrap, wrap
from mtsession.capture.library import new_session_id
from mtsession.capture.reader import read_session
from mtsession.capture.schema import SessionHeader
from mtsession.capture.writer import SessionWriter
from mtsession.config import DataFolder
from tests.bench.analysis_material import long_session
from tests.bench.stage import REPOSITORY, SkippedError
from tests.bench.table import Cell, Table

SESSIONS, DIFFERENT = 60, 6
"""Six files, each ten times: reading and measuring costs what sixty files would."""

MINUTES, RUNS = 40, 3


@dataclass(frozen=True, slots=True)
class Pass:
    """One way through all sessions."""

    wall_s: float
    digest: str


def kept(folder: DataFolder, seed: int) -> str:
    """A sealed file with a long session of two players; its id."""
    session, began = long_session(MINUTES, seed=seed), datetime(2026, 1, seed, tzinfo=UTC)
    session_id, key = new_session_id(began), new_session_key()
    wrap(folder, session_id, key, folder_sealer(folder))
    header = SessionHeader(session_id, began, session.players, session.setup)
    everything = Backlog(max_rows=sys.maxsize)
    writer = SessionWriter(folder.session_file(session_id), key, header=header, backlog=everything)
    for event in session.events:
        writer.put(event)
    writer.close(session.duration_s)
    return session_id


def through(folder: DataFolder, ids: list[str], how: tuple[str, ...]) -> Pass:
    """The command itself, from its start to its last byte."""
    command = [sys.executable, "-m", "mtsession", "--data", str(folder.root), "analyse", *ids, "--json", *how]
    began_s = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, **ONE_THREAD}, cwd=REPOSITORY, capture_output=True, check=True)
    wall_s = time.perf_counter() - began_s
    return Pass(wall_s, hashlib.blake2b(done.stdout, digest_size=8).hexdigest())


def ways(ending: ExitStack, folder: Path) -> dict[str, tuple[str, ...]]:
    """What is asked, by title; a cluster is started once and before, as a cluster is."""
    try:
        from tests.analysis.dask_processes import dask
    except ImportError as error:
        raise SkippedError("Dask is not installed: pip install 'mtsession[cluster]'") from error
    running = ending.enter_context(dask(folder, workers=2))
    return {
        "one process": ("--workers", "1"),
        "two processes": ("--workers", "2"),
        "Dask, two workers": ("--dask", running.address),
    }


def parts(folder: DataFolder, session_id: str, using: Opener) -> str:
    """Where the time of one session goes, and what crosses to a worker."""
    began_s = time.process_time()
    session = read_session(folder.session_file(session_id), unwrap(folder, session_id, using), KINDS)
    playing = playing_of(session)
    read_s = time.process_time() - began_s
    measures = measure_playing(playing)
    measured_s = time.process_time() - began_s - read_s
    there, back = len(pickle.dumps(Job(playing))), len(pickle.dumps(measures))
    return (
        f"one session: read and made ready in {read_s:.2f} s, measured in {measured_s:.2f} s of processor time;"
        f" {there / 1000:.0f} kB to a worker, {back / 1000:.0f} kB back"
    )


def run() -> Table:
    """Turn about, so that whatever else the machine does falls on all."""
    with ExitStack() as ending:
        place = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="mtsession-bench-")))
        folder = DataFolder(place / "data").make()
        ids = [kept(folder, seed) for seed in range(1, DIFFERENT + 1)] * (SESSIONS // DIFFERENT)
        using = folder_opener(folder)
        assert using is not None
        by_title = ways(ending, place)
        passes: dict[str, list[Pass]] = {title: [] for title in by_title}
        for _ in range(RUNS):
            for title, how in by_title.items():
                passes[title].append(through(folder, ids, how))
        remark = parts(folder, ids[0], using)
    return table(passes, remark)


def table(passes: dict[str, list[Pass]], remark: str) -> Table:
    """The ratios are of each round's own passes."""
    alone, two = passes["one process"], passes["two processes"]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            title,
            statistics.median(one.wall_s for one in found),
            statistics.median(base.wall_s / one.wall_s for base, one in zip(alone, found, strict=True)),
            statistics.median(one.wall_s / base.wall_s for base, one in zip(two, found, strict=True)),
        )
        for title, found in passes.items()
    )
    digests = {one.digest for found in passes.values() for one in found}
    same = "all gave the same bytes" if len(digests) == 1 else "THE BYTES DIFFER"
    return Table(
        f"{SESSIONS} sessions of {MINUTES} min (two processes: at least 1.9 times as fast; Dask: within 10 %)",
        ("", "s", "times as fast as one process", "time, in those of two processes"),
        rows,
        (remark, same),
    )
