"""`mtsession analyse`: in words, as JSON and as a table; of one session, of a client's, of all."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from mtsession.analysis.change_words import does_not_show_change
from mtsession.analysis.encoding import to_json
from mtsession.analysis.result import Window
from mtsession.analysis.summary import measure
from mtsession.analysis.table import COLUMNS
from mtsession.capture.keys import folder_opener
from mtsession.capture.library import open_session
from mtsession.cli import EXIT_MENDABLE, run
from mtsession.config import DataFolder
from mtsession.record.store import open_record
from mtsession.session import Session
from mtsession.wording import banned_words_in
from tests.ui.desk.making import CLIENT, PASSPHRASE, THERAPIST, duet, keep, make_record


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data").make()


@pytest.fixture
def data(folder: DataFolder) -> list[str]:
    """The option for a data folder of this test's own."""
    return ["--data", str(folder.root), "analyse"]


@pytest.fixture
def three(folder: DataFolder) -> list[str]:
    """Three sessions on three days, the oldest first."""
    return [keep(folder, duet(30.0, seed), days_ago=9 - seed) for seed in (1, 2, 3)]


def read(folder: DataFolder, session_id: str) -> Session:
    opener = folder_opener(folder)
    assert opener is not None
    return open_session(folder, session_id, opener)


def damage(folder: DataFolder, session_id: str) -> None:
    """Turn over a byte in the middle of the file."""
    path = folder.session_file(session_id)
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 0xFF
    path.write_bytes(bytes(held))


def test_json_is_one_object_a_session_with_the_very_bytes_of_its_measures(
    data: list[str], folder: DataFolder, three: list[str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run([*data, "--all", "--json", "--workers", "2"]) == 0
    expected = [to_json(measure(read(folder, session_id))) for session_id in three]
    assert capfdbinary.readouterr().out == b"\n".join(expected) + b"\n"


def test_one_process_and_several_print_the_same(
    data: list[str], three: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    printed = []
    for workers in ("1", "2", "4"):
        assert run([*data, *three, "--json", "--workers", workers]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0].count("\n") == len(three)
    assert printed == [printed[0]] * 3


def test_words_stand_below_the_player_the_pair_or_the_group_they_are_of(
    data: list[str], three: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*data, "last"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == three[-1]
    headings = [line.strip() for line in lines[1:] if not line.startswith("   ")]
    assert headings == ["The client", "The therapist", "The client and the therapist"]
    assert all(line.startswith("    ") and line.endswith(".") for line in lines[1:] if line.strip() not in headings)


def test_the_table_has_every_number_of_the_measures_or_the_reason_why_there_is_none(
    data: list[str], folder: DataFolder, three: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*data, *three[:2], "--tsv", "--workers", "1"]) == 0
    found = list(csv.DictReader(capsys.readouterr().out.splitlines(), delimiter="\t"))
    assert tuple(found[0]) == COLUMNS
    for session_id in three[:2]:
        told = [row for row in found if row["session"] == session_id]
        numbers = Counter(
            (row["measure"], tuple(row["seats"].split()), row["field"], float(row["value"]))
            for row in told
            if row["value"]
        )
        rows = measure(read(folder, session_id)).rows()
        expected = Counter((row.measure, row.seats, row.quantity, row.value) for row in rows if row.value is not None)
        assert not expected - numbers
        assert all(bool(row["value"]) != bool(row["void"]) for row in told)
        assert {row["scope"] for row in told} == {"player", "pair", "group"}


def test_a_chance_band_names_what_it_was_made_of(
    data: list[str], three: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*data, three[0], "--tsv"]) == 0
    found = list(csv.DictReader(capsys.readouterr().out.splitlines(), delimiter="\t"))
    bands = [row for row in found if row["field"].startswith("chance_")]
    assert bands
    assert all(row["surrogate"].endswith(", 199 times") for row in bands)
    assert not any(row["surrogate"] for row in found if row not in bands)


def test_a_window_is_measured_by_the_same_functions(
    data: list[str], folder: DataFolder, three: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*data, "last", "--json", "--window", "00:05-00:25"]) == 0
    expected = measure(read(folder, three[-1]), Window(5.0, 25.0))
    assert capsys.readouterr().out.encode().strip() == to_json(expected)


@pytest.mark.parametrize("span", ["5-25", "00:25-00:05", "00:05-00:05", "00:61-02:00", "start-end", "-00:05-00:10"])
def test_what_is_no_window_is_told_in_one_line(data: list[str], span: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*data, "last", f"--window={span}"]) == EXIT_MENDABLE
    printed = capsys.readouterr()
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)
    assert "03:00-05:30" in printed.err


def test_damaged_and_locked_sessions_are_a_line_each_and_the_others_go_on(
    data: list[str], folder: DataFolder, three: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    locked = keep(folder, duet(30.0, 4), days_ago=1)
    folder.session_key(locked).write_bytes(folder.session_key(three[0]).read_bytes())
    damage(folder, three[1])
    assert run([*data, "--all", "--json", "--workers", "2"]) == EXIT_MENDABLE
    printed = capsys.readouterr()
    assert [json.loads(line)["session_id"] for line in printed.out.splitlines()] == [three[0], three[2]]
    told = [line for line in printed.err.splitlines() if line.startswith("mtsession: ")]
    assert [next(one for one in (three[1], locked, "") if one in line) for line in told] == [three[1], locked, ""]
    assert "2 of 4 sessions were not measured" in told[-1]


def test_one_session_that_cannot_be_opened_is_one_line(
    data: list[str], folder: DataFolder, three: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    damage(folder, three[2])
    assert run([*data, "last"]) == EXIT_MENDABLE
    printed = capsys.readouterr()
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)
    assert three[2] in printed.err


def test_all_shows_on_standard_error_how_far_it_is(
    data: list[str], three: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*data, "--all", "--tsv", "--workers", "1"]) == 0
    printed = capsys.readouterr()
    assert "Measuring" in printed.err
    assert f"{len(three)}/{len(three)}" in printed.err
    assert "Measuring" not in printed.out


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("asked", [[], ["last", "--all"]])
def test_sessions_are_asked_for_in_one_way(
    data: list[str], asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*data, *asked]) == EXIT_MENDABLE
    printed = capsys.readouterr()
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)


@pytest.fixture
def record_folder(folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """The same with a case record, which its passphrase opens."""
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE, encoding="utf-8")
    path.chmod(0o600)
    monkeypatch.setenv("MTSESSION_PASSPHRASE_FILE", str(path))
    make_record(folder)
    return folder


def test_the_sessions_of_a_client_are_picked_by_the_record(
    data: list[str], record_folder: DataFolder, three: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with open_record(record_folder, PASSPHRASE) as record:
        record.add_client("C-014")
        for session_id in three[1:]:
            record.attach(session_id, {CLIENT: "C-014"})
    assert run([*data, "--client", "C-014", "--json", "--workers", "1"]) == 0
    printed = capsys.readouterr().out
    assert [json.loads(line)["session_id"] for line in printed.splitlines()] == three[1:]
    assert "C-014" not in printed
    assert run([*data, "--client", "C-015"]) == EXIT_MENDABLE
    assert "C-015" in capsys.readouterr().err


def test_a_cluster_elsewhere_without_tls_is_refused(
    data: list[str], three: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*data, *three, "--dask", "10.0.0.4:8786"]) == EXIT_MENDABLE
    printed = capsys.readouterr()
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)
    assert "tls://" in printed.err


@pytest.fixture
def five_of_one_client(record_folder: DataFolder) -> list[str]:
    """Four sessions in which C-014 sat as the client, and between them one as the therapist."""
    found = [keep(record_folder, duet(60.0, seed), days_ago=9 - seed) for seed in range(1, 6)]
    with open_record(record_folder, PASSPHRASE) as record:
        record.add_client("C-014")
        for number, session_id in enumerate(found):
            record.attach(session_id, {THERAPIST if number == 1 else CLIENT: "C-014"})
    return found


def test_the_last_session_of_a_client_stands_beside_the_earlier_ones_on_the_same_seat(
    data: list[str], five_of_one_client: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [*data, "--client", "C-014", "--compare"]
    assert run(asked) == 0
    printed = capsys.readouterr()
    same_seat = [session_id for session_id in five_of_one_client if session_id != five_of_one_client[1]]
    first, *lines, last = printed.out.splitlines()
    assert first == f"4 sessions, the last beside those before: {', '.join(same_seat)}"
    assert any(line.startswith("  The client, notes a second: ") and "in the 3 before" in line for line in lines)
    assert last.strip() == does_not_show_change()
    assert banned_words_in(printed.out) == ()
    assert five_of_one_client[1] in printed.err
    assert run([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["session_ids"] == same_seat


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("asked", [["--all", "--compare"], ["--client", "C-014", "--compare", "--tsv"]])
def test_only_the_sessions_of_one_client_are_compared(
    data: list[str], asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*data, *asked]) == EXIT_MENDABLE
    printed = capsys.readouterr()
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)
    assert "--client CODE --compare" in printed.err
