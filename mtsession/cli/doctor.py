"""`mtsession doctor`: what is missing on this machine, and how is it mended?"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

import click

from mtsession.audio.devices import audio_devices
from mtsession.audio.sounds import load_bank
from mtsession.config import DataFolder
from mtsession.errors import MtSessionError
from mtsession.live.priority import realtime_refusal
from mtsession.midi.ports import midi_input_ports
from mtsession.wording import say

SAMPLE_RATE_HZ = 48_000
ROOM_FOR_A_SESSION_BYTES = 2_000_000_000
"""40 minutes with two recorded channels need about 0.4 GB; five sessions' worth is asked for."""


class Finding(StrEnum):
    """How one thing stands."""

    FINE = "fine"
    LACKING = "lacking"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `next_step` is empty where nothing is to be done."""

    subject: str
    finding: Finding
    found: str
    next_step: str = ""


@click.command("doctor", epilog="Example: mtsession doctor")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--prepare", is_flag=True, help="Also compile the sound engine and make its sounds now.")
@click.pass_obj
def doctor_command(folder: DataFolder, *, as_json: bool, prepare: bool) -> None:
    """Say what is missing on this machine and how to mend it."""
    if prepare:
        prepare_engine()
    checks = tuple(examine(folder))
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks]))
    else:
        for check in checks:
            click.echo(line(check))
    if any(check.finding is Finding.BROKEN for check in checks):
        raise click.exceptions.Exit(2)


def line(check: Check) -> str:
    """One line a check, with its mending beneath."""
    sign = {Finding.FINE: "✓", Finding.LACKING: "–", Finding.BROKEN: "✗"}[check.finding]
    mending = f"\n    {check.next_step}" if check.next_step else ""
    return f"{sign} {check.subject}: {check.found}{mending}"


def examine(folder: DataFolder) -> Iterator[Check]:
    """Everything a session needs, the most needed first."""
    looks: tuple[Callable[[DataFolder], Check], ...] = (python, storage, audio, midi, priority, browser)
    for look in looks:
        try:
            yield look(folder)
        except MtSessionError as error:
            yield Check(look.__name__, Finding.BROKEN, error.what, error.next_step)


def python(_: DataFolder) -> Check:
    """Python's version; the wheels of python-rtmidi end with 3.12."""
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", Finding.FINE, version)


def storage(folder: DataFolder) -> Check:
    """Room on the disk of the data folder."""
    free_bytes = shutil.disk_usage(folder.make().root).free
    found = say("cli.disk_free", gigabytes=f"{free_bytes / 1e9:.1f}")
    if free_bytes < ROOM_FOR_A_SESSION_BYTES:
        return Check("Disk", Finding.BROKEN, found, say("cli.disk_next"))
    return Check("Disk", Finding.FINE, found)


def audio(_: DataFolder) -> Check:
    """An output to play through."""
    outputs = [device for device in audio_devices() if device.outputs]
    if not outputs:
        return Check("Sound", Finding.LACKING, say("cli.no_audio"), say("cli.no_audio_next"))
    usual = next((device for device in outputs if device.is_default_output), outputs[0])
    return Check("Sound", Finding.FINE, usual.name)


def midi(_: DataFolder) -> Check:
    """Something to play on."""
    ports = midi_input_ports()
    if not ports:
        return Check("MIDI", Finding.LACKING, say("cli.no_midi"), say("cli.no_midi_next"))
    return Check("MIDI", Finding.FINE, ", ".join(port.name for port in ports))


def priority(_: DataFolder) -> Check:
    """Whether the sound may go before other programs' work."""
    refusal = realtime_refusal()
    if refusal:
        return Check("Priority", Finding.LACKING, refusal, say("cli.priority_next"))
    return Check("Priority", Finding.FINE, say("cli.priority_fine"))


def browser(_: DataFolder) -> Check:
    """A browser for the review; on Windows and macOS there always is one."""
    names = ("xdg-open", "chromium", "google-chrome", "firefox")
    if sys.platform in ("win32", "darwin") or any(shutil.which(name) for name in names):
        return Check("Browser", Finding.FINE, say("cli.browser_fine"))
    return Check("Browser", Finding.LACKING, say("cli.no_browser"), say("cli.no_browser_next"))


def prepare_engine() -> None:
    """Compile the kernel and make the sound bank, so that the first session starts at once."""
    from mtsession.audio.mixer import Mixer  # compiles on import: only when asked to

    Mixer(load_bank(SAMPLE_RATE_HZ), SAMPLE_RATE_HZ).render(128)
