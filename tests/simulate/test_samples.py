"""The sample sessions: made again byte for byte, imported as they are, and measured as their truth says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pytest

from mtsession.analysis.following import Verdict
from mtsession.analysis.result import Measured, Void, VoidReason
from mtsession.analysis.summary import SessionMeasures, measure
from mtsession.analysis.turns import Transfers
from mtsession.capture.imports import import_midi, seats_for
from mtsession.capture.keys import folder_opener, unwrap
from mtsession.capture.reader import read_session
from mtsession.config import DataFolder
from mtsession.events import Seat
from mtsession.session import Session
from mtsession.simulate.hands import Hands
from mtsession.simulate.performance import Performance, Truth
from mtsession.simulate.samples import CLIENT, SAMPLES, TAKING_TURNS, THERAPIST, write_samples

FOLDER = Path(__file__).resolve().parents[2] / "sample_sessions"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Session]:
    """Each sample's MIDI file as `mtsession import` makes a session of it."""
    folder = DataFolder(tmp_path_factory.mktemp("samples"))
    found = {}
    for name in SAMPLES:
        session_id = import_midi([FOLDER / f"{name}.mid"], folder)
        opener = folder_opener(folder)
        assert opener is not None
        found[name] = read_session(folder.session_file(session_id), unwrap(folder, session_id, opener))
    return found


@cache
def performance(name: str) -> Performance:
    return SAMPLES[name].performance()


def truth_of(name: str) -> Truth:
    """The truth as the file beside the MIDI file tells it."""
    plain = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    return msgspec.convert(plain["truth"], Truth)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "README.md"}


def test_made_again_every_file_has_the_same_bytes(tmp_path: Path) -> None:
    write_samples(tmp_path)
    made, kept = files_in(tmp_path), files_in(FOLDER)
    assert set(made) == set(kept) == {f"{name}.{kind}" for name in SAMPLES for kind in ("mid", "json")}
    assert [name for name in made if made[name] != kept[name]] == []


def test_the_command_makes_them_in_a_process_of_its_own_and_in_a_new_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mtsession.simulate.samples", "--to", str(tmp_path / "new" / "folder")]
    subprocess.run(command, check=True, cwd=FOLDER.parent)
    assert files_in(tmp_path / "new" / "folder") == files_in(FOLDER)


def test_the_readme_tells_what_each_is_for() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_file_beside_tells_parameters_seed_players_and_truth(name: str) -> None:
    plain = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    sample = SAMPLES[name]
    assert (plain["name"], plain["seed"], plain["purpose"]) == (name, sample.seed, sample.purpose)
    assert msgspec.convert(plain["parameters"], type(sample.scene)) == sample.scene
    assert [player["seat"] for player in plain["players"]] == [p.seat for p in performance(name).players]
    assert truth_of(name).length_s == pytest.approx(performance(name).truth.length_s, abs=1e-6)


@pytest.mark.parametrize("name", SAMPLES)
def test_an_imported_sample_has_the_seats_and_notes_of_its_players(name: str, imported: dict[str, Session]) -> None:
    session, made = imported[name], performance(name).session()
    assert [(p.seat, p.role) for p in session.players] == list(seats_for(len(made.players)))
    for player in session.players:
        kept, meant = session.notes(player.seat), made.notes(player.seat)
        assert [(note.pitch, note.velocity) for note in kept] == [(note.pitch, note.velocity) for note in meant]
        assert [n.contact_s for n in kept] == pytest.approx([n.contact_s for n in meant], abs=3e-5)


def directions(measures: SessionMeasures) -> Iterator[Transfers]:
    pair = measures.pair(CLIENT, THERAPIST)
    for found in (pair.transfers_from_first, pair.transfers_from_second):
        assert isinstance(found, Measured)
        yield found.value


def test_taking_turns_has_its_40_turns_and_39_changes_and_its_gaps_to_5_ms(imported: dict[str, Session]) -> None:
    truth, measures = truth_of("taking-turns"), measure(imported["taking-turns"], n_surrogates=0)
    for player in measures.players:
        assert isinstance(player.turns, Measured)
        assert player.turns.n == sum(turn.seat == player.seat for turn in truth.turns) == 20
    transfers = measures.pair(CLIENT, THERAPIST).floor_transfers
    assert isinstance(transfers, Measured)
    assert transfers.n == len(truth.transfers) == 39
    for way in directions(measures):
        gaps_s = [transfer.gap_s for transfer in truth.transfers if transfer.giver == way.giver]
        assert way.median_s == pytest.approx(np.median(gaps_s), abs=0.005)


@pytest.mark.parametrize("seed", range(12))
def test_simulated_turns_are_found_39_of_39_with_failed_and_added_hits_and_median_gaps_to_5_ms(seed: int) -> None:
    clumsy = Hands(delay_s=0.05, jitter_sd_s=0.02, dropped=0.1, extra=0.1)
    scene = replace(TAKING_TURNS, second=replace(TAKING_TURNS.second, hands=clumsy))
    performance = scene.perform(seed)
    measures = measure(performance.session(), n_surrogates=0)
    found = [turn for p in measures.players if isinstance(p.turns, Measured) for turn in p.turns.value.turns]
    assert sorted(turn.start_s for turn in found) == [turn.start_s for turn in performance.truth.turns]
    for way in directions(measures):
        gaps_s = [transfer.gap_s for transfer in performance.truth.transfers if transfer.giver == way.giver]
        assert len(way.transfers) == len(gaps_s)
        assert way.median_s == pytest.approx(np.median(gaps_s), abs=0.005)


def test_a_sample_goes_through_the_command_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mtsession", "--data", str(tmp_path)]
    said = subprocess.run(
        [*command, "import", FOLDER / "quiet-client.mid"], check=True, capture_output=True, text=True, cwd=FOLDER.parent
    ).stdout
    session_id = re.search(r"\d{8}-\d{6}-[0-9a-f]{4}", said)
    assert session_id is not None
    folder = DataFolder(tmp_path)
    opener = folder_opener(folder)
    assert opener is not None
    session = read_session(folder.session_file(session_id[0]), unwrap(folder, session_id[0], opener))
    assert session.duration_s == pytest.approx(truth_of("quiet-client").length_s, abs=1e-3)


def test_some_turns_echo_the_one_before_and_the_truth_says_which(imported: dict[str, Session]) -> None:
    truth = truth_of("taking-turns")
    starts_s = {turn.start_s for turn in truth.turns}
    assert len(truth.imitations) > 10
    assert {echo.time_s for echo in truth.imitations} <= starts_s
    assert imported["taking-turns"].duration_s == pytest.approx(truth.length_s, abs=1e-3)


@pytest.mark.parametrize("name", ["together-in-time", "following", "group-of-four"])
def test_players_on_one_pulse_have_its_tempo_to_2_percent(name: str, imported: dict[str, Session]) -> None:
    """In 95 of 100 windows of 10 s against the beats that were played in them, and in the median to 1 %."""
    beats_s = np.array([point.time_s for point in truth_of(name).tempo])
    measures = measure(imported[name], n_surrogates=0)
    for player in measures.players:
        assert isinstance(player.tempo, Measured)
        assert player.tempo.value.share_stated > 0.95
        said = [
            (at_s, bpm) for at_s, bpm in zip(player.tempo.value.times_s, player.tempo.value.bpm, strict=True) if bpm
        ]
        inside = [(bpm, beats_s[abs(beats_s - at_s) < 5.0]) for at_s, bpm in said if 6.0 < at_s < beats_s[-1] - 5.0]
        pairs = np.array([(bpm, 60.0 / np.mean(np.diff(beats))) for bpm, beats in inside])
        assert len(pairs) > 80
        assert np.quantile(np.abs(pairs[:, 0] / pairs[:, 1] - 1.0), 0.95) < 0.02
        assert np.median(pairs[:, 0]) == pytest.approx(np.median(pairs[:, 1]), rel=0.01)


@pytest.mark.parametrize("name", ["together-in-time", "following", "group-of-four"])
def test_coupled_players_meet_more_often_than_chance_gives(name: str, imported: dict[str, Session]) -> None:
    measures = measure(imported[name])
    for follower, leader in {(c.follower, c.leader) for c in truth_of(name).coupling}:
        met = next(p for p in measures.pairs if {p.first, p.second} == {follower, leader}).asynchrony
        assert isinstance(met, Measured)
        assert met.band is not None
        assert met.value.share_matched > met.band.high


@pytest.mark.parametrize(
    ("name", "verdict"), [("together-in-time", Verdict.MUTUAL), ("following", Verdict.FIRST_FOLLOWS)]
)
def test_who_follows_whom_is_as_the_coupling_was(name: str, verdict: Verdict, imported: dict[str, Session]) -> None:
    found = measure(imported[name]).pair(CLIENT, THERAPIST).following
    assert isinstance(found, Measured)
    assert found.value.verdict is verdict


def test_in_the_group_no_following_is_found_but_what_was_put_in(imported: dict[str, Session]) -> None:
    true = {(c.leader, c.follower) for c in truth_of("group-of-four").coupling}
    found = measure(imported["group-of-four"]).group.following
    assert isinstance(found, Measured)
    told = {(cell.leader, cell.follower) for cell in found.value.cells if cell.follows}
    assert (THERAPIST, CLIENT) in told
    assert told <= true


def test_free_playing_has_no_pulse_and_meets_as_chance_gives(imported: dict[str, Session]) -> None:
    measures = measure(imported["free-and-pulseless"])
    for player in measures.players:
        assert isinstance(player.tempo, Void)
        assert player.tempo.reason is VoidReason.NO_STEADY_PULSE
    met = measures.pair(CLIENT, THERAPIST).asynchrony
    assert isinstance(met, Measured)
    assert met.band is not None
    assert met.band.low <= met.value.share_matched <= met.band.high


def test_the_quiet_clients_pauses_are_those_of_the_truth(imported: dict[str, Session]) -> None:
    true = [(pause.start_s, pause.end_s) for pause in truth_of("quiet-client").pauses]
    found = measure(imported["quiet-client"], n_surrogates=0).player(CLIENT).pauses
    assert isinstance(found, Measured)
    assert found.value.count == len(true) == 13
    assert [(p.start_s, p.end_s) for p in found.value.spans] == [pytest.approx(pause, abs=1e-3) for pause in true]
    assert found.value.longest_s == pytest.approx(max(end_s - start_s for start_s, end_s in true), abs=1e-3)


def test_the_group_has_four_seats_and_six_pairs(imported: dict[str, Session]) -> None:
    measures = measure(imported["group-of-four"], n_surrogates=0)
    assert {player.seat for player in measures.players} == {
        CLIENT, THERAPIST, Seat("client-2"), Seat("client-3"),
    }  # fmt: skip
    assert len(measures.pairs) == 6
