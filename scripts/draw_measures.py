"""Draw the pictures of docs/measures from simulated players and the measures themselves.

`python scripts/draw_measures.py` writes docs/measures/NAME.svg, `--to FOLDER` elsewhere. The same version draws the
same bytes: every player is seeded and every place is rounded to a tenth of a pixel. No colour stands alone: the client
is a blue circle, the therapist an orange square (Okabe & Ito's palette), and chance is a hatched grey band.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TypeVar
from xml.sax.saxutils import escape

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from mtsession.analysis.change import over_thirds
from mtsession.analysis.curves import Curve, curves_of, marked
from mtsession.analysis.imitation_map import imitation_map
from mtsession.analysis.participation import activity
from mtsession.analysis.playing import playing_of
from mtsession.analysis.result import ChanceBand, Measured, Void, Window
from mtsession.analysis.summary import PairMeasures, SessionMeasures, measure
from mtsession.analysis.tempo import tempo_curve
from mtsession.analysis.tempo_lead import tempo_lead
from mtsession.analysis.togetherness import mutual_pairs
from mtsession.events import Seat
from mtsession.session import Session, onset_stream
from mtsession.simulate.samples import CLIENT, SAMPLES, SECOND_CLIENT, TAKING_TURNS, THERAPIST, THIRD_CLIENT
from mtsession.simulate.timing import poisson_onsets, steady_onsets, tempo_curve_s
from mtsession.simulate.turn_taking import GapLaw

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "measures"

WIDTH, LEFT, RIGHT = 760, 130, 735

INK, FAINT, PALE = "#222222", "#777777", "#eeeeee"

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"

LEVELS = ("#f7f7f7", "#cfe3ef", "#86bbdb", "#3b8bbe", "#0b4a78")
"""Light to dark: read without colour."""

Floats = NDArray[np.float64]

Bar = tuple[float, float]

T = TypeVar("T")


@dataclass(slots=True)
class Picture:
    """An SVG that grows. `scale_s` are the times at the left and the right edge of its plot."""

    title: str
    description: str
    height: int
    scale_s: Bar = (0.0, 1.0)
    parts: list[str] = field(default_factory=list)

    def x(self, time_s: float) -> float:
        """Where a time lies."""
        start_s, end_s = self.scale_s
        return LEFT + (time_s - start_s) / (end_s - start_s) * (RIGHT - LEFT)

    def add(self, tag: str, text: str = "", /, **attributes: object) -> None:
        """One element; numbers to a tenth of a pixel, `_` in names for `-`."""
        named = "".join(f' {name.replace("_", "-")}="{_plain(value)}"' for name, value in attributes.items())
        self.parts.append(f"<{tag}{named}>{escape(text)}</{tag}>" if text else f"<{tag}{named}/>")

    def words(self, x: float, y: float, text: str, *, anchor: str = "start", size: int = 13, fill: str = INK) -> None:
        """A line of text; none is smaller than 12 px."""
        self.add("text", text, x=x, y=y, text_anchor=anchor, font_size=size, fill=fill)

    def line(self, x1: float, y1: float, x2: float, y2: float, *, colour: str = INK, width: float = 1.5) -> None:
        """A straight line."""
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=width)

    def box(self, start_s: float, end_s: float, y: float, *, height: float, fill: str, **more: str) -> None:
        """A stretch of time."""
        left, right = self.x(start_s), self.x(end_s)
        place: dict[str, object] = {"x": left, "y": y, "width": right - left, "height": height, "fill": fill}
        self.add("rect", **place, **more)

    def dot(self, x: float, y: float, seat: Seat, size: float = 4.0) -> None:
        """A player's own mark, in shape and colour."""
        colour = COLOURS[seat]
        if seat == CLIENT:
            self.add("circle", cx=x, cy=y, r=size, fill=colour)
        elif seat == THERAPIST:
            self.add("rect", x=x - size, y=y - size, width=2 * size, height=2 * size, fill=colour)
        else:
            tip = y - 1.3 * size if seat == SECOND_CLIENT else y + 1.3 * size
            base = 2 * y - tip
            points = f"{x:.1f},{tip:.1f} {x + 1.3 * size:.1f},{base:.1f} {x - 1.3 * size:.1f},{base:.1f}"
            self.add("polygon", points=points, fill=colour)

    def curve(self, points: Iterable[tuple[float, float]], colour: str, *, dashes: str = "none") -> None:
        """A line through points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.add("polyline", points=path, fill="none", stroke=colour, stroke_width=2, stroke_dasharray=dashes)

    def axis(self, y: float, step_s: float, unit: str = "s") -> None:
        """Times along the bottom."""
        self.line(LEFT, y, RIGHT, y, colour=FAINT, width=1)
        start_s, end_s = self.scale_s
        for time_s in np.arange(np.ceil(start_s / step_s) * step_s, end_s + 1e-9, step_s).tolist():
            self.line(self.x(time_s), y, self.x(time_s), y + 5, colour=FAINT, width=1)
            self.words(self.x(time_s), y + 19, f"{time_s:g} {unit}".strip(), anchor="middle", size=12, fill=FAINT)

    def legend(self, y: float, *seats: Seat) -> None:
        """Who is which mark."""
        for place, seat in enumerate(seats):
            self.dot(LEFT + 5 + 130 * place, y - 4, seat)
            self.words(LEFT + 15 + 130 * place, y, NAMES[seat])

    def svg(self) -> str:
        """The file."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" width="{WIDTH}"'
            f' height="{self.height}" role="img" aria-labelledby="title what" font-family="sans-serif">'
        )
        told = f'<title id="title">{escape(self.title)}</title><desc id="what">{escape(self.description)}</desc>'
        ground = f'<rect width="{WIDTH}" height="{self.height}" fill="#ffffff"/>'
        return "\n".join([head, told, HATCH, ground, *self.parts, "</svg>", ""])


HATCH = (
    '<defs><pattern id="chance" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6"'
    ' fill="#e4e4e4"/><path d="M0 6L6 0" stroke="#999999"/></pattern></defs>'
)

COLOURS: Mapping[Seat, str] = {CLIENT: BLUE, THERAPIST: ORANGE, SECOND_CLIENT: GREEN, THIRD_CLIENT: PURPLE}

NAMES: Mapping[Seat, str] = {
    CLIENT: "client", THERAPIST: "therapist", SECOND_CLIENT: "second client", THIRD_CLIENT: "third client"
}  # fmt: skip


def _plain(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else escape(str(value), {'"': "&quot;"})


@cache
def session(name: str) -> Session:
    """A sample session."""
    return SAMPLES[name].performance().session()


@cache
def measured(name: str) -> SessionMeasures:
    """All measures of a sample session."""
    return measure(session(name))


def pair(name: str) -> PairMeasures:
    """The client and the therapist."""
    return measured(name).pair(CLIENT, THERAPIST)


def told(outcome: Measured[T] | Void) -> T:
    """The value of what must not be void in a picture. Raises ValueError with the reason."""
    match outcome:
        case Void(reason=reason):
            raise ValueError(f"nothing to draw: {reason}")
        case Measured(value=value):
            return value


def playing() -> Picture:
    """Notes, activity, pauses and who played when."""
    made = Picture(
        "Who played, and when",
        "A minute of a quiet client and a therapist: notes, the time in which each counts as active, a pause, and who "
        "was active when.",
        250,
        (0.0, 60.0),
    )
    window, players = Window(0.0, 60.0), playing_of(session("quiet-client")).played
    for seat, y in ((CLIENT, 50.0), (THERAPIST, 120.0)):
        made.words(8, y + 5, NAMES[seat])
        for start_s, end_s in activity(players[seat], window).tolist():
            made.box(start_s, end_s, y - 14, height=28.0, fill=COLOURS[seat], fill_opacity="0.22")
        for time_s in players[seat].within(window).starts_s.tolist():
            made.dot(made.x(time_s), y, seat)
    pauses = told(measured("quiet-client").player(CLIENT).pauses)
    for pause in [span for span in pauses.spans if span.end_s <= window.end_s]:
        x1, x2 = made.x(pause.start_s), made.x(pause.end_s)
        made.add("path", d=f"M{x1:.1f} 72v6H{x2:.1f}v-6", stroke=INK, fill="none")
        made.words((x1 + x2) / 2, 92, f"{pause.length_s:.1f} s", anchor="middle", size=12)
    key = "marks: notes · shaded: active (a note held, or less than 2 s ago) · brackets: the client's pauses"
    made.words(LEFT, 24, key, size=12)
    made.words(8, 190, "who played")
    _who(made, [activity(players[seat], window) for seat in (CLIENT, THERAPIST)], 172.0)
    made.axis(215, 10)
    return made


def _who(made: Picture, both: Sequence[Floats], y: float) -> None:
    """A strip: C only the client, T only the therapist, B both, nothing: neither."""
    edges = sorted({0.0, 60.0, *(float(edge) for spans in both for edge in spans.ravel())})
    for start_s, end_s in pairwise(edges):
        middle = (start_s + end_s) / 2
        on = [bool(np.any((spans[:, 0] <= middle) & (middle < spans[:, 1]))) for spans in both]
        letter = {(True, False): "C", (False, True): "T", (True, True): "B"}.get((on[0], on[1]), "")
        fill = {"C": BLUE, "T": ORANGE, "B": GREEN}.get(letter, "#ffffff")
        made.box(start_s, end_s, y, height=28.0, fill=fill, fill_opacity="0.35", stroke=FAINT, stroke_width="0.5")
        if letter and made.x(end_s) - made.x(start_s) > 12:
            made.words(made.x(middle), y + 19, letter, anchor="middle", size=12)


def turns() -> Picture:
    """Turns and the silences between them."""
    made = Picture(
        "Turns, and the silence before each answer",
        "Twenty seconds of two players who take turns. Boxes are turns, marks in them notes; the numbers are the "
        "silences between the end of one turn and the start of the next.",
        190,
        (0.0, 24.0),
    )
    one = measured("taking-turns")
    rows = {CLIENT: 50.0, THERAPIST: 120.0}
    for player in one.players:
        colour, y = COLOURS[player.seat], rows[player.seat] - 16
        for turn in [turn for turn in told(player.turns).turns if turn.end_s < 24.0]:
            made.box(turn.start_s, turn.end_s, y, height=32.0, fill=colour, fill_opacity="0.18", stroke=colour)
    for seat, notes in playing_of(session("taking-turns")).played.items():
        made.words(8, rows[seat] + 5, NAMES[seat])
        for time_s in notes.within(Window(0.0, 23.0)).starts_s.tolist():
            made.dot(made.x(time_s), rows[seat], seat)
    for transfer in told(pair("taking-turns").floor_transfers).transfers:
        if transfer.time_s < 23.0:
            x1, x2 = made.x(transfer.time_s - transfer.offset_s), made.x(transfer.time_s)
            made.add("path", d=f"M{x1:.1f} 80v10H{x2:.1f}v-10", stroke=INK, fill="none")
            made.words((x1 + x2) / 2, 78, f"{transfer.offset_s:.2f}", anchor="middle", size=12)
    made.words(LEFT, 24, "box: a turn · mark: a note · bracket: the silence before the answer, in seconds", size=12)
    made.axis(155, 4)
    return made


def on_scale(made: Picture, y: float, name: str, value: float | None, band: ChanceBand | None) -> None:
    """A number on a line, with the range that chance gives."""
    if value is None:
        raise ValueError(f"nothing to draw: {name}")
    made.words(8, y + 5, name)
    made.line(LEFT, y, RIGHT, y, colour=FAINT, width=1)
    if band is not None:
        made.box(band.low, band.high, y - 11, height=22.0, fill="url(#chance)", stroke=FAINT)
    at = made.x(value)
    made.add("path", d=f"M{at:.1f} {y - 9:.1f}l7 9l-7 9l-7 -9z", fill=INK)
    made.words(at, y - 14, f"{value:.2f}", anchor="middle", size=12)


def balance() -> Picture:
    """How the time alone was shared out, beside chance."""
    made = Picture(
        "Balance of the time, beside chance",
        "Three sample sessions: the diamond is the balance measured, the hatched bar what unrelated turns would give.",
        230,
    )
    made.words(LEFT, 24, "diamond: measured · hatched: what unrelated turns would give (95 in 100)", size=12)
    for y, name in zip((70.0, 120.0, 170.0), ("taking-turns", "free-and-pulseless", "quiet-client"), strict=True):
        found = pair(name).balance
        band = found.band if isinstance(found, Measured) else None
        on_scale(made, y, name.replace("-and-pulseless", ""), told(found).balance, band)
        if band is None:
            made.words(RIGHT, y - 6, "no band: too few silences to shuffle", anchor="end", size=12)
    made.axis(195, 0.25, "")
    return made


def broken_pulse() -> Floats:
    """A pulse of 84, half a minute without any, a pulse of 104."""
    rng = default_rng(7)
    before, free = steady_onsets(rng, 84.0, 45.0, 0.015), poisson_onsets(rng, 1.6, 40.0)
    return np.concatenate((before, 45.0 + free, 85.0 + steady_onsets(rng, 104.0, 45.0, 0.015)))


def tempo() -> Picture:
    """A tempo where there is one, and a gap where there is none."""
    made = Picture(
        "Tempo where there is a pulse, a gap where there is none",
        "A player keeps 84 a minute, then plays freely for forty seconds, then keeps 104. The tempo is told in the "
        "first and the last part and left out between.",
        260,
        (0.0, 130.0),
    )
    times_s = broken_pulse()
    found = told(tempo_curve(onset_stream(CLIENT, times_s), Window(0.0, 130.0)))
    for bpm in (80, 90, 100, 110):
        made.line(LEFT, _y_of(bpm), RIGHT, _y_of(bpm), colour=PALE, width=1)
        made.words(LEFT - 8, _y_of(bpm) + 4, f"{bpm} BPM", anchor="end", size=12, fill=FAINT)
    for time_s, stated in zip(found.times_s, found.bpm, strict=True):
        if stated is not None:
            made.dot(made.x(time_s), _y_of(stated), CLIENT, 3.0)
    gap_s = [time_s for time_s, stated in zip(found.times_s, found.bpm, strict=True) if stated is None]
    made.box(min(gap_s), max(gap_s), 60, height=110.0, fill="url(#chance)")
    made.words(made.x((min(gap_s) + max(gap_s)) / 2), 115, "no steady pulse", anchor="middle")
    made.words(LEFT, 24, "circle: the tempo of 10 s of playing · ticks below: the notes", size=12)
    for time_s in times_s.tolist():
        made.line(made.x(time_s), 195, made.x(time_s), 207, colour=BLUE, width=1)
    made.words(8, 205, "notes")
    made.axis(222, 20)
    return made


def _y_of(bpm: float) -> float:
    return 180.0 - (bpm - 78.0) * 3.6


def follower() -> tuple[Floats, Floats]:
    """A leader whose tempo goes up and down, and a player who takes it up three beats later."""
    rng, points = default_rng(5), ((0.0, 84.0), (0.25, 84.0), (0.4, 104.0), (0.65, 104.0), (0.8, 88.0), (1.0, 88.0))
    intended_s = tempo_curve_s(190, points)
    late_s = np.concatenate((np.full(3, intended_s[0]), intended_s[:-3]))
    led, came = (np.cumsum(each + rng.normal(0.0, 0.008, len(each))) for each in (intended_s, late_s))
    return came, led


def tempo_match() -> Picture:
    """Two tempo curves of which one comes after the other."""
    made = Picture(
        "Two tempi, one of which comes after the other",
        "The therapist's tempo rises and falls; the client's does the same some seconds later.",
        250,
        (0.0, 115.0),
    )
    window, streams = Window(0.0, 115.0), follower()
    seats = (CLIENT, THERAPIST)
    curves = [
        tempo_curve(onset_stream(seat, times_s[times_s < 115.0]), window)
        for seat, times_s in zip(seats, streams, strict=True)
    ]
    for bpm in (80, 90, 100, 110):
        made.line(LEFT, _y_of(bpm), RIGHT, _y_of(bpm), colour=PALE, width=1)
        made.words(LEFT - 8, _y_of(bpm) + 4, f"{bpm} BPM", anchor="end", size=12, fill=FAINT)
    for seat, curve in zip(seats, curves, strict=True):
        value = told(curve)
        said = [(made.x(at), _y_of(bpm)) for at, bpm in zip(value.times_s, value.bpm, strict=True) if bpm is not None]
        made.curve(said, COLOURS[seat])
        for x, y in said[::4]:
            made.dot(x, y, seat)
    lead = tempo_lead(curves[0], curves[1], window)
    if isinstance(lead, Measured) and lead.band is not None:
        found, chance = lead.value, f"unrelated: {lead.band.low:.2f} to {lead.band.high:.2f}"
        text = f"alike to {found.correlation:.2f} at a lag of {abs(found.lag_s):.0f} s; {chance}"
        made.words(RIGHT, 24, text, anchor="end", size=12)
    made.legend(24, CLIENT, THERAPIST)
    made.axis(205, 20)
    return made


def togetherness() -> Picture:
    """How far apart onsets that met were, and how many met, beside chance."""
    made = Picture(
        "How close onsets came, and how many met",
        "Above, each circle is a pair of onsets: how much later the client was. Below, the share of onsets that met, "
        "with what unrelated playing would give.",
        380,
        (0.0, 100.0),
    )
    players = playing_of(session("together-in-time")).played
    one, other = players[CLIENT].onsets.times_s, players[THERAPIST].onsets.times_s
    of_one, of_other = mutual_pairs(one, other)
    for d_ms in (-100, -50, 0, 50, 100):
        y = 115 - 0.7 * d_ms
        made.line(LEFT, y, RIGHT, y, colour=INK if d_ms == 0 else PALE, width=1)
        made.words(LEFT - 8, y + 4, f"{d_ms:+d} ms" if d_ms else "0", anchor="end", size=12, fill=FAINT)
    for a_s, b_s in zip(one[of_one].tolist(), other[of_other].tolist(), strict=True):
        if a_s < 100.0:
            made.dot(made.x(a_s), 115 - 700 * (a_s - b_s), CLIENT, 3.0)
    made.words(LEFT, 24, "above the line: the client later · below: the client earlier", size=12)
    made.axis(200, 20)
    made.scale_s = (0.0, 1.0)
    made.words(LEFT, 248, "share of onsets that met — diamond: measured · hatched: unrelated playing", size=12)
    for y, name in ((290.0, "together-in-time"), (330.0, "free-and-pulseless")):
        found = pair(name).asynchrony
        if isinstance(found, Measured):
            on_scale(made, y, name.split("-")[0], found.value.share_matched, found.band)
    made.axis(348, 0.25, "")
    return made


def who_follows() -> Picture:
    """The matrix of a group."""
    made = Picture(
        "Who follows whom in a group of four",
        "Rows follow, columns lead. A filled square: beyond what unrelated players do. A ring: put in by the "
        "simulation.",
        290,
    )
    seats = (CLIENT, THERAPIST, SECOND_CLIENT, THIRD_CLIENT)
    cells = told(measured("group-of-four").group.following).cells
    follows = {(cell.follower, cell.leader) for cell in cells if cell.follows}
    true = {(each.follower, each.leader) for each in SAMPLES["group-of-four"].performance().truth.coupling}
    for place, seat in enumerate(seats):
        made.words(250 + 110 * place, 42, NAMES[seat], anchor="middle")
        made.words(180, 82 + 48 * place, f"{NAMES[seat]} follows", anchor="end")
    for row, column in [(row, column) for row in range(4) for column in range(4)]:
        x, y, cell = 250 + 110 * column, 78 + 48 * row, (seats[row], seats[column])
        ground = PALE if row == column else "#ffffff"
        made.add("rect", x=x - 20, y=y - 20, width=40, height=40, fill=ground, stroke=FAINT)
        if cell in follows:
            made.add("rect", x=x - 13, y=y - 13, width=26, height=26, fill=BLUE)
        if cell in true:
            made.add("circle", cx=x, cy=y, r=18, fill="none", stroke=ORANGE, stroke_width=2.5)
    key = "square: told by the measure · ring: what the simulated players did · no square: not beyond chance"
    made.words(44, 266, key, size=12)
    return made


def matching() -> Picture:
    """Two loudness curves and the map of one coming after the other."""
    made = Picture(
        "Loudness of two players, and the imitation map",
        "Above, the loudness of client and therapist about its mean. Below, how alike the client's loudness was to the "
        "therapist's so many seconds before: darker is more alike.",
        440,
        (0.0, 80.0),
    )
    window, players = Window(0.0, 80.0), playing_of(session("following")).played
    for seat in (CLIENT, THERAPIST):
        curve = curves_of(marked(players[seat].within(window)), window)[Curve.LOUDNESS][0]
        made.curve(((made.x(0.1 * k), 110 - 1.6 * curve[k]) for k in range(0, len(curve), 3)), COLOURS[seat])
        for k in range(15 if seat == CLIENT else 25, len(curve), 60):
            made.dot(made.x(0.1 * k), 110 - 1.6 * float(curve[k]), seat)
    made.legend(24, CLIENT, THERAPIST)
    made.words(8, 114, "loudness")
    made.axis(190, 10)
    found = told(imitation_map(players[CLIENT], players[THERAPIST], window, Curve.LOUDNESS))
    _map(made, found.times_s, found.first_after_second)
    key = "10 s of the therapist's loudness, and the client's so many seconds later (pale: unlike, dark: alike)"
    made.words(LEFT, 230, key, size=12)
    made.axis(402, 10)
    return made


def _map(made: Picture, times_s: Floats, likeness: Floats) -> None:
    """Squares of 2 s by half a second of lag, in five shades."""
    paths: dict[int, list[str]] = {level: [] for level in range(len(LEVELS))}
    wide, high = made.x(2.0) - made.x(0.0), 9.0
    for at in range(0, len(times_s), 2):
        for step in range(0, 81, 5):
            value = likeness[at, step]
            if np.isfinite(value):
                x, y = made.x(float(times_s[at])) - wide / 2, 390 - high * step / 5
                level = int(np.digitize(value, (0.0, 0.3, 0.6, 0.8)))
                paths[level].append(f"M{x:.1f} {y:.1f}h{wide:.1f}v{high:.1f}h-{wide:.1f}z")
    for level, squares in paths.items():
        made.add("path", d="".join(squares), fill=LEVELS[level])
    for lag_s in (0, 2, 4, 6, 8):
        made.words(LEFT - 8, 398 - 2 * high * lag_s, f"{lag_s} s", anchor="end", size=12, fill=FAINT)


def imitation() -> Picture:
    """A turn that was taken up and one that was not, and the means beside chance."""
    made = Picture(
        "A turn and the next turn of the other",
        "Two pairs of turns as notes, higher is higher in pitch: one taken up, one not. Below, the mean likeness of a "
        "player's answers, with what turns in another order would give.",
        470,
    )
    found = told(pair("taking-turns").imitation)
    whole = [answer for answer in found.answers if answer.rhythm is not None and answer.contour is not None]
    taken_up = next(answer for answer in whole if answer.rhythm == 1.0 and answer.contour == 1.0)
    unlike = min(whole, key=lambda answer: (answer.rhythm or 0.0) + (answer.contour or 0.0))
    players = playing_of(session("taking-turns")).played
    for answer, y in ((taken_up, 90.0), (unlike, 190.0)):
        made.scale_s = (answer.turn.start_s - 0.2, max(answer.turn.start_s + 8.0, answer.answer.end_s))
        for seat, window in ((answer.giver, answer.turn), (answer.taker, answer.answer)):
            notes = players[seat].within(window)
            middle = float(np.mean(notes.pitches))
            for start_s, end_s, pitch in zip(notes.starts_s, notes.ends_s, notes.pitches, strict=True):
                at = y - 2.2 * (float(pitch) - middle)
                made.box(float(start_s), float(end_s), at - 3, height=6.0, fill=COLOURS[seat], fill_opacity="0.45")
                made.dot(made.x(float(start_s)), at, seat)
        made.words(8, y - 8, f"rhythm {answer.rhythm:.2f}")
        made.words(8, y + 12, f"contour {answer.contour:.2f}")
    made.legend(30, CLIENT, THERAPIST)
    made.scale_s = (0.0, 1.0)
    made.words(LEFT, 260, "mean likeness of the answers — diamond: measured · hatched: turns in another order", size=12)
    for place, (claim, value) in enumerate(found.similarity.items()):
        on_scale(made, 295.0 + 40 * place, claim, value, found.chance.get(claim))
    made.axis(440, 0.25, "")
    return made


def change() -> Picture:
    """The thirds of a session; and a session against the ones before."""
    made = Picture(
        "Change within a session, and from session to session",
        "Left, the client's notes a second in the thirds of one session. Right, the silence before the client's "
        "answers in six sessions: the hatched bar is the range of the first five, the dashed line a change of the "
        "set-up.",
        260,
    )
    thirds = over_thirds(session("taking-turns"))
    series = next(s for s in thirds.series if s.measure == "density" and s.seats == (CLIENT,) and s.quantity == "mean")
    values = [_answers_s(seed, 0.75) for seed in range(1, 6)] + [_answers_s(6, 1.05)]
    made.words(LEFT - 60, 30, "notes a second, client", size=12)
    for place, (value, name) in enumerate(zip(series.values, ("start", "middle", "end"), strict=True)):
        x = 110.0 + 75 * place
        made.words(x, 236, name, anchor="middle", size=12)
        if value is not None:
            y = 210 - 80 * value
            made.dot(x, y, CLIENT, 5.0)
            made.words(x, y - 12, f"{value:.2f}", anchor="middle", size=12)
    low, high = (220 - 150 * each for each in (min(values[:-1]), max(values[:-1])))
    made.words(350, 30, "median silence before the client's answers, s", size=12)
    made.add("rect", x=350, y=high, width=380, height=low - high, fill="url(#chance)")
    for place, value in enumerate(values, 1):
        x, y = 320.0 + 62 * place, 220 - 150 * value
        made.dot(x, y, CLIENT, 5.0)
        made.words(x, y - 12, f"{value:.2f}", anchor="middle", size=12)
        made.words(x, 236, f"session {place}" if place == 1 else str(place), anchor="middle", size=12)
    made.add("line", x1=661, y1=44, x2=661, y2=220, stroke=PURPLE, stroke_width=2, stroke_dasharray="6 4")
    made.words(655, 214, "other switch", anchor="end", size=12)
    return made


def _answers_s(seed: int, median_s: float) -> float:
    """The client's median answer in a session with gaps of this law."""
    law = replace(TAKING_TURNS, second=replace(TAKING_TURNS.second, gap=GapLaw(median_s)))
    measures = measure(law.perform(seed).session(), n_surrogates=0)
    return told(measures.pair(CLIENT, THERAPIST).transfers_from_second).median_s


PICTURES: Mapping[str, Callable[[], Picture]] = {
    "playing": playing,
    "turns": turns,
    "balance": balance,
    "tempo": tempo,
    "tempo-match": tempo_match,
    "togetherness": togetherness,
    "following": who_follows,
    "matching": matching,
    "imitation": imitation,
    "change": change,
}
"""By the page that shows it."""


def main() -> None:
    """Write all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="FOLDER")
    folder: Path = parser.parse_args().to
    for name, draw in PICTURES.items():
        (folder / f"{name}.svg").write_text(draw().svg(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
