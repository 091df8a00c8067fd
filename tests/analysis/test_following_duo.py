"""The authors' model of the real duo, in tests only: what is read from the files is what they read.

Cheston, Cross & Harrison 2024, Music Perception 42(1); the recipe as the data's own page spells it out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mtsession.analysis.following import Verdict, following
from mtsession.analysis.meetings import nearest
from mtsession.analysis.relative_phase import relative_phase
from mtsession.analysis.result import Measured, Window
from mtsession.events import Seat
from mtsession.midi.files import merged, read_tracks
from mtsession.session import onset_stream

Times = NDArray[np.float64]

PLAYED = Window(7.0, 101.0)


@pytest.fixture(scope="module")
def beats(data_folder: Path) -> dict[str, Times]:
    return {player: read_beats(data_folder / "duo_keys_drums" / f"{player}_beats.mid") for player in ("keys", "drums")}


def read_beats(path: Path) -> Times:
    times_s = np.sort([note.start_s for note in merged(read_tracks(path)).notes])
    return times_s[(times_s > PLAYED.start_s) & (times_s < PLAYED.end_s)]


def test_the_rms_asynchrony_of_nearest_beats_is_75_890_ms(beats: dict[str, Times]) -> None:
    own_s, other_s = beats["keys"], beats["drums"]
    assert (len(own_s), len(other_s)) == (130, 131)
    apart_s = own_s - other_s[nearest(own_s, other_s)]
    assert 1000 * np.sqrt(np.mean(apart_s**2)) == pytest.approx(75.890, abs=0.01)


@pytest.mark.parametrize(
    ("player", "partner", "coupling", "n"), [("keys", "drums", 0.69753, 127), ("drums", "keys", 0.59937, 126)]
)
def test_the_authors_coupling_coefficients_come_out_to_1e_5(
    player: str, partner: str, coupling: float, n: int, beats: dict[str, Times], known_answers: dict[str, Any]
) -> None:
    found, rows = authors_coupling(beats[player], beats[partner])
    assert rows == n == known_answers["duo_keys_drums"][player]["resid_len"]
    assert found == pytest.approx(coupling, abs=1e-5)
    assert found == pytest.approx(known_answers["duo_keys_drums"][player]["correction_partner"], abs=1e-5)


def authors_coupling(own_s: Times, other_s: Times) -> tuple[float, int]:
    """Ordinary least squares of the change of interval on the change before it and on partner − own."""
    partner = nearest(own_s, other_s)
    ahead_s = other_s[partner] - own_s
    intervals_s = np.diff(own_s)
    kept = np.ones(len(own_s), dtype=bool)
    for at in np.flatnonzero(np.diff(partner) == 0):
        pair = np.array([at, at + 1])
        farther = pair[np.argmax(np.abs(ahead_s[pair] - np.median(ahead_s)))]
        kept[farther : farther + 2] = False
    rows = np.arange(2, len(own_s) - 1)
    rows = rows[kept[rows]]
    change_s = intervals_s[rows] - intervals_s[rows - 1]
    before_s = intervals_s[rows - 1] - intervals_s[rows - 2]
    design = np.column_stack((np.ones(len(rows)), before_s, ahead_s[rows]))
    return float(np.linalg.lstsq(design, change_s, rcond=None)[0][2]), len(rows)


def test_the_real_duo_kept_place_far_above_chance_and_the_keyboard_followed_the_drums(beats: dict[str, Times]) -> None:
    keys, drums = (onset_stream(Seat(player), beats[player]) for player in ("keys", "drums"))
    phase, told = relative_phase(keys, drums, PLAYED), following(keys, drums, PLAYED)
    assert isinstance(phase, Measured)
    assert phase.band is not None
    assert phase.value.mean_resultant > 2 * phase.band.high
    assert isinstance(told, Measured)
    assert told.value.verdict is Verdict.FIRST_FOLLOWS
    assert told.value.correction_of_first is not None
    assert told.value.correction_of_second is not None
    assert told.value.correction_of_first.alpha > 0.3
    assert told.value.correction_of_second.alpha > 0.2
