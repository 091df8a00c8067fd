import os
import subprocess
import sys

import pytest

from mtsession.live.priority import realtime_refusal

RAISE = """
import gc, os, threading, time
from mtsession.live.priority import quiet_interpreter, raise_priorities
quiet_interpreter()
waiting = threading.Thread(target=time.sleep, args=(5,), daemon=True)
waiting.start()
assert raise_priorities() == ""
after = threading.Thread(target=time.sleep, args=(5,), daemon=True)
after.start()
threads = [thread.native_id for thread in (threading.main_thread(), waiting, after)]
before = [os.sched_getscheduler(thread) & 0xFF for thread in threads]
raise_priorities()
ranks = [os.sched_getparam(thread).sched_priority for thread in threads]
print(before == [os.SCHED_FIFO, os.SCHED_FIFO, os.SCHED_OTHER], ranks, gc.isenabled(), gc.get_freeze_count() > 1000)
"""


def test_asking_for_real_time_changes_nothing() -> None:
    if not hasattr(os, "sched_getscheduler"):
        pytest.skip("only Linux has scheduling for single threads")
    before = os.sched_getscheduler(0)
    realtime_refusal()

    assert os.sched_getscheduler(0) == before


def test_the_loop_goes_before_its_helpers_and_what_starts_later_is_raised_when_asked_anew() -> None:
    if refusal := realtime_refusal():
        pytest.skip(refusal)

    done = subprocess.run([sys.executable, "-c", RAISE], capture_output=True, text=True, timeout=60, check=False)

    assert (done.stdout.strip(), done.stderr) == ("True [60, 10, 10] False True", "")
