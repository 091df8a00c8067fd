"""A session for the tests that is written until it is killed: a process of its own.

`python steady_writer.py FILE` makes or goes on with FILE and puts a contact and 10 ms of audio every 10 ms, stamped
with the machine's `perf_counter`; `ready` is said first.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from mtsession.capture.reader import last_contact_id
from mtsession.capture.writer import SessionWriter
from mtsession.clock import SessionClock
from mtsession.events import Contact, ContactId
from mtsession.session import Track
from tests.capture.making import CLIENT, KEY, RATE_HZ, header

EVERY_S = 0.01


def main() -> None:
    """Until somebody ends it."""
    path, clock = Path(sys.argv[1]), SessionClock(origin_ns=0)
    there = path.exists()
    number = last_contact_id(path, KEY) if there else 0
    writer = SessionWriter(path, KEY, header=None if there else header())
    track = Track("output", None, RATE_HZ, clock.now_s(), 0, 0.01)
    frames = np.zeros((round(EVERY_S * RATE_HZ), 2), dtype=np.float32)
    print("ready", flush=True)
    for step in range(1_000_000):
        number += 1
        writer.put(Contact(ContactId(number), clock.now_s(), CLIENT, "steady", 60, 64))
        writer.put_audio(track, step * len(frames), frames)
        time.sleep(EVERY_S)


if __name__ == "__main__":
    main()
