"""Who played, and how much of the time?"""

from __future__ import annotations

from collections.abc import Mapping

from mtsession.analysis.participation import Participation, Shares
from mtsession.analysis.result import Measured, Void, Window
from mtsession.analysis.summary import PairMeasures, SessionMeasures
from mtsession.analysis.words import does_not_show
from mtsession.charts.series import Bar, Chart, Look, NoSeries, Table
from mtsession.charts.words import clock_text, part_text, parts_text, reason_text, share_text, window_text
from mtsession.events import Seat
from mtsession.wording import say

GROUP = 3
"""From so many players on who played with whom has too many parts for one bar."""


def shares_chart(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Chart:
    """Parts of the time of two; of one player, playing or not; of a group, how much each played."""
    bars, missing = _bars(measures, looks)
    of_group = len(measures.players) >= GROUP
    return Chart(
        key="shares",
        title=say("desk.shares_title"),
        unit="%",
        basis=say("desk.shares_basis", window=window_text(measures.window)) + _part(measures, looks),
        limits=does_not_show("shares"),
        summary="; ".join(
            (*(f"{bar.label} {share_text(bar.share)}" for bar in bars), *(f"{m.label}: {m.reason}" for m in missing))
        )
        + ".",
        table=_table(measures, looks),
        bars=() if of_group else bars,
        amounts=bars if of_group else (),
        missing=missing,
    )


def _bars(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> tuple[tuple[Bar, ...], tuple[NoSeries, ...]]:
    if len(measures.players) >= GROUP:
        return _of_group(measures, looks)
    if measures.pairs:
        return _of_pair(measures.pairs[0], looks, measures.window)
    if measures.players:
        player = measures.players[0]
        return _of_one(player.participation, looks[player.seat], measures.window)
    return (), ()


def _part(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> str:
    """Which part of the session the bars rest on, where it is not the whole."""
    if len(measures.players) >= GROUP:
        return parts_text([(looks[p.seat].label, p.participation.window) for p in measures.players], measures.window)
    if measures.pairs:
        return part_text(measures.pairs[0].shares.window, measures.window)
    return "".join(part_text(player.participation.window, measures.window) for player in measures.players)


def _of_pair(
    pair: PairMeasures, looks: Mapping[Seat, Look], whole: Window
) -> tuple[tuple[Bar, ...], tuple[NoSeries, ...]]:
    first, second = looks[pair.first], looks[pair.second]
    if isinstance(pair.shares, Void):
        return (), (NoSeries(f"{first.label}, {second.label}", reason_text(pair.shares, whole)),)
    return _pair_bars(pair.shares.value, first, second), ()


def _of_group(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> tuple[tuple[Bar, ...], tuple[NoSeries, ...]]:
    """How much of the time each played, and how much nobody did: several play at once, so these are no parts."""
    found = [_of_one(player.participation, looks[player.seat], measures.window) for player in measures.players]
    bars = [bar for (bars, _) in found for bar in bars[:1]]
    nobody = measures.group.players_at_once
    if isinstance(nobody, Measured):
        bars.append(Bar(say("desk.nobody"), nobody.value.shares[0], None, "neither"))
    return tuple(bars), tuple(reason for _, reasons in found for reason in reasons)


def _pair_bars(shares: Shares, first: Look, second: Look) -> tuple[Bar, ...]:
    return (
        Bar(say("desk.only", who=first.label), shares.only_first, first, first.colour),
        Bar(say("desk.both"), shares.both, None, "both"),
        Bar(say("desk.only", who=second.label), shares.only_second, second, second.colour),
        Bar(say("desk.neither"), shares.neither, None, "neither"),
    )


def _of_one(
    found: Measured[Participation] | Void, look: Look, whole: Window
) -> tuple[tuple[Bar, ...], tuple[NoSeries, ...]]:
    if isinstance(found, Void):
        return (), (NoSeries(look.label, reason_text(found, whole)),)
    share = found.value.share
    return (
        Bar(look.label, share, look, look.colour),
        Bar(say("desk.nobody"), 1.0 - share, None, "neither"),
    ), ()


def _table(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> Table:
    head = tuple(
        say(f"desk.table_{name}") for name in ("player", "playing", "share", "minutes", "notes", "longest_pause")
    )
    rows = []
    for player in measures.players:
        label, found = looks[player.seat].label, player.participation
        if isinstance(found, Void):
            rows.append((label, reason_text(found, measures.window), "–", "–", "–", "–"))
            continue
        value = found.value
        if found.window != measures.window:
            label = say("desk.label_in_part", who=label, window=window_text(found.window))
        minutes = say("desk.n_of_m", n=value.minutes_played, m=value.minutes_total)
        pause = "–"
        if isinstance(player.pauses, Measured) and player.pauses.value.longest_s is not None:
            longest = player.pauses.value
            pause = say(
                "desk.seconds_at", seconds=f"{longest.longest_s:.0f}", at=clock_text(longest.longest_start_s or 0.0)
            )
        rows.append((label, clock_text(value.playing_s), share_text(value.share), minutes, str(value.n_notes), pause))
    return Table(head, tuple(rows))
