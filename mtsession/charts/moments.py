"""Which moments is it worth going to? What was marked, and where the longest of each measure was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mtsession.analysis.result import Measured, Window
from mtsession.analysis.summary import PairMeasures, PlayerMeasures, SessionMeasures
from mtsession.charts.pairs import pair_label
from mtsession.charts.series import Look
from mtsession.events import Gap, Mark, Seat
from mtsession.session import Session
from mtsession.wording import say


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch to go to; `kind` "mark", "missing" or "measure"."""

    start_s: float
    end_s: float
    label: str
    kind: str


def logged_moments(session: Session) -> tuple[Moment, ...]:
    """What the log itself names: marks and what was not captured. Known before anything is measured."""
    return tuple(sorted(_logged(session), key=lambda moment: moment.start_s))


def measured_moments(measures: SessionMeasures, looks: Mapping[Seat, Look]) -> tuple[Moment, ...]:
    """The longest pause, the most notes, the longest passage together, the longest exchange; by time."""
    found = [moment for player in measures.players for moment in _of_player(player, looks[player.seat].label)]
    for pair in measures.pairs:
        who = pair_label(pair, looks) if len(measures.pairs) > 1 else ""
        found.extend(
            replace(moment, label=f"{who}: {moment.label}" if who else moment.label) for moment in _of_pair(pair)
        )
    return tuple(sorted(found, key=lambda moment: moment.start_s))


def _logged(session: Session) -> Iterator[Moment]:
    for event in session.events:
        if isinstance(event, Mark):
            label = say("desk.moment_mark_named", label=event.label) if event.label else say("desk.moment_mark")
            yield Moment(event.start_s, event.time_s, label, "mark")
        elif isinstance(event, Gap):
            yield Moment(event.start_s, event.end_s, say("desk.moment_missing"), "missing")


def _of_player(player: PlayerMeasures, who: str) -> Iterator[Moment]:
    if isinstance(player.pauses, Measured):
        pauses = player.pauses.value
        if pauses.longest_s is not None and pauses.longest_start_s is not None:
            start_s = pauses.longest_start_s
            label = say("desk.moment_pause", who=who, seconds=f"{pauses.longest_s:.0f}")
            yield Moment(start_s, start_s + pauses.longest_s, label, "measure")
    if isinstance(player.density, Measured):
        density = player.density.value
        label = say("desk.moment_density", who=who, peak=f"{density.peak_per_s:.1f}")
        yield Moment(max(0.0, density.peak_at_s - 2.5), density.peak_at_s + 2.5, label, "measure")


def _of_pair(pair: PairMeasures) -> Iterator[Moment]:
    if isinstance(pair.joint_passages, Measured) and (longest := pair.joint_passages.value.longest):
        yield _span(longest, say("desk.moment_together", seconds=f"{longest.length_s:.0f}"))
    if isinstance(pair.exchanges, Measured):
        chains = pair.exchanges.value.chains
        best = max(chains, key=lambda chain: (chain.n_transfers, -chain.start_s), default=None)
        if best is not None:
            label = say("desk.moment_exchange", n=best.n_transfers)
            yield Moment(best.start_s, best.end_s, label, "measure")


def _span(window: Window, label: str) -> Moment:
    return Moment(window.start_s, window.end_s, label, "measure")
