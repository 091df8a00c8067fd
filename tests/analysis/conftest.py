"""Where the real data lie, and what is known of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The reference data beside the repository; tests that need it are skipped where it is not."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    folder = Path(os.environ.get("MTSESSION_DATA", beside))
    if not folder.is_dir():
        pytest.skip("the reference data are not here: set MTSESSION_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def known_answers(data_folder: Path) -> dict[str, Any]:
    answers: dict[str, Any] = msgspec.json.decode((data_folder / "known_answers.json").read_bytes())
    return answers
