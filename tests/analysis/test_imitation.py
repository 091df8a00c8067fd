"""Imitation of turns: found where one takes up the other's, by whom, and not where nobody does."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator, default_rng

from mtsession.analysis import encoding
from mtsession.analysis.imitation import Answer, Aspect, Imitation, answers_to, imitation
from mtsession.analysis.patterns import LONGEST, Patterns, contours, rhythms, similarities
from mtsession.analysis.played import Played, from_arrays
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.summary import measure
from mtsession.analysis.table import table
from mtsession.analysis.turns import turns
from mtsession.analysis.words import in_words
from mtsession.events import Seat, SetupChange
from mtsession.session import Player, Role, Session, Turn
from mtsession.simulate.performance import Hit, script_of, session_of
from mtsession.simulate.phrases import Phrase, answer_to, hits_of, new_phrase
from mtsession.simulate.timing import Times

CLIENT, THERAPIST = Seat("client"), Seat("therapist")

BOTH = tuple(Player(seat, Role(seat), "keyboard", "open-keys") for seat in (CLIENT, THERAPIST))


@dataclass(frozen=True)
class Duo:
    """Alternating phrases; the client takes up the therapist's rhythm with a probability."""

    hits: tuple[tuple[Seat, Hit], ...]
    end_s: float

    def played(self, seat: Seat) -> Played:
        hits = [hit for who, hit in self.hits if who == seat]
        starts_s = np.array([hit.time_s for hit in hits])
        held_s = np.array([hit.duration_s for hit in hits])
        return from_arrays(seat, starts_s, starts_s + held_s, pitches=np.array([float(hit.number) for hit in hits]))

    def session(self) -> Session:
        return session_of(BOTH, script_of(self.hits), self.end_s, session_id="duo")


def duo(rng: Generator, rounds: int, takes_up: float) -> Duo:
    hits: list[tuple[Seat, Hit]] = []
    now_s = 1.0
    heard: Phrase | None = None
    for turn in range(2 * rounds):
        phrase = new_phrase(rng, 4, 70)
        if turn % 2 and heard is not None and rng.uniform() < takes_up:
            phrase = answer_to(rng, heard, shift=1)
        heard = phrase
        played = hits_of(rng, phrase, start_s=now_s, beat_s=0.5)
        hits += [((THERAPIST, CLIENT)[turn % 2], hit) for hit in played]
        now_s = max(hit.time_s + hit.duration_s for hit in played) + rng.uniform(0.6, 1.4)
    return Duo(tuple(hits), now_s)


def imitated(one: Played, other: Played, window: Window, n_surrogates: int = 99) -> Measured[Imitation] | Void:
    return imitation((one, turns(one, window)), (other, turns(other, window)), window, n_surrogates)


def of_duo(made: Duo, n_surrogates: int = 99) -> Measured[Imitation]:
    found = imitated(made.played(CLIENT), made.played(THERAPIST), Window(0.0, made.end_s), n_surrogates)
    assert isinstance(found, Measured)
    return found


def above(value: Imitation) -> set[str]:
    return {claim for claim, size in value.similarity.items() if size > value.chance[claim].high}


def outside(value: Imitation) -> bool:
    return any(not b.low <= value.similarity[claim] <= b.high for claim, b in value.chance.items())


def test_who_takes_up_the_others_turns_is_found_and_not_the_one_who_does_not() -> None:
    """40 sessions of 20 exchanges in which the client takes up every turn: client rhythm 40 of 40, therapist's none."""
    found = [above(of_duo(duo(default_rng(seed), 20, 1.0)).value) for seed in range(40)]
    assert all("client rhythm" in claims for claims in found)
    assert np.mean(["client contour" in claims for claims in found]) >= 0.95
    assert sum(bool(claims & {"therapist rhythm", "therapist contour"}) for claims in found) <= 2


@pytest.mark.parametrize(("takes_up", "rounds", "at_least"), [(0.3, 20, 0.3), (0.6, 20, 0.9), (0.3, 60, 0.85)])
def test_power_grows_with_how_often_a_turn_is_taken_up_and_with_length(
    takes_up: float, rounds: int, at_least: float
) -> None:
    """Client above the band in rhythm or contour, 40 sessions: 3 of 10 turns and 20 exchanges ≥ .3, 6 of 10 ≥ .9,
    3 of 10 and 60 exchanges ≥ .85."""
    found = [above(of_duo(duo(default_rng(seed), rounds, takes_up)).value) for seed in range(100, 140)]
    assert np.mean([bool(claims & {"client rhythm", "client contour"}) for claims in found]) >= at_least


def test_turns_that_nobody_takes_up_lie_outside_any_band_in_at_most_seven_in_a_hundred_sessions() -> None:
    """Four claims at once, 20 exchanges: share of 100 sessions with one outside ≤ .07 (of 400: .035)."""
    found = [outside(of_duo(duo(default_rng(seed), 20, 0.0), 199).value) for seed in range(1000, 1100)]
    assert np.mean(found) <= 0.07


def with_pitches(rng: Generator, starts_s: Times, seat: Seat) -> Played:
    walk = np.cumsum(rng.integers(-4, 5, len(starts_s)))
    return from_arrays(seat, starts_s, starts_s + 0.2, pitches=48.0 + np.abs(walk % 48 - 24))


def test_a_duo_without_pauses_has_no_answers() -> None:
    beat = np.arange(0.5, 60.0, 0.6)
    one, other = (from_arrays(seat, beat, beat + 0.5) for seat in (CLIENT, THERAPIST))
    found = imitated(one, other, Window(0.0, 60.0))
    assert found == Void(VoidReason.TOO_FEW_EVENTS, 0, Window(0.0, 60.0))


def test_every_answer_stands_with_its_two_windows_and_the_close_ones_are_told() -> None:
    made = duo(default_rng(2), 12, 1.0)
    measured = of_duo(made)
    first = measured.value.answers[0]
    assert (first.giver, first.taker) == (THERAPIST, CLIENT)
    assert first.turn.start_s == pytest.approx(1.0)
    assert first.turn.end_s < first.answer.start_s < first.answer.end_s
    assert measured.n == len(measured.value.answers) == 23
    by_client = [answer for answer in measured.value.answers if answer.taker == CLIENT]
    assert np.mean([answer.rhythm or 0.0 for answer in by_client]) == pytest.approx(
        measured.value.similarity["client rhythm"]
    )
    assert measured.value.n_answers["client rhythm"] == 12


def test_an_echo_is_close_and_an_unlike_or_unknown_answer_is_not() -> None:
    answer = Answer(CLIENT, THERAPIST, Window(0, 1), Window(1, 2), 0.8, None)
    assert answer.close
    assert not replace(answer, contour=0.7).close
    assert not replace(answer, rhythm=None).close


def patterns_of(*onsets_s: list[float], pitches: list[list[float]] | None = None) -> tuple[Patterns, Patterns]:
    """Each list is a turn of its own, 10 s after the one before."""
    starts_s = [10.0 * k + at for k, turn in enumerate(onsets_s) for at in turn]
    numbers = [60.0] * len(starts_s) if pitches is None else [pitch for turn in pitches for pitch in turn]
    starts = np.array(starts_s)
    played = from_arrays(CLIENT, starts, starts + 0.1, pitches=np.array(numbers))
    found = turns(played, Window(0.0, 10.0 * len(onsets_s)))
    assert isinstance(found, Measured)
    assert len(found.value.turns) == len(onsets_s)
    return rhythms(played, found.value.turns), contours(played, found.value.turns)


def alike(patterns: Patterns, one: int = 0, other: int = 1) -> float:
    return float(similarities(patterns, patterns, np.array([one]), np.array([other]))[0])


def test_a_rhythm_is_the_same_at_another_tempo_and_a_little_uneven() -> None:
    same, _ = patterns_of([0, 0.5, 1.0, 2.0], [0, 0.3, 0.6, 1.2], [0, 0.52, 0.99, 2.03], [0, 1.0, 1.5, 2.0])
    assert (alike(same, 0, 1), alike(same, 0, 2)) == (1.0, 1.0)
    assert alike(same, 0, 3) == 0.0


def test_one_note_more_costs_its_signs_and_no_more() -> None:
    rhythm, _ = patterns_of([0, 0.5, 1.0, 1.5, 2.0, 2.5], [0, 0.5, 1.0, 1.5, 2.0])
    assert alike(rhythm) == pytest.approx(1 - 1 / 4)


def test_a_contour_is_the_same_from_another_note_and_moved_within_the_scale() -> None:
    times = [0, 0.5, 1.0, 1.5]
    melody, moved, upside_down = [60.0, 62, 64, 67], [67.0, 69, 72, 74], [67.0, 64, 62, 60]
    _, contour = patterns_of(times, times, times, pitches=[melody, moved, upside_down])
    assert alike(contour, 0, 1) == 1.0
    assert alike(contour, 0, 2) == 0.0


def test_a_leap_is_no_step() -> None:
    times = [0, 0.5, 1.0]
    _, contour = patterns_of(times, times, pitches=[[60, 62, 64], [60, 62, 74]])
    assert alike(contour) == 0.5


def test_the_highest_note_of_a_chord_is_the_melody() -> None:
    starts = np.array([0, 0.01, 0.5, 1.0, 10.0, 10.5, 11.0])
    played = from_arrays(CLIENT, starts, starts + 0.1, pitches=np.array([48.0, 72, 74, 76, 60, 62, 64]))
    found = turns(played, Window(0.0, 20.0))
    assert isinstance(found, Measured)
    assert alike(contours(played, found.value.turns)) == 1.0


def test_percussion_has_a_rhythm_and_no_contour() -> None:
    made = duo(default_rng(3), 20, 1.0)
    drums = replace(made.played(CLIENT), pitches=np.full(len(made.played(CLIENT)), np.nan))
    found = imitated(drums, made.played(THERAPIST), Window(0.0, made.end_s))
    assert isinstance(found, Measured)
    assert set(found.value.similarity) == {"client rhythm", "therapist rhythm"}
    assert {answer.contour for answer in found.value.answers} == {None}


def _edit_distance(one: list[int], other: list[int]) -> int:
    """The textbook's, one cell at a time."""
    row = list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, against in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (sign != against))
    return row[-1]


signs = st.lists(st.integers(-3, 3), min_size=1, max_size=LONGEST)


@given(st.lists(st.tuples(signs, signs), min_size=1, max_size=8))
def test_similarity_is_one_less_the_edit_distance_over_the_longer_length(
    pairs: list[tuple[list[int], list[int]]],
) -> None:
    one, other = (_packed([pair[at] for pair in pairs]) for at in (0, 1))
    each = np.arange(len(pairs))
    exact = [1 - _edit_distance(a, b) / max(len(a), len(b)) for a, b in pairs]
    assert similarities(one, other, each, each) == pytest.approx(exact)
    assert similarities(other, one, each, each) == pytest.approx(exact)
    assert similarities(one, one, each, each) == pytest.approx(1.0)


def _packed(rows: list[list[int]]) -> Patterns:
    packed = np.zeros((LONGEST, len(rows)), dtype=np.int8)
    for at, row in enumerate(rows):
        packed[: len(row), at] = row
    return Patterns(packed, np.array([len(row) for row in rows]))


def turn(seat: Seat, start_s: float, end_s: float) -> Turn:
    return Turn(seat, start_s, end_s, 4)


def test_a_turn_is_answered_by_the_others_next_begun_200_ms_after_it_and_within_10_s() -> None:
    given_ = [turn(THERAPIST, 0, 2), turn(THERAPIST, 4, 6), turn(THERAPIST, 20, 22), turn(THERAPIST, 40, 41)]
    taken = [turn(CLIENT, 0.1, 1), turn(CLIENT, 3, 3.5), turn(CLIENT, 6.5, 7), turn(CLIENT, 8, 9), turn(CLIENT, 35, 36)]
    of_given, of_taken = answers_to(given_, taken)
    assert list(zip(of_given.tolist(), of_taken.tolist(), strict=True)) == [(0, 1), (1, 2)]


def test_too_few_answers_and_a_silent_player_are_void_with_the_reason() -> None:
    made = duo(default_rng(5), 7, 1.0)
    found = imitated(made.played(CLIENT), made.played(THERAPIST), Window(0.0, made.end_s))
    assert found == Void(VoidReason.TOO_FEW_EVENTS, 13, Window(0.0, made.end_s))
    nobody = from_arrays(CLIENT, np.empty(0), np.empty(0))
    silent = imitated(nobody, made.played(THERAPIST), Window(0.0, 60.0))
    assert silent == Void(VoidReason.NEVER_PLAYED, 0, Window(0.0, 60.0))


def test_a_hundred_thousand_notes_are_compared() -> None:
    rng, window = default_rng(6), Window(0.0, 24_000.0)
    one, other = (with_pitches(rng, np.sort(rng.uniform(0, 24_000, 50_000)), seat) for seat in (CLIENT, THERAPIST))
    assert isinstance(imitated(one, other, window, 9), Measured)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(-300, 300))
def test_shifting_all_times_and_playing_twice_as_slowly_changes_nothing(seed: int, shift: int) -> None:
    made = duo(default_rng(seed), 10, 0.5)
    made = Duo(tuple((seat, replace(hit, time_s=round(hit.time_s * 64) / 64)) for seat, hit in made.hits), made.end_s)
    plain = of_duo(made, 0).value
    moved = Duo(tuple((seat, replace(hit, time_s=hit.time_s + shift)) for seat, hit in made.hits), made.end_s)
    window = Window(float(shift), made.end_s + shift)
    there = imitated(moved.played(CLIENT), moved.played(THERAPIST), window, 0)
    assert isinstance(there, Measured)
    assert there.value.similarity == pytest.approx(plain.similarity)
    assert all(0 <= size <= 1 for size in plain.similarity.values())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000))
def test_swapping_the_players_names_the_same_claims_and_similarities(seed: int) -> None:
    made = duo(default_rng(seed), 10, 0.5)
    window = Window(0.0, made.end_s)
    here = imitated(made.played(CLIENT), made.played(THERAPIST), window, 0)
    there = imitated(made.played(THERAPIST), made.played(CLIENT), window, 0)
    assert isinstance(here, Measured)
    assert isinstance(there, Measured)
    assert there.value.similarity == pytest.approx(here.value.similarity)
    assert there.value.answers == here.value.answers


def test_a_pitch_assist_takes_the_contour_and_a_beat_the_rhythm() -> None:
    session = duo(default_rng(7), 12, 1.0).session()
    for assist, gone in (
        ("scale palette", Aspect.CONTOUR),
        ("chord-follow", Aspect.CONTOUR),
        ("quantise", Aspect.RHYTHM),
    ):
        assisted = replace(session, setup=replace(session.setup, assists={assist: "on"}))
        found = measure(assisted, n_surrogates=9).pairs[0].imitation
        assert isinstance(found, Measured)
        assert set(found.value.void) == {gone}
        assert not any(claim.endswith(gone) for claim in found.value.similarity)


def test_an_assist_on_in_a_part_of_the_session_takes_the_aspect_with_its_reason() -> None:
    session = duo(default_rng(7), 12, 1.0).session()
    changed = replace(session, events=(*session.events, SetupChange(20.0, CLIENT, "chord-follow", "on")))
    found = measure(changed, n_surrogates=0).pairs[0].imitation
    assert isinstance(found, Measured)
    assert found.value.void == {Aspect.CONTOUR: VoidReason.CHORD_FOLLOW}


def test_the_bands_are_said_with_their_claims_and_survive_being_written_down() -> None:
    measures = measure(duo(default_rng(8), 20, 1.0).session(), n_surrogates=99)
    said = next(sentence for sentence in in_words(measures) if "alike" in sentence)
    assert "rhythm of the client's answers" in said
    assert "turns in another order: " in said
    assert encoding.from_json(encoding.to_json(measures)) == measures
    lines = {line.field: line for line in table(measures) if line.measure == "imitation"}
    assert lines["chance_low client rhythm"].surrogate == "turns of one player shuffled; all claims together, 99 times"
    assert lines["similarity client rhythm"].surrogate == ""
    rows = {row.quantity: row for row in measures.rows() if row.measure == "imitation"}
    assert rows["chance_low client rhythm"].value is not None
    assert (rows["similarity client rhythm"].value or 0) > (rows["chance_high client rhythm"].value or 1)
