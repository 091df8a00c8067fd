"""What do the measures say, in sentences for the terminal? Describes what was played, and what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeAlias

from mtsession.analysis.balance import Balance
from mtsession.analysis.density import Density
from mtsession.analysis.exchanges import Exchanges
from mtsession.analysis.features import Feature, Features
from mtsession.analysis.following import Following
from mtsession.analysis.group import FollowingMatrix
from mtsession.analysis.imitation import Imitation
from mtsession.analysis.joint import JointPassages
from mtsession.analysis.loudness import Level
from mtsession.analysis.matching import Matching
from mtsession.analysis.participation import Participation, Pauses, PlayersAtOnce, Shares
from mtsession.analysis.relative_phase import RelativePhase
from mtsession.analysis.result import ChanceBand, Measured, Void, VoidReason, Window
from mtsession.analysis.summary import SessionMeasures
from mtsession.analysis.tempo import TempoCurve
from mtsession.analysis.tempo_lead import TempoLead
from mtsession.analysis.tempo_match import TempoMatch
from mtsession.analysis.togetherness import Asynchrony
from mtsession.analysis.trend import AsynchronyTrend
from mtsession.analysis.turns import FirstAfterSilence, FloorTransfers, Transfers, Turns
from mtsession.events import Seat
from mtsession.wording import say

Who: TypeAlias = tuple[Seat, ...]
"""Whose measure it is: one seat, a pair, or everybody."""


def in_words(measures: SessionMeasures) -> tuple[str, ...]:
    """A sentence for each measure: players, then pairs, then the group where there are more than two."""
    return tuple(_upper_first(sentence) for sentence in _sentences(measures))


def by_whom(measures: SessionMeasures) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The same sentences below whose they are: "The client", "The client and the therapist", "Everybody"."""
    return tuple(
        (_upper_first(who_in_words(who)), tuple(_upper_first(sentence) for sentence in _of(of, who, measures.window)))
        for of, who in _parts(measures)
    )


def name_of(measure: str) -> str:
    """A measure's plain name, by its field in the summary."""
    return say(f"analysis.{measure}_name")


def does_not_show(measure: str) -> str:
    """What a measure is not, by its field in the summary: stands beside every graph of it."""
    return say(f"analysis.{measure}_not")


def reason_in_words(reason: VoidReason) -> str:
    """Why nothing is said, to stand after a colon."""
    return say(f"analysis.{reason.value}")


def _sentences(measures: SessionMeasures) -> Iterator[str]:
    for of, who in _parts(measures):
        yield from _of(of, who, measures.window)


def _parts(measures: SessionMeasures) -> Iterator[tuple[Any, Who]]:
    yield from ((player, (player.seat,)) for player in measures.players)
    yield from ((pair, (pair.first, pair.second)) for pair in measures.pairs)
    if len(measures.players) > 2:
        yield measures.group, tuple(player.seat for player in measures.players)


def _of(measures: Any, who: Who, window: Window) -> Iterator[str]:  # noqa: ANN401 — a player's, a pair's, the group's
    never_played = False
    for field in fields(measures):
        match getattr(measures, field.name):
            case Void(reason, n) if not never_played:
                never_played = reason in (VoidReason.NEVER_PLAYED, VoidReason.NOBODY_PLAYED)
                yield say(
                    "analysis.void",
                    who=who_in_words(who),
                    measure=name_of(field.name),
                    reason=reason_in_words(reason),
                    n=n,
                )
            case Measured() as measured:
                yield _TELLERS[type(measured.value)](measured, who) + _part(measured.window, window)
            case _:
                pass


def _part(measured: Window, asked: Window) -> str:
    """Says where a measure rests on a part only: elsewhere an assist was on."""
    if measured == asked:
        return ""
    return say("analysis.part", start=_clock(measured.start_s), end=_clock(measured.end_s))


def _participation(measured: Measured[Participation], who: Who) -> str:
    value = measured.value
    return say(
        "analysis.participation",
        who=who_in_words(who),
        minutes=value.minutes_played,
        total=value.minutes_total,
        n=value.n_notes,
        playing=_length(value.playing_s),
        length=_length(measured.window.length_s),
    )


def _pauses(measured: Measured[Pauses], who: Who) -> str:
    value = measured.value
    if value.longest_s is None or value.longest_start_s is None:
        return say("analysis.pauses_none", who=who_in_words(who))
    longest, at = _length(value.longest_s), _clock(value.longest_start_s)
    return say("analysis.pauses", who=who_in_words(who), n=value.count, longest=longest, at=at)


def _density(measured: Measured[Density], who: Who) -> str:
    value = measured.value
    return say(
        "analysis.density",
        who=who_in_words(who),
        mean=f"{value.mean_per_s:.1f}",
        n=measured.n,
        peak=f"{value.peak_per_s:.1f}",
        at=_clock(value.peak_at_s),
    )


def _turns(measured: Measured[Turns], who: Who) -> str:
    return say("analysis.turns", who=who_in_words(who), n=measured.n, gap=f"{measured.value.gap_s:.1f}")


def _tempo(measured: Measured[TempoCurve], who: Who) -> str:
    value = measured.value
    share, bpm = _percent(value.share_stated), f"{value.median_bpm:.1f}"
    return say("analysis.tempo", who=who_in_words(who), share=share, n=measured.n, bpm=bpm)


def _level(measured: Measured[Level], who: Who) -> str:
    value = measured.value
    return say(
        "analysis.level",
        who=who_in_words(who),
        median=f"{value.median_velocity:.0f}",
        lower=f"{value.lower_quartile_velocity:.0f}",
        upper=f"{value.upper_quartile_velocity:.0f}",
        n=measured.n,
    )


def _features(measured: Measured[Features], who: Who) -> str:
    value = measured.value
    told = [
        say(f"analysis.features_{feature.value}", median=f"{value.median[feature]:.{decimals}f}")
        for feature, decimals in _FEATURES_TOLD.items()
        if feature in value.median
    ]
    told += [
        say("analysis.part_void", part=say(f"analysis.features_{feature.value}_name"), reason=reason_in_words(reason))
        for feature, reason in value.void.items()
    ]
    if not told:
        return say("analysis.features_none", who=who_in_words(who), n=measured.n)
    return say("analysis.features", who=who_in_words(who), told="; ".join(told), n=measured.n)


_FEATURES_TOLD: Mapping[Feature, int] = {
    Feature.PITCH: 0,
    Feature.PITCH_SD: 1,
    Feature.VELOCITY_SD: 1,
    Feature.ARTICULATION: 2,
    Feature.PULSE: 2,
    Feature.KEY: 2,
}
"""With how many decimals; density and velocity have sentences of their own."""


def _shares(measured: Measured[Shares], who: Who) -> str:
    value, length_s = measured.value, measured.window.length_s
    return say(
        "analysis.shares",
        **_pair(who),
        length=_length(length_s),
        both=_length(value.both * length_s),
        only_first=_length(value.only_first * length_s),
        only_second=_length(value.only_second * length_s),
        neither=_length(value.neither * length_s),
    )


def _balance(measured: Measured[Balance], who: Who) -> str:
    if measured.value.balance is None:
        return say("analysis.balance_none", **_pair(who))
    chance = _chance_of(measured.band, "analysis.balance_chance")
    return say("analysis.balance", balance=f"{measured.value.balance:.2f}", n=measured.n, chance=chance)


def _chance_of(band: ChanceBand | None, key: str) -> str:
    return "" if band is None else say(key, low=f"{band.low:.2f}", high=f"{band.high:.2f}")


def _floor_transfers(measured: Measured[FloorTransfers], who: Who) -> str:
    return say("analysis.floor_transfers", **_pair(who), n=measured.n)


def _transfers(measured: Measured[Transfers], _: Who) -> str:
    value = measured.value
    return say(
        "analysis.transfers_overlap" if value.median_s < 0 else "analysis.transfers_gap",
        giver=seat_in_words(value.giver),
        taker=seat_in_words(value.taker),
        median=f"{abs(value.median_s):.2f}",
        lower=_signed(value.lower_quartile_s),
        upper=_signed(value.upper_quartile_s),
        n=measured.n,
    )


def _exchanges(measured: Measured[Exchanges], who: Who) -> str:
    value = measured.value
    if measured.n == 0:
        return say("analysis.exchanges_none", **_pair(who))
    if value.per_minute is None:
        return say("analysis.exchanges_few", n=measured.n, longest=value.longest_chain)
    chance = _chance_of(measured.band, "analysis.exchanges_chance")
    facts = {"per_minute": f"{value.per_minute:.1f}", "longest": value.longest_chain, "chance": chance}
    return say("analysis.exchanges", n=measured.n, **facts)


def _first_after_silence(measured: Measured[FirstAfterSilence], who: Who) -> str:
    value = measured.value
    if value.silences == 0:
        return say("analysis.first_after_silence_none")
    counts = [
        say("analysis.first_after_silence_count", who=seat_in_words(seat), count=value.first_by[seat]) for seat in who
    ]
    if value.together:
        counts.append(say("analysis.first_after_silence_together", count=value.together))
    first = next((seat_in_words(seat) for seat in who if value.first_by[seat]), who_in_words(who))
    return say("analysis.first_after_silence", n=value.silences, who=first, counts=", ".join(counts))


def _joint_passages(measured: Measured[JointPassages], _: Who) -> str:
    longest = measured.value.longest
    if longest is None:
        return say("analysis.joint_passages_none")
    length, at = _length(longest.length_s), _clock(longest.start_s)
    return say("analysis.joint_passages", n=measured.n, longest=length, at=at)


def _asynchrony(measured: Measured[Asynchrony], who: Who) -> str:
    value = measured.value
    facts = {
        "n": value.n_pairs,
        "sd": _ms(value.sd_s),
        "share": _percent(value.share_matched),
        "chance": _chance(measured),
    }
    if value.mean_s is None:
        reason = reason_in_words(value.unsigned_because or VoidReason.LATENCY_UNKNOWN)
        return say("analysis.asynchrony_unsigned", **facts, reason=reason)
    key = "analysis.asynchrony_later" if value.mean_s > 0 else "analysis.asynchrony_earlier"
    return say(key, **facts, **_pair(who), mean=_ms(abs(value.mean_s)))


def _chance(measured: Measured[Asynchrony]) -> str:
    if measured.band is None:
        return ""
    return say("analysis.asynchrony_chance", low=_percent(measured.band.low), high=_percent(measured.band.high))


def _relative_phase(measured: Measured[RelativePhase], who: Who) -> str:
    facts = {"r": f"{measured.value.mean_resultant:.2f}", "n": measured.n}
    if measured.band is None:
        return say("analysis.relative_phase", **_pair(who), **facts)
    low, high = f"{measured.band.low:.2f}", f"{measured.band.high:.2f}"
    return say("analysis.relative_phase_chance", **_pair(who), **facts, low=low, high=high)


def _following(measured: Measured[Following], who: Who) -> str:
    verdict = measured.value.verdict or "untold"
    return say(f"analysis.following_{verdict}", **_pair(who), n=measured.n)


def _following_matrix(measured: Measured[FollowingMatrix], _: Who) -> str:
    found = [
        say("analysis.following_cell", follower=seat_in_words(cell.follower), leader=seat_in_words(cell.leader))
        for cell in measured.value.cells
        if cell.follows
    ]
    if not found:
        return say("analysis.following_nobody", n=measured.n)
    return say("analysis.following_some", n=measured.n, found=", ".join(found))


def _tempo_match(measured: Measured[TempoMatch], who: Who) -> str:
    share = _percent(measured.value.share_matched)
    return say("analysis.tempo_match", **_pair(who), share=share, n=measured.n)


def _tempo_lead(measured: Measured[TempoLead], who: Who) -> str:
    value, band = measured.value, measured.band
    facts = {"n": measured.n, "correlation": _signed(value.correlation)}
    if value.moved is None or band is None:
        return say("analysis.tempo_lead", **_pair(who), **facts)
    chance = {"low": _signed(band.low), "high": _signed(band.high)}
    return say(f"analysis.tempo_lead_{value.moved}", **_pair(who), **facts, **chance, lag=f"{abs(value.lag_s):.0f}")


def _asynchrony_trend(measured: Measured[AsynchronyTrend], who: Who) -> str:
    value, chance = measured.value, ""
    if measured.band is not None:
        low, high = (_signed_ms(edge) for edge in (measured.band.low, measured.band.high))
        chance = say("analysis.asynchrony_trend_chance", low=low, high=high)
    return say(
        "analysis.asynchrony_trend",
        **_pair(who),
        start=_ms(max(0.0, value.at_start_s)),
        end=_ms(max(0.0, value.at_end_s)),
        change=_signed_ms(value.change_s),
        chance=chance,
        n=measured.n,
    )


def _matching(measured: Measured[Matching], who: Who) -> str:
    value, chance = measured.value, ""
    if measured.band is not None:
        low, high = f"{measured.band.low:.2f}", f"{measured.band.high:.2f}"
        chance = say("analysis.matching_chance", low=low, high=high)
    told = [
        say("analysis.matching_curve", curve=say(f"analysis.matching_{curve.value}"), size=_number(size), lag=lag)
        for curve, size in value.correlation.items()
        for lag in [_who_came_first(value.lag_s.get(curve), who)]
    ]
    told += [
        say("analysis.part_void", part=say(f"analysis.matching_{curve.value}"), reason=reason_in_words(reason))
        for curve, reason in value.void.items()
    ]
    return say("analysis.matching", **_pair(who), told="; ".join(told), chance=chance, n=measured.n)


def _who_came_first(lag_s: float | None, who: Who) -> str:
    if lag_s is None:
        return say("analysis.matching_lag_untold")
    if lag_s == 0:
        return say("analysis.matching_lag_none")
    ahead, then = who if lag_s > 0 else (who[1], who[0])
    return say("analysis.matching_lag", first=seat_in_words(ahead), second=seat_in_words(then), lag=f"{abs(lag_s):.1f}")


def _imitation(measured: Measured[Imitation], _: Who) -> str:
    value = measured.value
    told = []
    for claim, size in value.similarity.items():
        seat, aspect = claim.rsplit(" ", 1)
        facts = {"taker": seat_in_words(Seat(seat)), "size": f"{size:.2f}", "n": value.n_answers[claim]}
        if (band := value.chance.get(claim)) is not None:
            facts["chance"] = say("analysis.imitation_chance", low=f"{band.low:.2f}", high=f"{band.high:.2f}")
        told.append(say(f"analysis.imitation_{aspect}", **{"chance": "", **facts}))
    told += [
        say("analysis.part_void", part=say(f"analysis.imitation_{aspect.value}_name"), reason=reason_in_words(reason))
        for aspect, reason in value.void.items()
    ]
    close = sum(answer.close for answer in value.answers)
    return say("analysis.imitation", told="; ".join(told), close=close, n=measured.n)


def _players_at_once(measured: Measured[PlayersAtOnce], _: Who) -> str:
    nobody, *some = measured.value.shares
    said = [
        say("analysis.players_at_once_nobody", share=_percent(nobody)),
        *(say("analysis.players_at_once_share", n=n, share=_percent(share)) for n, share in enumerate(some, 1)),
    ]
    return say("analysis.players_at_once", shares=", ".join(said))


_TELLERS: Mapping[type, Callable[[Measured[Any], Who], str]] = {
    Participation: _participation,
    Pauses: _pauses,
    Density: _density,
    Turns: _turns,
    TempoCurve: _tempo,
    Level: _level,
    Features: _features,
    Shares: _shares,
    Balance: _balance,
    FloorTransfers: _floor_transfers,
    Transfers: _transfers,
    Exchanges: _exchanges,
    FirstAfterSilence: _first_after_silence,
    JointPassages: _joint_passages,
    Asynchrony: _asynchrony,
    RelativePhase: _relative_phase,
    Following: _following,
    FollowingMatrix: _following_matrix,
    TempoMatch: _tempo_match,
    AsynchronyTrend: _asynchrony_trend,
    Matching: _matching,
    Imitation: _imitation,
    TempoLead: _tempo_lead,
    PlayersAtOnce: _players_at_once,
}


def who_in_words(who: Who) -> str:
    """One seat, a pair, or everybody, in a sentence."""
    if len(who) == 1:
        return seat_in_words(who[0])
    return say("analysis.pair", **_pair(who)) if len(who) == 2 else say("analysis.group")


def _pair(who: Who) -> dict[str, str]:
    return {"first": seat_in_words(who[0]), "second": seat_in_words(who[1])}


def seat_in_words(seat: Seat) -> str:
    """A seat's name in a sentence: "the client", "client 2"."""
    role, _, number = seat.rpartition("-")
    if number.isdigit():
        return say("analysis.seat_numbered", role=role, number=number)
    return say(f"analysis.seat_{seat}") if seat in _NAMED else seat


_NAMED = frozenset({"client", "therapist", "co-therapist", "peer"})


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes:
        return say("analysis.minutes", minutes=minutes, seconds=rest)
    return say("analysis.seconds", seconds=f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}")


def _clock(time_s: float) -> str:
    minutes, seconds = divmod(int(max(0.0, time_s)), 60)
    return f"{minutes:02d}:{seconds:02d}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f}"


def _signed_ms(seconds: float) -> str:
    return f"{1000 * seconds:+.0f}".replace("-", "−")


def _number(number: float) -> str:
    return f"{number:.2f}".replace("-", "−")


def _signed(seconds: float) -> str:
    return f"{seconds:.2f}".replace("-", "−")


def _upper_first(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
