"""A recorder for the tests: keeps what stands at other clients' audio outputs, sample by sample, with its frames.

Run as a process of its own. It connects its two inputs to the first two outputs of the client whose name fits
`--source`, whenever such a client appears. `frames.npy` holds float32 (n, 2); `blocks.npy` holds one row a process
cycle: first frame of the JACK server, first row in `frames.npy`, perf_counter_ns at the cycle. A cycle that the
server skipped for this client shows as a jump of the server's frame.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import jack
import numpy as np

from tests.e2e.punctual import be_punctual

WATCH_S = 0.02
PRIORITY = 40


class Tape:
    """Preallocated: the callback only copies and counts."""

    def __init__(self, client: Any, length_s: float) -> None:
        self.client = client
        self.frames = np.zeros((int(length_s * client.samplerate), 2), np.float32)
        self.blocks = np.zeros((len(self.frames) // client.blocksize + 1, 3), np.int64)
        self.n_frames = 0
        self.n_blocks = 0
        self.inputs = [client.inports.register(name) for name in ("left", "right")]

    def process(self, n: int) -> None:
        """One cycle of the server."""
        counter_ns = time.perf_counter_ns()
        end = self.n_frames + n
        if end > len(self.frames) or self.n_blocks == len(self.blocks):
            return
        for column, port in enumerate(self.inputs):
            self.frames[self.n_frames : end, column] = port.get_array()
        self.blocks[self.n_blocks] = (self.client.last_frame_time, self.n_frames, counter_ns)
        self.n_frames, self.n_blocks = end, self.n_blocks + 1

    def save(self, folder: Path) -> None:
        """Write what was kept."""
        np.save(folder / "frames.npy", self.frames[: self.n_frames])
        np.save(folder / "blocks.npy", self.blocks[: self.n_blocks])

    def connect(self, source: re.Pattern[str]) -> None:
        """Join the source's outputs to the inputs where they are not joined yet."""
        outputs = [p for p in self.client.get_ports(is_audio=True, is_output=True) if source.search(p.name)]
        for output, port in zip(outputs, self.inputs, strict=False):
            if not any(joined.name == output.name for joined in self.client.get_all_connections(port)):
                self.client.connect(output, port)


def record(folder: Path, source: re.Pattern[str], length_s: float, stop: threading.Event) -> None:
    """Keep until told to stop, or until the server is gone."""
    client = jack.Client("recorder", no_start_server=True)
    tape = Tape(client, length_s)
    client.set_process_callback(tape.process)
    client.set_shutdown_callback(lambda _status, _reason: stop.set())
    client.activate()
    be_punctual(PRIORITY)
    print("ready", flush=True)
    while not stop.wait(WATCH_S):
        try:
            tape.connect(source)
        except jack.JackError:
            continue  # the client went while it was being joined: look again
    tape.save(folder)
    print("saved", flush=True)


def stop_with_stdin(stop: threading.Event) -> None:
    """The end of stdin ends the recording: no recorder outlives its test."""
    sys.stdin.read()
    stop.set()


def main() -> None:
    """Record until SIGTERM or the end of stdin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--source", type=re.compile, required=True)
    parser.add_argument("--length", type=float, default=180.0)
    given = parser.parse_args()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=stop_with_stdin, args=(stop,), daemon=True).start()
    record(given.to, given.source, given.length, stop)
    os._exit(0)  # closing a client of a dead server can hang


if __name__ == "__main__":
    main()
