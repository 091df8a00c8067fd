"""A record whose making was cut short, by a kill at each of its steps, is as good as new."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mtsession.capture.keys import folder_opener, folder_sealer, new_session_key, unwrap, wrap
from mtsession.config import DataFolder
from mtsession.record.keys import KdfLimits, create_record, has_record, unlock_with_recovery_key
from mtsession.record.store import open_record

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the maker of the record is forked")

CUT_SHORT = Path(__file__).with_name("cut_short.py")
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def session_keys() -> dict[str, bytes]:
    return {"s-1": new_session_key(), "s-2": new_session_key()}


@pytest.fixture(scope="module")
def cut_short(tmp_path_factory: pytest.TempPathFactory, session_keys: dict[str, bytes]) -> tuple[Path, ...]:
    """A folder a step of the making of a record, each killed there; the last was made whole."""
    template, copies = tmp_path_factory.mktemp("template"), tmp_path_factory.mktemp("copies")
    folder = DataFolder(template)
    for session_id, key in session_keys.items():
        wrap(folder, session_id, key, folder_sealer(folder))
    done = subprocess.run(
        [sys.executable, CUT_SHORT, template, copies, "four plain unrelated words"],
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    ended = [int(line.split()[1]) for line in done.stdout.splitlines()]
    assert ended[-1] == 0
    assert set(ended[:-1]) == {-9}
    return tuple(sorted(copies.iterdir()))


def test_the_making_has_many_steps_to_be_killed_at(cut_short: tuple[Path, ...]) -> None:
    assert len(cut_short) > 25


def test_wherever_it_was_cut_every_session_still_opens(
    cut_short: tuple[Path, ...], session_keys: dict[str, bytes], passphrase: str, tmp_path: Path
) -> None:
    for root in cut_short:
        folder = DataFolder(Path(shutil.copytree(root, tmp_path / root.name)))
        keys = {**session_keys, "after": new_session_key()}
        wrap(folder, "after", keys["after"], folder_sealer(folder))
        if not has_record(folder):
            opener = folder_opener(folder)
            assert opener is not None, root.name
            assert {name: unwrap(folder, name, opener) for name in keys} == keys, root.name
            continue
        with open_record(folder, passphrase) as record:
            assert {name: unwrap(folder, name, record.opener) for name in keys} == keys, root.name
            assert folder_opener(folder) is None, root.name
            assert record.clients() == ()


def test_wherever_it_was_cut_making_it_again_gives_a_recovery_key_that_opens_it(
    cut_short: tuple[Path, ...], session_keys: dict[str, bytes], passphrase: str, cheap: KdfLimits, tmp_path: Path
) -> None:
    for root in cut_short:
        folder = DataFolder(Path(shutil.copytree(root, tmp_path / root.name)))
        recovery = create_record(folder, passphrase, limits=cheap)
        unlocked = unlock_with_recovery_key(folder, recovery.text)
        assert {name: unwrap(folder, name, unlocked.opener) for name in session_keys} == session_keys, root.name
        open_record(folder, passphrase).close()
