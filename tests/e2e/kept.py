"""What a data folder holds after a session: the sealed file opened, the measures as the command line tells them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mtsession.capture.keys import Opener, folder_opener
from mtsession.capture.library import find, open_session
from mtsession.config import DataFolder
from mtsession.session import Session
from tests.e2e.room import Room

SESSION_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")


def own_opener(data: Path) -> Opener:
    """The folder's own key: no record has been made."""
    opener = folder_opener(DataFolder(data))
    assert opener is not None
    return opener


def newest(data: Path) -> Session:
    """The newest session of a folder that has no record."""
    folder = DataFolder(data)
    return open_session(folder, find(folder, "last"), own_opener(data))


def analysed(room: Room) -> dict[str, Any]:
    """`mtsession analyse last --json`."""
    program = room.run("analyse", "last", "--json")
    assert program.process.returncode == 0, program.err
    measures: dict[str, Any] = json.loads(program.out)
    return measures


def of_seat(measures: dict[str, Any], seat: str) -> dict[str, Any]:
    """One player's measures."""
    found: dict[str, Any] = next(player for player in measures["players"] if player["seat"] == seat)
    return found
