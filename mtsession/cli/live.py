"""`mtsession live`: hold a session with what is connected, and keep it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from mtsession.analysis.summary import measure
from mtsession.audio.palettes import KEYS, palettes
from mtsession.capture.keys import folder_opener
from mtsession.capture.library import new_session_id
from mtsession.cli.analyse import words
from mtsession.cli.keys import open_session
from mtsession.cli.sessions import clock_text
from mtsession.config import DataFolder
from mtsession.errors import MidiPortError, SettingError
from mtsession.live.plan import AS_PLAYED, LivePlan, SeatPlan, refuse_twice, seat_plans
from mtsession.live.state import LiveState
from mtsession.midi.ports import MidiPort, find_port, midi_input_ports
from mtsession.record.keys import has_record
from mtsession.supervisor import DeskAddress, run_live
from mtsession.wording import say

ASKED_SEATS = ("client", "therapist")


@click.command(
    "live",
    epilog="Example: mtsession live --seat client='MPD218' --seat therapist='Digital Piano' --palette dawn",
)
@click.option(
    "--seat",
    "seats",
    multiple=True,
    metavar="SEAT=PORT",
    help="Whose input is which, as often as there are players; PORT is a MIDI input's name or a part of it.",
)
@click.option("--palette", default=AS_PLAYED, show_default=True, help="The sounds and pitches of the clients' seats.")
@click.option("--key", type=click.Choice(tuple(KEYS)), default="C", show_default=True, help="The key of the palette.")
@click.option("--device", help="Another audio device than the usual one, by its name or a part of it.")
@click.option("--block", "block_frames", type=click.IntRange(32, 2048), default=128, show_default=True)
@click.option("--callback", type=click.Choice(["compiled", "python"]), default="compiled", show_default=True)
@click.option("--record-audio", is_flag=True, help="Keep the microphone's audio. Only with consent to it.")
@click.option("--length", "length_s", type=click.FloatRange(min=1), help="End after so many seconds.")
@click.option("--screen/--no-screen", default=True, help="The therapist's glance screen.")
@click.option("--desk/--no-desk", default=True, help="The review page, in the browser, after the session.")
@click.pass_obj
def live_command(
    folder: DataFolder,
    *,
    seats: tuple[str, ...],
    palette: str,
    key: str,
    device: str | None,
    block_frames: int,
    callback: str,
    record_audio: bool,
    length_s: float | None,
    screen: bool,
    desk: bool,
) -> None:
    """Hold a session: what is played on each seat is sounded, heard and kept. Ctrl-C ends it and keeps it."""
    plan = LivePlan(
        session_id=new_session_id(datetime.now(UTC)),
        seats=connected(seat_plans(seats or asked_seats()), midi_input_ports()),
        palette=known_palette(palette),
        key=key,
        device=device,
        block_frames=block_frames,
        callback="python" if callback == "python" else "compiled",
        record_audio=record_audio,
        length_s=length_s,
    )
    click.echo(say("cli.live_begins", id=plan.session_id))
    if record_audio:
        click.echo(say("cli.recording"))
    with shown_states() as glance:
        session_id = run_live(folder.make(), plan, desk=desk, screen=screen, on_state=glance.update, on_desk=say_where)
    click.echo(say("cli.live_kept", id=session_id, length=clock_text(glance.time_s), n=glance.n_notes))
    tell(folder, session_id)
    click.echo(say("cli.see_it", id=session_id))


def say_where(desk: DeskAddress) -> None:
    """The address of the desk, for whoever wants to look while the session runs."""
    click.echo(say("cli.review_at", url=desk.url))


def tell(folder: DataFolder, session_id: str) -> None:
    """What happened, at once; once there is a record its passphrase is needed, and the review asks for it."""
    own = None if has_record(folder) else folder_opener(folder)
    if own:
        click.echo(words(measure(open_session(folder, session_id, own).read())))


def known_palette(name: str) -> str:
    """The palette's name; raises SettingError for one that is not there."""
    known = palettes()
    if name not in known:
        raise SettingError(say("cli.no_palette", name=name), say("cli.palettes_are", names=", ".join(sorted(known))))
    return name


def connected(seats: tuple[SeatPlan, ...], ports: tuple[MidiPort, ...]) -> tuple[SeatPlan, ...]:
    """Each seat with its input's whole name and what is known of its latency: 0 for a program, None for a device.

    The whole name, for another input that is plugged in later may contain the typed part too. Raises MidiPortError,
    which names what is there, where a seat's input is not; SettingError where two seats would hear the same one.
    """
    found = [(seat, find_port(seat.port, ports)) for seat in seats]
    refuse_twice("live.port_twice", [port.name for _, port in found])
    return tuple(replace(seat, port=port.name, latency_s=0.0 if port.is_software else None) for seat, port in found)


def asked_seats() -> tuple[str, ...]:
    """Ask whose input is which; raises MidiPortError without any input, SettingError without a terminal."""
    ports = midi_input_ports()
    if not ports:
        raise MidiPortError(say("cli.no_midi"), say("cli.no_midi_next"))
    if not sys.stdin.isatty():
        raise SettingError(say("cli.no_seats"), say("cli.no_seats_next"))
    click.echo(say("cli.ask_seats"))
    for number, port in enumerate(ports, start=1):
        click.echo(f"  {number}  {port.name}")
    asked = ((seat, asked_port(seat, ports)) for seat in ASKED_SEATS)
    chosen = tuple(f"{seat}={port.name}" for seat, port in asked if port)
    if not chosen:
        raise SettingError(say("cli.no_port_chosen"), say("cli.no_port_chosen_next"))
    return chosen


def asked_port(seat: str, ports: tuple[MidiPort, ...]) -> MidiPort | None:
    """The port that is typed for a seat, None for none."""
    typed: str = click.prompt(say("cli.ask_port", seat=seat), default="", show_default=False)
    if not typed.strip():
        return None
    if not typed.strip().isdecimal() or not 1 <= int(typed) <= len(ports):
        raise SettingError(say("cli.bad_number", typed=typed), say("cli.bad_number_next"))
    return ports[int(typed) - 1]


class Glance:
    """The running session in one line of the terminal."""

    def __init__(self, live: Live | None) -> None:
        self._live = live
        self._message = ""
        self.time_s = 0.0
        self.n_notes = 0

    def update(self, state: LiveState) -> None:
        """Show the newest state; a terminal that cannot redraw gets the messages only."""
        self.time_s = state.time_s
        self.n_notes = sum(seat.notes_played for seat in state.seats)
        if self._live:
            self._live.update(Text(state_line(state, self.n_notes)))
        if state.message and state.message != self._message:
            click.echo(state.message, err=True)
        self._message = state.message


def state_line(state: LiveState, n_notes: int) -> str:
    """Clock, notes, level and which seats are alive."""
    seats = "  ".join(f"{'●' if seat.alive else '○'} {seat.seat}" for seat in state.seats)
    level = f"{state.level_db:.0f}"
    return say("cli.live_state", clock=clock_text(state.time_s), notes=n_notes, level=level, seats=seats)


@contextmanager
def shown_states() -> Iterator[Glance]:
    """A line that is drawn anew on a terminal, or nothing where the output goes to a file."""
    if not sys.stdout.isatty():
        yield Glance(None)
        return
    with Live(console=Console(highlight=False), refresh_per_second=10, transient=True) as live:
        yield Glance(live)
