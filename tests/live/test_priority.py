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
policies = [os.sched_getscheduler(t.native_id) & 0xFF for t in (threading.main_thread(), waiting, after)]
print(policies == [os.SCHED_FIFO, os.SCHED_OTHER, os.SCHED_OTHER], gc.isenabled(), gc.get_freeze_count() > 1000)
"""


def test_asking_for_real_time_changes_nothing() -> None:
    if not hasattr(os, "sched_getscheduler"):
        pytest.skip("only Linux has scheduling for single threads")
    before = os.sched_getscheduler(0)
    realtime_refusal()

    assert os.sched_getscheduler(0) == before


def test_only_the_loop_goes_first_and_what_it_starts_does_not() -> None:
    if refusal := realtime_refusal():
        pytest.skip(refusal)

    done = subprocess.run([sys.executable, "-c", RAISE], capture_output=True, text=True, timeout=60, check=False)

    assert (done.stdout.strip(), done.stderr) == ("True False True", "")
