"""What do a graph's figures come to, in sentences beside it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mtsession.charts.series import Chart


def with_told(chart: Chart, sentences: Iterable[str]) -> Chart:
    """The chart with the sentences that say something; they are read out first."""
    told = tuple(sentence for sentence in sentences if sentence)
    return replace(chart, told=told, summary=" ".join((*told, chart.summary)).strip())
