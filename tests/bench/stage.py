"""Where a benchmark plays: a JACK server, a folder of its own, the program; everything is ended afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.jack_server import ORDINARY, JackServer, why_not
from tests.e2e.room import Room

REPOSITORY = Path(__file__).resolve().parents[2]


class SkippedError(Exception):
    """Why a benchmark cannot be run here."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A room, and what its server says."""

    room: Room
    server_log: Path


@contextmanager
def stage(*switches: str) -> Iterator[Stage]:
    """A started server and an empty room; raises SkippedError where there can be none."""
    if reason := why_not():
        raise SkippedError(reason)
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="mtsession-bench-")))
        log = folder / "jackd.log"
        server = JackServer(*(switches or ORDINARY), log=log)
        ending.callback(server.stop)
        server.start()
        yield Stage(Room(folder, server, ending), log)


def duo() -> Path:
    """The folder of the duo; raises SkippedError where it is not here."""
    data = Path(os.environ.get("MTSESSION_DATA", REPOSITORY.parent / "shared" / "data")) / "duo_keys_drums"
    if not data.is_dir():
        raise SkippedError("the performances are not here: set MTSESSION_DATA")
    return data
