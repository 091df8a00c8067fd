"""`mtsession analyse`: what happened in sessions, in words or as figures."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mtsession.analysis.batch import Here, Job, Processes, Team, adds_in_one_thread, measure_many
from mtsession.analysis.cluster import Cluster
from mtsession.analysis.encoding import to_json
from mtsession.analysis.playing import KINDS, playing_of
from mtsession.analysis.result import Window
from mtsession.analysis.summary import SessionMeasures
from mtsession.analysis.table import COLUMNS, tab_separated, table
from mtsession.analysis.words import by_whom
from mtsession.capture.keys import Opener, unwrap
from mtsession.capture.library import LAST, find, session_ids
from mtsession.capture.reader import read_session
from mtsession.cli import compare
from mtsession.cli.compare import KINDS_OF_CHANGE, SetUps, comparison, on_one_seat
from mtsession.cli.keys import opener, record
from mtsession.config import DataFolder
from mtsession.errors import MtSessionError, RecordError, SessionFormatError, SessionKeyError, SettingError
from mtsession.record.store import Record
from mtsession.session import Session
from mtsession.wording import say

WINDOW = re.compile(r"(\d{1,4}):([0-5]\d)[-–](\d{1,4}):([0-5]\d)")

EXAMPLES = """Example: mtsession analyse last

\b
mtsession analyse last --window 03:00-05:30
mtsession analyse --all --tsv > measures.tsv
mtsession analyse --client C-014 --compare
mtsession analyse --all --dask tls://cluster.example:8786 --json
"""


@click.command("analyse", epilog=EXAMPLES)
@click.argument("sessions", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every session, oldest first.")
@click.option("--client", "code", metavar="CODE", help="Every session of this client of the case record.")
@click.option("--compare", "compared", is_flag=True, help="A client's last session beside the earlier ones.")
@click.option("--window", "span", metavar="START-END", help="Only this stretch, as mm:ss-mm:ss.")
@click.option("--json", "form", flag_value="json", help="Figures as JSON, one object a session, a line each.")
@click.option("--tsv", "form", flag_value="tsv", help="Figures as a table, one row a number.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="So many processes; without, one a core.")
@click.option("--dask", "scheduler", metavar="ADDRESS", help="Measure on this Dask cluster (extra: cluster).")
@click.pass_obj
def analyse_command(
    folder: DataFolder,
    *,
    sessions: tuple[str, ...],
    everything: bool,
    code: str | None,
    compared: bool,
    span: str | None,
    form: str | None,
    workers: int | None,
    scheduler: str | None,
) -> None:
    """Say what happened in SESSIONS ("last", an id, or the beginning of one), in words or as figures.

    A session that cannot be opened is told of in one line, and the others go on; the exit code is then 2.
    """
    window = window_of(span)
    if compared and (code is None or form == "tsv"):
        raise SettingError(say("cli.analyse_compare"), say("cli.analyse_compare_next"))
    with ExitStack() as ending:
        book = ending.enter_context(record(folder)) if code else None
        using = book.opener if book else opener(folder)
        wanted = chosen(folder, sessions, everything=everything, of_client=of_client(folder, book, code))
        if compared and book and code:
            wanted = on_one_seat(book, code, wanted)
        team = ending.enter_context(team_for(len(wanted), workers, scheduler))
        shown = progress(len(wanted)) if everything or code else nullcontext(no_progress)
        batch = Batch(folder, wanted, using, window, ending.enter_context(shown))
        if compared:
            show_compared(batch, team, form or "words")
        else:
            show(batch.measured_by(team), form or "words")
    if batch.refused:
        facts = {"n": batch.refused, "total": len(wanted)}
        raise SessionFormatError(say("cli.analyse_refused", **facts), say("cli.analyse_refused_next"))


def window_of(span: str | None) -> Window | None:
    """Minutes and seconds ("03:00-05:30") as a window. Raises SettingError for anything else, or an empty one."""
    if span is None:
        return None
    read = WINDOW.fullmatch(span.strip())
    minutes, seconds, end_minutes, end_seconds = map(int, read.groups()) if read else (0, 0, 0, 0)
    start_s, end_s = 60.0 * minutes + seconds, 60.0 * end_minutes + end_seconds
    if start_s >= end_s:
        raise SettingError(say("cli.analyse_no_window", text=span), say("cli.analyse_no_window_next"))
    return Window(start_s, end_s)


def chosen(
    folder: DataFolder, named: Sequence[str], *, everything: bool, of_client: Sequence[str] | None
) -> tuple[str, ...]:
    """The ids of the sessions that are asked for, the oldest first unless they were named one by one.

    Raises SettingError where none are asked for or they are in two ways, SessionNotFoundError for an unknown name.
    """
    ways = [bool(named), everything, of_client is not None]
    if sum(ways) != 1:
        raise SettingError(say("cli.analyse_which"), say("cli.analyse_which_next"))
    if everything:
        find(folder, LAST)  # where there are none it says so
        return tuple(sorted(session_ids(folder)))
    return tuple(find(folder, one) for one in named) if of_client is None else tuple(of_client)


def of_client(folder: DataFolder, book: Record | None, code: str | None) -> tuple[str, ...] | None:
    """The ids of the sessions in which a client sat on a seat, the oldest first; RecordError for an unknown code."""
    if book is None or code is None:
        return None
    if code not in {client.code for client in book.clients()}:
        raise RecordError(say("cli.analyse_no_client", code=code), say("cli.analyse_no_client_next"))
    known = sorted(session_ids(folder))
    found = tuple(session_id for session_id in known if code in book.session_clients(session_id).values())
    if not found:
        raise RecordError(say("cli.analyse_none_of_client", code=code), say("cli.analyse_none_of_client_next"))
    return found


def team_for(sessions: int, workers: int | None, scheduler: str | None) -> AbstractContextManager[Team]:
    """Who measures: a cluster where one is named, else as many processes as there are cores for the sessions."""
    if scheduler is not None:
        return Cluster(scheduler)
    processes = min(sessions, workers or os.cpu_count() or 1)
    if processes == 1 and adds_in_one_thread():
        return nullcontext(Here())
    return Processes(processes)


@dataclass(slots=True)
class Batch:
    """The sessions of one call, opened one after the other as the team gets free."""

    folder: DataFolder
    ids: Sequence[str]
    using: Opener
    window: Window | None
    advance: Callable[[], None]
    kinds: Collection[type[Any]] = KINDS
    see: Callable[[Session], None] | None = None
    refused: int = 0

    def measured_by(self, team: Team) -> Iterator[SessionMeasures]:
        """The measures of all that can be measured, in order; the others are told of."""
        for _, outcome in measure_many(self._jobs(), team):
            if isinstance(outcome, MtSessionError):
                self._refuse(outcome)
            else:
                yield outcome
                self.advance()

    def _jobs(self) -> Iterator[tuple[str, Job]]:
        for session_id in self.ids:
            try:
                job = self._job(session_id)
            except (SessionFormatError, SessionKeyError) as error:
                self._refuse(error)
            else:
                yield session_id, job

    def _job(self, session_id: str) -> Job:
        key = unwrap(self.folder, session_id, self.using)
        session = read_session(self.folder.session_file(session_id), key, self.kinds)
        if self.see:
            self.see(session)
        return Job(playing_of(session), self.window)

    def _refuse(self, error: MtSessionError) -> None:
        if len(self.ids) == 1:
            raise error
        click.echo(f"mtsession: {error}", err=True)
        self.refused += 1
        self.advance()


def show(found: Iterator[SessionMeasures], form: str) -> None:
    """Print each as it comes."""
    if form == "tsv":
        click.echo("\t".join(COLUMNS))
    for measures in found:
        click.echo(FORMS[form](measures))


def show_compared(batch: Batch, team: Team, form: str) -> None:
    """Print the client's last session beside the earlier ones."""
    set_ups = SetUps()
    batch.kinds, batch.see = KINDS_OF_CHANGE, set_ups.see
    found = comparison(batch.measured_by(team), set_ups)
    click.echo(compare.figures(found) if form == "json" else compare.words(found))


def figures(measures: SessionMeasures) -> str:
    """All measures of one session as one line of JSON."""
    return to_json(measures).decode()


def rows(measures: SessionMeasures) -> str:
    """All numbers of one session, one a line."""
    return "\n".join(tab_separated(line) for line in table(measures))


def words(measures: SessionMeasures) -> str:
    """All measures of one session as sentences: each player, each pair, and the group."""
    parts = ["\n".join((f"  {whose}", *(f"    {line}" for line in lines))) for whose, lines in by_whom(measures)]
    return "\n".join((measures.session_id, *parts))


FORMS: dict[str, Callable[[SessionMeasures], str]] = {"words": words, "json": figures, "tsv": rows}


def no_progress() -> None:
    """For sessions that were named: their words show how far it is."""


@contextmanager
def progress(sessions: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error; what is printed to the same terminal stays above it."""
    bar = Progress(
        TextColumn(say("cli.analyse_progress")),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True, highlight=False),
        redirect_stdout=sys.stdout.isatty(),
    )
    with bar:
        task = bar.add_task("", total=sessions)
        yield lambda: bar.advance(task)
