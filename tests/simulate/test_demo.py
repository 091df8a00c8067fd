"""The demo's performance: the same for the same seed, with the parts it promises."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest

from mtsession.events import Contact, Lift, NoteOn
from mtsession.session import Role
from mtsession.simulate.demo import CLIENT, THERAPIST, demo_performance
from mtsession.simulate.performance import Performance, Truth
from mtsession.simulate.phrases import CHORDS, SCALE


def test_the_same_seed_gives_the_same_performance_and_another_seed_another() -> None:
    assert demo_performance(3) == demo_performance(3)
    assert demo_performance(3).script != demo_performance(4).script


@pytest.mark.parametrize("length_s", [30.0, 44.0, 90.0, 250.0, 600.0])
def test_all_that_is_played_lies_in_the_length_asked_for(length_s: float) -> None:
    performance = demo_performance(1, length_s)
    times_s = [event.time_s for event in performance.script]
    assert times_s == sorted(times_s)
    assert times_s[0] > 0.0
    assert times_s[-1] < length_s


def test_contacts_count_from_one_in_the_order_of_time_and_each_is_lifted_once() -> None:
    script = demo_performance(2).script
    contacts = [event.id for event in script if isinstance(event, Contact)]
    assert contacts == list(range(1, len(contacts) + 1))
    assert sorted(event.contact_id for event in script if isinstance(event, Lift)) == contacts


def test_a_key_is_let_go_before_it_is_struck_again() -> None:
    held: set[tuple[str, int]] = set()
    keys: dict[int, tuple[str, int]] = {}
    for event in demo_performance(5, 250.0).script:
        if isinstance(event, Contact):
            keys[event.id] = (event.seat, event.number)
            assert keys[event.id] not in held
            held.add(keys[event.id])
        else:
            held.remove(keys[event.contact_id])


def test_a_client_and_a_therapist_take_turns_fall_silent_and_play_together() -> None:
    performance = demo_performance(1)
    assert [player.role for player in performance.players] == [Role.CLIENT, Role.THERAPIST]
    kinds = [stretch.kind for stretch in performance.truth.stretches]
    assert kinds == ["turns", "silence", "together"]
    silence = performance.truth.stretches[1]
    assert silence.end_s - silence.start_s >= 3.0
    played = [
        e for e in performance.script if isinstance(e, Contact) and silence.start_s < e.time_s < silence.end_s - 0.1
    ]
    assert played == []


@pytest.mark.parametrize("seed", range(1, 9))
def test_each_answers_the_other_at_least_eight_times_with_the_gap_in_the_truth(seed: int) -> None:
    truth = demo_performance(seed).truth
    assert min(sum(t.taker == seat for t in truth.transfers) for seat in (CLIENT, THERAPIST)) >= 8
    for transfer in truth.transfers:
        given = max(t.end_s for t in truth.turns if t.seat == transfer.giver and t.end_s < transfer.time_s)
        assert transfer.time_s - given == pytest.approx(transfer.gap_s)


def test_the_tempo_of_the_stretch_together_changes() -> None:
    bpm = [point.bpm for point in demo_performance(1).truth.tempo]
    assert bpm[0] == 84.0
    assert bpm[-1] == 100.0
    assert all(later >= earlier for earlier, later in pairwise(bpm))


def test_both_play_in_one_pentatonic_scale_over_its_chords() -> None:
    numbers = {e.number for e in demo_performance(6).script if isinstance(e, Contact)}
    chord_notes = {note + octave for chord in CHORDS for note in chord for octave in (0, 12)}
    assert numbers <= {*SCALE} | chord_notes


def test_the_truth_survives_being_written_down() -> None:
    truth = demo_performance(1).truth
    assert msgspec.json.decode(msgspec.json.encode(truth), type=Truth) == truth


def test_a_session_of_it_holds_every_contact_as_a_note() -> None:
    performance: Performance = demo_performance(1)
    session = performance.session()
    contacts = [event for event in performance.script if isinstance(event, Contact)]
    assert len([event for event in session.events if isinstance(event, NoteOn)]) == len(contacts)
    assert session.setup.simulated
    note = session.notes(CLIENT)[0]
    assert (note.contact_s, note.pitch) == next((c.time_s, c.number) for c in contacts if c.seat == CLIENT)


def test_too_short_a_performance_is_refused() -> None:
    with pytest.raises(ValueError, match="30"):
        demo_performance(1, 29.0)
