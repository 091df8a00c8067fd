"""What changed, in sentences: numbers side by side, and no word on which is to be wished for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mtsession.analysis.change import Compared, Comparison, Series, Thirds, Where
from mtsession.analysis.set_up import SetUpChange
from mtsession.analysis.words import reason_in_words, seat_in_words, who_in_words
from mtsession.events import Seat
from mtsession.wording import say

TOLD: Mapping[tuple[str, str], tuple[str, int]] = {
    ("participation", "share"): ("share_of_time", 2),
    ("density", "mean"): ("notes_a_second", 2),
    ("pauses", "count"): ("pauses", 0),
    ("level", "median_velocity"): ("velocity", 0),
    ("tempo", "median"): ("tempo", 1),
    ("features", "median articulation"): ("articulation", 2),
    ("shares", "both"): ("both", 2),
    ("balance", "balance"): ("balance", 2),
    ("transfers_from_first", "median"): ("answer_to_first", 2),
    ("transfers_from_second", "median"): ("answer_to_second", 2),
    ("exchanges", "rate"): ("exchanges", 1),
    ("asynchrony", "share_matched"): ("onsets_met", 2),
    ("asynchrony", "sd"): ("spread", 3),
    ("tempo_match", "share_matched"): ("same_tempo", 2),
    ("matching", "largest"): ("matching", 2),
}
"""Which numbers are told in sentences, by measure and quantity: the name of each and its decimals. Tables have all."""

IN_THE_NAME = frozenset({"1/s", "1/min"})


def thirds_in_words(thirds: Thirds) -> tuple[str, ...]:
    """The set-up's changes with their moments, then a sentence for each number with two values or more."""
    changes = (_set_up(change) for change in thirds.set_up)
    return (*changes, *(_thirds(series) for series in thirds.series if _is_told(series) and len(series.known) > 1))


def comparison_in_words(comparison: Comparison) -> tuple[str, ...]:
    """The set-up's changes session by session, then a sentence for each number of the last session."""
    return tuple(_compared_sentences(comparison))


def does_not_show_change() -> str:
    """What a change is not: stands beside every comparison."""
    return say("analysis.change_not")


def _compared_sentences(comparison: Comparison) -> Iterator[str]:
    for session_id, changes in zip(comparison.session_ids, comparison.set_up, strict=False):
        yield from (_set_up(change, session_id) for change in changes)
    for compared in comparison.compared:
        if _is_told(compared.series):
            yield _compared(compared)


def _is_told(series: Series) -> bool:
    # Of two players, what everybody did together adds nothing to what each did.
    of_group = len(series.seats) == 2 and series.measure in ("density", "pauses")
    return (series.measure, series.quantity) in TOLD and not of_group


def _thirds(series: Series) -> str:
    start, middle, end = (_figure(value, series) for value in series.values)
    return _upper_first(say("analysis.change_thirds", **_what(series), start=start, middle=middle, end=end))


def _compared(compared: Compared) -> str:
    series = compared.series
    if compared.where is None or compared.void is not None:
        reason = reason_in_words(compared.void) if compared.void else ""
        return _upper_first(say("analysis.change_compared_void", **_what(series), reason=reason))
    last, low, high = (_figure(value, series) for value in (series.values[-1], compared.low, compared.high))
    # What looks the same in print is not said to be otherwise.
    where = Where.WITHIN if last in (low, high) else compared.where
    return _upper_first(
        say(
            "analysis.change_compared",
            **_what(series),
            last=last,
            low=low,
            high=high,
            n=len(series.known) - 1,
            where=say(f"analysis.change_{where.value}"),
        )
    )


def _what(series: Series) -> dict[str, str]:
    name, _ = TOLD[series.measure, series.quantity]
    seats = dict(zip(("first", "second"), (seat_in_words(seat) for seat in series.seats), strict=False))
    unit = "" if not series.unit or series.unit in IN_THE_NAME else f" {series.unit}"
    return {"who": who_in_words(series.seats), "what": say(f"analysis.change_{name}", **seats), "unit": unit}


def _figure(value: float | None, series: Series) -> str:
    _, decimals = TOLD[series.measure, series.quantity]
    return say("analysis.change_none") if value is None else f"{value:.{decimals}f}".replace("-", "−")


def _set_up(change: SetUpChange, session_id: str | None = None) -> str:
    facts = {
        "whose": _whose(change.seat),
        "setting": change.setting,
        "before": change.before or say("analysis.change_unset"),
        "after": change.after or say("analysis.change_unset"),
    }
    if change.time_s is None:
        return say("analysis.change_set_up_between", **facts, session=session_id)
    minutes, seconds = divmod(int(max(0.0, change.time_s)), 60)
    at = f"{minutes:02d}:{seconds:02d}"
    if session_id is None:
        return say("analysis.change_set_up", **facts, at=at)
    return say("analysis.change_set_up_in", **facts, at=at, session=session_id)


def _whose(seat: Seat | None) -> str:
    return say("analysis.change_room") if seat is None else say("analysis.change_seat", seat=seat_in_words(seat))


def _upper_first(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
