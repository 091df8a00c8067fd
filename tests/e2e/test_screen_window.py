"""Does the glance screen work as a process of its own, in a real window, with real keys?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

import numpy as np
import pytest
from numpy.typing import NDArray

from mtsession.clock import new_clock
from mtsession.events import Action, ContactId, Control, Event, Mark
from mtsession.live.wire import WireServer
from mtsession.ui.screen.theme import DARK
from tests.e2e.processes import REPOSITORY, clean_environment, wait_for
from tests.ui.screen.example_states import live_state

KEY = b"w" * 32
WITHIN_S = 15.0
XWD_WORDS = 25
PROGRAM = [sys.executable, "-m", "mtsession.ui.screen.process"]


@dataclass(frozen=True, slots=True)
class Display:
    """A display without glass, its pixels in a file."""

    name: str
    pixels: Path

    def colours(self) -> NDArray[np.uint32]:
        """What stands on it, as 0xRRGGBB (height, width): the X Window Dump that Xvfb keeps."""
        dump = self.pixels.read_bytes()
        header = np.frombuffer(dump, ">u4", XWD_WORDS)
        width, height, line_bytes = int(header[4]), int(header[5]), int(header[12])
        start = int(header[0]) + 12 * int(header[19])
        rows = np.frombuffer(dump, "<u4", height * line_bytes // 4, start).reshape(height, -1)
        return np.asarray(rows[:, :width] & 0xFFFFFF, dtype=np.uint32)

    def share_of(self, colour: str) -> float:
        """How much of it has exactly that colour."""
        return float((self.colours() == int(colour[1:], 16)).mean())


@pytest.fixture
def display(tmp_path: Path) -> Iterator[Display]:
    """A started Xvfb."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed (Debian package xvfb)")
    told, tell = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(tell), "-screen", "0", "1400x800x24", "-fbdir", str(tmp_path), "-nolisten", "tcp"],
        pass_fds=[tell],
        stderr=subprocess.DEVNULL,
    )
    os.close(tell)
    with os.fdopen(told) as answer:
        number = answer.readline().strip()
    yield Display(f":{number}", tmp_path / "Xvfb_screen0")
    server.terminate()
    server.wait(10.0)


@dataclass(slots=True)
class Glance:
    """The screen's process and the engine's end of its wire."""

    process: subprocess.Popen[bytes]
    server: WireServer
    got: Queue[Event]
    display: Display

    def publish_until(self, colour: str, share: float) -> None:
        """Publish states until so much of the display has that colour."""

        def seen() -> bool:
            self.server.publish(live_state(message="keyboard unplugged"))
            return self.display.share_of(colour) >= share

        wait_for(seen, WITHIN_S, f"{share:.0%} of the window in {colour}")

    def press(self, *words: str) -> None:
        """Real keys, by the X server's own test extension."""
        subprocess.run(["xdotool", *words], env=os.environ | {"DISPLAY": self.display.name}, check=True)


def start(environment: dict[str, str], line: dict[str, str]) -> subprocess.Popen[bytes]:
    """The process as the supervisor starts it."""
    process = subprocess.Popen(
        PROGRAM,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(line).encode() + b"\n")
    process.stdin.close()
    return process


def environment_of(folder: Path, display: Display | None) -> dict[str, str]:
    """A clean one, with that display or none."""
    plain = clean_environment(folder, {"DISPLAY": display.name} if display else {})
    return {name: value for name, value in plain.items() if name != "SDL_VIDEODRIVER"}


@pytest.fixture
def glance(tmp_path: Path, display: Display) -> Iterator[Glance]:
    got: Queue[Event] = Queue()
    address = str(tmp_path / "w.sock")
    server = WireServer(address, KEY, clock=new_clock(), next_id=lambda: ContactId(1), put=got.put)
    line = {"address": address, "authkey": KEY.hex(), "session_id": "20260131-1405-7f3a"}
    process = start(environment_of(tmp_path, display), line)
    yield Glance(process, server, got, display)
    server.close()
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()


def test_the_session_stands_in_a_real_window(glance: Glance) -> None:
    glance.publish_until(DARK.background, 0.5)
    for colour in (*DARK.seats[:2], DARK.text, DARK.notice):
        assert glance.display.share_of(colour) > 0


def test_real_keys_mark_and_stop_and_the_screen_closes_with_the_session(glance: Glance) -> None:
    if shutil.which("xdotool") is None:
        pytest.skip("xdotool is not installed")
    glance.publish_until(DARK.background, 0.5)
    glance.press("mousemove", "700", "300", "key", "m")
    assert isinstance(glance.got.get(timeout=WITHIN_S), Mark)
    glance.press("keydown", "Escape")
    stopped = glance.got.get(timeout=WITHIN_S)
    glance.press("keyup", "Escape")
    assert isinstance(stopped, Control)
    assert stopped.action is Action.STOP
    glance.server.close()
    assert glance.process.wait(WITHIN_S) == 0


def refused(environment: dict[str, str], line: str) -> subprocess.CompletedProcess[str]:
    """A start that comes to nothing."""
    return subprocess.run(
        PROGRAM, env=environment, input=line, capture_output=True, text=True, cwd=REPOSITORY, timeout=60, check=False
    )


def test_without_a_display_it_says_so_and_exits_with_2(tmp_path: Path) -> None:
    line = json.dumps({"address": "nowhere", "authkey": "", "session_id": "x"})
    said = refused(environment_of(tmp_path, None), line + "\n")
    assert said.returncode == 2
    assert "no window can be opened" in said.stderr
    assert "--no-screen" in said.stderr


@pytest.mark.parametrize("line", ["", "{}", '{"address": "a", "authkey": "not hex", "session_id": "x"}', "[1]"])
def test_a_line_that_is_not_the_supervisors_is_refused(tmp_path: Path, line: str) -> None:
    said = refused(environment_of(tmp_path, None), line + "\n")
    assert said.returncode == 2
    assert said.stderr.count("\n") == 1
