"""The command `mtsession`, and `python -m mtsession`."""

from __future__ import annotations

import io
import os
import sys

from mtsession.cli import run


def main() -> None:
    """Run the command line; a fault that a person can mend is one line and exit code 2."""
    add_up_in_one_thread()
    leave_no_core()
    bear_any_terminal()
    sys.exit(run())


def add_up_in_one_thread() -> None:
    """Sums in several threads are rounded in another order; measures are the same bytes everywhere.

    Before numpy is loaded, which no module above this line does.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


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
