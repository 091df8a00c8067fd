"""A session under its supervisor, for the tests: prints each state as a line of JSON, then how it ended.

Run as `python supervised.py DATA_FOLDER LENGTH_S`: signals reach the main thread of a process only.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from mtsession.config import DataFolder
from mtsession.errors import MtSessionError
from mtsession.live.plan import LivePlan
from mtsession.live.state import LiveState
from mtsession.supervisor import run_live
from tests.live.engine_rig import plan, script


def main() -> None:
    """Hold one session with a script of a touch each tenth of a second."""
    folder, length_s = DataFolder(Path(sys.argv[1])), float(sys.argv[2])
    session_plan: LivePlan = plan(script=script(1000), length_s=length_s)
    print(session_plan.session_id, flush=True)
    try:
        run_live(folder, session_plan, desk=False, screen=False, on_state=show)
    except MtSessionError as error:
        print(f"error {error}", flush=True)
    else:
        print("kept", flush=True)


def show(state: LiveState) -> None:
    """One line."""
    print(msgspec.json.encode(state).decode(), flush=True)


if __name__ == "__main__":
    main()
