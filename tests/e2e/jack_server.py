"""A JACK server of our own: a dummy driver gives real MIDI ports and real audio streams without hardware."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.punctual import punctuality_is_allowed

SAMPLE_RATE_HZ = 48_000
BLOCK_FRAMES = 128
SHARED_MEMORY = Path("/dev/shm")
LEAST_SHARED_BYTES = 64 * 2**20
"""A server keeps its ports' buffers there: 40 MB at the defaults."""

TRIES = 15
"""Each waits a second for the server."""

ORDINARY = ("-r",)
REAL_TIME = ("-R", "-P", "70")
UNHURRIED = "-S"
"""Synchronous: a cycle ends when every client has finished. On a busy machine it may come late, and nothing is lost."""

NAMES = tuple(f"mtsession-test-{number}" for number in range(4))
"""A lock file each says which test run has it."""


def best_scheduling() -> tuple[str, ...]:
    """Real-time where the system allows it."""
    return REAL_TIME if punctuality_is_allowed() else ORDINARY


def why_not() -> str:
    """Why no server can be started here, or nothing."""
    if shutil.which("jackd") is None:
        return "jackd is not installed (Debian package jackd2)"
    if shutil.disk_usage(SHARED_MEMORY).free < LEAST_SHARED_BYTES:
        return f"less than {LEAST_SHARED_BYTES >> 20} MB of shared memory"
    return ""


class JackServer:
    """A server under a name of ours, so that it disturbs no other; `env` makes a child process use it.

    A killed server keeps one of the machine's eight slots until one of the same name is started: so names come from a
    small pool, the first one that no running server has.
    """

    def __init__(self, *switches: str, log: Path = Path(os.devnull)) -> None:
        """Switches are jackd's own: "-r" without, "-R" with real-time scheduling; "-S" synchronous."""
        self.name = ""
        self._switches = switches
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._claim = ExitStack()

    @property
    def env(self) -> dict[str, str]:
        """What a client needs in its environment, once the server was started."""
        return {"JACK_DEFAULT_SERVER": self.name, "JACK_NO_START_SERVER": "1", "JACK_NO_AUDIO_RESERVATION": "1"}

    def start(self) -> None:
        """Start and wait until clients can join. Started again, it has the name it had."""
        self.name = self.name or self._claimed_name()
        self._launch()
        for _ in range(TRIES):
            if self._process is None or self._process.poll() is not None:
                break
            if self._answers():
                return
        self.stop()
        said = self._log.read_text(encoding="utf-8") if self._log.is_file() else ""
        raise RuntimeError(f"jackd {self._switches} did not start {said}")

    def _claimed_name(self) -> str:
        """The first name of the pool that no other test run holds."""
        for name in NAMES:
            lock = (Path(tempfile.gettempdir()) / f"{name}.lock").open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                continue
            self._claim.enter_context(lock)
            return name
        raise RuntimeError(f"all {len(NAMES)} test servers of this machine are taken")

    def _launch(self) -> None:
        driver = ["-d", "dummy", "-r", str(SAMPLE_RATE_HZ), "-p", str(BLOCK_FRAMES)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["jackd", "-n", self.name, *self._switches, *driver],
                env=os.environ | self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Of the running server."""
        assert self._process is not None
        return self._process.pid

    @property
    def ports(self) -> list[str]:
        """All ports of the graph."""
        return self._told("jack_lsp").splitlines()

    def connected(self, port: str) -> bool:
        """Whether anything is joined to that port."""
        return "\n   " in self._told("jack_lsp", "-c", port)

    def connect(self, source: str, target: str) -> None:
        """Join two ports."""
        self._told("jack_connect", source, target)

    def _told(self, *command: str) -> str:
        asked = subprocess.run(command, env=os.environ | self.env, capture_output=True, text=True, check=False)
        return asked.stdout

    def _answers(self) -> bool:
        asked = ["jack_wait", "-s", self.name, "-w", "-t", "1"]
        return subprocess.run(asked, env=os.environ | self.env, capture_output=True, check=False).returncode == 0

    def kill(self) -> None:
        """SIGKILL: the server vanishes as when a sound system crashes."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._sweep()

    def stop(self) -> None:
        """End it in order, or by force."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5.0)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._sweep()
        self._claim.close()

    def _sweep(self) -> None:
        """Remove what a killed server leaves under its own name; the next one clears its memory segments."""
        for left in SHARED_MEMORY.glob(f"jack_*{self.name}_*"):
            left.unlink(missing_ok=True)
