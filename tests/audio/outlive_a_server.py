"""Run by test_stream: says "running", waits to be told that its JACK server was killed, says "still" and "closed"."""

from __future__ import annotations

import sys
import time

import numpy as np

from mtsession.audio.bank import Take, lay_bank
from mtsession.audio.mixer import Mixer
from mtsession.audio.ring import Ring
from mtsession.audio.stream import open_stream
from mtsession.clock import new_clock

bank = lay_bank({"it": (Take(np.ones(100, np.float32), 60.0),)}, 48_000, {})
stream = open_stream(Mixer(bank, 48_000), Ring(48_000), new_clock())
stream.start()
print("running", flush=True)
sys.stdin.readline()
time.sleep(0.2)
blocks = stream.blocks
time.sleep(0.25)
print("still" if stream.blocks == blocks else "going on", flush=True)
began_s = time.monotonic()
stream.close()
print("closed" if time.monotonic() - began_s < 2.0 else "hung", flush=True)
