"""What happened, in sentences a therapist can tick: fixed templates over logged facts, and nothing else.

A fact that is void is left out, but for a tempo without a steady pulse and a player without notes: saying nothing
there would read as if nobody had looked. To add a sentence: a template in `wording/en_gb/note.toml` and a function
here that yields it with what it rests on.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mtsession.analysis.following import Verdict
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.summary import PairMeasures, PlayerMeasures, SessionMeasures
from mtsession.analysis.tempo import TempoCurve
from mtsession.analysis.turns import Transfers
from mtsession.events import AudioOnset, Choice, Gap, Mark, Seat, VoicePitch
from mtsession.record.notes import phrases
from mtsession.record.notes.note import Evidence, Sentence, SessionNote
from mtsession.session import Role, Session
from mtsession.wording import say

TEMPO_WINDOW_S = 10.0
"""Each point of a tempo curve is the middle of a window this long (measures: tempo per player)."""

STANDS_OUT_SE = 2.0
"""A mean asynchrony nearer to zero than this many standard errors names nobody as the later one."""


FIRST_FOLLOWS = frozenset({Verdict.FIRST_FOLLOWS, Verdict.MUTUAL})
SECOND_FOLLOWS = frozenset({Verdict.SECOND_FOLLOWS, Verdict.MUTUAL})


@dataclass(frozen=True, slots=True)
class _Told:
    """A session, its measures, and what its players are called."""

    session: Session
    measures: SessionMeasures
    codes: Mapping[Seat, str]
    names: Mapping[Seat, str]

    def has_role(self, seat: Seat, role: Role) -> bool:
        return self.session.player(seat).role is role

    def sentence(
        self, key: str, text: str, windows: Iterable[Window], n: int, measured_in: Window | None = None
    ) -> Sentence:
        """A sentence, not ticked, that rests on these windows; says where a measure was taken in a part only."""
        if measured_in is not None and measured_in != self.measures.window:
            start, end = phrases.clock(measured_in.start_s), phrases.clock(measured_in.end_s)
            text = f"{text} {say('note.part', start=start, end=end)}"
        evidence = tuple(Evidence(w.start_s, w.end_s, phrases.clock(w.start_s)) for w in windows)
        return Sentence(key, phrases.sentence_case(text, self.codes.values()), evidence, n)


def draft_note(session: Session, measures: SessionMeasures, client_codes: Mapping[Seat, str]) -> SessionNote:
    """A draft in which nothing is ticked. `client_codes` by seat, as far as they are known."""
    told = _Told(session, measures, client_codes, phrases.names(session.players, client_codes))
    return SessionNote(
        session_id=session.id,
        started_at=session.started_at,
        duration_s=session.duration_s,
        simulated=session.setup.simulated,
        clients=dict(client_codes),
        sentences=tuple(_sentences(told)),
    )


def _sentences(told: _Told) -> Iterator[Sentence]:
    for player in told.measures.players:
        yield from _participation(told, player)
        yield from _stretches(told, player)
    for player in told.measures.players:
        yield from _first_after_silence(told, player)
    for pair in _told_pairs(told):
        yield from _answers(told, pair)
        yield from _joint_passages(told, pair)
    for player in told.measures.players:
        yield from _tempo(told, player)
    for pair in _told_pairs(told):
        yield from _asynchrony(told, pair)
        yield from _togetherness(told, pair)
        yield from _following(told, pair)
    yield from _marks(told)
    yield from _choices(told)
    yield from _gaps(told)
    yield _not_captured(told)


def _told_pairs(told: _Told) -> list[PairMeasures]:
    """A client with somebody who is no client; every pair where there is no such."""
    with_client = [
        pair
        for pair in told.measures.pairs
        if told.has_role(pair.first, Role.CLIENT) and not told.has_role(pair.second, Role.CLIENT)
    ]
    return with_client or list(told.measures.pairs)


def _participation(told: _Told, player: PlayerMeasures) -> Iterator[Sentence]:
    key, who, found = f"participation.{player.seat}", told.names[player.seat], player.participation
    if isinstance(found, Measured):
        seated = told.session.player(player.seat)
        text = say(
            "note.participation",
            who=who,
            played=found.value.minutes_played,
            n=found.value.minutes_total,
            instrument=seated.instrument,
            access=phrases.access(seated.access),
        )
        yield told.sentence(key, text, found.value.playing, found.n, found.window)
    elif found.reason is VoidReason.NEVER_PLAYED:
        yield told.sentence(key, say("note.never_played", who=who), [found.window], found.n, found.window)


def _stretches(told: _Told, player: PlayerMeasures) -> Iterator[Sentence]:
    if isinstance(player.participation, Void) or isinstance(player.pauses, Void):
        return
    key, who, pauses = f"stretches.{player.seat}", told.names[player.seat], player.pauses.value.spans
    measured_in = player.participation.window
    stretch = _longest(player.participation.value.playing)
    facts = {"who": who, "stretch": phrases.length(stretch.length_s), "at": phrases.clock(stretch.start_s)}
    if not pauses:
        yield told.sentence(key, say("note.stretch_only", **facts), [stretch], 0, measured_in)
        return
    pause = _longest(pauses)
    facts |= {"pause": phrases.length(pause.length_s), "pause_at": phrases.clock(pause.start_s)}
    yield told.sentence(key, say("note.stretches", **facts), [stretch, pause], len(pauses), measured_in)


def _first_after_silence(told: _Told, player: PlayerMeasures) -> Iterator[Sentence]:
    """Silences are everybody's; how often a client ended them is left out where it is void with anyone."""
    found = told.measures.group.first_after_silence
    pairs = [pair for pair in told.measures.pairs if player.seat in (pair.first, pair.second)]
    void = any(isinstance(pair.first_after_silence, Void) for pair in pairs)
    if player.role is not Role.CLIENT or isinstance(found, Void) or void or not pairs or not found.value.silences:
        return
    first_by = found.value.first_by.get(player.seat, 0)
    text = say("note.first_after_silence", who=told.names[player.seat], first=first_by, n=found.value.silences)
    yield told.sentence(f"first_after_silence.{player.seat}", text, found.value.windows, found.n, found.window)


def _answers(told: _Told, pair: PairMeasures) -> Iterator[Sentence]:
    if isinstance(pair.transfers_from_second, Void):
        return
    found = pair.transfers_from_second
    transfers, n = found.value, found.n
    text = say(
        _answers_template(transfers),
        giver=told.names[transfers.giver],
        taker=told.names[transfers.taker],
        median=phrases.seconds(abs(transfers.median_s)),
        lower=phrases.seconds(transfers.lower_quartile_s),
        upper=phrases.seconds(transfers.upper_quartile_s),
        n=n,
    )
    came = [Window(t.time_s - abs(t.offset_s), t.time_s) for t in transfers.transfers]
    yield told.sentence(f"answers.{transfers.giver}.{transfers.taker}", text, came, n, found.window)


def _answers_template(transfers: Transfers) -> str:
    if transfers.median_s < 0:
        return "note.answers_before_end"
    return "note.answers" if transfers.lower_quartile_s >= 0 else "note.answers_overlapping"


def _joint_passages(told: _Told, pair: PairMeasures) -> Iterator[Sentence]:
    if isinstance(pair.joint_passages, Void):
        return
    passages, key = pair.joint_passages.value.passages, f"joint_passages.{pair.first}.{pair.second}"
    measured_in = pair.joint_passages.window
    facts = {"first": told.names[pair.first], "second": told.names[pair.second], "n": len(passages)}
    if not passages:
        yield told.sentence(key, say("note.no_joint_passage", **facts), [measured_in], 0, measured_in)
        return
    longest = _longest(passages)
    text = say(
        "note.joint_passages", longest=phrases.length(longest.length_s), at=phrases.clock(longest.start_s), **facts
    )
    yield told.sentence(key, text, passages, len(passages), measured_in)


def _tempo(told: _Told, player: PlayerMeasures) -> Iterator[Sentence]:
    key, who, found = f"tempo.{player.seat}", told.names[player.seat], player.tempo
    if isinstance(found, Measured):
        curve, n = found.value, found.n
        share = phrases.percent(curve.share_stated)
        text = say("note.tempo", who=who, bpm=f"{curve.median_bpm:.0f}", share=share, n=n)
        yield told.sentence(key, text, _stated(curve, found.window), n, found.window)
    elif found.reason is VoidReason.NO_STEADY_PULSE:
        yield told.sentence(key, say("note.no_steady_pulse", who=who), [found.window], found.n, found.window)


def _stated(curve: TempoCurve, whole: Window) -> list[Window]:
    """The stretches in which a tempo is stated: its windows, joined where they touch."""
    joined: list[Window] = []
    for time_s, bpm in zip(curve.times_s, curve.bpm, strict=True):
        if bpm is None:
            continue
        start_s = max(whole.start_s, time_s - TEMPO_WINDOW_S / 2)
        end_s = min(whole.end_s, time_s + TEMPO_WINDOW_S / 2)
        if joined and start_s <= joined[-1].end_s:
            start_s = joined.pop().start_s
        joined.append(Window(start_s, end_s))
    return joined


def _asynchrony(told: _Told, pair: PairMeasures) -> Iterator[Sentence]:
    """Who was later, and by how much: only where an input's latency does not decide it."""
    found = pair.asynchrony
    if isinstance(found, Void) or found.value.mean_s is None:
        return
    mean_s, sd_s = found.value.mean_s, found.value.sd_s
    stands_out = abs(mean_s) > STANDS_OUT_SE * sd_s / math.sqrt(found.n)
    swapped = stands_out and mean_s < 0
    later, earlier = (pair.second, pair.first) if swapped else (pair.first, pair.second)
    text = say(
        "note.asynchrony" if stands_out else "note.asynchrony_none",
        later=told.names[later],
        earlier=told.names[earlier],
        mean=phrases.milliseconds(abs(mean_s)),
        spread=phrases.milliseconds(sd_s),
        n=found.n,
        share=phrases.percent(found.value.share_matched),
    )
    key = f"asynchrony.{pair.first}.{pair.second}"
    yield told.sentence(key, text, _together(pair, found.window), found.n, found.window)


def _togetherness(told: _Told, pair: PairMeasures) -> Iterator[Sentence]:
    """Onsets that met more often than by chance; of several pairs nothing, as a band is that of one pair alone."""
    found = pair.asynchrony
    if isinstance(found, Void) or found.band is None or len(_told_pairs(told)) > 1:
        return
    if found.value.share_matched <= found.band.high:
        return
    text = say(
        "note.togetherness",
        first=told.names[pair.first],
        second=told.names[pair.second],
        share=phrases.percent(found.value.share_matched),
        low=phrases.percent(found.band.low),
        high=phrases.percent(found.band.high),
        n=found.n,
    )
    key = f"togetherness.{pair.first}.{pair.second}"
    yield told.sentence(key, text, _together(pair, found.window), found.n, found.window)


def _following(told: _Told, pair: PairMeasures) -> Iterator[Sentence]:
    """Who followed whom beyond what unrelated players do."""
    if isinstance(pair.following, Void):
        return
    for follower, leader, window in _who_followed(told.measures, pair):
        text = say("note.following", follower=told.names[follower], leader=told.names[leader], n=pair.following.n)
        key = f"following.{follower}.{leader}"
        yield told.sentence(key, text, _together(pair, window), pair.following.n, window)


def _who_followed(measures: SessionMeasures, pair: PairMeasures) -> list[tuple[Seat, Seat, Window]]:
    """Follower, leader and where it was measured: of a group by the band over all its directions at once."""
    ways = ((pair.first, pair.second, FIRST_FOLLOWS), (pair.second, pair.first, SECOND_FOLLOWS))
    if len(measures.players) > 2:
        matrix = measures.group.following
        if isinstance(matrix, Void):
            return []
        found = {(cell.follower, cell.leader) for cell in matrix.value.cells if cell.follows}
        return [(follower, leader, matrix.window) for follower, leader, _ in ways if (follower, leader) in found]
    if isinstance(pair.following, Void):
        return []
    verdict, window = pair.following.value.verdict, pair.following.window
    return [(follower, leader, window) for follower, leader, verdicts in ways if verdict in verdicts]


def _together(pair: PairMeasures, within: Window) -> list[Window]:
    """The passages with both in the stretch that was measured, or the whole of it where there were none."""
    passages = () if isinstance(pair.joint_passages, Void) else pair.joint_passages.value.passages
    cut = [Window(max(p.start_s, within.start_s), min(p.end_s, within.end_s)) for p in passages]
    return [passage for passage in cut if passage.length_s > 0] or [within]


def _marks(told: _Told) -> Iterator[Sentence]:
    by_label: dict[str, list[Window]] = defaultdict(list)
    for event in told.session.events:
        if isinstance(event, Mark):
            by_label[event.label].append(Window(event.start_s, event.time_s))
    for place, (label, moments) in enumerate(by_label.items()):
        text = say("note.marks_labelled" if label else "note.marks", label=label, n=len(moments))
        yield told.sentence(f"marks.{place}", text, moments, len(moments))


def _choices(told: _Told) -> Iterator[Sentence]:
    by_choice: dict[tuple[Seat, str], list[Window]] = defaultdict(list)
    for event in told.session.events:
        if isinstance(event, Choice):
            by_choice[event.seat, event.choice].append(Window(event.time_s, event.time_s))
    for place, ((seat, choice), moments) in enumerate(by_choice.items()):
        who = told.names.get(seat, seat)
        text = say("note.choices", who=who, choice=choice, n=len(moments))
        yield told.sentence(f"choices.{place}", text, moments, len(moments))


def _gaps(told: _Told) -> Iterator[Sentence]:
    gaps = [event for event in told.session.events if isinstance(event, Gap)]
    for place, gap in enumerate(gaps):
        window = Window(gap.start_s, gap.end_s)
        text = say("note.gap", length=phrases.length(window.length_s), at=phrases.clock(gap.start_s), reason=gap.reason)
        yield told.sentence(f"gap.{place}", text, [window], 1)


def _not_captured(told: _Told) -> Sentence:
    """Whatever no input of this session could hear or see; it rests on no moment."""
    heard = {type(event) for event in told.session.events}
    missing = [say("note.movement"), say("note.looking")]
    if VoicePitch not in heard:
        missing.insert(0, say("note.voice"))
    if AudioOnset not in heard:
        missing.append(say("note.acoustic_instruments"))
    text = say("note.not_captured", what=phrases.listed(missing, say("note.or")))
    return told.sentence("not_captured", text, [], 0)


def _longest(windows: Iterable[Window]) -> Window:
    """The first of the longest."""
    return max(windows, key=lambda window: (window.length_s, -window.start_s))
