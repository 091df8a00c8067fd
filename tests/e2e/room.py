"""One real session: what plays in it, what listens to it, and the program itself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.jack_server import JackServer
from tests.e2e.processes import Player, Program, Recorder, clean_environment, end_all, wait_for

ENGINE_OUTPUTS = r"^PortAudio"
"""PortAudio's own name for its JACK client."""

START_S = 40.0
"""On a busy machine; the sounds are made on the first start of all."""


class Room:
    """What one test starts, and what is ended with it."""

    def __init__(self, folder: Path, server: JackServer, ending: ExitStack) -> None:
        """`folder` is the test's own: data, logs and recordings lie in it, and it is every process's home."""
        self.folder = folder
        self.server = server
        self.data = folder / "data"
        self.env = clean_environment(folder, server.env)
        self._ending = ending
        ending.callback(end_all, folder)

    def player(self, **parts: Path) -> Player:
        """Real MIDI clients, one a part."""
        log = self.folder / f"sent-{secrets.token_hex(3)}.tsv"
        return self._ending.enter_context(Player(parts, log, self.env))

    def recorder(self, source: str = ENGINE_OUTPUTS, length_s: float = 180.0) -> Recorder:
        """A tape at the outputs that fit the pattern."""
        tape = self.folder / f"tape-{secrets.token_hex(3)}"
        tape.mkdir()
        return self._ending.enter_context(Recorder(tape, source, self.env, length_s))

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> Program:
        """`mtsession --data … ARGUMENTS`, left running."""
        program = Program(self.data, *arguments, env={**self.env, **(env or {})}, logs=self.folder / "logs")
        self._ending.callback(program.end)
        return program

    def run(self, *arguments: str, env: Mapping[str, str] | None = None, within_s: float = 60.0) -> Program:
        """`mtsession --data … ARGUMENTS`, run to its end."""
        program = self.start(*arguments, env=env)
        program.wait(within_s)
        return program

    def hold(self, *more: str, **seats: str) -> Program:
        """`mtsession live` with these seats and clients; back when every client is joined and the sound runs."""
        given = [word for seat, client in seats.items() for word in ("--seat", f"{seat}={client}")]
        program = self.start("live", *given, *more, "--no-desk", "--no-screen")
        wait_for(lambda: self.is_held(seats) or not program.running, START_S, "a running session")
        if not program.running:
            raise RuntimeError(f"no session: {program.err}")
        return program

    def is_held(self, seats: Mapping[str, str]) -> bool:
        """Whether the engine has joined these clients and has outputs."""
        joined = all(self.server.connected(f"{client}:out") for client in seats.values())
        return joined and any(port.startswith(ENGINE_OUTPUTS[1:]) for port in self.server.ports)
