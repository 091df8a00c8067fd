"""How do the tests run real engine processes, one after the other, on one session?"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mtsession.capture.keys import new_session_key
from mtsession.capture.library import new_session_id
from mtsession.capture.reader import read_session
from mtsession.config import DataFolder
from mtsession.errors import WireError
from mtsession.events import Contact, ContactId, Lift, Seat
from mtsession.live.launch import Launch, launch_to_line
from mtsession.live.plan import LivePlan, SeatPlan
from mtsession.live.state import LiveState
from mtsession.live.wire import WireClient, wire_address
from mtsession.session import Role, Session

CLIENT, THERAPIST = Seat("client"), Seat("therapist")
SEATS = (SeatPlan(CLIENT, Role.CLIENT), SeatPlan(THERAPIST, Role.THERAPIST))
SENDER = Path(__file__).parents[1] / "midi" / "jack_sender.py"
PATIENCE_S = 60.0
"""A first start compiles; it is not what is tested."""


def plan(**settings: object) -> LivePlan:
    """A plan for two, with a session id of its own."""
    return replace(LivePlan(new_session_id(datetime.now(UTC)), SEATS), **settings)  # type: ignore[arg-type]


def script(n_touches: int, every_s: float = 0.1, from_s: float = 0.5) -> tuple[Contact | Lift, ...]:
    """The two seats in turn, each note held for three quarters of the time to the next."""
    events: list[Contact | Lift] = []
    for index in range(n_touches):
        seat, time_s = (CLIENT, THERAPIST)[index % 2], from_s + index * every_s
        contact_id = ContactId(index + 1)
        events.append(Contact(contact_id, time_s, seat, "simulated", 48 + index % 24, 40 + index % 80))
        events.append(Lift(contact_id, time_s + 0.75 * every_s, seat))
    return tuple(events)


class Engine:
    """One engine process."""

    def __init__(self, launch: Launch, env: Mapping[str, str]) -> None:
        self.launch = launch
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mtsession.live.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | dict(env),
        )
        assert self.process.stdin is not None
        self.process.stdin.write(launch_to_line(launch))
        self.process.stdin.flush()

    def origin_ns(self) -> int:
        """What it says when a session begins; waits for it."""
        assert self.process.stdout is not None
        return int(json.loads(self.process.stdout.readline())["origin_ns"])

    def connect(self) -> WireClient:
        """A peer, as soon as the engine listens."""
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            try:
                return WireClient(self.launch.address, self.launch.authkey)
            except WireError:
                if time.monotonic() > deadline_s or self.process.poll() is not None:
                    raise
                time.sleep(0.01)

    def stop(self) -> int:
        """Ask it to stop by ending its input; its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.ended()

    def ended(self) -> int:
        """Its exit code, once it has one."""
        return self.process.wait(PATIENCE_S)

    def error(self) -> str:
        """All it said on standard error; waits for its end."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def end(self) -> None:
        """By force, if it still runs."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


class Keyboard:
    """A real MIDI client in the JACK graph."""

    def __init__(self, name: str, env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SENDER), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | dict(env),
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def send(self, *message: int) -> int:
        """Send; the reading of `perf_counter_ns` just before."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(bytes(message).hex() + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self) -> None:
        """Pull the plug."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class EngineRig:
    """A data folder, and what was started on it."""

    def __init__(self, folder: Path, ending: ExitStack) -> None:
        self.folder = DataFolder(folder / "data").make()
        self._ending = ending

    def launch(self, session_plan: LivePlan) -> Launch:
        """What an engine of that session is told."""
        address = wire_address(self.folder.run, session_plan.session_id)
        return Launch(session_plan, self.folder, address, new_session_key(), secrets.token_bytes(32))

    def start(self, launch: Launch, env: Mapping[str, str] | None = None) -> Engine:
        """An engine, left running."""
        engine = Engine(launch, env or {})
        self._ending.callback(engine.end)
        return engine

    def keyboard(self, name: str, env: Mapping[str, str]) -> Keyboard:
        """A keyboard, plugged in."""
        keyboard = Keyboard(name, env)
        self._ending.callback(keyboard.end)
        return keyboard

    def read(self, launch: Launch) -> Session:
        """What was kept."""
        return read_session(self.folder.session_file(launch.plan.session_id), launch.session_key)


def state_where(peer: WireClient, true: Callable[[LiveState], bool], within_s: float = PATIENCE_S) -> LiveState:
    """The first state of which that is true."""
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        state = peer.receive(0.2)
        if state is not None and true(state):
            return state
    raise TimeoutError("no such state came")
