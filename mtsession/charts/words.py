"""How are times and figures written? One way for page, table and document."""

from __future__ import annotations

import math

from mtsession.analysis.result import Window


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
