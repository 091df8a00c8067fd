import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import msgspec
import psutil
import pytest

from mtsession.audio.devices import audio_devices
from mtsession.capture.keys import folder_opener, unwrap
from mtsession.capture.reader import read_session
from mtsession.config import DataFolder
from mtsession.errors import MtSessionError
from mtsession.events import AudioEpoch, Gap
from mtsession.live.process import SPARE
from mtsession.live.state import LiveState
from mtsession.session import Session
from mtsession.supervisor import (
    LONGEST_PAUSE_S,
    SPARE_AFTER_S,
    Companion,
    child_environment,
    new_launch,
    origin_in,
    pause_s,
    run_live,
    start_desk,
)
from tests.e2e.jack_server import JackServer, why_not
from tests.live.engine_rig import CLIENT, plan, script

DRIVER = Path(__file__).parent / "live" / "supervised.py"
PATIENCE_S = 60.0


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
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data").make()


def ignore(state: LiveState) -> None:
    """For whoever watches nothing."""


def read(folder: DataFolder, session_id: str) -> Session:
    opener = folder_opener(folder)
    assert opener is not None
    return read_session(folder.session_file(session_id), unwrap(folder, session_id, opener))


class Supervised:
    """A supervisor in a process of its own, and what it has said so far."""

    def __init__(self, folder: DataFolder, length_s: float, env: Mapping[str, str], ending: ExitStack) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.live.supervised", str(folder.root), str(length_s)],
            stdout=subprocess.PIPE,
            env=os.environ | dict(env),
            cwd=DRIVER.parents[2],
        )
        ending.callback(self._end)
        assert self.process.stdout is not None
        self.session_id = self.process.stdout.readline().decode().strip()
        self.states: list[LiveState] = []
        self.last_word = ""
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def until(self, true: Callable[[LiveState], bool], within_s: float = PATIENCE_S) -> LiveState:
        """The newest state, once that is true of it."""
        deadline_s = time.monotonic() + within_s
        while time.monotonic() < deadline_s:
            if self.states and true(self.states[-1]):
                return self.states[-1]
            time.sleep(0.005)
        raise TimeoutError(f"no such state; the last word was {self.last_word!r}")

    def engine(self) -> psutil.Process:
        """Its engine now."""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if "mtsession.live.process" in child.cmdline())

    def spare(self) -> psutil.Process | None:
        """The engine that stands by, if there is one yet."""
        engines = [child for child in psutil.Process(self.process.pid).children() if SPARE in child.cmdline()]
        return next((child for child in engines if child != self.engine()), None)

    def ended(self) -> str:
        """How it ended."""
        self.process.wait(PATIENCE_S)
        self._reading.join(PATIENCE_S)
        return self.last_word

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(b"{"):
                self.states.append(msgspec.json.decode(line, type=LiveState))
            else:
                self.last_word = line.decode().strip()

    def _end(self) -> None:
        for child in psutil.Process(self.process.pid).children() if self.process.poll() is None else []:
            child.kill()
        self.process.kill()
        self.process.wait()
        self._reading.join(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def supervised(folder: DataFolder) -> Iterator[Callable[..., Supervised]]:
    with ExitStack() as ending:
        yield lambda length_s, env: Supervised(folder, length_s, env, ending)


# Without devices


@pytest.mark.e2e
def test_a_rendered_session_reports_its_progress_and_returns_its_id(folder: DataFolder) -> None:
    states: list[LiveState] = []
    session_plan = plan(script=script(600, every_s=0.1), offline=True, length_s=62.0)

    assert run_live(folder, session_plan, desk=False, screen=False, on_state=states.append) == session_plan.session_id

    session = read(folder, session_plan.session_id)
    assert len(session.notes(CLIENT)) == 300
    assert [state.time_s for state in states] == sorted(state.time_s for state in states)


@pytest.mark.e2e
def test_what_the_engine_could_not_begin_with_is_told_and_leaves_nothing(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    if audio_devices():
        pytest.skip("there is an audio device here")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "mtsession-nobody")

    with pytest.raises(MtSessionError, match=r"no audio output was found\. Connect one"):
        run_live(folder, plan(), desk=False, screen=False, on_state=ignore)

    assert list(folder.sessions.iterdir()) == []


def test_the_key_is_on_the_disk_before_the_session_begins_and_differs_each_time(folder: DataFolder) -> None:
    opener_before = folder_opener(folder)
    launches = [new_launch(folder, plan()), new_launch(folder, replace(plan(), session_id="20260101-000000-abcd"))]
    opener = folder_opener(folder)

    assert opener_before is None
    assert opener is not None
    keys = [unwrap(folder, launch.plan.session_id, opener) for launch in launches]
    assert keys == [launch.session_key for launch in launches]
    assert keys[0] != keys[1]


def test_a_launch_shows_no_key_when_it_is_printed(folder: DataFolder) -> None:
    launch = new_launch(folder, plan())

    assert str(launch.session_key) not in repr(launch)
    assert str(launch.authkey) not in repr(launch)


def test_children_do_not_learn_where_the_passphrase_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTSESSION_PASSPHRASE_FILE", "secret")

    assert "MTSESSION_PASSPHRASE_FILE" not in child_environment()
    assert child_environment()["PATH"] == os.environ["PATH"]


def test_a_first_failure_is_mended_at_once_and_later_ones_after_longer_and_longer_pauses() -> None:
    pauses_s = [pause_s(failures) for failures in range(20)]

    assert pauses_s[:2] == [0.0, 0.0]
    assert pauses_s == sorted(pauses_s)
    assert pauses_s[-1] == LONGEST_PAUSE_S


# Beside the engine


def short_lived(code: int, started: list[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    started.append(subprocess.Popen([sys.executable, "-c", f"raise SystemExit({code})"]))
    return started[-1]


def soon(true: Callable[[], bool], within_s: float = 20.0) -> bool:
    deadline_s = time.monotonic() + within_s
    while not true() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    return true()


def test_a_companion_that_dies_is_started_anew() -> None:
    started: list[subprocess.Popen[bytes]] = []
    with Companion(lambda: short_lived(1, started)):
        assert soon(lambda: len(started) >= 3)

    assert all(process.poll() is not None for process in started)


@pytest.mark.parametrize("code", [0, 2])
def test_a_companion_that_was_closed_or_cannot_run_here_is_let_be(code: int) -> None:
    started: list[subprocess.Popen[bytes]] = []
    with Companion(lambda: short_lived(code, started)):
        assert soon(lambda: bool(started) and started[0].poll() is not None)
        time.sleep(0.3)

    assert len(started) == 1


def test_a_companion_ends_with_the_session() -> None:
    started: list[subprocess.Popen[bytes]] = []

    def sleeper() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]))
        return started[-1]

    with Companion(sleeper):
        assert soon(lambda: bool(started))

    assert started[0].poll() is not None


# With devices


@pytest.mark.e2e
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_session_is_kept(
    supervised: Callable[..., Supervised], jack: JackServer, sign: signal.Signals
) -> None:
    running = supervised(600.0, jack.env)
    running.until(lambda state: state.time_s > 1.0)
    running.process.send_signal(sign)

    assert running.ended() == "kept"
    session = read(running.folder, running.session_id)
    assert session.duration_s >= 1.0
    assert session.notes(CLIENT)


@pytest.mark.e2e
def test_a_killed_engine_is_replaced_on_the_same_session(
    supervised: Callable[..., Supervised], jack: JackServer
) -> None:
    running = supervised(600.0, jack.env)
    before = running.until(lambda state: state.time_s > 1.5)
    first = running.engine()
    first.kill()
    back = running.until(lambda state: state.audio_alive and state.time_s > before.time_s + 0.3)
    running.until(lambda state: state.time_s > back.time_s + 0.5)
    running.process.send_signal(signal.SIGINT)

    assert running.ended() == "kept"
    assert back.time_s - before.time_s < 2.5
    session = read(running.folder, running.session_id)
    assert session.id == running.session_id
    assert [epoch.epoch for epoch in session.events if isinstance(epoch, AudioEpoch)] == [1, 2]
    (gap,) = [event for event in session.events if isinstance(event, Gap)]
    lost = [note for note in session.notes(CLIENT) if gap.start_s < note.contact_s < gap.end_s]
    assert lost == []
    assert session.notes(CLIENT)[-1].contact_s > gap.end_s


@pytest.mark.e2e
def test_an_engine_that_stands_by_takes_over_and_another_comes_to_stand_by(
    supervised: Callable[..., Supervised], jack: JackServer
) -> None:
    running = supervised(600.0, jack.env)
    running.until(lambda state: state.time_s > SPARE_AFTER_S and running.spare() is not None)
    first, spare = running.engine(), running.spare()
    first.kill()
    first.wait(PATIENCE_S)
    before_s = running.states[-1].time_s
    running.until(lambda state: state.audio_alive and state.time_s > before_s + 0.3)

    assert running.engine() == spare
    running.until(lambda _: running.spare() not in (None, spare))
    running.process.send_signal(signal.SIGINT)
    assert running.ended() == "kept"
    assert soon(lambda: not psutil.pid_exists(running.process.pid) or running.spare() is None)


@pytest.mark.e2e
def test_sound_comes_back_when_the_audio_server_does(supervised: Callable[..., Supervised], jack: JackServer) -> None:
    running = supervised(600.0, jack.env)
    running.until(lambda state: state.time_s > 1.5)
    jack.kill()
    running.until(lambda state: not state.audio_alive)
    jack.start()
    back_s = time.monotonic()
    running.until(lambda state: state.audio_alive)
    took_s = time.monotonic() - back_s
    running.process.send_signal(signal.SIGINT)

    assert running.ended() == "kept"
    assert took_s < 2.0
    session = read(running.folder, running.session_id)
    unsounded = [note for note in session.notes(CLIENT) if note.sounded_s is None]
    assert unsounded, "what was played without sound is kept all the same"


@pytest.mark.e2e
def test_a_killed_supervisor_ends_the_session_and_it_is_kept(
    supervised: Callable[..., Supervised], jack: JackServer
) -> None:
    running = supervised(600.0, jack.env)
    running.until(lambda state: state.time_s > 1.0)
    engine = running.engine()
    running.process.kill()

    engine.wait(PATIENCE_S)
    session = read(running.folder, running.session_id)
    assert session.duration_s >= 1.0


@pytest.mark.e2e
def test_ctrl_c_in_the_terminal_reaches_the_supervisor_only(
    supervised: Callable[..., Supervised], jack: JackServer
) -> None:
    running = supervised(600.0, jack.env)
    running.until(lambda state: state.time_s > 0.3)

    assert os.getsid(running.engine().pid) != os.getsid(running.process.pid)
    assert running.engine().cmdline()[1:] == ["-m", "mtsession.live.process"]
    assert "MTSESSION_PASSPHRASE_FILE" not in running.engine().environ()


@pytest.mark.e2e
def test_an_engine_that_does_not_stop_when_asked_is_made_to_and_the_session_is_kept(
    supervised: Callable[..., Supervised], jack: JackServer
) -> None:
    running = supervised(600.0, jack.env)
    running.until(lambda state: state.time_s > 1.0)
    running.engine().suspend()
    running.process.send_signal(signal.SIGINT)

    assert running.ended() == "kept"
    assert read(running.folder, running.session_id).notes(CLIENT)


def test_what_a_driver_prints_before_the_engine_does_not_hide_when_the_session_began() -> None:
    assert origin_in([b"Cannot lock down memory\n", b'{"origin_ns": 12}\n', b"never read\n"]) == 12
    assert origin_in([b"no server\n"]) is None


DESK_OF_ONE_WHO_IS_KILLED = """
import os, signal, sys
from pathlib import Path
from mtsession.config import DataFolder
from mtsession.supervisor import start_desk
desk = start_desk(DataFolder(Path(sys.argv[1])), passphrase=None, open_session=None, idle_stop_s=None,
                  detached=sys.argv[2] == "detached")
print(desk.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.e2e
@pytest.mark.parametrize("way", ["beside", "detached"])
def test_a_desk_ends_with_whoever_started_it_unless_it_is_detached(folder: DataFolder, way: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", DESK_OF_ONE_WHO_IS_KILLED, str(folder.root), way],
        stdout=subprocess.PIPE,
        cwd=DRIVER.parents[2],
        check=False,
    )
    desk = psutil.Process(int(ran.stdout))
    try:
        desk.wait(5.0 if way == "beside" else 2.0)
    except psutil.TimeoutExpired:
        desk.terminate()
        ended = False
    else:
        ended = True
    assert ended == (way == "beside")


@pytest.mark.e2e
def test_the_desk_says_where_it_is_and_stops(folder: DataFolder) -> None:
    desk = start_desk(folder, passphrase=None, open_session=None, idle_stop_s=None, detached=True)
    try:
        assert desk.url.startswith("http://127.0.0.1:")
        assert psutil.pid_exists(desk.pid)
    finally:
        desk.stop()
    assert desk.process.poll() is not None
