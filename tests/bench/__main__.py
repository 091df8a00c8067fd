"""`make bench`: every benchmark, or those that are named, as tables and (with --to) as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.bench import (
    analysis_cost,
    batch_cost,
    chance,
    demo_time,
    file_cost,
    late_blocks,
    latency,
    memory,
    tempo,
    tempo_lead,
    whole_duo,
)
from tests.bench.stage import SkippedError
from tests.bench.table import Table

BENCHMARKS: dict[str, Callable[[], Table]] = {
    "latency": latency.run,
    "late-blocks": late_blocks.run,
    "whole-duo": whole_duo.run,
    "memory": memory.run,
    "demo": demo_time.run,
    "file": file_cost.run,
    "analysis": analysis_cost.run,
    "tempo": tempo.run,
    "tempo-lead": tempo_lead.run,
    "batch": batch_cost.run,
    "chance": chance.run,
    "power": chance.run_power,
}


def main() -> int:
    """Exit code 0 when every benchmark ran or was skipped for a reason."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], help="which; all without")
    parser.add_argument("--to", type=Path, metavar="FILE.json", help="write the figures here as well")
    given = parser.parse_args()
    tables = []
    for name in given.names or BENCHMARKS:
        print(f"» {name}", file=sys.stderr, flush=True)
        tables.append(table_of(name))
        print(tables[-1].text(), flush=True)
    if given.to:
        write(given.to, tables)
    return 0


def table_of(name: str) -> Table:
    """Run one; where it cannot be run here, a table that says why."""
    try:
        return BENCHMARKS[name]()
    except SkippedError as reason:
        return Table(name, skipped=str(reason))


def write(path: Path, tables: list[Table]) -> None:
    """The figures, when they were taken and on what."""
    machine = {"cores": psutil.cpu_count(), "memory_gb": round(psutil.virtual_memory().total / 2**30, 1)}
    figures = {"taken_at": datetime.now(UTC).isoformat(), "machine": machine, "tables": [asdict(t) for t in tables]}
    path.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
