"""Which processes does a session need, and what happens when one of them dies?

The engine is started anew on the same session, at once; screen and desk after a pause. Nothing that happens to them
touches the engine. Ctrl-C reaches this process only (the others have sessions of their own), and the end of an
engine's standard input means stop: so a supervisor that is killed ends the session too, and it is kept.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

import msgspec

from mtsession.capture.keys import folder_sealer, new_session_key, wrap
from mtsession.config import DataFolder
from mtsession.errors import MtSessionError, WireError
from mtsession.live.launch import Launch, launch_to_line
from mtsession.live.plan import LivePlan
from mtsession.live.process import SPARE
from mtsession.live.state import LiveState
from mtsession.live.wire import WireClient, wire_address
from mtsession.wording import say

EXIT_KEPT = 0
EXIT_MENDABLE = 2
EXIT_SILENT = 1
EXIT_AUDIO_LOST = 75
"""What a process ends with: it was closed; it said what a person can mend; it fell over; it is an engine that
lost its sound."""

ENGINE = "mtsession.live.process"

SPARE_AFTER_S = 3.0
"""When a second engine is loaded, which takes over from one that dies: loading is most of a restart's time."""

QUICK_S = 5.0
"""A process that lived shorter than this has failed quickly."""

MOST_QUICK_FAILURES = 6
"""So many quick failures in a row, and the session is ended: what there is, is kept."""

PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
"""Before another try: doubled with every quick failure after the first, which is mended at once."""

STOPPING_S = 15.0
"""The last commit of an hour takes well under a second; a disk that hangs is waited for this long."""

LAST_WORDS_S = 0.5
"""What an engine said is read within this after its end."""

DESK_STARTS_S = 60.0

CLOSING_S = 5.0

CALL_S = 0.05
"""How often a new engine is called until it listens."""

LISTENING_S = 0.5

LOG_NAME = "supervisor.log"

NOT_FOR_CHILDREN = ("MTSESSION_PASSPHRASE_FILE",)

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Arithmetic libraries start a thread a core, which an engine neither needs nor wants beside its callbacks."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeskAddress:
    """Where the desk can be seen, on this machine only, and its process."""

    url: str
    pid: int
    process: subprocess.Popen[bytes] = field(repr=False, compare=False)

    def stop(self) -> None:
        """End the desk."""
        end_process(self.process)


class Wish(Enum):
    """What reaches the supervisor besides the end of an engine."""

    STATE = auto()
    STOP = auto()
    AGAIN = auto()


@dataclass(frozen=True, slots=True)
class Ended:
    """An engine has ended; negative codes are signals."""

    code: int


class Wishes(SimpleQueue["Wish | Ended"]):
    """Everything that the supervising thread waits for."""


def run_live(
    folder: DataFolder,
    plan: LivePlan,
    *,
    desk: bool,
    screen: bool,
    on_state: Callable[[LiveState], None],
    on_desk: Callable[[DeskAddress], None] | None = None,
) -> str:
    """Hold a session until it ends by itself, by SIGINT, SIGTERM or the stop key; returns its id.

    `on_state` is called in this thread, `on_desk` in another. Raises what the engine could not begin with, and
    MtSessionError when it kept failing: what was played until then is in the session file.
    """
    launch, wishes = new_launch(folder.make(), plan), Wishes()
    with ExitStack() as stack:
        stack.enter_context(log_in(folder))
        stack.enter_context(stop_signals(wishes))
        engine = stack.enter_context(EngineKeeper(launch, wishes))
        listener = stack.enter_context(Listener(launch, wishes))
        if screen:
            stack.enter_context(Companion(lambda: start_screen(launch).process))
        if desk:
            stack.enter_context(Companion(lambda: start_session_desk(folder, on_desk).process))
        attend(engine, listener, wishes, on_state)
    return plan.session_id


def start_desk(
    folder: DataFolder,
    *,
    passphrase: str | None,
    open_session: str | None,
    idle_stop_s: float | None,
    detached: bool,
    demo: bool = False,
) -> DeskAddress:
    """Start the desk and wait until it listens. A `detached` one outlives this process; any other ends with it.

    Raises MtSessionError with what the desk said when it could not start.
    """
    told = {
        "folder": str(folder.root),
        "passphrase": passphrase,
        "demo": demo,
        "idle_stop_s": idle_stop_s,
        "detached": detached,
        "open_session": open_session,
    }
    child = spawn(folder.make(), "desk", "mtsession.ui.desk.process")
    child.tell(msgspec.json.encode(told))
    if detached:
        child.close_input()
    patience = threading.Timer(DESK_STARTS_S, child.process.kill)
    patience.start()
    answer = child.first_line()
    patience.cancel()
    if not answer:
        child.process.wait()
        raise child.error()
    return DeskAddress(json.loads(answer)["url"], child.process.pid, child.process)


def new_launch(folder: DataFolder, plan: LivePlan) -> Launch:
    """A session with a key of its own, which is wrapped and on the disk before anything is written under it."""
    key = new_session_key()
    wrap(folder, plan.session_id, key, folder_sealer(folder))
    address = wire_address(folder.run, plan.session_id)
    return Launch(plan, folder, address, session_key=key, authkey=secrets.token_bytes(32))


def attend(engine: EngineKeeper, listener: Listener, wishes: Wishes, on_state: Callable[[LiveState], None]) -> None:
    """Start the engine and see to it until the session has ended."""
    engine.start()
    while True:
        match wishes.get():
            case Wish.STATE:
                if (state := listener.take()) is not None:
                    on_state(state)
            case Wish.STOP:
                engine.ask_to_stop()
            case Wish.AGAIN:
                engine.start()
            case Ended(code):
                if engine.is_done(code):
                    return
                engine.mend(code)


@dataclass(frozen=True, slots=True)
class Child:
    """A process of ours, and where in which file its standard error begins."""

    process: subprocess.Popen[bytes]
    errors: Path
    errors_from: int

    def tell(self, line: bytes) -> None:
        """The one line that it waits for."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended already: whoever waits for it sees that
            self.process.stdin.write(line.rstrip(b"\n") + b"\n")
            self.process.stdin.flush()

    def close_input(self) -> None:
        """Nothing more is told to it; an engine takes this as: stop."""
        assert self.process.stdin is not None
        with suppress(OSError):  # it may be gone
            self.process.stdin.close()

    def drop(self) -> None:
        """End one that holds nothing yet."""
        self.process.kill()
        self.close_input()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process.wait()

    def first_line(self) -> bytes:
        """What it says first; empty when it ended without a word."""
        assert self.process.stdout is not None
        with self.process.stdout as said:
            return said.readline()

    def lines(self) -> Iterator[bytes]:
        """All it says, line by line, until it ends."""
        assert self.process.stdout is not None
        with self.process.stdout as said:
            yield from said

    def error(self) -> MtSessionError:
        """What it said last on standard error, as an error for a person."""
        with self.errors.open("rb") as file:
            file.seek(self.errors_from)
            lines = file.read().decode(errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        what, _, next_step = last.removeprefix("mtsession: ").partition(". ")
        return MtSessionError(what, next_step) if next_step else _no_word(self.errors)


class EngineKeeper:
    """The session's engine: started, stopped, and started anew on the same session when it dies."""

    def __init__(self, launch: Launch, wishes: Wishes) -> None:
        self._launch, self._wishes = launch, wishes
        self._child: Child | None = None
        self._spare: Child | None = None
        self._sparing = threading.Lock()
        self._stopping = False
        self._began_s = 0.0
        self._quick_failures = 0

    def __enter__(self) -> EngineKeeper:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.close_input()
            end_process(self._child.process, patience_s=STOPPING_S)
        self._leave_spare()
        if not self._launch.folder.session_file(self._launch.plan.session_id).exists():
            # A session that never began needs no key.
            self._launch.folder.session_key(self._launch.plan.session_id).unlink(missing_ok=True)

    def start(self) -> None:
        """Start an engine, unless the session is being stopped."""
        if self._stopping:
            self._wishes.put(Ended(EXIT_KEPT))
            return
        self._began_s = time.monotonic()
        self._child = self._take_spare() or spawn(self._launch.folder, "engine", ENGINE)
        self._child.tell(launch_to_line(self._launch))
        threading.Thread(target=self._watch, args=(self._child,), name="engine", daemon=True).start()
        self._have_spare_soon()

    def _leave_spare(self) -> None:
        # With the lock, so that none is started after this.
        with self._sparing:
            self._stopping = True
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.drop()

    def _take_spare(self) -> Child | None:
        with self._sparing:
            spare, self._spare = self._spare, None
        if spare is not None and spare.process.poll() is not None:
            spare.drop()
            return None
        return spare

    def _have_spare_soon(self) -> None:
        # Not at once: an engine that begins needs the machine for itself.
        if not self._launch.plan.offline:
            later = threading.Timer(SPARE_AFTER_S, self._have_spare)
            later.daemon = True
            later.start()

    def _have_spare(self) -> None:
        with self._sparing:
            if self._spare is None and not self._stopping:
                self._spare = spawn(self._launch.folder, "spare", ENGINE, SPARE)

    def ask_to_stop(self) -> None:
        """End the session and keep it; an engine that does not end for a hanging disk or driver is made to."""
        if self._stopping:
            return
        self._stopping = True
        if self._child is not None:
            self._child.close_input()
            last = threading.Thread(target=end_process, args=(self._child.process,), kwargs={"patience_s": STOPPING_S})
            last.daemon = True
            last.start()

    def is_done(self, code: int) -> bool:
        """Whether the session ended with this engine; raises what it says a person can mend."""
        assert self._child is not None
        if code == EXIT_MENDABLE:
            raise self._child.error()
        return code == EXIT_KEPT or self._stopping

    def mend(self, code: int) -> None:
        """Start a new engine: the first time at once, then after pauses; raises MtSessionError in the end."""
        quick = time.monotonic() - self._began_s < QUICK_S
        self._quick_failures = self._quick_failures + 1 if quick else 0
        self._launch = replace(self._launch, sound_lost=code == EXIT_AUDIO_LOST)
        logger.warning("the engine ended with %d, quick failures so far: %d", code, self._quick_failures)
        if self._quick_failures > MOST_QUICK_FAILURES or self._launch.plan.offline:
            raise MtSessionError(say("live.gave_up", code=code), say("live.gave_up_next"))
        again = threading.Timer(pause_s(self._quick_failures), self._wishes.put, (Wish.AGAIN,))
        again.daemon = True
        again.start()

    def _watch(self, child: Child) -> None:
        hearing = threading.Thread(target=self._hear, args=(child,), name="engine-says", daemon=True)
        hearing.start()
        code = child.process.wait()
        hearing.join(LAST_WORDS_S)  # not for ever: an audio server that it started may hold on to its output
        self._wishes.put(Ended(code))

    def _hear(self, child: Child) -> None:
        origin_ns = origin_in(child.lines())
        if origin_ns is not None:
            self._launch = replace(self._launch, plan=replace(self._launch.plan, origin_ns=origin_ns))


def origin_in(lines: Iterable[bytes]) -> int | None:
    """The counter at session time 0, as an engine tells it; None where it never did.

    Audio drivers print there too, and may do so before it.
    """
    for line in lines:
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(line, type=_Origin).origin_ns
    return None


class _Origin(msgspec.Struct):
    origin_ns: int


class Listener:
    """Hears the states of the session's engines, one after the other."""

    def __init__(self, launch: Launch, wishes: Wishes) -> None:
        self._launch, self._wishes = launch, wishes
        self._newest: LiveState | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join(CLOSING_S)

    def take(self) -> LiveState | None:
        """The newest state, once."""
        with self._lock:
            newest, self._newest = self._newest, None
            return newest

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                with closing(WireClient(self._launch.address, self._launch.authkey)) as client:
                    self._hear(client)
            except WireError:
                self._closed.wait(CALL_S)

    def _hear(self, client: WireClient) -> None:
        while not self._closed.is_set():
            state = client.receive(LISTENING_S)
            if state is None:
                continue
            with self._lock:
                waiting, self._newest = self._newest, state
            if waiting is None:
                self._wishes.put(Wish.STATE)


class Companion:
    """A process beside the engine: when it dies it is started anew, after a pause, and nobody else notices."""

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._start = start
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="companion", daemon=True)

    def __enter__(self) -> Companion:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        if self._process is not None:
            end_process(self._process)
        self._thread.join(DESK_STARTS_S)

    def _keep(self) -> None:
        quick_failures = 0
        while not self._ending.wait(pause_s(quick_failures)):
            began_s = time.monotonic()
            code = self._run_once()
            if code in (EXIT_KEPT, EXIT_MENDABLE) or quick_failures > MOST_QUICK_FAILURES:
                return
            quick_failures = quick_failures + 1 if time.monotonic() - began_s < QUICK_S else 1

    def _run_once(self) -> int:
        try:
            self._process = self._start()
        except MtSessionError as error:
            logger.warning("not started: %s", error)
            return EXIT_SILENT
        if self._ending.is_set():
            end_process(self._process)
        return self._process.wait()


def start_screen(launch: Launch) -> Child:
    """The therapist's glance, in a window of its own."""
    told = {
        "address": launch.address,
        "authkey": launch.authkey.hex(),
        "session_id": launch.plan.session_id,
    }
    child = spawn(launch.folder, "screen", "mtsession.ui.screen.process")
    child.tell(msgspec.json.encode(told))
    child.close_input()
    return child


def start_session_desk(folder: DataFolder, on_desk: Callable[[DeskAddress], None] | None) -> DeskAddress:
    """The desk beside a session: the record stays locked until somebody opens it there."""
    address = start_desk(folder, passphrase=None, open_session=None, idle_stop_s=None, detached=False)
    if on_desk is not None:
        on_desk(address)
    return address


def spawn(folder: DataFolder, name: str, module: str, *arguments: str) -> Child:
    """Start a module of ours, which waits to be told one line; its environment holds nothing that it must not have.

    It has a session of its own, where Ctrl-C of this terminal does not reach it.
    """
    errors = folder.logs / f"{name}.err"
    with errors.open("ab") as error_file:
        errors_from = error_file.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=error_file,
            env=child_environment(),
            start_new_session=True,
            creationflags=_NEW_GROUP,
        )
    return Child(process, errors, errors_from)


def child_environment() -> Mapping[str, str]:
    """The environment of this process without what only it may know."""
    return {name: value for name, value in os.environ.items() if name not in NOT_FOR_CHILDREN} | ONE_THREAD


@contextmanager
def log_in(folder: DataFolder) -> Iterator[None]:
    """Keep the log of these processes' lives among the folder's, and away from the terminal."""
    house = logging.getLogger("mtsession")
    handler = logging.FileHandler(folder.logs / LOG_NAME)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    house.addHandler(handler)
    try:
        yield
    finally:
        house.removeHandler(handler)
        handler.close()


def end_process(process: subprocess.Popen[bytes], *, patience_s: float = 0.0) -> None:
    """Wait a while for it to end, then ask it to, then make it."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(patience_s)
        return
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(CLOSING_S)
        return
    process.kill()
    process.wait()


def pause_s(quick_failures: int) -> float:
    """How long to wait before another try: not at all after the first failure, then longer and longer."""
    return min(LONGEST_PAUSE_S, PAUSE_S * 2 ** (quick_failures - 2)) if quick_failures > 1 else 0.0


@contextmanager
def stop_signals(wishes: Wishes) -> Iterator[None]:
    """Ctrl-C, a polite kill and a closed terminal end the session. Signals reach the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        wishes.put(Wish.STOP)

    before = {number: signal.signal(number, stop) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _no_word(errors: Path) -> MtSessionError:
    return MtSessionError(say("live.no_word", name=errors.stem), say("live.no_word_next", name=errors.name))


_STOP_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]

_NEW_GROUP: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""Windows' own way to keep Ctrl-C from a child."""
