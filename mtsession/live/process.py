"""How does the engine run as a process of its own? It is told by one line on its standard input, and tells by its exit.

Exit codes: 0 the session ended and is kept; 2 it could not begin or be kept, with one clear line on standard error;
75 the audio was lost: start a new engine on the same session, for a dead audio server cannot be mended from inside.
The end of its standard input means stop: whoever started it asks for that, or is gone.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from mtsession.errors import MtSessionError
from mtsession.live.launch import Launch, launch_from_line
from mtsession.live.lock import only_engine
from mtsession.live.output import OutputSeeker
from mtsession.live.priority import hurry

if TYPE_CHECKING:
    from mtsession.audio.mixer import Mixer  # it brings numba: half a second

SPARE = "--spare"
"""Load everything first, then wait for the line: a spare engine takes over from one that died within a moment."""

EXIT_KEPT = 0
EXIT_MENDABLE = 2
EXIT_FAULT = 70
"""EX_SOFTWARE of sysexits.h: a fault of the program. With 75 (`live.holding`) these are all."""

LOG_NAME = "engine.log"

PEERS_THREADS = "wire"
"""How the names of the threads begin that serve screens and pads (`live.wire`)."""

logger = logging.getLogger("mtsession.live.process")


def main(arguments: list[str]) -> int:
    """Hold the session that standard input describes; returns the exit code."""
    make_mixer = loaded() if SPARE in arguments else None
    line = sys.stdin.buffer.readline()
    if make_mixer and not line:
        return EXIT_KEPT  # a spare that was not needed
    try:
        launch = launch_from_line(line)
        folder = launch.folder.make()
        start_log(folder.logs / LOG_NAME)
        with only_engine(folder):
            hold(launch, make_mixer)
    except MtSessionError as error:
        logger.warning("the engine ends: %s", error)
        print(error, file=sys.stderr)
        return EXIT_MENDABLE
    return EXIT_KEPT


def loaded() -> Callable[[], Mixer]:
    """Sounds, compiled kernel and drivers' libraries, in memory; what opens no device and no file of a session."""
    import mtsession.live.holding  # noqa: F401 - for its own imports, which take longest
    from mtsession.live.machine import new_mixer

    mixer = new_mixer()
    return lambda: mixer


def hold(launch: Launch, make_mixer: Callable[[], Mixer] | None = None) -> None:
    """Begin the session, or take it up where another engine was cut off: then every tenth of a second counts."""
    hurry()
    under_way = launch.folder.session_file(launch.plan.session_id).exists()
    output = OutputSeeker()
    if launch.sound_lost:
        output.start()
    # The compiled sound takes most of a second to load; meanwhile a device is looked for already.
    from mtsession.live.holding import begin_session, render_session, take_up_session
    from mtsession.live.machine import new_mixer

    if launch.plan.offline:
        render_session(launch)
    elif under_way:
        take_up_session(launch, output, make_mixer or new_mixer)
    else:
        begin_session(launch)


def start_log(path: Path) -> None:
    """Events of the engine's life, for whoever mends it: nothing a note, no names."""
    logging.basicConfig(filename=path, level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")


def _fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A fault of the program ends the process at once: closing a stream on the way out might hang."""
    sys.__excepthook__(kind, error, trace)
    sys.stderr.flush()
    os._exit(EXIT_FAULT)


def _thread_fault(fault: threading.ExceptHookArgs) -> None:
    """A session whose file or inputs have no thread any more would go on and keep nothing: a new engine takes it up.

    The threads that serve a peer may end: the peer is cut off, and calls again.
    """
    name = fault.thread.name if fault.thread else "a thread"
    told = fault.exc_value or fault.exc_type()
    logger.error("%s fell over", name, exc_info=told)
    if not name.startswith(PEERS_THREADS):
        _fault(fault.exc_type, told, fault.exc_traceback)


if __name__ == "__main__":
    sys.excepthook = _fault
    threading.excepthook = _thread_fault
    code = main(sys.argv[1:])
    logging.shutdown()
    # Not by way of the interpreter's end, where drivers wait for servers that may be dead.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
