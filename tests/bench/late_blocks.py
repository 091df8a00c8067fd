"""How many blocks are late in a minute with both cores busy, with real-time scheduling: mtsession and FluidSynth.

Both play the same keys in the same graph under `jackd -R -P 70`. mtsession counts its own blocks; of both the server
says which client had not finished when a cycle ended ("XRun: client = …").
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mtsession.events import BlockCount
from mtsession.session import Session
from tests.bench.peer import fluidsynth, why_not
from tests.bench.stage import SkippedError, Stage, duo, stage
from tests.bench.table import Cell, Table
from tests.e2e.heard import counter_origin_ns
from tests.e2e.jack_server import REAL_TIME
from tests.e2e.kept import newest

SECONDS = 60.0
SETTLING_S = 6.0
"""The engine writes its counts every five seconds."""

FROM_S = 20.0
BLAMED = re.compile(r"XRun: client = (\S+) was not")
FIFO = (os.SCHED_FIFO, os.SCHED_RR)


@contextmanager
def busy_cores() -> Iterator[None]:
    """One process a core that only counts."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def threads_by_policy(pid: int) -> dict[bool, int]:
    """How many threads of a process run with real-time scheduling, and how many without."""
    policies = [os.sched_getscheduler(int(task.name)) & ~os.SCHED_RESET_ON_FORK for task in tasks(pid)]
    real_time = sum(policy in FIFO for policy in policies)
    return {True: real_time, False: len(policies) - real_time}


def tasks(pid: int) -> list[Path]:
    """The threads of a process."""
    return list(Path(f"/proc/{pid}/task").iterdir())


def require_real_time(server_pid: int) -> None:
    """Raises SkippedError where the server was refused what it asked for: it runs on without."""
    if not threads_by_policy(server_pid)[True]:
        raise SkippedError("real-time scheduling is refused here (jackd -R -P 70 got none)")


def blamed(log: str) -> dict[str, int]:
    """How often the server waited in vain for each client."""
    names = BLAMED.findall(log)
    return {name: names.count(name) for name in set(names)}


@dataclass(frozen=True, slots=True)
class BusyMinute:
    """What was seen of one minute: the engine's threads by scheduling, what the server said, when it was."""

    threads: dict[bool, int]
    said: str
    began_ns: int
    ended_ns: int


def busy_minute(at: Stage) -> BusyMinute:
    """Both instruments play the duo while both cores are busy."""
    folder, room = duo(), at.room
    player = room.player(keys=folder / "keys_live.mid", drums=folder / "drums_live.mid")
    program = room.hold(therapist="keys", client="drums")
    with fluidsynth(room):
        for client in ("keys", "drums"):
            room.server.connect(f"{client}:out", "peer:midi_00")
        time.sleep(SETTLING_S)
        before, began_ns = len(at.server_log.read_text(encoding="utf-8")), time.perf_counter_ns()
        with busy_cores():
            player.play(FROM_S, FROM_S + SECONDS)
            threads = threads_by_policy(program.child("mtsession.live").pid)
        ended_ns = time.perf_counter_ns()
        said = at.server_log.read_text(encoding="utf-8")[before:]
        time.sleep(SETTLING_S)
    program.interrupt()
    return BusyMinute(threads, said, began_ns, ended_ns)


def counted(session: Session, minute: BusyMinute) -> tuple[int, int, int]:
    """Blocks, late and lost ones, between the counts that lie around the minute."""
    origin_ns = counter_origin_ns(session)
    counts = [event for event in session.events if isinstance(event, BlockCount)]
    first = max((c for c in counts if origin_ns + c.time_s * 1e9 <= minute.began_ns), key=lambda c: c.time_s)
    last = min((c for c in counts if origin_ns + c.time_s * 1e9 >= minute.ended_ns), key=lambda c: c.time_s)
    return last.blocks - first.blocks, last.late - first.late, last.lost - first.lost


def run() -> Table:
    """A minute of the duo while both cores are busy."""
    if reason := why_not():
        raise SkippedError(reason)
    with stage(*REAL_TIME) as at:
        require_real_time(at.room.server.pid)
        minute = busy_minute(at)
        own = counted(newest(at.room.data), minute)
    in_graph = blamed(minute.said)
    rows: tuple[tuple[Cell, ...], ...] = (
        ("mtsession", *own, in_graph.get("PortAudio", 0)),
        ("FluidSynth, FluidR3", None, None, None, in_graph.get("peer", 0)),
    )
    return Table(
        "Late blocks in 60 s with both cores busy, jackd -R -P 70",
        ("", "own blocks", "own late", "own lost", "not finished in time, as the server says"),
        rows,
        (f"engine threads with real-time scheduling: {minute.threads[True]}, without: {minute.threads[False]}",),
    )
