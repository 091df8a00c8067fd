"""One process that measures one long session some times and prints, as JSON, what that took."""

from __future__ import annotations

import gc
import hashlib
import json
import statistics
import sys
import time
from pathlib import Path

import psutil

from mtsession.analysis.encoding import to_json
from mtsession.analysis.playing import playing_of
from mtsession.analysis.summary import SessionMeasures, measure, measure_playing
from tests.bench.analysis_material import long_session

MB = 1e6


def forget_peak() -> None:
    """Linux: the highest memory is counted anew from here on."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_mb() -> float:
    """The highest resident memory since it was forgotten."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / MB


def main(minutes: int, players: int, runs: int) -> None:
    """The first run is thrown away: it imports what is imported late."""
    measure(long_session(2, players))
    session = long_session(minutes, players)
    playing = playing_of(session)
    gc.collect()
    before_mb = psutil.Process().memory_info().rss / MB
    forget_peak()
    cpu_s, wall_s = [], []
    for _ in range(runs):
        began, cpu_began = time.perf_counter(), time.process_time()
        found: SessionMeasures = measure_playing(playing)
        cpu_s.append(time.process_time() - cpu_began)
        wall_s.append(time.perf_counter() - began)
    figures = {
        "notes": sum(len(notes) for notes in playing.played.values()),
        "cpu_s": statistics.median(cpu_s),
        "wall_s": statistics.median(wall_s),
        "peak_mb": peak_mb(),
        "over_mb": peak_mb() - before_mb,
        "json_bytes": len(to_json(found)),
        "digest": hashlib.blake2b(to_json(found), digest_size=8).hexdigest(),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
