from dataclasses import replace
from pathlib import Path

import pytest

from mtsession.config import DataFolder
from mtsession.errors import WireError
from mtsession.live.launch import Launch, launch_from_line, launch_to_line
from tests.live.engine_rig import plan, script

LAUNCH = Launch(plan(script=script(3)), DataFolder(Path("data") / "ä"), "run/s.sock", bytes(range(32)), b"\xff" * 32)


@pytest.mark.parametrize("launch", [LAUNCH, replace(LAUNCH, sound_lost=True)])
def test_an_engine_is_told_by_one_line_and_reads_the_same(launch: Launch) -> None:
    line = launch_to_line(launch)

    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert launch_from_line(line) == launch


@pytest.mark.parametrize("line", [b"", b"\n", b"{}\n", launch_to_line(LAUNCH)[:-10]])
def test_a_line_that_was_cut_off_is_refused(line: bytes) -> None:
    with pytest.raises(WireError):
        launch_from_line(line)


def test_keys_do_not_show_when_a_launch_is_printed() -> None:
    assert "\\x" not in repr(LAUNCH)
