"""Draft notes: fixed sentences over logged facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtsession.analysis.following import Following, Verdict
from mtsession.analysis.result import ChanceBand, Measured, Void, VoidReason, Window
from mtsession.analysis.summary import PairMeasures, SessionMeasures, measure
from mtsession.analysis.tempo import TempoCurve
from mtsession.analysis.togetherness import Asynchrony
from mtsession.analysis.turns import Transfers
from mtsession.events import AudioOnset, Choice, Event, Gap, Mark, Pass, Seat, SetupChange, VoicePitch
from mtsession.record.notes.draft import draft_note
from mtsession.record.notes.note import Evidence, Sentence, SessionNote
from mtsession.record.notes.phrases import clock
from mtsession.session import FloorTransfer, Player, Role, Session, Setup
from mtsession.simulate.demo import demo_performance
from mtsession.simulate.performance import Hit, Performance, Truth, script_of
from mtsession.simulate.samples import SAMPLES
from mtsession.wording import banned_words_in

CLIENT, THERAPIST = Seat("client"), Seat("therapist")
CODES = {CLIENT: "K-07"}
WINDOW = Window(0.0, 120.0)


def session_of(
    client_s: Sequence[float],
    therapist_s: Sequence[float],
    *,
    events: Sequence[Event] = (),
    access: dict[str, str] | None = None,
    setup: Setup | None = None,
) -> Session:
    """Two minutes in which the two play notes of 0.4 s at these times."""
    players = (
        Player(CLIENT, Role.CLIENT, "pads", "dawn", access or {}),
        Player(THERAPIST, Role.THERAPIST, "keyboard", "dawn"),
    )
    hits = [
        (seat, Hit(at_s, 0.4, 60, 80))
        for seat, times in ((CLIENT, client_s), (THERAPIST, therapist_s))
        for at_s in times
    ]
    played = Performance(players, script_of(hits), Truth(1, 120.0, (), (), (), ())).session()
    in_order = sorted(
        (*played.events, *events), key=lambda event: getattr(event, "time_s", getattr(event, "start_s", 0.0))
    )
    return replace(played, events=tuple(in_order), setup=setup or played.setup)


def drafted(session: Session, measures: SessionMeasures | None = None) -> dict[str, Sentence]:
    """The sentences by their keys."""
    note = draft_note(session, measures or measure(session), CODES)
    return {sentence.key: sentence for sentence in note.sentences}


def with_pair(session: Session, **changes: object) -> SessionMeasures:
    """The session's measures with some of its one pair's replaced."""
    measures = measure(session)
    (pair,) = measures.pairs
    changed: PairMeasures = replace(pair, **changes)  # type: ignore[arg-type]
    return replace(measures, pairs=(changed,))


@pytest.fixture
def alternating() -> Session:
    """Nine exchanges: the therapist plays three notes, the client answers 0.5 s after the last has ended."""
    starts = [6.0 * index for index in range(9)]
    therapist = [start + step for start in starts for step in (0.0, 0.5, 1.0)]
    client = [start + 1.9 + step for start in starts for step in (0.0, 0.5, 1.0)]
    return session_of(client, therapist)


def test_participation_says_minutes_instrument_and_access() -> None:
    session = session_of([1.0, 2.0, 3.0], [70.0], access={"hold to play": "250 ms"})
    sentences = drafted(session)
    assert sentences["participation.client"].text == "K-07 played in 1 of 2 minutes, on pads, with hold to play 250 ms."
    assert sentences["participation.client"].n == 3
    assert sentences["participation.therapist"].text == (
        "The therapist played in 1 of 2 minutes, on keyboard, with direct access."
    )


def test_without_a_code_the_client_is_the_client() -> None:
    session = session_of([1.0], [2.0])
    first, *_ = draft_note(session, measure(session), {}).sentences
    assert first.text.startswith("The client played in 1 of 2 minutes")


def test_who_never_played_is_said_to_have_played_no_notes() -> None:
    sentences = drafted(session_of([], [1.0, 2.0]))
    assert sentences["participation.client"].text == "K-07 played no notes."
    assert sentences["participation.client"].n == 0
    assert "stretches.client" not in sentences


def test_the_longest_stretch_and_the_longest_pause_lead_to_their_moments() -> None:
    sentence = drafted(session_of([10.0, 11.0, 12.0, 50.0], [1.0]))["stretches.client"]
    assert sentence.text == (
        "K-07’s longest stretch of playing was 4.0 s, from 00:10;"
        " the longest without playing was 1 min 10 s, from 00:50."
    )
    assert [window.label for window in sentence.evidence] == ["00:10", "00:50"]


def test_playing_without_a_pause_is_said_so() -> None:
    sentence = drafted(session_of([float(at) for at in range(120)], [1.0]))["stretches.client"]
    assert sentence.text.endswith("there was no pause of 3 s or more.")


def test_first_after_silence_counts_the_clients_of_all_shared_silences() -> None:
    sentence = drafted(session_of([20.0, 40.0, 60.0], [0.0, 80.0]))["first_after_silence.client"]
    assert sentence.text == "K-07 played first after 3 of 4 shared silences of 3 s or more."
    assert [window.label for window in sentence.evidence] == ["00:00", "00:20", "00:40", "01:00"]


def test_answers_have_median_middle_half_and_n(alternating: Session) -> None:
    sentence = drafted(alternating)["answers.therapist.client"]
    assert sentence.text == (
        "After the therapist’s phrases, K-07’s next note came after a median of 0.50 s"
        " (middle half 0.50–0.50 s; n = 9)."
    )
    assert sentence.n == 9
    assert sentence.evidence[0].start_s == pytest.approx(1.4)
    assert sentence.evidence[0].end_s == pytest.approx(1.9)


def test_overlapping_answers_say_that_below_zero_is_overlap(alternating: Session) -> None:
    transfers = (FloorTransfer(THERAPIST, CLIENT, 5.0, -0.2),)
    overlapping = Transfers(THERAPIST, CLIENT, transfers, 0.1, -0.2, 0.3)
    measures = with_pair(alternating, transfers_from_second=Measured(overlapping, 9, WINDOW))
    assert drafted(alternating, measures)["answers.therapist.client"].text == (
        "After the therapist’s phrases, K-07’s next note came after a median of 0.10 s"
        " (middle half −0.20 to 0.30 s, below zero where the phrases overlapped; n = 9)."
    )


def test_a_sentence_on_a_part_of_the_session_says_which_part(alternating: Session) -> None:
    scanned = replace(alternating, events=(*alternating.events, SetupChange(100.0, CLIENT, "scanning", "on")))
    sentences = drafted(scanned)
    assert sentences["answers.therapist.client"].text.endswith("n = 9). Measured from 00:00 to 01:40 only.")
    assert "only" not in sentences["participation.client"].text


def test_answers_that_came_before_the_end_are_said_to_have(alternating: Session) -> None:
    transfers = (FloorTransfer(THERAPIST, CLIENT, 5.0, -0.2),)
    early = Transfers(THERAPIST, CLIENT, transfers, -0.2, -0.4, 0.1)
    measures = with_pair(alternating, transfers_from_second=Measured(early, 9, WINDOW))
    assert drafted(alternating, measures)["answers.therapist.client"].text == (
        "K-07’s next phrase began a median of 0.20 s before the therapist’s phrase had ended"
        " (middle half −0.40 to 0.10 s from that end; n = 9)."
    )


def test_joint_passages_are_counted_and_the_longest_named() -> None:
    both = [float(at) for at in range(10, 20)] + [float(at) for at in range(60, 90)]
    sentence = drafted(session_of(both, [at + 0.3 for at in both]))["joint_passages.client.therapist"]
    assert sentence.text == (
        "In 2 passages both K-07 and the therapist played for 5 s or more; the longest was 31 s, from 01:00."
    )
    assert sentence.n == len(sentence.evidence) == 2


def test_no_joint_passage_is_said_so(alternating: Session) -> None:
    sentence = drafted(session_of([1.0], [60.0]))["joint_passages.client.therapist"]
    assert sentence.text == "There was no passage in which both K-07 and the therapist played for 5 s or more."


def test_a_stated_tempo_has_its_share_and_its_stretches(alternating: Session) -> None:
    curve = TempoCurve((5.0, 6.0, 40.0, 41.0), (84.2, 83.8, None, 84.0), 84.0, 0.75)
    measures = measure(alternating)
    players = tuple(
        replace(player, tempo=Measured(curve, 3, WINDOW) if player.seat == CLIENT else player.tempo)
        for player in measures.players
    )
    sentence = drafted(alternating, replace(measures, players=players))["tempo.client"]
    assert (
        sentence.text
        == "K-07’s pulse was at a median of 84 beats a minute, found in 75 % of the 10 s windows with playing (n = 3)."
    )
    assert sentence.evidence == (Evidence(0.0, 11.0, "00:00"), Evidence(36.0, 46.0, "00:36"))


def test_no_steady_pulse_is_said_so(alternating: Session) -> None:
    measures = measure(alternating)
    void = Void(VoidReason.NO_STEADY_PULSE, 27, WINDOW)
    players = tuple(replace(player, tempo=void) for player in measures.players)
    sentences = drafted(alternating, replace(measures, players=players))
    assert sentences["tempo.client"].text == "No steady pulse was found in K-07’s playing."
    assert sentences["tempo.therapist"].text == "No steady pulse was found in the therapist’s playing."


@pytest.mark.parametrize(
    ("mean_s", "said"),
    [
        (0.023, "K-07 was later than the therapist by 23 ms on average"),
        (-0.023, "the therapist was later than K-07 by 23 ms on average"),
        (0.004, "neither K-07 nor the therapist was regularly the later one"),
    ],
)
def test_who_was_later_is_said_in_words_where_it_stands_out(alternating: Session, mean_s: float, said: str) -> None:
    value = Asynchrony(40, mean_s, 0.031, 0.03, 0.04, 0.54)
    measures = with_pair(alternating, asynchrony=Measured(value, 40, WINDOW))
    sentence = drafted(alternating, measures)["asynchrony.client.therapist"]
    assert sentence.text == (
        f"Where both played at almost the same time, {said} (n = 40 pairs, spread 31 ms, 54 % of their onsets)."
    )
    assert sentence.n == 40


CHANCE = ChanceBand(0.2, 0.4, "intervals of one player shuffled", 199)


def met(share: float, band: ChanceBand | None) -> Measured[Asynchrony]:
    return Measured(Asynchrony(40, 0.0, 0.031, 0.03, 0.04, share), 40, WINDOW, band)


def test_onsets_that_met_more_than_by_chance_are_told_with_the_band(alternating: Session) -> None:
    sentence = drafted(alternating, with_pair(alternating, asynchrony=met(0.54, CHANCE)))[
        "togetherness.client.therapist"
    ]
    assert sentence.text == (
        "K-07’s and the therapist’s onsets met more often than those of unrelated playing:"
        " 54 % of them did, where chance gives 20 % to 40 % (n = 40 pairs)."
    )
    assert sentence.n == 40
    assert sentence.evidence


@pytest.mark.parametrize(("share", "band"), [(0.4, CHANCE), (0.3, CHANCE), (0.1, CHANCE), (0.9, None)])
def test_onsets_that_met_as_by_chance_are_left_out(alternating: Session, share: float, band: ChanceBand | None) -> None:
    measures = with_pair(alternating, asynchrony=met(share, band))
    assert "togetherness.client.therapist" not in drafted(alternating, measures)


@pytest.mark.parametrize(
    ("verdict", "keys"),
    [
        (Verdict.FIRST_FOLLOWS, {"following.client.therapist"}),
        (Verdict.SECOND_FOLLOWS, {"following.therapist.client"}),
        (Verdict.MUTUAL, {"following.client.therapist", "following.therapist.client"}),
        (Verdict.INDEPENDENT, set()),
        (None, set()),
    ],
)
def test_who_followed_whom_is_told_only_beyond_chance(
    alternating: Session, verdict: Verdict | None, keys: set[str]
) -> None:
    found = Measured(Following(verdict, 0.5, 0.1, 0.0, None, None), 60, Window(0.0, 45.0))
    sentences = drafted(alternating, with_pair(alternating, following=found))
    told = {key: sentence for key, sentence in sentences.items() if key.startswith("following")}
    assert set(told) == keys
    assert all(sentence.n == 60 for sentence in told.values())
    assert all(evidence.end_s <= 45 for sentence in told.values() for evidence in sentence.evidence)


def test_the_sample_whose_client_follows_says_so_and_not_the_other_way() -> None:
    sentences = drafted(SAMPLES["following"].performance().session())
    assert sentences["following.client.therapist"].text.startswith(
        "K-07 followed the therapist more closely than unrelated players do: a step that the therapist made longer or"
        " shorter, K-07 made so next (n = "
    )
    assert "following.therapist.client" not in sentences


def test_players_who_do_not_hear_each_other_are_not_said_to_be_together() -> None:
    sentences = drafted(SAMPLES["free-and-pulseless"].performance().session())
    assert not [key for key in sentences if key.startswith(("togetherness", "following"))]


def test_of_a_group_who_followed_whom_is_told_by_the_band_of_all_directions() -> None:
    session = SAMPLES["group-of-four"].performance().session()
    measures = measure(session)
    found = measures.group.following
    assert isinstance(found, Measured)
    clear = {f"following.{cell.follower}.{cell.leader}" for cell in found.value.cells if cell.follows}
    told = {key for key in drafted(session, measures) if key.startswith("following")}
    assert told
    assert told <= clear
    nobody = replace(found, value=replace(found.value, cells=()))
    silent = drafted(session, replace(measures, group=replace(measures.group, following=nobody)))
    assert not [key for key in silent if key.startswith("following")]


def test_with_an_unknown_latency_nobody_is_called_later(alternating: Session) -> None:
    value = Asynchrony(40, None, 0.031, None, None, 0.54, VoidReason.LATENCY_UNKNOWN)
    measures = with_pair(alternating, asynchrony=Measured(value, 40, WINDOW))
    assert "asynchrony.client.therapist" not in drafted(alternating, measures)


@pytest.mark.parametrize("reason", list(VoidReason))
def test_what_is_void_is_left_out_whatever_the_reason(alternating: Session, reason: VoidReason) -> None:
    void = Void(reason, 3, WINDOW)
    voids = {"transfers_from_second": void, "joint_passages": void, "asynchrony": void, "first_after_silence": void}
    sentences = drafted(alternating, with_pair(alternating, **voids))
    assert not [
        key
        for key in sentences
        if key.split(".")[0] in {"answers", "joint_passages", "asynchrony", "first_after_silence"}
    ]


def test_quantised_playing_says_nothing_of_who_was_later() -> None:
    both = [0.6 * index for index in range(100)]
    free = session_of(both, [at + 0.02 for at in both])
    snapped = replace(free, setup=replace(free.setup, assists={"quantise": "on"}))
    assert "asynchrony.client.therapist" in drafted(free)
    assert "asynchrony.client.therapist" not in drafted(snapped)


def test_marks_are_counted_by_their_labels() -> None:
    marks = [
        Mark(30.0, THERAPIST, 20.0),
        Mark(40.0, THERAPIST, 35.0, "smile"),
        Mark(60.0, THERAPIST, 50.0),
    ]
    sentences = drafted(session_of([1.0], [2.0], events=marks))
    assert sentences["marks.0"].text == "You marked 2 moments."
    assert sentences["marks.0"].evidence == (Evidence(20.0, 30.0, "00:20"), Evidence(50.0, 60.0, "00:50"))
    assert sentences["marks.1"].text == "You marked “smile” ×1."


def test_a_clients_choices_are_told_in_the_clients_name() -> None:
    sentences = drafted(session_of([1.0], [2.0], events=[Choice(100.0, CLIENT, "finished")]))
    assert sentences["choices.0"].text == "K-07 chose “finished” ×1."
    assert sentences["choices.0"].evidence == (Evidence(100.0, 100.0, "01:40"),)


def test_a_gap_in_the_log_is_told_with_its_length_and_reason() -> None:
    sentences = drafted(session_of([1.0], [2.0], events=[Gap(60.0, 72.0, "engine restarted")]))
    assert sentences["gap.0"].text == "The log has a gap of 12 s from 01:00: engine restarted."


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ([], "voice, movement, looking or acoustic instruments"),
        ([VoicePitch(1.0, CLIENT, 220.0, 0.9)], "movement, looking or acoustic instruments"),
        ([AudioOnset(1.0, CLIENT, 0.9, Pass.LIVE)], "voice, movement or looking"),
    ],
)
def test_what_was_not_captured_is_said_and_nothing_else(heard: list[Event], said: str) -> None:
    sentence = drafted(session_of([1.0], [2.0], events=heard))["not_captured"]
    assert sentence.text == f"The log does not include {said}."
    assert sentence.evidence == ()


def test_in_a_group_each_client_is_told_with_the_therapist_and_not_with_the_others() -> None:
    session = session_of([float(at) for at in range(60)], [at + 0.5 for at in range(60)])
    other = Seat("client-2")
    third = (*session.players, Player(other, Role.CLIENT, "drums", "dawn"))
    group = replace(session, players=third)
    note = draft_note(group, measure(group), {CLIENT: "K-07", other: "A-02"})
    keys = [sentence.key for sentence in note.sentences]
    assert "joint_passages.client.therapist" in keys
    assert not [key for key in keys if "client.client-2" in key]
    assert "A-02 played no notes." in [sentence.text for sentence in note.sentences]


def test_a_fresh_draft_has_nothing_ticked_and_says_whether_it_was_simulated(alternating: Session) -> None:
    note = draft_note(alternating, measure(alternating), CODES)
    assert not [sentence for sentence in note.sentences if sentence.ticked]
    assert note.own.is_empty
    assert note.simulated
    assert note.clients == CODES
    assert (note.session_id, note.started_at, note.duration_s) == (alternating.id, alternating.started_at, 120.0)


def test_the_same_session_gives_the_same_draft(alternating: Session) -> None:
    assert draft_note(alternating, measure(alternating), CODES) == draft_note(alternating, measure(alternating), CODES)


def sound(note: SessionNote, session: Session) -> None:
    """What every draft must be, whatever was played."""
    keys = [sentence.key for sentence in note.sentences]
    assert len(set(keys)) == len(keys)
    for sentence in note.sentences:
        assert banned_words_in(sentence.text) == ()
        assert sentence.text[0].isupper()
        assert sentence.text.endswith(".")
        assert "{" not in sentence.text
        assert sentence.n >= 0
        assert sentence.evidence or sentence.key == "not_captured"
        for moment in sentence.evidence:
            assert 0.0 <= moment.start_s <= moment.end_s <= session.duration_s + 5.0
            assert moment.label == clock(moment.start_s)


@pytest.mark.parametrize("seed", range(12))
def test_no_draft_of_a_simulated_session_interprets(seed: int) -> None:
    session = demo_performance(seed, 60.0 + 10.0 * (seed % 4)).session()
    note = draft_note(session, measure(session), CODES)
    assert len(note.sentences) > 6
    sound(note, session)


onsets = st.lists(st.floats(0.0, 119.0), max_size=40)


@settings(deadline=None, max_examples=40)
@given(onsets, onsets)
def test_no_draft_of_anything_that_can_be_played_interprets(client_s: list[float], therapist_s: list[float]) -> None:
    session = session_of(client_s, therapist_s)
    sound(draft_note(session, measure(session), {}), session)
