"""How figures are shown: a table a benchmark, and the same as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

Cell: TypeAlias = str | float | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """One benchmark's figures. `skipped` is the reason where there are none; `remarks` say how they were taken."""

    name: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    remarks: tuple[str, ...] = ()
    skipped: str = ""

    def text(self) -> str:
        """For a terminal."""
        if self.skipped:
            return f"{self.name}\n  skipped: {self.skipped}\n"
        cells = [self.columns, *([shown(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[n]) for row in cells) for n in range(len(self.columns))]
        lines = ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
        return "\n".join([self.name, *(line.rstrip() for line in lines), *(f"  {text}" for text in self.remarks), ""])


def shown(cell: Cell) -> str:
    """A figure in three significant places; — for none."""
    if cell is None:
        return "—"
    return f"{cell:.3g}" if isinstance(cell, float) and abs(cell) < 1000 else str(cell)


def spread(values: Sequence[float]) -> tuple[float, float, float, float]:
    """Median, p95, p99, worst."""
    median, p95, p99 = np.percentile(values, (50, 95, 99))
    return float(median), float(p95), float(p99), float(max(values))
