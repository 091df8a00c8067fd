"""What is put into a session file comes out of it, whatever it is and however often the file is opened again."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtsession.capture.backlog import Backlog
from mtsession.capture.database import open_to_read
from mtsession.capture.flac import FULL_SCALE
from mtsession.capture.reader import last_contact_id, last_epoch, read_audio, read_session
from mtsession.capture.schema import EVENT_TABLES, ddl, from_microseconds, time_of_s, to_microseconds
from mtsession.capture.writer import SessionWriter
from mtsession.errors import DiskFullError, SessionFormatError
from mtsession.events import AudioEpoch, Contact, DeviceChange, Event, Gap, Mark, Pedal
from mtsession.session import Track
from tests.capture.making import (
    BEGAN,
    CLIENT,
    KEY,
    NEVER,
    OUTPUT,
    RATE_HZ,
    THERAPIST,
    a_note,
    any_event,
    header,
    noise,
    write,
)
from tests.e2e.processes import wait_for

HALF_A_STEP = 0.51 / FULL_SCALE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.mts"


@settings(max_examples=60, deadline=None)
@given(st.lists(any_event(), max_size=30))
def test_every_event_comes_back_as_it_was_put_in_order_of_time(events: list[Event]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "s.mts"
        write(path, events)
        assert read_session(path, KEY).events == tuple(sorted(events, key=time_of_s))


def test_there_is_a_table_for_every_kind_of_event_with_a_column_a_field() -> None:
    assert set(EVENT_TABLES) == set(get_args(Event))
    database = sqlite3.connect(":memory:")
    database.executescript(ddl())
    for kind, table in EVENT_TABLES.items():
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table.name})")]
        assert columns == ["seq", *(field.name for field in fields(kind))]
    strict = database.execute(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'"
    )
    assert {is_strict for _, is_strict in strict} == {1}
    database.close()


def test_the_header_comes_back_as_it_was_put(path: Path) -> None:
    head = header()
    write(path, [], duration_s=12.5)
    session = read_session(path, KEY)
    assert (session.id, session.started_at, session.players, session.setup) == (
        head.session_id,
        head.started_at,
        head.players,
        head.setup,
    )
    assert session.duration_s == 12.5
    assert session.tracks == ()


@given(st.datetimes().map(lambda moment: moment.replace(tzinfo=BEGAN.tzinfo)))
def test_the_start_is_kept_to_the_microsecond(moment: Any) -> None:
    assert from_microseconds(to_microseconds(moment)) == moment


def test_a_start_without_a_time_zone_is_refused_before_a_file_is_made(path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        SessionWriter(path, KEY, header=header(started_at=BEGAN.replace(tzinfo=None)))
    assert not path.exists()


def test_events_of_one_moment_stay_in_the_order_in_which_they_came(path: Path) -> None:
    events: list[Event] = [
        Pedal(1.0, CLIENT, 127),
        Mark(1.0, CLIENT, 0.0),
        Pedal(1.0, CLIENT, 0),
        Mark(1.0, CLIENT, 0.5),
    ]
    write(path, events)
    assert read_session(path, KEY).events == tuple(events)


def test_numbers_of_numpy_are_kept_as_plain_ones(path: Path) -> None:
    odd = Pedal(cast("float", np.float32(0.5)), CLIENT, cast("int", np.int64(64)))
    write(path, [odd])
    assert read_session(path, KEY).events == (Pedal(0.5, CLIENT, 64),)


def test_a_device_whose_name_is_no_text_is_kept_with_question_marks(path: Path) -> None:
    write(path, [DeviceChange(0.0, None, "key\udcffs", present=True)])
    assert read_session(path, KEY).events == (DeviceChange(0.0, None, "key?s", present=True),)


@pytest.mark.parametrize("fault", [{"time_s": math.nan}, {"value": 2**63}, {"value": 1.5}, {"time_s": "soon"}])
def test_what_no_file_can_hold_is_counted_and_takes_nothing_with_it(path: Path, fault: dict[str, Any]) -> None:
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    good = Pedal(1.0, CLIENT, 64)
    for event in (good, replace(good, **fault), good):
        writer.put(event)
    writer.close(2.0)
    assert writer.rejected == 1
    assert read_session(path, KEY).events == (good, good)


def test_a_session_that_was_never_closed_lasts_until_its_last_event(path: Path) -> None:
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    writer.put(Pedal(3.0, CLIENT, 64))
    writer.put(Gap(4.0, 7.5, "engine restarted"))
    writer.close(99.0)
    again = SessionWriter(path, KEY, header=None, tick_s=0.01)
    wait_for(lambda: read_session(path, KEY).duration_s == 7.5, 5.0, "a commit")
    again.close(99.0)
    assert read_session(path, KEY).duration_s == 99.0


def test_a_session_of_audio_alone_lasts_as_long_as_its_audio(path: Path) -> None:
    write(path, [], frames=noise(RATE_HZ))
    again = SessionWriter(path, KEY, header=None, tick_s=0.01)
    wait_for(lambda: read_session(path, KEY).duration_s == 1.0, 5.0, "a commit")
    again.abandon()


def test_a_file_that_is_opened_again_goes_on(path: Path) -> None:
    write(path, [*a_note(1, 0.0), AudioEpoch(1, 0.0, "dummy", RATE_HZ, 128, 0.01, 0.01, "compiled")])
    assert (last_contact_id(path, KEY), last_epoch(path, KEY)) == (1, 1)
    again = SessionWriter(path, KEY, header=None, tick_s=NEVER)
    for event in a_note(2, 5.0):
        again.put(event)
    again.close(20.0)
    session = read_session(path, KEY)
    assert [note.contact_id for note in session.notes(CLIENT)] == [1, 2]
    assert (session.duration_s, last_contact_id(path, KEY)) == (20.0, 2)


def test_numbers_begin_at_0_in_an_empty_session(path: Path) -> None:
    write(path, [])
    assert (last_contact_id(path, KEY), last_epoch(path, KEY)) == (0, 0)


def test_a_second_session_of_the_same_name_is_refused(path: Path) -> None:
    write(path, a_note(1, 0.0))
    with pytest.raises(SessionFormatError, match=r"There is a session file s\.mts already"):
        SessionWriter(path, KEY, header=header())
    assert len(read_session(path, KEY).events) == 4


def test_a_folder_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError, match="cannot be written"):
        SessionWriter(tmp_path / "missing" / "s.mts", KEY, header=header())


def test_closing_twice_does_nothing_more(path: Path) -> None:
    writer = SessionWriter(path, KEY, header=header())
    writer.close(1.0)
    writer.close(2.0)
    assert read_session(path, KEY).duration_s == 1.0


def test_a_closed_session_is_one_file_which_only_its_owner_can_read(path: Path) -> None:
    write(path, a_note(1, 0.0))
    assert [file.name for file in path.parent.iterdir()] == ["s.mts"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_running_session_can_be_read_beside_its_writer(path: Path) -> None:
    writer = SessionWriter(path, KEY, header=header(), tick_s=0.01)
    for event in a_note(1, 0.0):
        writer.put(event)
    until_committed(path, 4)
    assert len(read_session(path, KEY).events) == 4
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}
    writer.close(1.0)


def test_closing_beside_a_reader_keeps_everything(path: Path) -> None:
    writer = SessionWriter(path, KEY, header=header(), tick_s=0.01)
    writer.put(Pedal(0.0, CLIENT, 64))
    until_committed(path, 1)
    with open_to_read(path, KEY) as reading:
        reading.execute("SELECT count(*) FROM pedals").fetchone()
        writer.put(Pedal(1.0, CLIENT, 0))
        writer.close(2.0)
    session = read_session(path, KEY)
    assert (len(session.events), session.duration_s) == (2, 2.0)


def until_committed(path: Path, count: int) -> None:
    """The writer's own thread commits; a test waits for what it did."""
    wait_for(lambda: len(read_session(path, KEY).events) >= count, 5.0, "a commit")


def test_nothing_that_was_played_can_be_read_without_the_key(path: Path) -> None:
    write(path, [DeviceChange(0.0, CLIENT, "a name that must not be found", present=True)], frames=noise(100))
    content = path.read_bytes()
    assert b"a name that" not in content
    assert b"fLaC" not in content
    assert b"client" not in content


def test_what_memory_cannot_hold_is_a_gap_of_its_stretch(path: Path) -> None:
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER, backlog=Backlog(max_rows=3))
    for second in range(5):
        writer.put(Pedal(float(second), CLIENT, 64))
    writer.close(5.0)
    assert read_session(path, KEY).events == (
        Pedal(0.0, CLIENT, 64),
        Pedal(1.0, CLIENT, 64),
        Gap(2.0, 4.0, "disk full"),
    )


def test_audio_comes_back_to_half_a_step_of_24_bits(path: Path) -> None:
    played = noise(3 * RATE_HZ)
    write(path, [], frames=played)
    assert np.abs(read_audio(path, KEY, "output") - played).max() <= HALF_A_STEP
    (track,) = read_session(path, KEY).tracks
    assert track == replace(OUTPUT, n_frames=3 * RATE_HZ)


def test_audio_beyond_full_scale_is_clipped_and_what_is_no_number_is_silence(path: Path) -> None:
    write(path, [], frames=np.array([[2.0], [-2.0], [np.nan], [0.5]], dtype=np.float32))
    assert read_audio(path, KEY, "output")[:, 0] == pytest.approx([1.0, -1.0, 0.0, 0.5], abs=2 / FULL_SCALE)


def test_no_stored_block_is_longer_than_a_second(path: Path) -> None:
    write(path, [], frames=noise(round(2.5 * RATE_HZ), channels=1))
    with open_to_read(path, KEY) as database:
        assert [n for (n,) in database.execute("SELECT n_frames FROM audio_blocks")] == [RATE_HZ, RATE_HZ, RATE_HZ // 2]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=20), st.tuples(st.integers(0, 4000), st.integers(0, 4000)))
def test_audio_put_in_any_pieces_is_read_in_any_window(sizes: list[int], window: tuple[int, int]) -> None:
    played, (start, end) = noise(sum(sizes), channels=1), sorted(window)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "s.mts"
        writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
        for piece, at in zip(np.split(played, np.cumsum(sizes)[:-1]), np.cumsum([0, *sizes]), strict=False):
            writer.put_audio(OUTPUT, int(at), piece)
        writer.close(1.0)
        read = read_audio(path, KEY, "output", start / RATE_HZ, end / RATE_HZ)
    wanted = np.zeros((end - start, 1), dtype=np.float32)
    inside = played[start:end]
    wanted[: len(inside)] = inside
    assert read.shape == wanted.shape
    assert np.abs(read - wanted).max(initial=0.0) <= HALF_A_STEP


def test_what_was_not_captured_between_two_pieces_is_silence(path: Path) -> None:
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    writer.put_audio(OUTPUT, 0, np.full(100, 0.5, dtype=np.float32))
    writer.put_audio(OUTPUT, 300, np.full(100, 0.5, dtype=np.float32))
    writer.close(1.0)
    heard = read_audio(path, KEY, "output")[:, 0] > 0.25
    assert np.flatnonzero(np.diff(heard.astype(int))).tolist() == [99, 299]


def test_a_track_that_goes_on_after_a_restart_is_placed_by_time(path: Path) -> None:
    write(path, [], frames=noise(RATE_HZ))
    again = SessionWriter(path, KEY, header=None, tick_s=NEVER)
    again.put_audio(replace(OUTPUT, start_s=2.0), 0, np.full((RATE_HZ, 2), 0.5, dtype=np.float32))
    again.close(3.0)
    (track,) = read_session(path, KEY).tracks
    assert (track.start_s, track.n_frames) == (0.0, 3 * RATE_HZ)
    assert np.abs(read_audio(path, KEY, "output", 1.0, 2.0)).max() == 0
    assert read_audio(path, KEY, "output", 2.0, 3.0).min() == pytest.approx(0.5, abs=1e-6)


def test_another_devices_rate_after_a_restart_is_another_track(path: Path) -> None:
    write(path, [], frames=noise(RATE_HZ))
    for start_s in (2.0, 3.0):
        again = SessionWriter(path, KEY, header=None, tick_s=NEVER)
        again.put_audio(replace(OUTPUT, sample_rate_hz=44_100, start_s=start_s), 0, noise(44_100))
        again.close(4.0)
    assert [(t.name, t.sample_rate_hz, t.n_frames) for t in read_session(path, KEY).tracks] == [
        ("output", RATE_HZ, RATE_HZ),
        ("output 44100 Hz 2", 44_100, 88_200),
    ]


def test_tracks_of_seats_are_kept_apart(path: Path) -> None:
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    microphones = [Track(f"microphone {seat}", seat, RATE_HZ, 0.0, 0, 0.005) for seat in (CLIENT, THERAPIST)]
    for at in range(0, 1000, 100):
        for level, track in enumerate(microphones, start=1):
            writer.put_audio(track, at, np.full(100, level / 4, dtype=np.float32))
    writer.close(1.0)
    assert [track.seat for track in read_session(path, KEY).tracks] == [CLIENT, THERAPIST]
    levels = [read_audio(path, KEY, track.name).mean() for track in microphones]
    assert levels == pytest.approx([0.25, 0.5], abs=1e-6)


def test_audio_that_no_flac_can_hold_is_counted_and_takes_nothing_with_it(path: Path) -> None:
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    writer.put_audio(replace(OUTPUT, name="wide"), 0, noise(10, channels=9))
    writer.put_audio(OUTPUT, 0, noise(10))
    writer.put(Pedal(0.0, CLIENT, 64))
    writer.close(1.0)
    assert writer.rejected == 1
    assert [track.name for track in read_session(path, KEY).tracks] == ["output"]


def test_a_rate_that_is_none_is_refused_where_it_is_put(path: Path) -> None:
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    with pytest.raises(ValueError, match="0 frames a second"):
        writer.put_audio(replace(OUTPUT, sample_rate_hz=0), 0, noise(10))
    writer.close(1.0)


def test_an_unknown_track_is_a_key_error(path: Path) -> None:
    write(path, [])
    with pytest.raises(KeyError):
        read_audio(path, KEY, "output")


def test_the_frames_that_were_put_can_be_used_again_at_once(path: Path) -> None:
    writer = SessionWriter(path, KEY, header=header(), tick_s=NEVER)
    block = np.full((64, 2), 0.5, dtype=np.float32)
    writer.put_audio(OUTPUT, 0, block)
    block[:] = 0
    writer.close(1.0)
    assert read_audio(path, KEY, "output").min() == pytest.approx(0.5, abs=1e-6)


def test_contacts_of_both_seats_are_in_one_file(path: Path) -> None:
    write(path, [*a_note(1, 0.0), *a_note(2, 0.1, seat=THERAPIST)])
    session = read_session(path, KEY)
    assert [event.seat for event in session.events if isinstance(event, Contact)] == [CLIENT, THERAPIST]
