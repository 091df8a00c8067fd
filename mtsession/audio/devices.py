"""Which audio devices does this machine have? Asked in a child process, which may hang without hurting anybody."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

PROBE_TIME_S = 6.0
"""A dead audio server makes the driver wait for ever; a living one answers in well under a second."""


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """One device as its driver names it; `inputs` and `outputs` are numbers of channels."""

    name: str
    host_api: str
    inputs: int
    outputs: int
    sample_rate_hz: float
    is_default_input: bool
    is_default_output: bool


def audio_devices(timeout_s: float = PROBE_TIME_S) -> tuple[AudioDevice, ...]:
    """All devices that are there now; none where the drivers do not answer in time.

    PortAudio keeps the list that it made when it was loaded: a new process sees what was plugged in since.
    """
    try:
        probe = subprocess.run(
            [sys.executable, "-m", "mtsession.audio.probe"], capture_output=True, timeout=timeout_s, check=True
        )
        return msgspec.json.decode(probe.stdout, type=tuple[AudioDevice, ...])
    except (subprocess.SubprocessError, msgspec.DecodeError):
        return ()


def devices_from(
    rows: Sequence[Mapping[str, Any]], hosts: Sequence[Mapping[str, Any]], default: tuple[int, int]
) -> tuple[AudioDevice, ...]:
    """The device list from what PortAudio tells; `default` are the indices of input and output, −1 for none."""
    return tuple(
        AudioDevice(
            name=row["name"],
            host_api=hosts[row["hostapi"]]["name"],
            inputs=row["max_input_channels"],
            outputs=row["max_output_channels"],
            sample_rate_hz=row["default_samplerate"],
            is_default_input=index == default[0],
            is_default_output=index == default[1],
        )
        for index, row in enumerate(rows)
    )
