"""A palette gives every key a pitch that belongs to it, and says where its file is wrong."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.audio.names import SOUND_NAMES, is_percussion
from mtsession.audio.palettes import KEYS, palettes, read_palette
from mtsession.errors import PaletteError

NAMES = st.sampled_from(sorted(palettes()))
KEY_NAMES = st.sampled_from(sorted(KEYS))
PITCHES = st.integers(0, 127)

GOOD = """title = "Test"
gentle = true
steps = [0, 2, 7]
sound = "harp"
percussion_sound = "shaker"
"""


def test_the_first_palette_leaves_every_key_as_played() -> None:
    first = next(iter(palettes().values()))
    assert first.name == "open-keys"
    assert [first.snap(pitch, key) for key in KEYS for pitch in range(128)] == list(range(128)) * len(KEYS)


def test_there_are_gentle_palettes_and_coloured_ones() -> None:
    assert sum(palette.gentle for palette in palettes().values()) >= 3
    assert {"open-keys", "dawn", "wood", "bowls", "blue", "dorian"} <= set(palettes())


@given(NAMES, KEY_NAMES, PITCHES)
def test_a_key_snaps_to_a_pitch_of_the_palette(name: str, key: str, pitch: int) -> None:
    palette = palettes()[name]
    snapped = palette.snap(pitch, key)
    assert 0 <= snapped <= 127
    assert snapped % 12 in palette.pitch_classes(key)


@given(NAMES, KEY_NAMES, PITCHES)
def test_no_pitch_of_the_palette_is_nearer_than_the_one_it_snaps_to(name: str, key: str, pitch: int) -> None:
    palette = palettes()[name]
    distances = [abs(p - pitch) for p in range(128) if p % 12 in palette.pitch_classes(key)]
    assert abs(palette.snap(pitch, key) - pitch) == min(distances)


@given(NAMES, KEY_NAMES, PITCHES)
def test_what_is_in_the_palette_stays_and_higher_keys_never_sound_lower(name: str, key: str, pitch: int) -> None:
    palette = palettes()[name]
    snapped = palette.snap(pitch, key)
    assert palette.snap(snapped, key) == snapped
    assert palette.snap(min(127, pitch + 1), key) >= snapped


@pytest.mark.parametrize("pitch", [-40, 200])
def test_what_is_no_midi_pitch_is_a_fault_of_the_program(pitch: int) -> None:
    with pytest.raises(ValueError, match="0–127"):
        palettes()["dawn"].snap(pitch, "C")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("name", [name for name, palette in palettes().items() if palette.gentle])
def test_a_gentle_palette_holds_no_two_pitch_classes_a_semitone_apart(name: str, key: str) -> None:
    palette = palettes()[name]
    sounding = sorted({palette.snap(pitch, key) for pitch in range(128)})
    assert all(high - low > 1 for low, high in pairwise(sounding))


def test_every_palette_sounds_with_sounds_that_are_there() -> None:
    for palette in palettes().values():
        assert palette.sound in SOUND_NAMES
        assert not is_percussion(palette.sound)
        assert is_percussion(palette.percussion_sound)


def test_a_good_file_is_read() -> None:
    palette = read_palette("mine.toml", GOOD)
    assert (palette.name, palette.steps, palette.gentle) == ("mine", (0, 2, 7), True)


@pytest.mark.parametrize(
    ("wrong", "right", "line"),
    [
        ('title = ""', 'title = "Test"', 1),
        ("gentle = 3", "gentle = true", 2),
        ("steps = [0, 1, 7]", "steps = [0, 2, 7]", 3),
        ("steps = [0, 11]", "steps = [0, 2, 7]", 3),
        ("steps = [7, 2, 0]", "steps = [0, 2, 7]", 3),
        ("steps = [0, 12]", "steps = [0, 2, 7]", 3),
        ("steps = []", "steps = [0, 2, 7]", 3),
        ("steps = [0, 2.5]", "steps = [0, 2, 7]", 3),
        ("steps = [0, 2", "steps = [0, 2, 7]", 4),
        ('sound = "bagpipe"', 'sound = "harp"', 4),
        ('sound = "shaker"', 'sound = "harp"', 4),
        ('percussion_sound = "harp"', 'percussion_sound = "shaker"', 5),
        ('percussion_sound = "shaker"\ncolour = "red"', 'percussion_sound = "shaker"', 6),
    ],
)
def test_a_mistake_is_told_with_its_file_and_line(wrong: str, right: str, line: int) -> None:
    with pytest.raises(PaletteError, match=f"mine.toml.* line {line}:"):
        read_palette("mine.toml", GOOD.replace(right, wrong, 1))


def test_a_missing_field_is_told_by_its_name() -> None:
    with pytest.raises(PaletteError, match="percussion_sound"):
        read_palette("mine.toml", GOOD.replace('percussion_sound = "shaker"\n', ""))
