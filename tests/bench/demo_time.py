"""How long does `mtsession demo` take where there is no audio device: from the first time on, and the next time?"""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.bench.table import Table
from tests.e2e.jack_server import JackServer
from tests.e2e.room import Room

NO_SERVER = {"JACK_DEFAULT_SERVER": "mtsession-test-nowhere"}
LIMIT_S = 20.0
"""What the issue allows, set-up excluded."""


def demo_s(room: Room) -> float:
    """One run, from the command to its last line."""
    began_s = time.monotonic()
    program = room.run("demo", env={**NO_SERVER, "XDG_CACHE_HOME": str(room.folder / "cache")}, within_s=300.0)
    if program.process.returncode:
        raise RuntimeError(f"the demo failed: {program.err}")
    return time.monotonic() - began_s


def run() -> Table:
    """Twice in one home: the first makes the sounds, as on a new machine."""
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="mtsession-bench-")))
        room = Room(folder, JackServer(), ending)
        first_s, second_s = demo_s(room), demo_s(room)
    rows = (("first run, sounds made", first_s), ("second run", second_s))
    return Table(
        f"mtsession demo without an audio device (s; at most {LIMIT_S:g})",
        ("", "seconds"),
        rows,
        ("compiled code comes from the repository's cache where it was run before",),
    )
