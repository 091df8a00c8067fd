"""One real session: what plays in it, what listens to it, and the program itself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.processes import Player, Program, Recorder, clean_environment, end_all


class Room:
    """What one test starts, and what is ended with it."""

    def __init__(self, folder: Path, server_env: Mapping[str, str], ending: ExitStack) -> None:
        """`folder` is the test's own: data, logs and recordings lie in it, and it is every process's home."""
        self.folder = folder
        self.data = folder / "data"
        self.env = clean_environment(folder, server_env)
        self._ending = ending
        ending.callback(end_all, folder)

    def player(self, **parts: Path) -> Player:
        """Real MIDI clients, one a part."""
        log = self.folder / f"sent-{secrets.token_hex(3)}.tsv"
        return self._ending.enter_context(Player(parts, log, self.env))

    def recorder(self, source: str, length_s: float = 180.0) -> Recorder:
        """A tape at the outputs that fit the pattern."""
        tape = self.folder / f"tape-{secrets.token_hex(3)}"
        tape.mkdir()
        return self._ending.enter_context(Recorder(tape, source, self.env, length_s))

    def start(self, *arguments: str) -> Program:
        """`mtsession --data … ARGUMENTS`, left running."""
        program = Program(self.data, *arguments, env=self.env, logs=self.folder / "logs")
        self._ending.callback(program.end)
        return program

    def run(self, *arguments: str, within_s: float = 60.0) -> Program:
        """`mtsession --data … ARGUMENTS`, run to its end."""
        program = self.start(*arguments)
        program.wait(within_s)
        return program
