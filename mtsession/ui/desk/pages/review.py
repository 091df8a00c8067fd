"""What was played in this session? The page with its notes, then the measures and the sound as they are ready."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from mtsession.analysis.change import Thirds
from mtsession.analysis.summary import SessionMeasures
from mtsession.analysis.words import in_words
from mtsession.audio.palettes import palettes
from mtsession.charts.looks import looks
from mtsession.charts.moments import Moment, logged_moments, measured_moments
from mtsession.charts.review import ReviewCharts, review_charts
from mtsession.charts.strip import Strip, session_strip
from mtsession.charts.words import clock_text
from mtsession.errors import SessionFormatError
from mtsession.record.notes.draft import draft_note
from mtsession.session import Session
from mtsession.ui.desk.marks import keep_mark
from mtsession.ui.desk.pages.forms import fields
from mtsession.ui.desk.people import session_clients
from mtsession.ui.desk.ranges import ranged
from mtsession.ui.desk.render import json_response, page
from mtsession.ui.desk.state import desk_of
from mtsession.wording import say
from mtsession.worker import SOUND_TYPE

KEY_HELP = (
    (("Space", "K"), "play"),
    (("J", "L"), "jump"),
    (("←", "→"), "step"),
    (("Page Up", "Page Down"), "moment"),
    (("↑", "↓"), "zoom"),
    (("F",), "fit"),
    (("[", "]"), "select"),
    (("R",), "loop"),
    (("M",), "mark"),
    (("?",), "help"),
)

SCRIPT_TEXTS = (
    "play",
    "pause",
    "sound_waiting",
    "sound_ready",
    "sound_failed",
    "show_table",
    "unrelated",
    "mark_kept",
    "measures_failed",
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the page draws first."""

    strip: Strip
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """One fact in words, and the moments that show it."""

    text: str
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What the page draws when the measures are there."""

    charts: ReviewCharts
    moments: tuple[Moment, ...]
    words: tuple[Word, ...]
    all_words: tuple[str, ...]


async def review_page(request: Request) -> Response:
    """The page itself; it needs the session but none of its measures."""
    desk = desk_of(request)
    sealed = await run_in_threadpool(desk.sealed, request.path_params["session"])
    session = await desk.session(sealed)
    return page(
        request,
        "review.html",
        session=session,
        n_notes=_n_notes(session),
        palette=palette_title(session.setup.palette),
        looks=looks(session.players),
        clients=await run_in_threadpool(session_clients, desk, session.id),
        summary=strip_summary(session),
        key_help=[(keys, say(f"desk.help_{name}")) for keys, name in KEY_HELP],
        texts={name: say(f"desk.{name}") for name in SCRIPT_TEXTS}
        | {
            "more_moments": say("desk.more_moments", n="{n}"),
            "more_charts": say("desk.more_charts", titles="{titles}"),
        },
    )


async def strip_json(request: Request) -> Response:
    """The notes, marks and gaps."""
    desk = desk_of(request)
    session = await desk.session(await run_in_threadpool(desk.sealed, request.path_params["session"]))
    return json_response(Drawn(session_strip(session), logged_moments(session)))


async def charts_json(request: Request) -> Response:
    """The measures as charts, moments and words; answered when the worker is done."""
    desk = desk_of(request)
    sealed = await run_in_threadpool(desk.sealed, request.path_params["session"])
    session, measures = await desk.session(sealed), await desk.measures(sealed)
    return json_response(await run_in_threadpool(told, session, measures, await desk.thirds(sealed)))


async def sound(request: Request) -> Response:
    """The sound as FLAC, whole or the range that is asked for; answered when it is rendered."""
    desk = desk_of(request)
    sealed = await run_in_threadpool(desk.sealed, request.path_params["session"])
    track = request.query_params.get("track")
    if track is not None and track not in {kept.name for kept in (await desk.session(sealed)).tracks}:
        raise SessionFormatError(say("desk.no_track"), say("desk.no_track_next"))
    return ranged(await desk.sound(sealed, track), SOUND_TYPE, request.headers.get("range"))


async def add_mark(request: Request) -> Response:
    """Mark a moment afterwards."""
    desk = desk_of(request)
    sealed = await run_in_threadpool(desk.sealed, request.path_params["session"])
    session = await desk.session(sealed)
    at_s = min(session.duration_s, max(0.0, (await fields(request)).number("time_s")))
    await run_in_threadpool(keep_mark, desk.folder, sealed, session, at_s)
    return PlainTextResponse(say("desk.mark_kept"))


def told(session: Session, measures: SessionMeasures, thirds: Thirds) -> Told:
    """The measures as a page shows them."""
    seat_looks = looks(session.players)
    return Told(
        review_charts(session, measures, thirds),
        measured_moments(measures, seat_looks),
        _words(session, measures),
        in_words(measures),
    )


def strip_summary(session: Session) -> str:
    """What is read out in place of the strip."""
    seat_looks = looks(session.players)
    players = [
        say(
            "desk.strip_player",
            who=seat_looks[player.seat].label,
            instrument=player.instrument,
            notes=say("desk.n_notes", n=len(session.notes(player.seat))),
        )
        for player in session.players
    ]
    marks = say("desk.n_marks", n=sum(moment.kind == "mark" for moment in logged_moments(session)))
    return say("desk.strip_summary", length=clock_text(session.duration_s), players="; ".join(players), marks=marks)


def palette_title(name: str) -> str:
    """A palette as it is called on the screens; one that is no longer there keeps its name."""
    known = palettes().get(name)
    return known.title if known else name


def _n_notes(session: Session) -> int:
    return sum(len(session.notes(player.seat)) for player in session.players)


def _words(session: Session, measures: SessionMeasures) -> tuple[Word, ...]:
    """The draft's sentences: the page says nothing that the note could not."""
    return tuple(
        Word(sentence.text, tuple(Moment(e.start_s, e.end_s, e.label, "measure") for e in sentence.evidence))
        for sentence in draft_note(session, measures, {}).sentences
    )
