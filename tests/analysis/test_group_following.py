"""Who follows whom among several: the matrix, and its one band over all cells."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng

from mtsession.analysis.following import largest_by_chance
from mtsession.analysis.group import Cell, FollowingMatrix, following_matrix
from mtsession.analysis.played import from_arrays
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.rows import rows_of
from mtsession.analysis.timing import Timings
from mtsession.events import Seat
from mtsession.simulate.coupling import Coupling, group_pulse

WINDOW = Window(0.0, 180.0)

SEATS = tuple(Seat(f"client-{number}") for number in range(1, 9))


def timings_of(
    n_players: int, phase: tuple[tuple[float, ...], ...], beats: int = 290, n_surrogates: int = 199
) -> Timings:
    nothing = tuple((0.0,) * n_players for _ in range(n_players))
    coupling = Coupling(phase, nothing, (0.012,) * n_players, (0.006,) * n_players)
    hits_s = group_pulse(default_rng(2), np.full(beats, 0.6), coupling)
    played = {seat: from_arrays(seat, own, own + 0.1) for seat, own in zip(SEATS, hits_s, strict=False)}
    return Timings(played, n_surrogates)


def matrix_of(timings: Timings) -> Measured[FollowingMatrix] | Void:
    return following_matrix(timings.of_all(WINDOW), WINDOW)


def found(timings: Timings) -> set[tuple[Seat, Seat]]:
    matrix = matrix_of(timings)
    assert isinstance(matrix, Measured)
    return {(cell.leader, cell.follower) for cell in matrix.value.cells if cell.follows}


def test_two_who_follow_one_are_found_among_three_and_nobody_else() -> None:
    phase = ((0.0, 0.0, 0.0), (0.5, 0.0, 0.0), (0.5, 0.0, 0.0))
    assert found(timings_of(3, phase)) == {(SEATS[0], SEATS[1]), (SEATS[0], SEATS[2])}


@pytest.mark.parametrize("n_players", [2, 4, 8])
def test_the_matrix_has_both_directions_of_every_pair(n_players: int) -> None:
    phase = tuple(tuple(0.3 / n_players for _ in range(n_players)) for _ in range(n_players))
    matrix = matrix_of(timings_of(n_players, phase, beats=120, n_surrogates=19))
    assert isinstance(matrix, Measured)
    assert matrix.n == len(matrix.value.cells) == n_players * (n_players - 1)
    assert len({(cell.leader, cell.follower) for cell in matrix.value.cells}) == matrix.n
    assert matrix.band is not None
    assert f"largest of all {matrix.n} directions" in matrix.band.surrogate


def test_the_band_of_more_cells_is_wider() -> None:
    chance = default_rng(1).normal(size=(199, 56))
    assert largest_by_chance(chance)[1] > largest_by_chance(chance[:, :2])[1] > np.quantile(chance[:, 0], 0.975)


def test_a_pair_with_too_little_is_told_as_such_beside_the_others() -> None:
    timings = timings_of(3, ((0.0, 0.0, 0.0), (0.5, 0.0, 0.0), (0.0, 0.0, 0.0)))
    silent = from_arrays(SEATS[2], np.array([3.0]), np.array([3.1]))
    few = Timings({**timings.played, SEATS[2]: silent}, 99)
    matrix = matrix_of(few)
    assert isinstance(matrix, Measured)
    assert matrix.n == 2
    assert Cell(SEATS[0], SEATS[2], None) in matrix.value.cells


def test_nobody_alone_has_a_matrix() -> None:
    assert following_matrix({}, WINDOW) == Void(VoidReason.NOT_ENOUGH_YET, 0, WINDOW)


def test_without_surrogates_no_cell_is_told() -> None:
    matrix = matrix_of(timings_of(3, ((0.0, 0.0, 0.0), (0.5, 0.0, 0.0), (0.5, 0.0, 0.0)), n_surrogates=0))
    assert isinstance(matrix, Measured)
    assert matrix.band is None
    assert {cell.follows for cell in matrix.value.cells} == {None}


def test_coefficients_stand_in_the_export_for_research_only() -> None:
    timings = timings_of(2, ((0.0, 0.0), (0.5, 0.0)))
    pair = timings.of(SEATS[0], SEATS[1], WINDOW)
    plain, research = ({row.quantity for row in rows_of(pair, SEATS[:2], research=wanted)} for wanted in (False, True))
    coefficients = {"correlation_ahead", "correction_of_second alpha", "correction_of_second clock_sd"}
    assert coefficients <= research
    assert not coefficients & plain
    assert "share_matched" in plain
