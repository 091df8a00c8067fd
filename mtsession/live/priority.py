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
    """Put the loop (the calling thread) and the devices' threads first; returns why not, or nothing.

    Threads that Python did not start are callbacks of audio and MIDI; those it did start (file, socket) may wait.
    What already runs in real time, as JACK's own threads do, is left as it is. To be called anew when a device came.
    """
    if not hasattr(os, "sched_setscheduler") or not TASKS.exists():
        return say("live.no_realtime_here")
    may_wait = {thread.native_id for thread in threading.enumerate() if not thread.name.startswith("Dummy-")}
    callbacks = [int(task.name) for task in TASKS.iterdir() if int(task.name) not in may_wait]
    refusals = [_raise_thread(threading.get_native_id(), LOOP_PRIORITY)]
    refusals += [_raise_thread(thread_id, DEVICE_PRIORITY) for thread_id in callbacks]
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
