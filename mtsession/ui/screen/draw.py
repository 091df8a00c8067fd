"""How does one state of the session become the shapes of the glance screen?

At most seven things (product): clock, consent strip, level with its cap, seats, key and palette, the last minute of
who played, marks; below them a line for technical messages and the buttons. Nothing blinks: playing is drawn as
steady stretches that move slowly to the left, and the meter falls slowly, so that no hit lights the screen up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mtsession.events import Seat
from mtsession.live.state import LiveState, RecentNote, SeatState
from mtsession.ui.screen.controls import Press
from mtsession.ui.screen.shapes import Align, Area, Box, Outline, Shape, Words, mark_points
from mtsession.ui.screen.theme import Colour, Mark, Theme
from mtsession.wording import say

LAST_S = 60.0
"""The stretch of playing that is shown."""

STEADY_S = 1.0
"""Notes at most this far apart are one stretch of playing."""

CAP_DB = -6.0
"""Where the limiter holds the sound, re full scale (care rules, §4)."""

FLOOR_DB = -60.0
METER_FALL_DB_PER_S = 8.0
"""The meter rises at once and falls this slowly: a hit is seen and does not flicker."""

LEAST_TOUCH_PX = 48
"""The rows of touch buttons are never lower (care rules, §5: 44 px)."""


@dataclass(frozen=True, slots=True)
class View:
    """What is drawn: the session's state, and what only the screen itself knows.

    `meter_db` is the settled peak; `stop_share` how much of the hold-to-stop is done, 0–1.
    """

    state: LiveState
    palette_title: str
    meter_db: float = FLOOR_DB
    stop_share: float = 0.0
    engine_lost: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts stand on a screen of that many pixels."""

    width: float
    height: float

    @property
    def unit(self) -> float:
        """All sizes grow with the smaller side."""
        return min(self.height, self.width * 0.6) / 100

    @property
    def margin(self) -> float:
        return 2.5 * self.unit

    def row(self, top: float, height: float) -> Box:
        """A full row, from and in hundredths of the height."""
        return Box(self.margin, top * self.height / 100, self.width - 2 * self.margin, height * self.height / 100)

    @property
    def clock(self) -> Box:
        row = self.row(2, 20)
        return Box(row.x, row.y, row.width * 0.30, row.height)

    @property
    def sound(self) -> Box:
        """Key and palette."""
        row = self.row(2, 20)
        return Box(row.x + row.width * 0.32, row.y, row.width * 0.36, row.height)

    @property
    def level(self) -> Box:
        row = self.row(2, 20)
        return Box(row.x + row.width * 0.70, row.y, row.width * 0.30, row.height)

    @property
    def consent(self) -> Box:
        return self.row(24, 8)

    @property
    def marks(self) -> Box:
        """The flags over the lanes, and their number at the left."""
        return self.row(34, 6)

    @property
    def lanes(self) -> Box:
        return self.row(40, 36)

    @property
    def message(self) -> Box:
        return self.row(79, 6)

    @property
    def button_row(self) -> Box:
        height = max(LEAST_TOUCH_PX, 0.11 * self.height)
        return Box(self.margin, self.height - height - self.margin, self.width - 2 * self.margin, height)

    @property
    def label_width(self) -> float:
        """The seats' labels stand left of their lanes."""
        return self.lanes.width * 0.24

    def time_x(self, ago_s: float) -> float:
        """Where a moment of the last minute lies."""
        left = self.lanes.x + self.label_width
        return left + (1 - ago_s / LAST_S) * (self.lanes.x + self.lanes.width - left)


def picture(view: View, layout: Layout, theme: Theme) -> tuple[Shape, ...]:
    """The whole screen, back to front."""
    return tuple(_parts(view, layout, theme))


def _parts(view: View, layout: Layout, theme: Theme) -> Iterator[Shape]:
    yield Area(Box(0, 0, layout.width, layout.height), theme.background)
    yield from _clock(view.state, layout, theme)
    yield from _sound(view, layout, theme)
    yield from _level(view, layout, theme)
    yield from _consent(view.state, layout, theme)
    yield from _lanes(view.state, layout, theme)
    yield from _marks(view.state, layout, theme)
    yield from _message(view, layout, theme)
    yield from _buttons(view, layout, theme)


def clock_text(time_s: float) -> str:
    """Minutes and seconds: "4:07", "61:30"."""
    minutes, seconds = divmod(max(0, int(time_s)), 60)
    return f"{minutes}:{seconds:02d}"


def key_text(key: str) -> str:
    """A key's name in letters that every font has: "F#" is "F sharp"."""
    if key.endswith(("#", "♯")):
        return say("screen.sharp", note=key[:-1])
    if len(key) > 1 and key.endswith(("b", "♭")):
        return say("screen.flat", note=key[:-1])
    return key


def seat_text(seat: Seat) -> str:
    """A seat's name for reading: "client-2" is "Client 2"."""
    return seat.replace("-", " ").capitalize()


def settled_db(meter_db: float, peak_db: float, elapsed_s: float) -> float:
    """Up with a peak at once, down slowly."""
    return max(FLOOR_DB, peak_db, meter_db - METER_FALL_DB_PER_S * elapsed_s)


def stretches(notes: Iterable[RecentNote], now_s: float) -> list[tuple[float, float]]:
    """One player's notes as steady stretches (start, end), those at most `STEADY_S` apart joined."""
    joined: list[tuple[float, float]] = []
    for note in sorted(notes, key=lambda n: n.onset_s):
        end_s = now_s if note.end_s is None else note.end_s
        if joined and note.onset_s - joined[-1][1] <= STEADY_S:
            joined[-1] = (joined[-1][0], max(end_s, joined[-1][1]))
        else:
            joined.append((note.onset_s, end_s))
    return [(start, end) for start, end in joined if end > now_s - LAST_S]


def _clock(state: LiveState, layout: Layout, theme: Theme) -> Iterator[Shape]:
    yield Words(clock_text(state.time_s), layout.clock, 24 * layout.unit, theme.text)


def _sound(view: View, layout: Layout, theme: Theme) -> Iterator[Shape]:
    box = layout.sound
    key = Box(box.x, box.y, box.width, box.height * 0.55)
    palette = Box(box.x, box.y + box.height * 0.55, box.width, box.height * 0.4)
    yield Words(key_text(view.state.key), key, 11 * layout.unit, theme.text, Align.CENTRE)
    yield Words(view.palette_title, palette, 6.5 * layout.unit, theme.quiet_text, Align.CENTRE)


def _level(view: View, layout: Layout, theme: Theme) -> Iterator[Shape]:
    box = layout.level
    words = Box(box.x, box.y, box.width, box.height * 0.5)
    text = say("screen.silent") if view.state.silent else say("screen.level", level=_signed(view.state.level_db))
    yield Words(text, words, 10 * layout.unit, theme.text, Align.RIGHT)
    bar = Box(box.x, box.y + box.height * 0.56, box.width, box.height * 0.2)
    yield Area(bar, theme.panel, bar.height / 2)
    share = (view.meter_db - FLOOR_DB) / -FLOOR_DB
    if share > 0:
        yield Area(Box(bar.x, bar.y, bar.width * min(1.0, share), bar.height), theme.line, bar.height / 2)
    yield from _cap(bar, box, layout, theme)


def _cap(bar: Box, box: Box, layout: Layout, theme: Theme) -> Iterator[Shape]:
    """The line that the sound never passes."""
    x = bar.x + bar.width * (CAP_DB - FLOOR_DB) / -FLOOR_DB
    yield Area(Box(x, bar.y - bar.height * 0.3, 0.5 * layout.unit, bar.height * 1.6), theme.notice)
    below = Box(bar.x, bar.y + bar.height * 1.3, bar.width, box.y + box.height - bar.y - bar.height * 1.3)
    yield Words(say("screen.level_is"), below, 3.8 * layout.unit, theme.quiet_text)
    cap = Box(below.x, below.y, x - below.x + 0.09 * bar.width, below.height)
    yield Words(say("screen.cap"), cap, 3.8 * layout.unit, theme.quiet_text, Align.RIGHT)


def _signed(level_db: float) -> str:
    """With a true minus sign, and no needless digits."""
    return f"{level_db:.1f}".removesuffix(".0").replace("-", "−")


def _consent(state: LiveState, layout: Layout, theme: Theme) -> Iterator[Shape]:
    box = layout.consent
    recording = state.recording_audio
    colour = theme.notice if recording else theme.line
    yield Area(box, theme.panel, box.height / 4)
    dot = mark_points(Mark.CIRCLE, (box.x + box.height * 0.6, box.centre[1]), box.height * 0.24)
    yield Outline(dot, colour, 0 if recording else 0.5 * layout.unit)
    text = say("screen.recording" if recording else "screen.not_recording")
    words = Box(box.x + box.height * 1.1, box.y, box.width - box.height * 1.5, box.height)
    yield Words(text, words, 5 * layout.unit, theme.text)


def _lanes(state: LiveState, layout: Layout, theme: Theme) -> Iterator[Shape]:
    lanes = layout.lanes
    height = lanes.height / max(2, len(state.seats))
    for index, seat in enumerate(state.seats):
        lane = Box(lanes.x, lanes.y + index * height, lanes.width, height)
        colour = theme.seats[index % len(theme.seats)]
        yield Area(Box(layout.time_x(LAST_S), lane.centre[1], layout.time_x(0) - layout.time_x(LAST_S), 1), theme.line)
        yield from _seat(seat, index, lane, layout, theme)
        mine = (note for note in state.recent if note.seat == seat.seat)
        yield from _played(stretches(mine, state.time_s), lane, colour, state.time_s, layout)
    yield from _edges(layout, theme)


def _seat(seat: SeatState, index: int, lane: Box, layout: Layout, theme: Theme) -> Iterator[Shape]:
    """Shape, colour and name; hollow and said in words where its input is gone."""
    marks, radius = tuple(Mark), min(lane.height * 0.3, 4 * layout.unit)
    colour = theme.seats[index % len(theme.seats)]
    corners = mark_points(marks[index % len(marks)], (lane.x + radius, lane.centre[1]), radius)
    yield Outline(corners, colour, 0 if seat.alive else 0.6 * layout.unit)
    left = lane.x + 2.5 * radius
    words = Box(left, lane.y, layout.label_width - 2.5 * radius - 2 * layout.unit, lane.height)
    yield Words(seat_text(seat.seat), words, min(6.5 * layout.unit, lane.height * 0.85), theme.text)
    if not seat.alive:
        yield _gone(words, layout, theme)


def _gone(words: Box, layout: Layout, theme: Theme) -> Words:
    """Under the name, or right of it where the lanes are low."""
    if words.height > 12 * layout.unit:
        below = Box(words.x, words.centre[1] + 3 * layout.unit, words.width, 4 * layout.unit)
        return Words(say("screen.gone"), below, 4 * layout.unit, theme.notice)
    return Words(say("screen.gone"), words, min(4 * layout.unit, words.height * 0.6), theme.notice, Align.RIGHT)


def _played(
    played: Iterable[tuple[float, float]], lane: Box, colour: Colour, now_s: float, layout: Layout
) -> Iterator[Shape]:
    thick = min(lane.height * 0.5, 7 * layout.unit)
    for start_s, end_s in played:
        left = layout.time_x(min(LAST_S, now_s - start_s))
        width = max(0.4 * layout.unit, layout.time_x(max(0.0, now_s - end_s)) - left)
        yield Area(Box(left, lane.centre[1] - thick / 2, width, thick), colour, min(thick, width) / 4)


def _edges(layout: Layout, theme: Theme) -> Iterator[Shape]:
    """The window of the last minute, and where now is."""
    lanes, right = layout.lanes, layout.time_x(0)
    yield Area(Box(right, lanes.y, max(1.0, 0.3 * layout.unit), lanes.height), theme.line)
    below = Box(layout.time_x(LAST_S), lanes.y + lanes.height, right - layout.time_x(LAST_S), 4 * layout.unit)
    yield Words(say("screen.last_minute"), below, 3.5 * layout.unit, theme.quiet_text)
    yield Words(say("screen.now"), below, 3.5 * layout.unit, theme.quiet_text, Align.RIGHT)


def _marks(state: LiveState, layout: Layout, theme: Theme) -> Iterator[Shape]:
    box = layout.marks
    n = len(state.marks_s)
    text = say("screen.marks", n=n) if n else say("screen.marks_none")
    label = Box(box.x, box.y, layout.label_width, box.height)
    yield Words(text, label, 5 * layout.unit, theme.quiet_text)
    for mark_s in state.marks_s:
        if 0 <= state.time_s - mark_s <= LAST_S:
            yield from _flag(layout.time_x(state.time_s - mark_s), layout, theme)


def _flag(x: float, layout: Layout, theme: Theme) -> Iterator[Shape]:
    """A pole through all lanes with a flag on top, to the left: what is marked lies before it."""
    box, size = layout.marks, layout.marks.height * 0.7
    pole = max(1.0, 0.3 * layout.unit)
    yield Area(Box(x - pole, box.y, pole, box.height + layout.lanes.height), theme.text)
    yield Outline(((x, box.y), (x - size, box.y + size / 2), (x, box.y + size)), theme.text)


def _message(view: View, layout: Layout, theme: Theme) -> Iterator[Shape]:
    if text := message_text(view):
        box = layout.message
        corners = mark_points(Mark.TRIANGLE, (box.x + box.height * 0.4, box.centre[1]), box.height * 0.35)
        yield Outline(corners, theme.notice)
        words = Box(box.x + box.height, box.y, box.width - box.height, box.height)
        yield Words(text, words, 4.5 * layout.unit, theme.text)


def message_text(view: View) -> str:
    """What is to be said of the technique, the gravest first, or nothing."""
    if view.engine_lost:
        return say("screen.engine_lost")
    if not view.state.audio_alive:
        return say("screen.audio_lost")
    return view.state.message


def buttons(layout: Layout, *, silent: bool) -> tuple[tuple[Press, Box], ...]:
    """What can be touched, and where: fading and sounding again share a place."""
    again = Press.RESUME if silent else Press.FADE
    presses = (Press.MARK, again, Press.PANIC, Press.QUIETER, Press.LOUDER, Press.STOP)
    row, gap = layout.button_row, layout.unit * 2
    width = (row.width - gap * (len(presses) - 1)) / len(presses)
    return tuple((press, Box(row.x + n * (width + gap), row.y, width, row.height)) for n, press in enumerate(presses))


def pressed(layout: Layout, x: float, y: float, *, silent: bool) -> Press | None:
    """Which button lies there."""
    return next((press for press, box in buttons(layout, silent=silent) if box.holds(x, y)), None)


def _buttons(view: View, layout: Layout, theme: Theme) -> Iterator[Shape]:
    for press, box in buttons(layout, silent=view.state.silent):
        yield Area(box, theme.panel, box.height / 6)
        if press is Press.STOP and view.stop_share > 0:
            yield Area(Box(box.x, box.y, box.width * view.stop_share, box.height), theme.filling, box.height / 6)
        yield Area(box, theme.line, box.height / 6, max(1.0, 0.25 * layout.unit))
        name = Box(box.x, box.y + box.height * 0.08, box.width, box.height * 0.56).narrower(layout.unit)
        key = Box(box.x, box.y + box.height * 0.6, box.width, box.height * 0.32)
        yield Words(say(f"screen.{press}"), name, 5 * layout.unit, theme.text, Align.CENTRE)
        yield Words(say(f"screen.key_{press}"), key, 3.5 * layout.unit, theme.quiet_text, Align.CENTRE)
