"""A JACK server of our own: a dummy driver gives real MIDI ports and real audio streams without hardware."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

SAMPLE_RATE_HZ = 48_000
BLOCK_FRAMES = 128
SHARED_MEMORY = Path("/dev/shm")
LEAST_SHARED_BYTES = 64 * 2**20
"""A server keeps its ports' buffers there: 40 MB at the defaults."""

START_S = 10.0


def why_not() -> str:
    """Why no server can be started here, or nothing."""
    if shutil.which("jackd") is None:
        return "jackd is not installed (Debian package jackd2)"
    if shutil.disk_usage(SHARED_MEMORY).free < LEAST_SHARED_BYTES:
        return f"less than {LEAST_SHARED_BYTES >> 20} MB of shared memory"
    return ""


class JackServer:
    """A named server, so that it disturbs no other; `env` makes a child process use it."""

    def __init__(self, name: str, realtime: str = "-r") -> None:
        """`realtime` is jackd's own switch: "-r" without, "-R" with real-time scheduling."""
        self.name = name
        self.realtime = realtime
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        """What a client needs in its environment."""
        return {"JACK_DEFAULT_SERVER": self.name, "JACK_NO_START_SERVER": "1", "JACK_NO_AUDIO_RESERVATION": "1"}

    def start(self) -> None:
        """Start and wait until clients can join."""
        priority = ["-P", "70"] if self.realtime == "-R" else []
        driver = ["-d", "dummy", "-r", str(SAMPLE_RATE_HZ), "-p", str(BLOCK_FRAMES)]
        self._process = subprocess.Popen(
            ["jackd", "-n", self.name, self.realtime, *priority, *driver],
            env=os.environ | self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline_s = time.monotonic() + START_S
        while not self._answers():
            if time.monotonic() > deadline_s or self._process is None or self._process.poll() is not None:
                self.kill()
                raise RuntimeError(f"jackd {self.realtime} did not start")

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

    def _sweep(self) -> None:
        """Remove what a killed server leaves under its own name; the next one clears its memory segments."""
        for left in SHARED_MEMORY.glob(f"jack_*{self.name}_*"):
            left.unlink(missing_ok=True)
