"""A real Dask scheduler with workers: programs of their own on this machine, ended afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from distributed import Client

from mtsession.analysis.batch import ONE_THREAD

REPOSITORY = Path(__file__).resolve().parents[2]

READY_S = 60.0

ENV = {
    **os.environ,
    "PYTHONPATH": str(REPOSITORY),
    "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error",
    **ONE_THREAD,
}


@dataclass(frozen=True, slots=True)
class DaskProcesses:
    """Where the scheduler listens, and the program that keeps the workers."""

    address: str
    keeper: psutil.Process

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that measure."""
        return [child for child in self.keeper.children() if "spawn_main" in " ".join(child.cmdline())]


@contextmanager
def dask(folder: Path, *, workers: int, options: tuple[str, ...] = ()) -> Iterator[DaskProcesses]:
    """A scheduler on loopback and its workers, each of one thread; `options` go to both programs."""
    file = folder / "scheduler.json"
    with ExitStack() as ending:
        where = ("--host", "127.0.0.1", "--scheduler-file", str(file), *options)
        _started(ending, "dask_scheduler", "--port", "0", "--no-dashboard", *where)
        address = _address(file)
        keeper = _started(
            ending, "dask_worker", address, "--nworkers", str(workers), "--nthreads", "1", "--no-dashboard",
            "--local-directory", str(folder), "--host", "127.0.0.1", *options,
        )  # fmt: skip
        found = DaskProcesses(address, psutil.Process(keeper.pid))
        _wait_for(found, workers)
        yield found


def _started(ending: ExitStack, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "ignore", "-m", f"distributed.cli.{program}", *arguments]
    process = subprocess.Popen(command, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ending.callback(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    children = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in children:
        if child.is_running():
            child.kill()


def _address(file: Path) -> str:
    give_up_s = time.monotonic() + READY_S
    while time.monotonic() < give_up_s:
        if file.exists() and (text := file.read_text(encoding="utf-8")):
            address: str = json.loads(text)["address"]
            return address
        time.sleep(0.05)
    raise TimeoutError("the scheduler did not start")


def _wait_for(found: DaskProcesses, workers: int) -> None:
    client: Any = Client
    with client(found.address, set_as_default=False) as asking:
        asking.wait_for_workers(workers, timeout=READY_S)
