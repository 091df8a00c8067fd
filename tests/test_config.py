"""The data folder."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mtsession.config import DataFolder, usual_data_folder
from mtsession.errors import DataFolderError


def test_the_folders_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data").make()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder.root, *folder.root.iterdir()]}
    assert set(modes.values()) == {0o700}
    assert set(modes) == {"data", "sessions", "keys", "record", "logs", "run"}


def test_making_the_folders_again_keeps_what_is_in_them(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path).make()
    folder.session_file("20260101-100000-abcd").write_bytes(b"kept")
    assert folder.make().session_file("20260101-100000-abcd").read_bytes() == b"kept"


def test_a_folder_that_cannot_be_made_is_told_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="ascii")
    with pytest.raises(DataFolderError, match="--data DIR"):
        DataFolder(tmp_path / "file").make()


def test_the_usual_folder_is_a_person_s_own() -> None:
    assert Path.home() in usual_data_folder().root.parents
