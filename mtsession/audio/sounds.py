"""Which sounds are there, and how are they loaded in no time? Made once from recipes, then read from a cache."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec
import numpy as np
import platformdirs

from mtsession.audio.bank import Sound, SoundBank, Take, lay_bank
from mtsession.audio.names import PERCUSSION, PITCHED, SOUND_NAMES, is_percussion
from mtsession.audio.recipes import bars, drums, strings

__all__ = ["PERCUSSION", "PITCHED", "SOUND_NAMES", "is_percussion", "load_bank", "make_bank"]

ZONE_LEVEL_DB = -17.0
"""Perceived level of a zone's first 0.4 s at full strength, before the master's level."""

SOUND_TRIM_DB: Mapping[str, float] = {
    "felt piano": -0.6,
    "marimba": -0.6,
    "kalimba": 0.7,
    "harp": 0.2,
    "singing bowl": 2.4,
    "soft pad": 1.8,
    "drum kit": -1.5,
    "frame drum": -0.2,
    "shaker": -1.3,
}
"""What a phrase of each sound needs to be as loud as one of the others (measured after ITU-R BS.1770)."""


def load_bank(sample_rate_hz: float, folder: Path | None = None) -> SoundBank:
    """All sounds, from the cache where they have been made before; making them takes a few seconds.

    `folder` is the platform's cache unless given. A cache that cannot be read is made anew, one that cannot be
    written is done without.
    """
    folder = folder or platformdirs.user_cache_path("mtsession", appauthor=False)
    path = folder / f"sounds-{_recipe_version()}-{round(sample_rate_hz)}.npz"
    if bank := _read(path, sample_rate_hz):
        return bank
    bank = make_bank(sample_rate_hz)
    _write(path, bank)
    return bank


def make_bank(sample_rate_hz: float) -> SoundBank:
    """Every sound from its recipe."""
    level_db = {name: ZONE_LEVEL_DB + SOUND_TRIM_DB.get(name, 0.0) for name in SOUND_NAMES}
    takes: dict[str, tuple[Take, ...]] = {
        "felt piano": strings.felt_piano(sample_rate_hz, level_db["felt piano"]),
        "marimba": bars.marimba(sample_rate_hz, level_db["marimba"]),
        "kalimba": bars.kalimba(sample_rate_hz, level_db["kalimba"]),
        "harp": strings.harp(sample_rate_hz, level_db["harp"]),
        "singing bowl": bars.singing_bowl(sample_rate_hz, level_db["singing bowl"]),
        "soft pad": bars.soft_pad(sample_rate_hz, level_db["soft pad"]),
        "drum kit": drums.kit(drums.KIT, sample_rate_hz, level_db["drum kit"]),
        "frame drum": drums.kit(drums.FRAME_DRUM, sample_rate_hz, level_db["frame drum"]),
        "shaker": drums.kit(drums.SHAKER, sample_rate_hz, level_db["shaker"]),
    }
    kits = {
        "drum kit": drums.KIT_ALIASES,
        "frame drum": drums.FRAME_DRUM_ALIASES,
        "shaker": drums.SHAKER_ALIASES,
    }
    return lay_bank(takes, sample_rate_hz, kits)


@cache
def _recipe_version() -> str:
    """Changes with every source that the samples come from."""
    package = files("mtsession.audio")
    sources = [package / "sounds.py", package / "bank.py", *(package / "recipes").iterdir()]
    digest = hashlib.sha256()
    for source in sorted((s for s in sources if s.name.endswith(".py")), key=lambda source: source.name):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _read(path: Path, sample_rate_hz: float) -> SoundBank | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            sounds = msgspec.msgpack.decode(kept["sounds"].tobytes(), type=dict[str, Sound])
            return SoundBank(sample_rate_hz, kept["samples"], kept["profile"], sounds)
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, msgspec.MsgspecError):
        return None


def _write(path: Path, bank: SoundBank) -> None:
    """Whole or not at all; banks of older recipes go."""
    sounds = np.frombuffer(msgspec.msgpack.encode(bank.sounds), np.uint8)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
            np.savez(part, samples=bank.samples, profile=bank.profile, sounds=sounds)
        Path(part.name).replace(path)
        for older in path.parent.glob(f"sounds-*-{path.stem.rsplit('-', 1)[1]}.npz"):
            if older != path:
                older.unlink(missing_ok=True)
    except OSError:
        return
