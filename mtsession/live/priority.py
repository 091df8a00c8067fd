"""May this process go before others? Real-time scheduling for the threads that carry touch and sound."""

from __future__ import annotations

import gc
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from mtsession.wording import say

LOOP_PRIORITY = 60
"""The engine's loop. JACK's server runs at 70, its clients at 65: nothing here may delay the server."""

DEVICE_PRIORITY = 65
"""Audio and MIDI callbacks, which wake for a moment: before the loop, as JACK places its clients."""

HELPER_PRIORITY = 10
"""The threads that keep the file and serve the screens. They may wait for the loop, but not for other programs: one
that was interrupted while it held Python's lock would hold up the loop as well."""

LOADING_NICENESS = -10

SWITCH_S = 0.0005
"""A waiting thread asks for the interpreter after this, not after Python's 5 ms: one device deadline is 2.7 ms."""


TASKS = Path("/proc/self/task")
"""Linux: one entry a thread of this process."""


def realtime_refusal() -> str:
    """Why the system would not let the engine go first; empty where it does. Changes nothing."""
    if not hasattr(os, "sched_setscheduler"):
        return say("live.no_realtime_here")
    # A thread keeps its own policy: the trial ends with the thread.
    refusals: list[str] = []
    trial = threading.Thread(target=lambda: refusals.append(_raise_thread(0, LOOP_PRIORITY)))
    trial.start()
    trial.join()
    return refusals[0]


def hurry() -> None:
    """Come before ordinary work while the engine loads, where the system allows it."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, LOADING_NICENESS)


def quiet_interpreter() -> None:
    """No garbage collection in mid-session (what is there now is kept for good), and quick turns between threads."""
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(SWITCH_S)


def raise_priorities() -> str:
    """Put the devices' threads first, then the loop (the calling thread), then the helpers; returns why not, or "".

    Threads that Python did not start are callbacks of audio and MIDI; those it did start (file, socket) are helpers.
    What already runs in real time, as JACK's own threads do, is left as it is. To be called anew when threads came.
    """
    if not hasattr(os, "sched_setscheduler") or not TASKS.exists():
        return say("live.no_realtime_here")
    helpers = {thread.native_id for thread in threading.enumerate() if not thread.name.startswith("Dummy-")}
    refusals = [_raise_thread(threading.get_native_id(), LOOP_PRIORITY)]
    others = (int(task.name) for task in TASKS.iterdir())
    refusals += [_raise_thread(other, HELPER_PRIORITY if other in helpers else DEVICE_PRIORITY) for other in others]
    return next(filter(None, refusals), "")


def _raise_thread(thread_id: int, priority: int) -> str:
    """SCHED_FIFO for one thread (0: the calling one), not for what it starts; returns the refusal or nothing."""
    try:
        if os.sched_getscheduler(thread_id) & ~os.SCHED_RESET_ON_FORK in (os.SCHED_FIFO, os.SCHED_RR):
            return ""
        policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(thread_id, policy, os.sched_param(priority))
    except ProcessLookupError:
        return ""
    except OSError as error:
        return say("live.realtime_refused", reason=error.strerror)
    return ""
