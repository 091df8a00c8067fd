"""Real-time scheduling, where the system allows it: on a busy machine a test must not be what comes late."""

from __future__ import annotations

import os
from pathlib import Path


def be_punctual(priority: int) -> bool:
    """First-in-first-out scheduling for every thread of this process; False where it is refused."""
    try:
        for thread in Path("/proc/self/task").iterdir():
            os.sched_setscheduler(int(thread.name), os.SCHED_FIFO, os.sched_param(priority))
    except PermissionError:
        return False
    return True


def punctuality_is_allowed() -> bool:
    """Whether `be_punctual` would be granted; this thread stays as it is."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        return False
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return True
