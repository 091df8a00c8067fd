"""Which pitches and which sound does a key press get? Palettes: a TOML file each, checked line by line.

A gentle palette moves every key to the nearest of its steps, and no two of its pitch classes are a semitone apart.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations
from types import MappingProxyType

import msgspec

from mtsession.audio.names import SOUND_NAMES, is_percussion
from mtsession.errors import PaletteError
from mtsession.wording import say

KEYS: Mapping[str, int] = MappingProxyType(
    {"C": 0, "C#": 1, "D": 2, "Eb": 3, "E": 4, "F": 5, "F#": 6, "G": 7, "Ab": 8, "A": 9, "Bb": 10, "B": 11}
)
"""Names of the keys, with the pitch class of each."""

OCTAVE = 12
HIGHEST_PITCH = 127


@dataclass(frozen=True, slots=True)
class Palette:
    """`steps` are semitones above the key's tonic, ascending, 0–11; all twelve leave every key as played."""

    name: str
    title: str
    gentle: bool
    steps: tuple[int, ...]
    sound: str
    percussion_sound: str

    def pitch_classes(self, key: str) -> frozenset[int]:
        """The pitch classes of the palette in a key of `KEYS`."""
        return frozenset((KEYS[key] + step) % OCTAVE for step in self.steps)

    def snap(self, pitch: int, key: str) -> int:
        """The nearest pitch of the palette, 0–127; of two equally near the lower."""
        allowed = self.pitch_classes(key)
        for distance in range(OCTAVE):
            for candidate in (pitch - distance, pitch + distance):
                if 0 <= candidate <= HIGHEST_PITCH and candidate % OCTAVE in allowed:
                    return candidate
        raise ValueError(f"pitch {pitch} is not 0–{HIGHEST_PITCH}")


@cache
def palettes() -> Mapping[str, Palette]:
    """The palettes that come with the program, by name; the first is the one to begin with."""
    folder = files(__package__).joinpath("palettes")
    found = [source for source in folder.iterdir() if source.name.endswith(".toml")]
    read = [read_palette(source.name, source.read_text(encoding="utf-8")) for source in found]
    return {palette.name: palette for palette in sorted(read, key=_plainest_first)}


class _PaletteFile(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    gentle: bool
    steps: tuple[int, ...]
    sound: str
    percussion_sound: str


def read_palette(file_name: str, text: str) -> Palette:
    """The palette in a TOML text. Raises PaletteError with the line of the first mistake."""
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _mistake(file_name, _line_told(error), say("audio.palette_not_toml", reason=error)) from error
    try:
        read = msgspec.convert(fields, _PaletteFile)
    except msgspec.ValidationError as error:
        raise _mistake(file_name, _line_of(text, _field_told(error)), str(error)) from error
    if faults := _faults(read):
        field, reason = faults[0]
        raise _mistake(file_name, _line_of(text, field), reason)
    name = file_name.removesuffix(".toml")
    return Palette(name, read.title, read.gentle, read.steps, read.sound, read.percussion_sound)


def _faults(read: _PaletteFile) -> list[tuple[str, str]]:
    """What cannot be played, each with its field."""
    faults = []
    if not read.title.strip():
        faults.append(("title", say("audio.palette_title")))
    if not read.steps or list(read.steps) != sorted(set(read.steps)) or not _in_octave(read.steps):
        faults.append(("steps", say("audio.palette_steps")))
    elif read.gentle and _semitones(read.steps):
        low, high = _semitones(read.steps)[0]
        faults.append(("steps", say("audio.palette_semitone", low=low, high=high)))
    if read.sound not in SOUND_NAMES or is_percussion(read.sound):
        faults.append(("sound", say("audio.palette_sound", sound=read.sound)))
    if not is_percussion(read.percussion_sound):
        faults.append(("percussion_sound", say("audio.palette_percussion", sound=read.percussion_sound)))
    return faults


def _in_octave(steps: tuple[int, ...]) -> bool:
    return all(0 <= step < OCTAVE for step in steps)


def _semitones(steps: tuple[int, ...]) -> list[tuple[int, int]]:
    """Pairs of steps that are a semitone apart, also across the octave."""
    return [(low, high) for low, high in combinations(steps, 2) if high - low in (1, OCTAVE - 1)]


def _plainest_first(palette: Palette) -> tuple[int, str]:
    return (-len(palette.steps), palette.name)


def _line_of(text: str, field: str) -> int:
    """The line where a field is given; the last line where it is missing."""
    lines = text.splitlines()
    given = re.compile(rf"\s*{re.escape(field)}\s*=")
    return next((number for number, line in enumerate(lines, 1) if given.match(line)), max(1, len(lines)))


def _line_told(error: tomllib.TOMLDecodeError) -> int:
    told = re.search(r"line (\d+)", str(error))
    return int(told.group(1)) if told else 1


def _field_told(error: msgspec.ValidationError) -> str:
    """The field that msgspec names: "... - at `$.steps[2]`" or "... unknown field `colour`"."""
    told = re.search(r"`\$\.(\w+)|field `(\w+)`", str(error))
    return (told.group(1) or told.group(2)) if told else ""


def _mistake(file_name: str, line: int, reason: str) -> PaletteError:
    return PaletteError(say("audio.palette_wrong", file=file_name, line=line, reason=reason), say("audio.palette_next"))
