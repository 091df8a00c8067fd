"""What the measures say describes, with its n, and never interprets."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.random import default_rng

from mtsession.analysis.result import VoidReason
from mtsession.analysis.summary import GroupMeasures, PairMeasures, PlayerMeasures, measure
from mtsession.analysis.words import does_not_show, in_words, name_of, reason_in_words
from mtsession.events import Seat
from mtsession.session import Player, Role, Session
from mtsession.simulate.demo import demo_performance
from mtsession.simulate.performance import Hit, script_of, session_of
from mtsession.simulate.timing import poisson_onsets, steady_onsets
from mtsession.wording import banned_words_in, catalogue

MEASURES = sorted(
    {f.name for kind in (PlayerMeasures, PairMeasures, GroupMeasures) for f in fields(kind)}
    - {"seat", "role", "first", "second"}
)


def session(length_s: float = 60.0, **onsets_s: object) -> Session:
    roles = {"client": Role.CLIENT, "therapist": Role.THERAPIST, "assistant": Role.CO_THERAPIST}
    seats = {seat.replace("_", "-"): np.asarray(times, dtype=np.float64) for seat, times in onsets_s.items()}
    players = [Player(Seat(s), roles[s.split("-")[0]], "keyboard", "open-keys") for s in seats]
    hits = [(Seat(s), Hit(float(t), 0.2, 60, 64)) for s, times in seats.items() for t in times]
    return session_of(players, script_of(hits), length_s, session_id="made")


def many_shapes() -> list[Session]:
    rng = default_rng(1)
    beat = steady_onsets(rng, 90.0, 60.0, 0.01)
    shapes = [demo_performance(seed, length_s).session() for seed, length_s in ((1, 30.0), (2, 90.0), (3, 200.0))]
    shapes += [
        session(client=[], therapist=[]),
        session(client=[3.0], therapist=[]),
        session(client=[3.0, 10.0], therapist=[3.01, 20.0, 30.0]),
        session(client=beat + 0.02, therapist=beat),
        session(client=poisson_onsets(rng, 2.0, 60.0), therapist=poisson_onsets(rng, 2.0, 60.0)),
        session(client=beat),
        session(assistant=beat, client_1=beat, client_2=poisson_onsets(rng, 1.0, 60.0), therapist=beat[::4]),
        session(client=np.arange(0.0, 60.0, 6.0), therapist=np.arange(0.15, 60.0, 6.0)),
    ]
    held = many_held_overlaps()
    unknown = replace(shapes[6], setup=replace(shapes[6].setup, latency_s={}))
    return [*shapes, held, unknown]


def many_held_overlaps() -> Session:
    """Each answers before the other has ended."""
    players = [Player(Seat(role), Role(role), "keyboard", "open-keys") for role in ("client", "therapist")]
    hits = [(players[k % 2].seat, Hit(3.0 * k, 3.5, 60, 64)) for k in range(20)]
    return session_of(players, script_of(hits), 60.0, session_id="held")


def test_no_sentence_of_any_session_interprets() -> None:
    for shape in many_shapes():
        said = in_words(measure(shape))
        assert said
        assert [banned_words_in(sentence) for sentence in said if banned_words_in(sentence)] == []


def test_no_text_of_the_catalogue_interprets() -> None:
    for text in catalogue("analysis").values():
        for form in [text] if isinstance(text, str) else text.values():
            assert banned_words_in(form) == ()


def test_every_measure_has_a_plain_name_and_says_what_it_does_not_show() -> None:
    for measure_name in MEASURES:
        assert name_of(measure_name)
        assert does_not_show(measure_name).startswith("Does not show")


@pytest.mark.parametrize("reason", VoidReason)
def test_every_reason_stands_in_words(reason: VoidReason) -> None:
    assert reason_in_words(reason)


def test_a_void_measure_says_its_reason_and_its_n() -> None:
    said = in_words(measure(session(client=[3.0, 4.0], therapist=np.arange(0, 60, 0.5))))
    assert "The client, tempo: too few events for a figure (n = 2)." in said


def test_a_player_without_a_note_is_told_once_and_not_for_each_measure() -> None:
    said = in_words(measure(session(client=[], therapist=np.arange(0, 60, 0.5))))
    assert [sentence for sentence in said if sentence.startswith("The client,")] == [
        "The client, playing: no note was played (n = 0)."
    ]


def test_who_was_later_is_said_in_words() -> None:
    beat = np.arange(1.0, 50.0, 0.8)
    later = in_words(measure(session(client=beat + 0.03, therapist=beat)))
    assert any("the client was a mean of 30 ms later than the therapist" in sentence for sentence in later)
    earlier = in_words(measure(session(client=beat - 0.03, therapist=beat)))
    assert any("the client was a mean of 30 ms earlier than the therapist" in sentence for sentence in earlier)


def test_the_chance_band_stands_beside_the_share() -> None:
    said = in_words(measure(demo_performance(1).session()))
    assert any("% of onsets; unrelated playing: " in sentence for sentence in said)
    short = in_words(measure(session(25.0, client=np.arange(0, 20, 0.5), therapist=np.arange(0, 20, 0.5))))
    assert not any("unrelated playing" in sentence for sentence in short)


def test_without_a_known_latency_nobody_is_called_later() -> None:
    beat = np.arange(1.0, 50.0, 0.8)
    played = session(client=beat + 0.03, therapist=beat)
    unknown = replace(played, setup=replace(played.setup, latency_s={}))
    said = [sentence for sentence in in_words(measure(unknown)) if "onsets met" in sentence]
    assert len(said) == 1
    assert "who was later is not told: the delay of an input is not known" in said[0]


def test_an_overlap_is_told_as_beginning_before_the_others_end() -> None:
    said = in_words(measure(many_held_overlaps()))
    assert any("began a median of 0.50 s before the therapist's turns ended" in sentence for sentence in said)
