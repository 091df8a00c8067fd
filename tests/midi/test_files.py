"""Standard MIDI Files: the notes and times that pretty_midi reads, and one clear line for what is no MIDI file."""

from __future__ import annotations

import os
import random
import warnings
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

import mido
import pretty_midi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtsession.errors import MidiFileError
from mtsession.midi.files import LONGEST_S, PlayedNote, PlayedTrack, merged, read_tracks, write_tracks

TENTH_OF_A_MS = 1e-4
DATA = Path(os.environ.get("MTSESSION_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
DUO = DATA / "duo_keys_drums"
NAMES = ("keys_live", "drums_live", "keys_delayed", "drums_delayed", "keys_beats", "drums_beats")

Heard = tuple[float, int, float, int, bool]


def theirs(path: Path) -> list[Heard]:
    """The notes that pretty_midi reads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of tempo changes outside the first track
        read = pretty_midi.PrettyMIDI(str(path))
    return sorted((n.start, n.pitch, n.end, n.velocity, i.is_drum) for i in read.instruments for n in i.notes)


def ours(path: Path) -> list[Heard]:
    notes = merged(read_tracks(path)).notes
    return sorted((note.start_s, note.pitch, note.end_s, note.velocity, note.percussion) for note in notes)


def assert_same(one: list[Heard], other: list[Heard]) -> None:
    for a, b in zip(sorted(one, key=by_key), sorted(other, key=by_key), strict=True):
        assert (a[1], a[3], a[4]) == (b[1], b[3], b[4])
        assert (a[0], a[2]) == pytest.approx((b[0], b[2]), abs=TENTH_OF_A_MS)


def by_key(heard: Heard) -> tuple[bool, int, float, float]:
    """Key by key: times that are equal but for their last digit do not change the order of two keys."""
    start_s, pitch, end_s, _, percussion = heard
    return percussion, pitch, start_s, end_s


@pytest.mark.skipif(not DUO.is_dir(), reason="the performances are not here: set MTSESSION_DATA")
@pytest.mark.parametrize("name", NAMES)
def test_a_real_performance_has_the_notes_that_pretty_midi_reads(name: str) -> None:
    assert_same(ours(DUO / f"{name}.mid"), theirs(DUO / f"{name}.mid"))


def a_message() -> st.SearchStrategy[mido.Message]:
    """Few keys, so that they meet: struck again, let go twice, struck and let go at one tick."""
    delta = st.sampled_from([0, 0, 1, 10, 480])
    key = {"note": st.integers(60, 62), "channel": st.sampled_from([0, 1, 9]), "time": delta}
    return st.one_of(
        st.builds(mido.Message, st.just("note_on"), velocity=st.integers(0, 3), **key),
        st.builds(mido.Message, st.just("note_off"), velocity=st.just(0), **key),
        st.builds(mido.Message, st.just("program_change"), program=st.integers(0, 3), time=delta),
        st.builds(mido.Message, st.just("control_change"), control=st.just(64), value=st.integers(0, 127), time=delta),
    )


def a_tempo() -> st.SearchStrategy[mido.MetaMessage]:
    tempo = st.integers(200_000, 1_500_000)
    return st.builds(mido.MetaMessage, st.just("set_tempo"), tempo=tempo, time=st.sampled_from([0, 1, 100, 960]))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(a_tempo(), max_size=4),
    st.lists(st.lists(a_message(), max_size=25), min_size=1, max_size=3),
    st.sampled_from([96, 480, 960]),
)
def test_any_file_has_the_notes_that_pretty_midi_reads(
    tempi: list[mido.MetaMessage], tracks: list[list[mido.Message]], ticks_a_beat: int
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "any.mid"
        file = mido.MidiFile(type=1, ticks_per_beat=ticks_a_beat)
        file.tracks.extend(mido.MidiTrack(track) for track in [tempi, *tracks])
        file.save(path)
        if expected := theirs(path):
            assert_same(ours(path), expected)
        else:
            with pytest.raises(MidiFileError, match=r"any\.mid holds no notes"):
                read_tracks(path)


def save(path: Path, tracks: list[list[mido.Message]], *, type_: int = 1, ticks_a_beat: int = 500) -> Path:
    file = mido.MidiFile(type=type_, ticks_per_beat=ticks_a_beat)
    file.tracks.extend(mido.MidiTrack(track) for track in tracks)
    file.save(path)
    return path


def one_note(channel: int = 0, pitch: int = 60) -> list[mido.Message]:
    return [
        mido.Message("note_on", note=pitch, velocity=64, channel=channel, time=100),
        mido.Message("note_off", note=pitch, channel=channel, time=100),
    ]


def test_a_track_is_a_player_where_there_are_several(tmp_path: Path) -> None:
    path = save(tmp_path / "two.mid", [[], one_note(0, 60) + one_note(9, 38), one_note(1, 62)])
    assert [[note.pitch for note in track.notes] for track in read_tracks(path)] == [[60, 38], [62]]


def test_a_channel_is_a_player_where_there_is_one_track_only(tmp_path: Path) -> None:
    path = save(tmp_path / "one.mid", [one_note(0, 60) + one_note(9, 38)], type_=0)
    keys, drums = read_tracks(path)
    assert ([note.pitch for note in keys.notes], keys.percussion) == ([60], False)
    assert ([note.pitch for note in drums.notes], drums.percussion) == ([38], True)


def test_a_track_has_its_name(tmp_path: Path) -> None:
    path = save(tmp_path / "named.mid", [[mido.MetaMessage("track_name", name="drums"), *one_note(9)], one_note()])
    assert [track.name for track in read_tracks(path)] == ["drums", ""]


def test_time_in_frames_needs_no_tempo(tmp_path: Path) -> None:
    path = save(tmp_path / "film.mid", [[mido.MetaMessage("set_tempo", tempo=999_999), *one_note()]])
    content = bytearray(path.read_bytes())
    content[12:14] = bytes((256 - 25, 40))  # 25 frames a second, 40 parts a frame: a tick is 1 ms
    path.write_bytes(content)
    assert_same(ours(path), [(0.1, 60, 0.2, 64, False)])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"x\.mid is empty\. Save it again"),
        (b"RIFF and more of something else", r"x\.mid is not a MIDI file\. Choose"),
        (b"MThd", "ends in the middle"),
        (b"MThd\0\0\0\6\0\1\0\2\1\xf4MTrk\0\0\0\4\0\xff\x2f\0", "ends in the middle"),
        (b"MThd\0\0\0\6\0\1\0\1\0\0MTrk\0\0\0\4\0\xff\x2f\0", "damaged MIDI file"),
        (b"MThd\0\0\0\6\0\2\0\1\1\xf4MTrk\0\0\0\4\0\xff\x2f\0", "several independent songs"),
        (b"MThd\0\0\0\6\0\1\0\1\1\xf4MTrk\0\0\0\4\0\xff\x2f\0", "holds no notes"),
    ],
)
def test_a_bad_file_gets_one_clear_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.mid"
    path.write_bytes(content)
    with pytest.raises(MidiFileError, match=said):
        read_tracks(path)


def test_a_missing_file_gets_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(MidiFileError, match=r"none\.mid cannot be read: No such file"):
        read_tracks(tmp_path / "none.mid")


def test_a_file_with_any_bytes_changed_or_missing_is_read_or_refused(tmp_path: Path) -> None:
    content = save(tmp_path / "good.mid", [one_note(channel, 60) * 20 for channel in range(3)]).read_bytes()
    chance, path, refused = random.Random(20260114), tmp_path / "x.mid", 0
    for _ in range(500):
        changed = bytearray(content[: chance.choice([len(content), chance.randrange(len(content))])])
        for at in (chance.randrange(max(1, len(changed))) for _ in range(chance.randrange(4))):
            changed[at : at + 1] = bytes((chance.randrange(256),))
        path.write_bytes(changed)
        try:
            read_tracks(path)
        except MidiFileError:
            refused += 1
    assert 100 < refused < 500


def notes() -> st.SearchStrategy[list[PlayedNote]]:
    """Notes that MIDI can say: a key is let go before it is struck again."""
    spans = st.lists(st.floats(0.001, 3.0), min_size=2, max_size=12)
    return st.builds(_of_spans, spans, st.integers(0, 127), st.integers(1, 127), st.booleans())


def _of_spans(spans_s: list[float], pitch: int, velocity: int, percussion: bool) -> list[PlayedNote]:
    times = list(accumulate(spans_s))
    pairs = zip(times[::2], times[1::2], strict=False)
    return [PlayedNote(start_s, end_s, pitch, velocity, percussion) for start_s, end_s in pairs]


@settings(max_examples=100, deadline=None)
@given(st.lists(notes(), min_size=1, max_size=3, unique_by=lambda played: (played[0].pitch, played[0].percussion)))
def test_what_is_written_is_read_back_to_a_tenth_of_a_millisecond(keys: list[list[PlayedNote]]) -> None:
    played = [note for key in keys for note in key]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "written.mid"
        write_tracks(path, [PlayedTrack("client", tuple(played))])
        expected = sorted((n.start_s, n.pitch, n.end_s, n.velocity, n.percussion) for n in played)
        assert_same(ours(path), expected)
        assert_same(theirs(path), expected)


def test_a_written_file_has_a_track_a_player(tmp_path: Path) -> None:
    players = [PlayedTrack(name, (PlayedNote(0.0, 0.5, 60, 64),)) for name in ("client", "therapist")]
    write_tracks(tmp_path / "two.mid", players)
    assert [track.name for track in read_tracks(tmp_path / "two.mid")] == ["client", "therapist"]
    assert [track.name for track in mido.MidiFile(tmp_path / "two.mid").tracks] == ["", "client", "therapist"]


def test_a_key_struck_again_under_the_pedal_ends_there(tmp_path: Path) -> None:
    held = (PlayedNote(0.0, 3.0, 60, 64), PlayedNote(1.0, 3.0, 60, 70))
    write_tracks(tmp_path / "held.mid", [PlayedTrack("client", held)])
    assert_same(ours(tmp_path / "held.mid"), [(0.0, 60, 1.0, 64, False), (1.0, 60, 3.0, 70, False)])


def test_a_note_without_length_lasts_a_tick(tmp_path: Path) -> None:
    write_tracks(tmp_path / "short.mid", [PlayedTrack("client", (PlayedNote(1.0, 1.0, 60, 64),))])
    ((start_s, _, end_s, _, _),) = ours(tmp_path / "short.mid")
    assert start_s == pytest.approx(1.0)
    assert 0 < end_s - start_s <= TENTH_OF_A_MS


def test_a_file_of_centuries_is_refused_before_anything_is_laid_out(tmp_path: Path) -> None:
    write_tracks(tmp_path / "long.mid", [PlayedTrack("", (PlayedNote(0.0, LONGEST_S + 1.0, 60, 70),))])
    with pytest.raises(MidiFileError, match=r"long\.mid goes on for more than a day"):
        read_tracks(tmp_path / "long.mid")


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.mid"
    with path.open("wb") as file:
        file.write(b"MThd")
        file.truncate(2**40)
    with pytest.raises(MidiFileError, match=r"huge\.mid is too large"):
        read_tracks(path)
