"""The command `mtsession`, and `python -m mtsession`."""

from __future__ import annotations

import io
import sys

from mtsession.cli import run


def main() -> None:
    """Run the command line; a fault that a person can mend is one line and exit code 2."""
    leave_no_core()
    bear_any_terminal()
    sys.exit(run())


def leave_no_core() -> None:
    """No image of this process's memory, or of those it starts, on the disk after a crash: keys are in it."""
    if sys.platform != "win32":
        import resource  # there is none on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def bear_any_terminal() -> None:
    """A sign that the terminal has not becomes "?": a session must not end over one."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
