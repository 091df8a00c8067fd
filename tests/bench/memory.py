"""How much memory does each process of a live session take? Proportional set size: shared pages are shared out."""

from __future__ import annotations

import re
import time

import psutil

from tests.bench.stage import duo, stage
from tests.bench.table import Cell, Table
from tests.e2e.processes import Program, wait_for
from tests.e2e.real_session import CLIENTS, FILES

FROM_S, TO_S = 20.0, 35.0
MODULE = re.compile(r"-m (mtsession[\w.]*)")
ALL_RUN_S = 30.0


def name_of(process: psutil.Process) -> str:
    """The module that a process runs, or its program."""
    command = " ".join(process.cmdline())
    found = MODULE.search(command)
    return found[1] if found else command.split()[0].rpartition("/")[2] + " (helper of Python)"


def measured(program: Program) -> tuple[tuple[Cell, ...], ...]:
    """Name, MB and share of a core of each process, the supervisor first."""
    processes = [psutil.Process(program.process.pid), *program.children]
    for process in processes:
        process.cpu_percent()
    time.sleep(5.0)
    rows = [(name_of(p), p.memory_full_info().pss / 1e6, p.cpu_percent()) for p in processes]
    total: tuple[Cell, ...] = ("all", sum(row[1] for row in rows), sum(row[2] for row in rows))
    return (*rows, total)


def run() -> Table:
    """While a duo plays, with desk and screen."""
    with stage() as at:
        room, folder = at.room, duo()
        player = room.player(**{client: folder / name for client, name in FILES.items()})
        seats = [word for seat, client in CLIENTS.items() for word in ("--seat", f"{seat}={client}")]
        program = room.start("live", *seats)
        wait_for(lambda: room.is_held(CLIENTS), ALL_RUN_S, "a running session")
        wait_for(lambda: any("desk" in name_of(p) for p in program.children), ALL_RUN_S, "the desk")
        player.begin(FROM_S, TO_S)
        time.sleep(5.0)
        rows = measured(program)
        player.expect("done")
        program.interrupt()
    return Table(
        "Memory of each process of a live session (MB, proportional), and its use of a core (%)",
        ("process", "MB", "% of a core"),
        rows,
        ("a duo plays; the screen draws to memory (SDL's dummy driver)",),
    )
