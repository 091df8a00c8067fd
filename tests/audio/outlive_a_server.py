"""Run by test_stream: what a stream does when its JACK server is killed. Prints "running", "still", "closed"."""

from __future__ import annotations

import os
import subprocess
import time

import numpy as np

from mtsession.audio.bank import Take, lay_bank
from mtsession.audio.devices import audio_devices
from mtsession.audio.mixer import Mixer
from mtsession.audio.ring import Ring
from mtsession.audio.stream import open_stream
from mtsession.clock import new_clock


def main(jackd: subprocess.Popen[bytes]) -> None:
    """Start a stream, kill its server, watch the counter, close."""
    while not audio_devices():
        time.sleep(0.05)
    bank = lay_bank({"it": (Take(np.ones(100, np.float32), 60.0),)}, 48_000, {})
    stream = open_stream(Mixer(bank, 48_000), Ring(48_000), new_clock())
    stream.start()
    print("running", flush=True)
    jackd.kill()
    jackd.wait()
    time.sleep(0.2)
    blocks = stream.blocks
    time.sleep(0.25)
    print("still" if stream.blocks == blocks else "going on", flush=True)
    began_s = time.monotonic()
    stream.close()
    print("closed" if time.monotonic() - began_s < 2.0 else "hung", flush=True)


if __name__ == "__main__":
    name = os.environ["JACK_DEFAULT_SERVER"] = f"mtsession-dying-{os.getpid()}"
    server = subprocess.Popen(
        ["jackd", "-n", name, "-r", "-d", "dummy", "-r", "48000", "-p", "128"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        main(server)
    finally:
        server.kill()
