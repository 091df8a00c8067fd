"""Did a turn take up the rhythm or the contour of the other's turn before it, and which did?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.random import Generator

from mtsession.analysis.patterns import Floats, Indices, Patterns, contours, rhythms, similarities
from mtsession.analysis.played import Played
from mtsession.analysis.result import MIN_EVENTS, ChanceBand, Measured, Void, VoidReason, Window
from mtsession.analysis.surrogates import N_SURROGATES, generator_for
from mtsession.analysis.turns import LONGEST_TRANSFER_S, PLANNING_S, ROUNDING_S, Turns
from mtsession.events import Seat
from mtsession.session import Turn

CLOSE = 0.8
"""An answer at least this similar is listed as an echo."""

TURNS_SHUFFLED = "turns of one player shuffled; all claims together"

CHUNK = 100_000
"""Pairs of turns compared at a time: keeps the memory small however long the session is."""

Pairs: TypeAlias = tuple[Indices, Indices]


class Aspect(StrEnum):
    """What of a turn can be taken up."""

    RHYTHM = "rhythm"
    CONTOUR = "contour"


PATTERNS: Mapping[Aspect, Callable[[Played, Sequence[Turn]], Patterns]] = {
    Aspect.RHYTHM: rhythms,
    Aspect.CONTOUR: contours,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A turn and the next turn of the other, with their similarities (0–1); None where one has no such pattern."""

    giver: Seat
    taker: Seat
    turn: Window
    answer: Window
    rhythm: float | None
    contour: float | None

    @property
    def close(self) -> bool:
        """Whether all that could be compared (rhythm, contour or both) is at least 0.8 similar."""
        known = [one for one in (self.rhythm, self.contour) if one is not None]
        return min(known, default=0.0) >= CLOSE


@dataclass(frozen=True, slots=True)
class Imitation:
    """Similarity of each answer to the turn before it; `n` counts the answers.

    `similarity` is the mean over a player's answers, by claim: "client rhythm" is how much the client took up the
    other's rhythm. 1 − edit distance ÷ the longer's length, on quantised ratios of inter-onset intervals (at least 3
    onsets) and on quantised pitch intervals. `chance` holds the band of each claim: 95 in 100 unrelated sessions lie
    within all of them at once. `n_answers` counts what a claim rests on; those with fewer than 8 are left out. `void`
    names an aspect that could not be compared, and why.
    """

    answers: tuple[Answer, ...]
    similarity: Mapping[str, float]
    n_answers: Mapping[str, int]
    chance: Mapping[str, ChanceBand]
    void: Mapping[Aspect, VoidReason]


@dataclass(frozen=True, slots=True, eq=False)
class _Claim:
    """One aspect of one player's answers: patterns of both players' turns, and which turns of them are compared."""

    first: Patterns
    second: Patterns
    pairs: Pairs

    def similarity(self) -> float:
        return float(np.mean(similarities(self.first, self.second, *self.pairs)))

    def by_chance(self, n: int, rng: Generator) -> Floats:
        """The mean similarity with the second player's turns (those that have the pattern) in another order, (n,)."""
        of_first, of_second = self.pairs
        able = np.flatnonzero(self.second.lengths)
        places = np.searchsorted(able, of_second)
        found = []
        for some in _chunks(n, len(of_first)):
            orders = rng.permuted(np.tile(able, (some, 1)), axis=1)[:, places]
            each = similarities(self.first, self.second, np.tile(of_first, some), orders.ravel())
            found.append(each.reshape(some, -1).mean(axis=1))
        return np.concatenate(found)


def imitation(
    first: tuple[Played, Measured[Turns] | Void],
    second: tuple[Played, Measured[Turns] | Void],
    window: Window,
    n_surrogates: int = N_SURROGATES,
    *,
    void: Mapping[Aspect, VoidReason] | None = None,
) -> Measured[Imitation] | Void:
    """Whether each of two players takes up the other's turns, without the aspects that are `void`.

    Void where either never played, and where nobody has 8 answers with 3 onsets to turns with 3 onsets.
    """
    if isinstance(first[1], Void) or isinstance(second[1], Void):
        return Void(VoidReason.NEVER_PLAYED, 0, window)
    one = _Side(first[0].within(window), first[1].value.turns)
    other = _Side(second[0].within(window), second[1].value.turns)
    void = void or {}
    patterns = {aspect: (made(*one), made(*other)) for aspect, made in PATTERNS.items() if aspect not in void}
    answers = (*_answers(other, one, patterns, swapped=True), *_answers(one, other, patterns, swapped=False))
    claims = _claims(one, other, patterns)
    if not claims:
        return Void(VoidReason.TOO_FEW_EVENTS, len(answers), window)
    rng = generator_for(one.played.onsets.times_s, other.played.onsets.times_s)
    value = Imitation(
        answers=tuple(sorted(answers, key=lambda answer: answer.answer.start_s)),
        similarity={name: claim.similarity() for name, claim in claims.items()},
        n_answers={name: len(claim.pairs[0]) for name, claim in claims.items()},
        chance=_bands(claims, n_surrogates, rng) if n_surrogates else {},
        void=dict(void),
    )
    return Measured(value, len(answers), window)


def answers_to(turns: Sequence[Turn], others: Sequence[Turn]) -> Pairs:
    """Of each turn and the next turn of the other the indices: begun ≥ 200 ms after it, ≤ 10 s after its end.

    A turn is answered once; two turns before the other's next are answered by it in the latter.
    """
    starts_s, ends_s = (np.array([getattr(turn, at) for turn in turns]) for at in ("start_s", "end_s"))
    answer_s = np.array([turn.start_s for turn in others])
    latest = np.searchsorted(starts_s, answer_s - PLANNING_S + ROUNDING_S, side="right") - 1
    given, answer = np.unique(latest, return_index=True)
    given, answer = given[given >= 0], answer[given >= 0]
    near = np.abs(answer_s[answer] - ends_s[given]) <= LONGEST_TRANSFER_S
    return given[near], answer[near]


class _Side(NamedTuple):
    """One player's notes in the window, and turns."""

    played: Played
    turns: Sequence[Turn]


def _claims(one: _Side, other: _Side, patterns: Mapping[Aspect, tuple[Patterns, Patterns]]) -> dict[str, _Claim]:
    """By "seat aspect", what each player took up, where 8 answers tell."""
    given, answer = answers_to(other.turns, one.turns)
    pairs = {one.played.seat: (answer, given), other.played.seat: answers_to(one.turns, other.turns)}
    found = {}
    for seat, (of_first, of_second) in pairs.items():
        for aspect, (first, second) in patterns.items():
            able = (first.lengths[of_first] > 0) & (second.lengths[of_second] > 0)
            if np.sum(able) >= MIN_EVENTS:
                found[f"{seat} {aspect}"] = _Claim(first, second, (of_first[able], of_second[able]))
    return found


def _bands(claims: Mapping[str, _Claim], n: int, rng: Generator) -> dict[str, ChanceBand]:
    """A band for each claim such that 95 in 100 unrelated sessions lie within all of them.

    Each claim's surrogates are set about their mean in units of their spread; the largest and the smallest of all
    claims in each surrogate give the edges. Of one claim alone this is its 2.5–97.5 % range.
    """
    chance = np.array([claim.by_chance(n, rng) for claim in claims.values()])
    mean, spread = chance.mean(axis=1), chance.std(axis=1)
    scaled = (chance - mean[:, None]) / np.where(spread > 0, spread, 1.0)[:, None]
    # Ranks of n + 1: the session itself is one of as many, were it unrelated.
    low = np.quantile(scaled.min(axis=0), 0.025, method="weibull")
    high = np.quantile(scaled.max(axis=0), 0.975, method="weibull")
    lows, highs = mean + low * spread, mean + high * spread
    edges = zip(claims, lows.tolist(), highs.tolist(), strict=True)
    return {name: ChanceBand(below, above, TURNS_SHUFFLED, n) for name, below, above in edges}


def _answers(
    giver: _Side, taker: _Side, patterns: Mapping[Aspect, tuple[Patterns, Patterns]], *, swapped: bool
) -> Iterator[Answer]:
    of_giver, of_taker = answers_to(giver.turns, taker.turns)
    alike = {}
    for aspect, (first, second) in patterns.items():
        given, taken = (second, first) if swapped else (first, second)
        alike[aspect] = _each(given, taken, (of_giver, of_taker))
    none = [None] * len(of_giver)
    columns = (alike.get(aspect, none) for aspect in Aspect)
    for turn, answer, rhythm, contour in zip(of_giver.tolist(), of_taker.tolist(), *columns, strict=True):
        yield Answer(
            giver=giver.played.seat,
            taker=taker.played.seat,
            turn=Window(giver.turns[turn].start_s, giver.turns[turn].end_s),
            answer=Window(taker.turns[answer].start_s, taker.turns[answer].end_s),
            rhythm=rhythm,
            contour=contour,
        )


def _each(first: Patterns, second: Patterns, pairs: Pairs) -> list[float | None]:
    able = (first.lengths[pairs[0]] > 0) & (second.lengths[pairs[1]] > 0)
    found = iter(similarities(first, second, pairs[0][able], pairs[1][able]).tolist())
    return [next(found) if one else None for one in able.tolist()]


def _chunks(n: int, width: int) -> Iterator[int]:
    at_once = max(1, CHUNK // width)
    yield from (min(at_once, n - begun) for begun in range(0, n, at_once))
