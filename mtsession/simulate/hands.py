"""What do hands make of what was meant? They are late, uneven, miss a hit or add one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from numpy.random import Generator

from mtsession.simulate.performance import Hit

EXTRA_S = 0.08
"""An extra hit is a brush of the key: it lasts this long."""


@dataclass(frozen=True, slots=True)
class Hands:
    """A motor delay (a constant and its spread), the share of hits that fail and the share that come in addition.

    Never do two running fail, so that a turn of known length has no silence that would end it: half of all at most.
    """

    delay_s: float = 0.0
    jitter_sd_s: float = 0.0
    dropped: float = 0.0
    extra: float = 0.0

    def play(self, rng: Generator, meant: Sequence[Hit]) -> tuple[Hit, ...]:
        """The hits as they arrive, by time. The first and the last meant are never dropped: they bound a turn."""
        hits = [self._late(rng, hit) for hit in self._kept(rng, meant)]
        hits += [self._brush(rng, meant) for _ in range(rng.binomial(len(meant), self.extra))]
        return tuple(sorted(hits, key=lambda hit: hit.time_s))

    def _kept(self, rng: Generator, meant: Sequence[Hit]) -> list[Hit]:
        after_a_kept = self.dropped / max(1.0 - self.dropped, self.dropped, 1e-9)
        kept, failed = list(meant[:1]), False
        for hit in meant[1:-1]:
            failed = not failed and rng.uniform() < after_a_kept
            if not failed:
                kept.append(hit)
        return [*kept, *meant[1:][-1:]]

    def _late(self, rng: Generator, hit: Hit) -> Hit:
        return replace(hit, time_s=hit.time_s + self.delay_s + self.jitter_sd_s * float(rng.standard_normal()))

    def _brush(self, rng: Generator, meant: Sequence[Hit]) -> Hit:
        """A neighbouring key, anywhere between the first hit and the last."""
        near = meant[int(rng.integers(len(meant)))]
        time_s = float(rng.uniform(meant[0].time_s, meant[-1].time_s)) + self.delay_s
        return Hit(time_s, EXTRA_S, near.number + 1, max(1, near.velocity - 20))


STEADY_HANDS = Hands()
"""Hands that play what was meant."""
