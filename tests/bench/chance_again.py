"""Do the cells of the table of chance that lie near its bound or above it stay there in more sessions?

`python -m tests.bench.chance_again`, a minute or two. With a true rate of 5 % one cell of 400 in thirty lies above 7 %
by luck; of five times as many sessions, one in tens of thousands.
"""

from __future__ import annotations

from numpy.random import default_rng

from tests.analysis.banded import BANDED
from tests.analysis.unrelated import unrelated
from tests.bench.chance import AT_MOST, rates
from tests.bench.table import Table

SESSIONS, SEED = 2000, 777
"""Another seed than the table's: its own sessions would be counted twice."""

CELLS = (
    ("relative phase", "phrases"),
    ("relative phase", "clocks, equal"),
    ("relative phase", "walking, equal"),
    ("balance of the time", "phrases"),
    ("who follows whom", "clocks, equal"),
    ("who follows whom", "walking, equal"),
)


def run() -> Table:
    """The same proof of some cells."""
    by_name = {measure.name: measure for measure in BANDED}
    rows = []
    for name, kind in CELLS:
        outside, stated = rates(by_name[name], unrelated(kind, default_rng(SEED), SESSIONS))
        rows.append((name, kind, f"{outside / stated:.1%}", stated))
    title = f"Outside of the chance band: {SESSIONS} other sessions (true rate 5 %, bound {AT_MOST:.0%})"
    return Table(title, ("measure", "players", "outside", "of those that stated anything"), tuple(rows))


if __name__ == "__main__":
    print(run().text())
