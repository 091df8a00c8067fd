"""Where things are kept: the data folder and the names of what lies in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs

from mtsession.errors import DataFolderError


@dataclass(frozen=True, slots=True)
class DataFolder:
    """One service's or therapist's data on this machine. No client's name is in any path."""

    root: Path

    @property
    def sessions(self) -> Path:
        """One sealed file (`ID.mts`) and its wrapped key (`ID.key`) a session."""
        return self.root / "sessions"

    @property
    def keys(self) -> Path:
        """The folder's own key pair, until a record exists."""
        return self.root / "keys"

    @property
    def record(self) -> Path:
        """The case record and its wrapped keys."""
        return self.root / "record"

    @property
    def logs(self) -> Path:
        """Technical logs: no names, no codes, nothing a note."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Locks and addresses of what runs now."""
        return self.root / "run"

    def session_file(self, session_id: str) -> Path:
        """The sealed file of one session."""
        return self.sessions / f"{session_id}.mts"

    def session_key(self, session_id: str) -> Path:
        """The wrapped key of one session, beside its file."""
        return self.sessions / f"{session_id}.key"

    def make(self) -> DataFolder:
        """Make the folders that are missing, readable by their owner only. Raises DataFolderError."""
        try:
            for folder in (self.root, self.sessions, self.keys, self.record, self.logs, self.run):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DataFolderError(
                f"the data folder {self.root.name} cannot be used: {error.strerror}",
                "Free some space or ask for the right to write there, or name another: mtsession --data DIR …",
            ) from error
        return self


def usual_data_folder() -> DataFolder:
    """The platform's usual place for a person's own data."""
    return DataFolder(platformdirs.user_data_path("mtsession", appauthor=False))
