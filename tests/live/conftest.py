"""An engine for the tests: the real process, with a real JACK server of its own where it needs devices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.jack_server import JackServer, why_not
from tests.live.engine_rig import EngineRig


@pytest.fixture
def jack() -> Iterator[JackServer]:
    """A started server that the test may kill."""
    if reason := why_not():
        pytest.skip(reason)
    server = JackServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[EngineRig]:
    """Starts engines on one session; whatever still runs in the end is killed."""
    with ExitStack() as ending:
        yield EngineRig(tmp_path, ending)
