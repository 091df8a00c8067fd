"""Real devices for the tests: a JACK server of our own, players, recorders, the program itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.jack_server import UNHURRIED, JackServer, best_scheduling, why_not
from tests.e2e.room import Room

REPOSITORY = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder are end-to-end tests."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def duo() -> Path:
    """The folder of one real duo on keyboard and drums."""
    data = Path(os.environ.get("MTSESSION_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (data / "duo_keys_drums").is_dir():
        pytest.skip(f"the performances are not here: set MTSESSION_DATA ({data.name} not found)")
    return data / "duo_keys_drums"


@pytest.fixture(scope="session")
def shared_jack() -> Iterator[JackServer]:
    """One server for all tests that do not harm it."""
    yield from served()


@pytest.fixture
def own_jack() -> Iterator[JackServer]:
    """A server that a test may kill."""
    yield from served()


def served() -> Iterator[JackServer]:
    """A started server, ended whatever happens."""
    if reason := why_not():
        pytest.skip(reason)
    server = JackServer(*best_scheduling(), UNHURRIED)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def room_of(tmp_path: Path) -> Iterator[Callable[[JackServer], Room]]:
    """Makes a room on a server."""
    with ExitStack() as ending:
        yield lambda server: Room(tmp_path, server, ending)


@pytest.fixture
def room(room_of: Callable[[JackServer], Room], shared_jack: JackServer) -> Room:
    """A room on the shared server."""
    return room_of(shared_jack)
