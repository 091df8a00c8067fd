"""Ninety seconds of a client and a therapist: turns with known gaps, a shared silence, a stretch in time together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from numpy.random import Generator, default_rng

from mtsession.events import Seat
from mtsession.session import Player, Role, Turn
from mtsession.simulate.performance import Hit, Performance, Stretch, TempoPoint, TrueTransfer, Truth, script_of
from mtsession.simulate.phrases import CHORDS, Phrase, answer_to, hits_of, new_phrase
from mtsession.simulate.timing import gap_s
from mtsession.simulate.together import play_together

CLIENT, THERAPIST = Seat("client"), Seat("therapist")

PLAYERS = (
    Player(CLIENT, Role.CLIENT, "pads", "open-keys"),
    Player(THERAPIST, Role.THERAPIST, "keyboard", "open-keys"),
)

ROUND_S = 90.0
"""A performance of another length is made of as many rounds as come nearest to this."""

SHORTEST_S = 30.0

LEAD_S, SILENCE_S, RING_S = 1.5, 4.2, 3.0

TURNS_SHARE = 0.6
"""The part of a round that is turn-taking; the rest is the silence, the stretch together and the ring of its end."""

BEAT_S = 0.58

MEDIAN_GAP_S = {CLIENT: 0.75, THERAPIST: 0.45}
"""After what silence each of them answers, typically; it varies by a factor (log-normal, `GAP_SPREAD`)."""

GAP_SPREAD = 0.25

FIRST_STEP = {CLIENT: 5, THERAPIST: 3}

VELOCITY = {CLIENT: 72, THERAPIST: 64}


def demo_performance(seed: int, length_s: float = ROUND_S) -> Performance:
    """The same seed and length give the same performance. Raises ValueError below 30 s: too short for its parts."""
    if length_s < SHORTEST_S:
        raise ValueError(f"a performance of {length_s} s has no room for its parts: ask for {SHORTEST_S} s or more")
    rng = default_rng(seed)
    rounds = max(1, round(length_s / ROUND_S))
    made = _Made()
    for index in range(rounds):
        _play_round(rng, made, index * length_s / rounds, (index + 1) * length_s / rounds)
    return Performance(PLAYERS, script_of(made.hits), made.truth(seed, length_s))


@dataclass(slots=True)
class _Made:
    """What has been made so far."""

    hits: list[tuple[Seat, Hit]] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    transfers: list[TrueTransfer] = field(default_factory=list)
    tempo: list[TempoPoint] = field(default_factory=list)

    def add(self, seat: Seat, hits: Sequence[Hit]) -> Turn:
        """Keep the hits of one turn of a seat."""
        self.hits += [(seat, hit) for hit in hits]
        end_s = max(hit.time_s + hit.duration_s for hit in hits)
        self.turns.append(Turn(seat, min(hit.time_s for hit in hits), end_s, len(hits)))
        return self.turns[-1]

    def truth(self, seed: int, length_s: float) -> Truth:
        return Truth(seed, length_s, tuple(self.stretches), tuple(self.turns), tuple(self.transfers), tuple(self.tempo))


def _play_round(rng: Generator, made: _Made, start_s: float, end_s: float) -> None:
    turns_end_s = _take_turns(rng, made, start_s + LEAD_S, start_s + TURNS_SHARE * (end_s - start_s))
    together_s = turns_end_s + SILENCE_S
    made.stretches.append(Stretch("silence", turns_end_s, together_s))
    both = play_together(rng, together_s, end_s - RING_S - 0.5 - together_s, RING_S)
    made.add(CLIENT, both.client)
    made.add(THERAPIST, both.therapist)
    made.tempo += both.tempo
    made.stretches.append(Stretch("together", together_s, both.last_s + RING_S))


def _take_turns(rng: Generator, made: _Made, start_s: float, end_s: float) -> float:
    """The therapist begins; each answers the other's phrase, or brings a new one. Returns when the last one ended."""
    seat, heard, now_s = THERAPIST, None, start_s
    while True:
        heard = _next_phrase(rng, seat, heard)
        chord = CHORDS[len(made.turns) // 2 % len(CHORDS)] if seat == THERAPIST else ()
        turn = made.add(seat, hits_of(rng, heard, start_s=now_s, beat_s=BEAT_S, chord=chord))
        taker = CLIENT if seat == THERAPIST else THERAPIST
        wait_s = gap_s(rng, MEDIAN_GAP_S[taker], GAP_SPREAD)
        now_s = turn.end_s + wait_s
        if now_s + 4 * BEAT_S > end_s:
            made.stretches.append(Stretch("turns", start_s, turn.end_s))
            return turn.end_s
        made.transfers.append(TrueTransfer(seat, taker, now_s, wait_s))
        seat = taker


def _next_phrase(rng: Generator, seat: Seat, heard: Phrase | None) -> Phrase:
    takes_up = 0.75 if seat == THERAPIST else 0.4
    if heard is not None and rng.uniform() < takes_up:
        return answer_to(rng, heard, shift=-2 if seat == THERAPIST else 2)
    start = FIRST_STEP[seat] + int(rng.integers(-1, 3))
    return new_phrase(rng, start, VELOCITY[seat] + int(rng.integers(-6, 7)))
