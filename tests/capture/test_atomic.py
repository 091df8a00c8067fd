"""Small files: whole or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mtsession.capture.atomic import write_whole, write_whole_once

REWRITE_FOR_EVER = """
import sys
from itertools import cycle
from pathlib import Path
from mtsession.capture.atomic import write_whole
print("ready", flush=True)
for letter in cycle(b"ab"):
    write_whole(Path(sys.argv[1]), bytes([letter]) * 100_000)
"""


def test_a_file_is_replaced_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        write_whole(tmp_path / "file", content)
        assert (tmp_path / "file").read_bytes() == content
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", b"")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_once_leaves_what_is_there(tmp_path: Path) -> None:
    write_whole_once(tmp_path / "file", b"one")
    with pytest.raises(FileExistsError):
        write_whole_once(tmp_path / "file", b"two")
    assert (tmp_path / "file").read_bytes() == b"one"
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


def test_what_cannot_be_put_in_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError, match="file"):
        write_whole(tmp_path / "file", b"one")
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


@pytest.mark.e2e
def test_a_kill_at_any_moment_leaves_the_old_content_or_the_new(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for wait_s in (0.02, 0.037, 0.051):
        writing = subprocess.Popen([sys.executable, "-c", REWRITE_FOR_EVER, str(file)], stdout=subprocess.PIPE)
        assert writing.stdout is not None
        writing.stdout.readline()
        time.sleep(wait_s)
        writing.send_signal(signal.SIGKILL)
        writing.wait()
        writing.stdout.close()
        content = file.read_bytes()
        assert content in (b"a" * 100_000, b"b" * 100_000)
