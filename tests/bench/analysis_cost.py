"""How long do all measures of one session take, with 199 surrogates on one core, and how much memory?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from mtsession.analysis.batch import ONE_THREAD
from tests.bench.stage import REPOSITORY, SkippedError
from tests.bench.table import Cell, Table

CASES = (
    ("2 players, 40 min, 2 × 6,000 notes", 40, 2, 5, "1.5 s, 300 MB"),
    ("8 players, 40 min, 8 × 6,000 notes", 40, 8, 3, "15 s, 300 MB"),
    ("2 players, 10 min", 10, 2, 5, "¼ of 40 min"),
    ("2 players, 160 min", 160, 2, 3, "4 × 40 min"),
)
"""Title, minutes, players, runs, and what the issue allows."""


def measured(minutes: int, players: int, runs: int, threads: str = "1") -> dict[str, Any]:
    """The figures of a process of its own: nothing of another case is in its memory."""
    command = [sys.executable, "-m", "tests.bench.analysis_child", str(minutes), str(players), str(runs)]
    env = {**os.environ, **dict.fromkeys(ONE_THREAD, threads)}
    done = subprocess.run(command, env=env, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def row(title: str, found: dict[str, Any], minutes: int, bound: str) -> tuple[Cell, ...]:
    """One case's line."""
    return title, found["wall_s"], found["cpu_s"], found["cpu_s"] / minutes, found["over_mb"], found["peak_mb"], bound


def run() -> Table:
    """Each case in a process of its own, then one again with as many threads as there are cores."""
    if sys.platform != "linux":
        raise SkippedError("the peak of memory is read from Linux's /proc")
    found = {case: measured(*case[1:4]) for case in CASES}
    rows = tuple(row(case[0], figures, case[1], case[4]) for case, figures in found.items())
    threads = measured(40, 2, 1, threads=str(os.cpu_count()))
    same = "the same bytes" if threads["digest"] == found[CASES[0]]["digest"] else "OTHER BYTES"
    duo, long = found[CASES[0]], found[CASES[3]]
    return Table(
        "All measures of one session, 199 surrogates, one thread (median of several runs)",
        ("", "s", "s of processor", "s of processor a minute", "MB above what it began with", "MB in all", "at most"),
        rows,
        (
            f"160 min take {long['cpu_s'] / duo['cpu_s']:.2f} times as long as 40 min",
            f"with {os.cpu_count()} threads in NumPy: {same} ({duo['json_bytes'] / 1000:.0f} kB of JSON)",
        ),
    )
