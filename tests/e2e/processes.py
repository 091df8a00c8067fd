"""The processes of a real session, as the tests handle them: player, recorder, `mtsession` itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
import psutil
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 48_000
HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
SHARED_CACHE = Path(tempfile.gettempdir()) / "mtsession-test-cache"
"""The sounds are made once for all tests, as on a machine where mtsession has run before."""


def clean_environment(home: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the tester's own: a path to programs, a home of its own, plain language."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    own = {"HOME": str(home), "LANG": "C.UTF-8", "SDL_VIDEODRIVER": "dummy", "XDG_CACHE_HOME": str(SHARED_CACHE)}
    return {**kept, **own, **extra}


def wait_for(condition: Callable[[], object], within_s: float, what: str) -> None:
    """Ask every 10 ms until it is so; an error that names what did not happen."""
    deadline_s = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"not within {within_s} s: {what}")
        time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that a player sent."""

    counter_ns: int
    client: str
    data: bytes
    file_s: float


def read_log(path: Path) -> list[Sent]:
    """What a player wrote."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return [Sent(int(ns), client, bytes.fromhex(data), float(file_s)) for ns, client, data, file_s in rows]


class _Child:
    """A Python process that says one word a step on stdout and obeys stdin."""

    def __init__(self, arguments: list[str], env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )
        self.expect("ready")

    def expect(self, word: str) -> None:
        """Block until the process says the word."""
        said = _pipe(self.process.stdout).readline().strip()
        if said != word:
            raise RuntimeError(f"{self.process.args!r} said {said!r}, not {word!r}")

    def tell(self, line: str) -> None:
        """One line to its stdin."""
        _pipe(self.process.stdin).write(line + "\n")
        _pipe(self.process.stdin).flush()

    def close(self) -> None:
        """End of stdin, then wait; by force where that does not help (a client of a dead server hangs)."""
        _pipe(self.process.stdin).close()
        try:
            self.process.wait(10.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        _pipe(self.process.stdout).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise RuntimeError("the process was started without this pipe")
    return stream


class Player(_Child):
    """Real MIDI clients that play files."""

    def __init__(self, parts: Mapping[str, Path], log: Path, env: Mapping[str, str]) -> None:
        self.log = log
        given = [word for client, path in parts.items() for word in ("--part", f"{client}={path}")]
        super().__init__(["-m", "tests.e2e.play_midi", *given, "--log", str(log)], env)

    def play(self, start_s: float, end_s: float) -> list[Sent]:
        """Play that span of the files in real time; what was sent, all spans so far."""
        self.begin(start_s, end_s)
        self.expect("done")
        return self.sent

    def begin(self, start_s: float, end_s: float) -> None:
        """Begin to play and return at once; `expect("done")` waits for the end."""
        self.tell(f"play {start_s} {end_s}")

    @property
    def sent(self) -> list[Sent]:
        """What was sent so far."""
        return read_log(self.log)


@dataclass(frozen=True, slots=True)
class Recording:
    """What stood at the outputs. `frames` float32 (n, 2); a row of `blocks`: server frame, first row, counter ns."""

    frames: NDArray[np.float32]
    blocks: NDArray[np.int64]

    @property
    def skipped(self) -> NDArray[np.int64]:
        """Rows of `frames` before which the server skipped the recorder."""
        block_frames = int(self.blocks[1, 1] - self.blocks[0, 1])
        jumps = np.flatnonzero(np.diff(self.blocks[:, 0]) != block_frames) + 1
        rows: NDArray[np.int64] = self.blocks[jumps, 1]
        return rows

    def row_at(self, counter_ns: float) -> float:
        """The row that stood at the outputs at that reading of `perf_counter_ns`: counted from the cycle then begun."""
        block = max(0, int(np.searchsorted(self.blocks[:, 2], counter_ns, side="right")) - 1)
        return float(self.blocks[block, 1] + (counter_ns - self.blocks[block, 2]) * SAMPLE_RATE_HZ * 1e-9)

    def counter_at(self, row: int) -> float:
        """When a row stood at the outputs: its cycle's reading of `perf_counter_ns`, and the frames since."""
        block = max(0, int(np.searchsorted(self.blocks[:, 1], row, side="right")) - 1)
        return float(self.blocks[block, 2] + (row - self.blocks[block, 1]) * 1e9 / SAMPLE_RATE_HZ)


class Recorder(_Child):
    """Keeps the audio outputs of the clients whose port names fit a pattern."""

    def __init__(self, folder: Path, source: str, env: Mapping[str, str], length_s: float = 180.0) -> None:
        self.folder = folder
        where = ["--to", str(folder), "--source", source, "--length", str(length_s)]
        super().__init__(["-m", "tests.e2e.record_jack", *where], env)

    def save(self) -> Recording:
        """Stop and read what was kept."""
        self.process.send_signal(signal.SIGTERM)
        return self.saved()

    def saved(self) -> Recording:
        """What a recorder kept that stopped by itself (its server died)."""
        self.expect("saved")
        return Recording(np.load(self.folder / "frames.npy"), np.load(self.folder / "blocks.npy"))


class Program:
    """One run of `python -m mtsession --data DIR …` in a clean environment, its output in files."""

    def __init__(self, data: Path, *arguments: str, env: Mapping[str, str], logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        name = f"{arguments[0]}-{time.perf_counter_ns()}"
        self._out, self._err = logs / f"{name}.out", logs / f"{name}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mtsession", "--data", str(data), *arguments],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=REPOSITORY,
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        """What it has written so far."""
        return self._out.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        """What it has complained of so far."""
        return self._err.read_text(encoding="utf-8")

    @property
    def running(self) -> bool:
        """True until it ended."""
        return self.process.poll() is None

    def wait(self, within_s: float) -> int:
        """Its exit code."""
        return self.process.wait(within_s)

    def interrupt(self, within_s: float = 20.0) -> int:
        """Ctrl-C; its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.wait(within_s)

    def end(self) -> None:
        """End it in order where that helps, else by force."""
        if self.running:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(5.0)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @property
    def children(self) -> list[psutil.Process]:
        """The processes it runs now."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, module: str) -> psutil.Process:
        """The one that runs this module."""
        return next(process for process in self.children if module in " ".join(process.cmdline()))


def end_all(home: Path) -> None:
    """Nothing of a test may live on: whatever was started with this home, also what has left its process group."""
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("HOME") == str(home)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        if ours:
            process.kill()
            process.wait(5.0)
