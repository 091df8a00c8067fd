"""How are times and figures written? One way for page, table and document."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mtsession.analysis.result import Void, Window
from mtsession.analysis.words import reason_in_words
from mtsession.wording import say


def clock_text(time_s: float) -> str:
    """A moment as mm:ss, from an hour on as h:mm:ss; whole seconds, rounded down (the link must not open late)."""
    whole = math.floor(max(0.0, time_s))
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


def figure_text(value: float | None, decimals: int = 1) -> str:
    """A figure with its sign (− for minus), or a dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:.{decimals}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def share_text(share: float) -> str:
    """A share 0–1 in whole per cent."""
    return f"{100 * share:.0f} %"


def window_text(window: Window) -> str:
    """The stretch that a figure rests on, as mm:ss–mm:ss."""
    return f"{clock_text(window.start_s)}–{clock_text(window.end_s)}"


def part_text(window: Window, whole: Window) -> str:
    """Says, after a sentence, where a figure rests on a part of the session only; empty where it rests on all of it."""
    if window == whole:
        return ""
    return " " + say("desk.part", start=clock_text(window.start_s), end=clock_text(window.end_s))


def parts_text(windows: Sequence[tuple[str, Window]], whole: Window) -> str:
    """The same for several figures by their labels: said once where all rest on one part."""
    if len({window for _, window in windows}) == 1:
        return part_text(windows[0][1], whole)
    return "".join(
        " " + say("desk.part_of", who=label, start=clock_text(window.start_s), end=clock_text(window.end_s))
        for label, window in windows
        if window != whole
    )


def reason_text(void: Void, whole: Window) -> str:
    """Why there is no figure, and in which part where it was looked for in a part only."""
    reason = reason_in_words(void.reason)
    if void.window == whole:
        return reason
    start, end = clock_text(void.window.start_s), clock_text(void.window.end_s)
    return say("desk.reason_in_part", reason=reason, start=start, end=end)
