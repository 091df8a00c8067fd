"""The command line: what it answers, in words and in exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import mido
import pytest

from mtsession.cli import COMMANDS, EXIT_MENDABLE, cli, run
from mtsession.cli.live import connected
from mtsession.errors import SettingError
from mtsession.live.plan import seat_plans
from mtsession.midi.fake import FakeMidi


@pytest.fixture
def data(tmp_path: Path) -> list[str]:
    """The option for a data folder of this test's own."""
    return ["--data", str(tmp_path / "data")]


@pytest.fixture
def two_players(tmp_path: Path) -> list[str]:
    """Two MIDI files: a player who strikes every half second, and one who answers a quarter later."""
    return [str(midi_file(tmp_path / "client.mid", 0.0)), str(midi_file(tmp_path / "therapist.mid", 0.25))]


@pytest.fixture
def passphrase_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A passphrase in a file that the environment names."""
    path = tmp_path / "passphrase"
    path.write_text("seven calm drums at noon\n", encoding="utf-8")
    path.chmod(0o600)
    monkeypatch.setenv("MTSESSION_PASSPHRASE_FILE", str(path))
    return path


def midi_file(path: Path, start_s: float) -> Path:
    """Twenty notes, half a second apart, at 120 beats a minute."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    wait = round(start_s * 960)
    for _ in range(20):
        track.append(mido.Message("note_on", note=60, velocity=70, time=wait))
        track.append(mido.Message("note_off", note=60, time=240))
        wait = 240
    file.tracks.append(track)
    file.save(path)
    return path


def commands_below(group: click.Command, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command, groups opened."""
    if not isinstance(group, click.Group):
        return [(path, group)]
    context = click.Context(group)
    found = [(name, group.get_command(context, name)) for name in group.list_commands(context)]
    return [entry for name, command in found if command for entry in commands_below(command, (*path, name))]


def test_every_command_has_a_help_text_with_an_example_that_names_it() -> None:
    for path, command in commands_below(cli):
        assert command.help, path
        assert command.epilog is not None, path
        assert command.epilog.startswith("Example: mtsession " + " ".join(path)), path


def test_the_commands_are_listed_in_the_order_of_a_session() -> None:
    assert cli.list_commands(click.Context(cli))[:3] == ["demo", "live", "review"]


def test_help_succeeds_and_an_unknown_command_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert run(["compose"]) == EXIT_MENDABLE
    assert "compose" in capsys.readouterr().err


def test_a_fault_that_a_person_can_mend_is_one_line_and_exit_code_2(
    data: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*data, "analyse", "last"]) == EXIT_MENDABLE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.strip().splitlines()) == 1
    assert "mtsession live" in printed.err


def test_imported_files_are_measured_and_taken_out_again(
    data: list[str], two_players: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*data, "import", *two_players]) == 0
    capsys.readouterr()
    assert run([*data, "analyse", "last", "--json"]) == 0
    measures = json.loads(capsys.readouterr().out)
    assert [player["seat"] for player in measures["players"]] == ["client", "therapist"]
    assert run([*data, "export", "last", "--format", "tsv", "--to", str(tmp_path / "out")]) == 0
    (written,) = (tmp_path / "out").glob("*.tsv")
    assert len(written.read_text(encoding="utf-8").splitlines()) == 41


def test_sessions_are_listed_newest_first(
    data: list[str], two_players: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run([*data, "import", *two_players])
    run([*data, "import", *two_players])
    capsys.readouterr()
    assert run([*data, "sessions", "--json"]) == 0
    ids = [summary["id"] for summary in json.loads(capsys.readouterr().out)]
    assert len(ids) == 2
    assert ids == sorted(ids, reverse=True)


@pytest.mark.usefixtures("passphrase_file")
def test_a_session_made_before_the_record_is_opened_by_its_passphrase_afterwards(
    data: list[str], two_players: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run([*data, "import", *two_players])
    assert run([*data, "record", "make"]) == 0
    assert run([*data, "clients", "add", "C-014"]) == 0
    assert run([*data, "clients", "attach", "last", "client=C-014"]) == 0
    capsys.readouterr()
    assert run([*data, "note", "last"]) == 0
    assert "C-014" in capsys.readouterr().out


def test_a_wrong_passphrase_is_one_line_and_exit_code_2(
    data: list[str], passphrase_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run([*data, "record", "make"])
    passphrase_file.write_text("another passphrase entirely", encoding="utf-8")
    capsys.readouterr()
    assert run([*data, "clients", "list"]) == EXIT_MENDABLE
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.usefixtures("passphrase_file")
def test_without_a_terminal_or_a_file_the_passphrase_is_asked_for_in_one_line(
    data: list[str],
) -> None:
    run([*data, "record", "make"])
    command = [sys.executable, "-m", "mtsession", *data, "clients", "list"]
    without = {name: value for name, value in os.environ.items() if name != "MTSESSION_PASSPHRASE_FILE"}
    done = subprocess.run(command, env=without, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == EXIT_MENDABLE
    assert len(done.stderr.strip().splitlines()) == 1
    assert "MTSESSION_PASSPHRASE_FILE" in done.stderr


@pytest.mark.usefixtures("passphrase_file")
def test_a_client_on_a_seat_where_nobody_sat_is_refused(
    data: list[str], two_players: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run([*data, "import", *two_players])
    run([*data, "record", "make"])
    run([*data, "clients", "add", "C-014"])
    capsys.readouterr()
    assert run([*data, "clients", "attach", "last", "peer-1=C-014"]) == EXIT_MENDABLE
    assert "peer-1" in capsys.readouterr().err


def test_what_the_machine_has_is_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["devices", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"audio", "midi"}


def test_the_doctor_looks_at_everything_a_session_needs(data: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    run([*data, "doctor", "--json"])
    checks = json.loads(capsys.readouterr().out)
    assert [check["subject"] for check in checks] == ["Python", "Disk", "Sound", "MIDI", "Priority", "Browser"]
    assert all(check["next_step"] for check in checks if check["finding"] != "fine")


def test_all_commands_are_there() -> None:
    assert {path[0] for path, _ in commands_below(cli)} == set(COMMANDS)


def run_apart(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with nobody at its terminal."""
    return subprocess.run(
        [sys.executable, "-m", "mtsession", *arguments],
        env=os.environ | (env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_terminal_without_our_signs_gets_others_instead_of_a_fault(data: list[str]) -> None:
    ran = run_apart(*data, "doctor", env={"PYTHONIOENCODING": "iso8859-1"})

    assert "Traceback" not in ran.stderr
    assert "? Python: " in ran.stdout


def test_a_crash_leaves_no_image_of_the_memory() -> None:
    look = (
        "import resource, mtsession.__main__ as m; m.leave_no_core(); print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert ran.stdout == "(0, 0)\n"


def test_an_unknown_key_is_refused_before_a_session_begins(data: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*data, "live", "--seat", "client=keys", "--key", "H"]) == EXIT_MENDABLE
    assert "'H' is not one of 'C'" in capsys.readouterr().err


def test_two_seats_do_not_share_an_input_however_it_was_named() -> None:
    system = FakeMidi()
    system.plug("Akai MPD218")
    with pytest.raises(SettingError, match="Akai MPD218 was given to two seats"):
        connected(seat_plans(["client=MPD", "therapist=MPD218"]), system.ports())


def test_a_data_folder_that_refuses_a_file_is_one_line_and_exit_code_2(
    tmp_path: Path, data: list[str], two_players: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*data, "import", *two_players]) == 0
    (tmp_path / "data" / "logs" / "desk.err").mkdir()
    capsys.readouterr()

    assert run([*data, "review", "--no-open", "--background"]) == EXIT_MENDABLE
    said = capsys.readouterr().err
    assert said.startswith("mtsession: desk.err cannot be read or written: ")
    assert len(said.splitlines()) == 1
