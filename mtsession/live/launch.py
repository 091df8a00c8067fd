"""What is an engine told when it is started? One line on its standard input, and never an argument: it holds keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from mtsession.config import DataFolder
from mtsession.errors import WireError
from mtsession.live.plan import LivePlan, plan_from_json, plan_to_json
from mtsession.wording import say


@dataclass(frozen=True, slots=True)
class Launch:
    """The plan, where its session is kept and under which key, and where peers knock with which key.

    `sound_lost` says that the engine before this one lost the sound: a device has to be there before it is opened.
    """

    plan: LivePlan
    folder: DataFolder
    address: str
    session_key: bytes = field(repr=False)
    authkey: bytes = field(repr=False)
    sound_lost: bool = False


class _Line(msgspec.Struct):
    plan: msgspec.Raw
    folder: str
    address: str
    session_key: bytes
    authkey: bytes
    sound_lost: bool


def launch_to_line(launch: Launch) -> bytes:
    """One line of JSON with its line feed."""
    plan = msgspec.Raw(plan_to_json(launch.plan))
    line = _Line(plan, str(launch.folder.root), launch.address, launch.session_key, launch.authkey, launch.sound_lost)
    return msgspec.json.encode(line) + b"\n"


def launch_from_line(line: bytes) -> Launch:
    """Read what `launch_to_line` wrote; raises WireError for anything else."""
    try:
        read = msgspec.json.decode(line, type=_Line)
    except msgspec.DecodeError as error:
        raise WireError(say("live.bad_message", reason=error), say("live.bad_message_next")) from error
    folder = DataFolder(Path(read.folder))
    plan = plan_from_json(bytes(read.plan))
    return Launch(plan, folder, read.address, read.session_key, read.authkey, read.sound_lost)
