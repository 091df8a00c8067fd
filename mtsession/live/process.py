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
from pathlib import Path
from types import TracebackType

from mtsession.errors import MtSessionError
from mtsession.live.launch import Launch, launch_from_line
from mtsession.live.lock import only_engine
from mtsession.live.output import OutputSeeker
from mtsession.live.priority import hurry

EXIT_KEPT = 0
EXIT_MENDABLE = 2
EXIT_FAULT = 70
"""EX_SOFTWARE of sysexits.h: a fault of the program. With 75 (`live.holding`) these are all."""

LOG_NAME = "engine.log"

PEERS_THREADS = "wire"
"""How the names of the threads begin that serve screens and pads (`live.wire`)."""

logger = logging.getLogger("mtsession.live.process")


def main() -> int:
    """Hold the session that standard input describes; returns the exit code."""
    try:
        launch = launch_from_line(sys.stdin.buffer.readline())
        folder = launch.folder.make()
        start_log(folder.logs / LOG_NAME)
        with only_engine(folder):
            hold(launch)
    except MtSessionError as error:
        logger.warning("the engine ends: %s", error)
        print(error, file=sys.stderr)
        return EXIT_MENDABLE
    return EXIT_KEPT


def hold(launch: Launch) -> None:
    """Begin the session, or take it up where another engine was cut off: then every tenth of a second counts."""
    hurry()
    under_way = launch.folder.session_file(launch.plan.session_id).exists()
    output = OutputSeeker()
    if launch.sound_lost:
        output.start()
    # The compiled sound takes most of a second to load; meanwhile a device is looked for already.
    from mtsession.live.holding import begin_session, render_session, take_up_session

    if launch.plan.offline:
        render_session(launch)
    elif under_way:
        take_up_session(launch, output)
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
    code = main()
    logging.shutdown()
    # Not by way of the interpreter's end, where drivers wait for servers that may be dead.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
