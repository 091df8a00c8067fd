"""What do two players play who answer each other, with gaps of a known law and now and then an echo?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from numpy.random import Generator, default_rng

from mtsession.events import Seat
from mtsession.session import Player, Role, Turn
from mtsession.simulate.hands import STEADY_HANDS, Hands
from mtsession.simulate.performance import Hit, Performance, TrueImitation, TrueTransfer, Truth, last_end_s, script_of
from mtsession.simulate.phrases import LENGTHS, SCALE, Phrase, hits_of, new_phrase
from mtsession.simulate.timing import gap_s


@dataclass(frozen=True, slots=True)
class GapLaw:
    """Silences before an answer: log-normal about a median, moved by `shift_s` (below 0: answers can overlap)."""

    median_s: float
    spread: float = 0.25
    shift_s: float = 0.0

    def draw_s(self, rng: Generator) -> float:
        """One gap."""
        return gap_s(rng, self.median_s, self.spread) + self.shift_s


@dataclass(frozen=True, slots=True)
class Imitation:
    """How probably a turn echoes the one before it, and how probably each of its intervals and steps is changed."""

    probability: float = 0.0
    rhythm_distortion: float = 0.0
    contour_distortion: float = 0.0


NO_ECHO = Imitation()
"""Every turn is a phrase of the player's own."""


@dataclass(frozen=True, slots=True)
class TurnTaker:
    """One player who takes turns; `first_step` of the scale is about where new phrases begin."""

    seat: Seat
    role: Role
    gap: GapLaw
    imitation: Imitation = NO_ECHO
    hands: Hands = STEADY_HANDS
    instrument: str = "keyboard"
    velocity: int = 68
    first_step: int = 4


@dataclass(frozen=True, slots=True)
class TurnTaking:
    """`turns` turns in all, the first player's first; each ends before the other's gap begins."""

    first: TurnTaker
    second: TurnTaker
    turns: int
    beat_s: float = 0.5
    lead_s: float = 1.5

    def perform(self, seed: int) -> Performance:
        """The same seed gives the same performance. The gaps of the truth are those that were played."""
        rng, made = default_rng(seed), _Made()
        start_s, heard = self.lead_s, None
        for index in range(self.turns):
            taker, other = (self.first, self.second) if index % 2 == 0 else (self.second, self.first)
            heard, echo = _phrase(rng, taker, heard)
            made.add(taker.seat, taker.hands.play(rng, hits_of(rng, heard, start_s=start_s, beat_s=self.beat_s)), echo)
            start_s = made.turns[-1].end_s + other.gap.draw_s(rng)
        players = [Player(taker.seat, taker.role, taker.instrument, "open-keys") for taker in (self.first, self.second)]
        return Performance(tuple(players), script_of(made.hits), made.truth(seed))


@dataclass(slots=True)
class _Made:
    hits: list[tuple[Seat, Hit]] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    transfers: list[TrueTransfer] = field(default_factory=list)
    imitations: list[TrueImitation] = field(default_factory=list)

    def add(self, seat: Seat, hits: Sequence[Hit], echo: tuple[int, int] | None) -> None:
        turn = Turn(seat, hits[0].time_s, max(hit.time_s + hit.duration_s for hit in hits), len(hits))
        if self.turns:
            before = self.turns[-1]
            self.transfers.append(TrueTransfer(before.seat, seat, turn.start_s, turn.start_s - before.end_s))
        if echo is not None:
            self.imitations.append(TrueImitation(seat, turn.start_s, *echo))
        self.turns.append(turn)
        self.hits += [(seat, hit) for hit in hits]

    def truth(self, seed: int) -> Truth:
        return Truth(
            seed, last_end_s(self.hits), (), tuple(self.turns), tuple(self.transfers), (),
            imitations=tuple(self.imitations),
        )  # fmt: skip


def _phrase(rng: Generator, taker: TurnTaker, heard: Phrase | None) -> tuple[Phrase, tuple[int, int] | None]:
    """An echo with what was changed in it, or a phrase of the player's own."""
    if heard is not None and rng.uniform() < taker.imitation.probability:
        return _echo(rng, taker, heard)
    return new_phrase(rng, taker.first_step + int(rng.integers(-1, 3)), taker.velocity), None


def _echo(rng: Generator, taker: TurnTaker, heard: Phrase) -> tuple[Phrase, tuple[int, int]]:
    """The same rhythm and steps from the same note, some of them changed; the last note stays long."""
    beats, steps = list(heard.beats), list(heard.steps)
    for place in range(len(beats) - 1):
        if rng.uniform() < taker.imitation.rhythm_distortion:
            beats[place] = float(rng.choice([length for length in LENGTHS if length != beats[place]]))
    for place in range(1, len(steps)):
        if rng.uniform() < taker.imitation.contour_distortion:
            steps[place] = int(rng.choice([step for step in range(len(SCALE)) if step != steps[place]]))
    changed = [sum(new != old for new, old in zip(*pair, strict=True)) for pair in _pairs(heard, beats, steps)]
    echo = replace(heard, beats=tuple(beats), steps=tuple(steps), velocity=taker.velocity)
    return echo, (changed[0], changed[1])


def _pairs(
    heard: Phrase, beats: Sequence[float], steps: Sequence[int]
) -> tuple[tuple[Sequence[float], Sequence[float]], ...]:
    return (beats, heard.beats), (steps, heard.steps)
