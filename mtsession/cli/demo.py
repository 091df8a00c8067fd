"""`mtsession demo`: the whole way from first tap to signed note, with two simulated players."""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.rule import Rule

from mtsession.analysis.summary import measure
from mtsession.analysis.words import in_words
from mtsession.audio.devices import AudioDevice, audio_devices
from mtsession.capture.keys import unwrap
from mtsession.capture.library import new_session_id
from mtsession.capture.reader import read_session
from mtsession.cli.review import IDLE_STOP_S, show
from mtsession.config import DataFolder
from mtsession.live.plan import LivePlan, SeatPlan
from mtsession.live.state import LiveState
from mtsession.record.keys import create_record, has_record
from mtsession.record.notes.draft import draft_note
from mtsession.record.notes.note import SessionNote, Signer
from mtsession.record.notes.page import as_text
from mtsession.record.store import Record, open_record
from mtsession.session import Role, Session
from mtsession.simulate.demo import demo_performance
from mtsession.simulate.performance import Performance
from mtsession.supervisor import run_live, start_desk
from mtsession.wording import say

CLIENT_CODE = "DEMO-1"
PALETTE = "dawn"


@click.command("demo", epilog="Example: mtsession demo")
@click.option("--length", "length_s", type=click.FloatRange(30, 600), default=90.0, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Other players with another number.")
@click.option("--silent", is_flag=True, help="Render as fast as possible even where there is an audio device.")
@click.option("--open/--no-open", "browser", default=True, help="Open the review where there is a desktop.")
@click.option("--review", "only_review", is_flag=True, help="Only open the review of the last demo again.")
@click.pass_obj
def demo_command(
    folder: DataFolder, *, length_s: float, seed: int, silent: bool, browser: bool, only_review: bool
) -> None:
    """Show a whole session with two simulated players: played, measured, noted, signed."""
    demo_folder = DataFolder(folder.root / "demo").make()
    session_id = None if only_review else hold(demo_folder, length_s, seed, silent=silent)
    desk = start_desk(
        demo_folder,
        passphrase=passphrase_of(demo_folder),
        open_session=session_id,
        idle_stop_s=IDLE_STOP_S,
        detached=True,
        demo=True,
    )
    click.echo()
    show(desk, browser=browser)
    click.echo(say("cli.demo_again"))


def hold(folder: DataFolder, length_s: float, seed: int, *, silent: bool) -> str:
    """Play, measure, note and sign one session; returns its id."""
    performance = demo_performance(seed, length_s)
    session_id = play(folder, performance, length_s, output=None if silent else usual_output())
    with demo_record(folder) as record:
        session = read_session(folder.session_file(session_id), unwrap(folder, session_id, record.opener))
        tell(session, record)
    return session_id


def usual_output() -> AudioDevice | None:
    """The audio device that sound would come out of, None where there is none."""
    outputs = [device for device in audio_devices() if device.outputs]
    return next((device for device in outputs if device.is_default_output), outputs[0] if outputs else None)


def play(folder: DataFolder, performance: Performance, length_s: float, output: AudioDevice | None) -> str:
    """Let the simulated players play through the live engine, with progress."""
    click.echo(say("cli.demo_hello", seconds=f"{length_s:.0f}"))
    click.echo(say("cli.demo_sounding", device=output.name) if output else say("cli.demo_offline"))
    plan = LivePlan(
        session_id=new_session_id(datetime.now(UTC)),
        seats=tuple(
            SeatPlan(player.seat, player.role, instrument=player.instrument, latency_s=0.0)
            for player in performance.players
        ),
        palette=PALETTE,
        script=performance.script,
        offline=output is None,
        length_s=length_s,
        simulated=True,
    )
    with progress_bar() as bar:
        task = bar.add_task(say("cli.demo_progress"), total=length_s)

        def advance(state: LiveState) -> None:
            bar.update(task, completed=state.time_s)

        session_id = run_live(folder, plan, desk=False, screen=False, on_state=advance)
        bar.update(task, completed=length_s)
    return session_id


def progress_bar() -> Progress:
    """A bar that also makes sense in a log file."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} / {task.total:.0f} s"),
        TimeElapsedColumn(),
        console=Console(file=sys.stdout, highlight=False),
    )


def tell(session: Session, record: Record) -> None:
    """Print the measures in words, the draft note and the signed one."""
    console = Console(highlight=False)
    measures = measure(session)
    console.print(Rule(say("cli.demo_measures"), align="left"))
    for line in in_words(measures):
        console.print(f"  {line}", soft_wrap=True)
    client = next(player.seat for player in session.players if player.role is Role.CLIENT)
    record.attach(session.id, {client: CLIENT_CODE})
    draft = draft_note(session, measures, record.session_clients(session.id))
    console.print(Rule(say("cli.demo_draft"), align="left"))
    console.print(as_text(draft), soft_wrap=True, markup=False)
    signed = sign(record, draft)
    console.print(Rule(say("cli.demo_signed"), align="left"))
    console.print(as_text(signed), soft_wrap=True, markup=False)


def sign(record: Record, draft: SessionNote) -> SessionNote:
    """Tick every sentence and sign, as the simulated therapist would: in a demo record, marked on every page."""
    saved = record.save_draft(draft.with_ticks([sentence.key for sentence in draft.sentences]))
    assert saved.id is not None
    return record.sign(saved.id, Signer(say("cli.demo_signer"), say("cli.demo_registration")))


def passphrase_of(folder: DataFolder) -> str:
    """The demo record's passphrase: kept in its own folder, for it protects simulated players only."""
    path: Path = folder.keys / "demo-passphrase"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(18), encoding="ascii")
        path.chmod(0o600)
    return path.read_text(encoding="ascii")


def demo_record(folder: DataFolder) -> Record:
    """The demo's own record, made the first time."""
    passphrase = passphrase_of(folder)
    if not has_record(folder):
        create_record(folder, passphrase)
    record = open_record(folder, passphrase)
    if CLIENT_CODE not in {client.code for client in record.clients()}:
        record.add_client(CLIENT_CODE)
    return record
