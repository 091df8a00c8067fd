"""Is another engine at work on this data folder? A lock of the operating system, which dies with its process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom

from mtsession.config import DataFolder
from mtsession.errors import AlreadyRunningError
from mtsession.wording import say

LOCK_NAME = "engine.lock"


@contextmanager
def only_engine(folder: DataFolder) -> Iterator[None]:
    """Hold the folder's lock; raises AlreadyRunningError where another process has it."""
    with (folder.run / LOCK_NAME).open("a+b") as file:
        try:
            _lock(file)
        except OSError as error:
            raise AlreadyRunningError(say("live.already_running"), say("live.already_running_next")) from error
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BufferedRandom) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: BufferedRandom) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
