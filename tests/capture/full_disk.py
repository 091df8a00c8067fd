"""A disk that is full for a while, in a process of its own: `python full_disk.py FILE`.

The system lets no file of this process grow beyond a limit, then lifts it. Says what happened as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from mtsession.capture.writer import SessionWriter
from mtsession.errors import DiskFullError
from tests.capture.making import KEY, a_note, header
from tests.e2e.processes import wait_for

LIMIT_BYTES = 400_000
NOTES = 3_000


def main() -> None:
    """Play until the disk is full, go on playing, make room, close."""
    writer = SessionWriter(Path(sys.argv[1]), KEY, header=header(), tick_s=0.02)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, most))
    put_notes(writer, 1)
    wait_for(lambda: writer.failure, 10.0, "the disk to be full")
    told = writer.failure
    put_notes(writer, 2)
    refused = close_is_refused(writer)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    writer.close(100.0)
    print(json.dumps({"told": str(told), "refused": refused, "failure": str(writer.failure)}))


def put_notes(writer: SessionWriter, part: int) -> None:
    for number in range(part * NOTES, (part + 1) * NOTES):
        for event in a_note(number, number / 1000):
            writer.put(event)


def close_is_refused(writer: SessionWriter) -> bool:
    try:
        writer.close(100.0)
    except DiskFullError:
        return True
    return False


if __name__ == "__main__":
    main()
