"""What can go wrong that a person can mend: each error says what happened and what to do next."""

from __future__ import annotations


class MtSessionError(Exception):
    """One clear line: what happened, then the next step. The command line prints it and exits with 2."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(what, next_step)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what}. {self.next_step}"


class AudioDeviceError(MtSessionError):
    """No audio device, or one that cannot be opened as asked."""


class MidiPortError(MtSessionError):
    """No MIDI port of that name, or one that another program holds."""


class MidiFileError(MtSessionError):
    """A file that is not MIDI, or is empty or truncated."""


class SessionFormatError(MtSessionError):
    """A session file that cannot be read: damaged, or not a session file."""


class SessionKeyError(MtSessionError):
    """The key at hand does not open this session file."""


class SessionNotFoundError(MtSessionError):
    """No session of that name in the data folder."""


class DiskFullError(MtSessionError):
    """The disk took no more; what was committed before is kept."""


class DataFolderError(MtSessionError):
    """The data folder cannot be made or written to."""


class AlreadyRunningError(MtSessionError):
    """Another engine is at work on this data folder."""


class PassphraseError(MtSessionError):
    """The passphrase is wrong, missing or too short."""


class RecordError(MtSessionError):
    """The case record refuses: a signed note, an unknown client, a rule of the record."""


class PaletteError(MtSessionError):
    """A palette that cannot be played: the message names the file and the line of the mistake."""


class SettingError(MtSessionError):
    """A setting that makes no sense: an unknown seat, a port given twice."""


class WireError(MtSessionError):
    """A message between processes that could not be read, or a peer that could not prove itself."""
