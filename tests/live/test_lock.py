import subprocess
import sys
from pathlib import Path

import pytest

from mtsession.config import DataFolder
from mtsession.errors import AlreadyRunningError
from mtsession.live.lock import only_engine

HOLD = """
import sys
from pathlib import Path
from mtsession.config import DataFolder
from mtsession.live.lock import only_engine
with only_engine(DataFolder(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_engine_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path).make()

    with (
        only_engine(folder),
        pytest.raises(AlreadyRunningError, match="another session is running"),
        only_engine(folder),
    ):
        raise AssertionError


def test_the_lock_is_free_after_the_engine(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path).make()
    for _ in range(2):
        with only_engine(folder):
            pass


def test_a_killed_engine_leaves_no_lock(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path).make()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunningError), only_engine(folder):
            raise AssertionError
        other.kill()
        other.wait()

    with only_engine(folder):
        pass
