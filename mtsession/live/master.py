"""What may be done to the whole instrument, and by whom: level, fade, panic, palette, key, stop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mtsession.audio.commands import FadeOut, Resume, SetLevel, Silence, SoundCommand
from mtsession.audio.palettes import KEYS, OCTAVE, Palette
from mtsession.events import Action, Control

FADE_S = 2.0
"""A fade takes two seconds on every screen (care rules, safety of sound)."""

STOP_FADE_S = 0.25
"""At the end of a session the sound goes quickly, and without a click."""

SCALE_PALETTE = "scale palette"
"""The assist's name in the log: while it is on, some measures of pitch say nothing (care rules, §2)."""

QUIETEST_DB = -60.0
"""The lowest master level; below it is silence, and for that there is the fade."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the whole instrument that is now in force; `value` as the log writes it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Declined:
    """A control that was not obeyed: `reason` is a key of the texts of this room."""

    reason: str


Answer: TypeAlias = SoundCommand | Setting | Declined


@dataclass(slots=True)
class Master:
    """The instrument as a whole. `fade_ends_s` is set while it fades, `stopped` once the session is to end."""

    palettes: Mapping[str, Palette]
    palette: str
    key: str
    level_db: float
    level_cap_db: float
    silent: bool = False
    stopped: bool = False
    fade_ends_s: float | None = None

    def __post_init__(self) -> None:
        self.level_db = min(self.level_db, self.level_cap_db)

    def opening(self) -> list[SoundCommand]:
        """What a mixer that knows nothing yet must be told; a silenced room stays silent over a new start."""
        return [SetLevel(self.level_db), *([Silence()] if self.silent else [])]

    def obey(self, control: Control, *, from_guest: bool) -> list[Answer]:
        """A client or peer may silence and lower; everything else is the therapist's act."""
        if from_guest and not self._is_open_to_guests(control):
            return [Declined("only_therapist")]
        match control.action:
            case Action.FADE:
                return self._fade(control.time_s)
            case Action.PANIC:
                self.silent, self.fade_ends_s = True, None
                return [Silence()]
            case Action.RESUME:
                self.silent, self.fade_ends_s = False, None
                return [Resume()]
            case Action.STOP:
                self.stopped = True
                return []
            case Action.LEVEL:
                return self._set_level(control.value)
            case Action.PALETTE:
                return self._set_palette(control.value)
            case Action.KEY:
                return self._set_key(control.value)

    def _is_open_to_guests(self, control: Control) -> bool:
        lowers = control.action is Action.LEVEL and _level(control.value) <= self.level_db
        return lowers or control.action in (Action.FADE, Action.PANIC)

    def _fade(self, time_s: float) -> list[Answer]:
        if self.silent:
            return []
        self.silent, self.fade_ends_s = True, time_s + FADE_S
        return [FadeOut(FADE_S)]

    def _set_level(self, text: str) -> list[Answer]:
        asked_db = _level(text)
        if not math.isfinite(asked_db):
            return [Declined("not_a_level")]
        self.level_db = max(QUIETEST_DB, min(asked_db, self.level_cap_db))
        return [SetLevel(self.level_db), Setting("level", f"{self.level_db:.1f}")]

    def _set_palette(self, name: str) -> list[Answer]:
        if name not in self.palettes:
            return [Declined("no_such_palette")]
        self.palette = name
        return [Setting("palette", name), Setting(SCALE_PALETTE, scale_of(self.palettes[name]))]

    def _set_key(self, name: str) -> list[Answer]:
        if name not in KEYS:
            return [Declined("no_such_key")]
        self.key = name
        return [Setting("key", name)]


def scale_of(palette: Palette) -> str:
    """The palette's name where it moves keys to a scale, else "off"."""
    return "off" if len(palette.steps) == OCTAVE else palette.name


def _level(text: str) -> float:
    """The level in dB, or not a number."""
    try:
        return float(text)
    except ValueError:
        return math.nan
