"""Which sounds are there? Their names, known without loading any of them."""

from __future__ import annotations

PITCHED = ("felt piano", "marimba", "kalimba", "harp", "singing bowl", "soft pad")
PERCUSSION = ("drum kit", "frame drum", "shaker")
SOUND_NAMES = PITCHED + PERCUSSION


def is_percussion(name: str) -> bool:
    """Whether a sound is struck by number, not played at a pitch."""
    return name in PERCUSSION
