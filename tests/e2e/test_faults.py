"""What is lost when the engine or the audio server dies in mid-session? At most 0.4 s, and sound is back within 2 s."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest

from mtsession.events import AudioEpoch, Gap, Sounded
from mtsession.session import Session
from tests.e2e.desk_pages import make_record, open_note, review, sign
from tests.e2e.heard import counter_origin_ns
from tests.e2e.jack_server import JackServer
from tests.e2e.kept import newest
from tests.e2e.play_midi import is_note_on
from tests.e2e.processes import SAMPLE_RATE_HZ, Player, Program, Recording, Sent, wait_for
from tests.e2e.real_session import CLIENTS, FILES
from tests.e2e.room import Room

MOST_LOST_S = 0.4
SOUND_BACK_S = 2.0
START_S = 20.0
BEFORE_S, AFTER_S = 5.0, 6.0
pytestmark = pytest.mark.timeout(300)

RoomOf = Callable[[JackServer], Room]


@dataclass(frozen=True, slots=True)
class Broken:
    """A session that something was done to: what was sent in all, when it happened, what the file holds."""

    room: Room
    session: Session
    sent: list[Sent]
    broken_ns: int
    back_by_s: float
    """From the earliest moment at which sound could be back to the first frame of the new audio epoch."""


def duo_player(room: Room, duo: Path) -> Player:
    """The duo's two clients."""
    return room.player(**{client: duo / name for client, name in FILES.items()})


def engine_of(program: Program) -> psutil.Process:
    """The engine's process."""
    wait_for(lambda: program.children, 5.0, "the engine's process")
    return program.child("mtsession.live")


def epochs(session: Session) -> list[AudioEpoch]:
    """The audio epochs of a session, in order."""
    return sorted((e for e in session.events if isinstance(e, AudioEpoch)), key=lambda epoch: epoch.epoch)


def kill_the_engine(room: Room, duo: Path) -> tuple[Broken, Recording]:
    """kill -9 while two players play."""
    player = duo_player(room, duo)
    program = room.hold(**CLIENTS)
    recorder = room.recorder()
    player.begin(START_S, START_S + BEFORE_S + AFTER_S)
    engine = engine_of(program)
    time.sleep(BEFORE_S)
    killed_ns = time.perf_counter_ns()
    engine.kill()
    player.expect("done")
    recording = recorder.save()
    assert program.interrupt() == 0
    session = newest(room.data)
    new_epoch_ns = counter_origin_ns(session) + epochs(session)[-1].time_s * 1e9
    return Broken(room, session, player.sent, killed_ns, (new_epoch_ns - killed_ns) * 1e-9), recording


def kill_the_server(room: Room, duo: Path) -> Broken:
    """jackd is killed and started again; the MIDI devices, which live in it, are plugged in again."""
    with duo_player(room, duo) as first:
        program = room.hold(**CLIENTS)
        first.begin(START_S, START_S + BEFORE_S)
        time.sleep(BEFORE_S * 0.8)
        killed_ns = time.perf_counter_ns()
        room.server.kill()
        first.process.kill()
        first.process.wait()
        sent = first.sent
    room.server.start()
    ready_ns = time.perf_counter_ns()
    player = duo_player(room, duo)
    wait_for(lambda: room.is_held(CLIENTS), 20.0, "the session on the new server")
    sent += player.play(START_S + BEFORE_S, START_S + BEFORE_S + AFTER_S)
    assert program.interrupt() == 0
    session = newest(room.data)
    new_epoch_ns = counter_origin_ns(session) + epochs(session)[-1].time_s * 1e9
    return Broken(room, session, sent, killed_ns, (new_epoch_ns - ready_ns) * 1e-9)


def lost_s(broken: Broken) -> float:
    """How long before the break the first note was sent that the file does not hold, nor any after it; 0 for none."""
    origin_ns = counter_origin_ns(broken.session)
    seats = [player.seat for player in broken.session.players]
    contacts_s = np.array([note.contact_s for seat in seats for note in broken.session.notes(seat)])
    broken_s = (broken.broken_ns - origin_ns) * 1e-9
    sent_s = [(m.counter_ns - origin_ns) * 1e-9 for m in broken.sent if is_note_on(m.data)]
    last_kept_s = contacts_s[contacts_s < broken_s].max()
    missing_s = [time_s for time_s in sent_s if last_kept_s < time_s < broken_s]
    return broken_s - min(missing_s, default=broken_s)


def silence_after(recording: Recording, counter_ns: int) -> float:
    """Seconds from that moment to the first sound that follows the silence of a dead engine.

    By the counter, not by rows: the server itself stands still for half a second when a client is killed.
    """
    first = int(recording.row_at(counter_ns))
    rows = first + np.flatnonzero(np.abs(recording.frames[first:]).max(axis=1) > 0)
    after_silence = rows[1:][np.diff(rows) >= SAMPLE_RATE_HZ // 20]
    assert len(after_silence), "the engine did not fall silent, or was not heard again"
    return (recording.counter_at(int(after_silence[0])) - counter_ns) * 1e-9


def assert_one_session_goes_on(broken: Broken) -> None:
    """Same file, a gap that is told, a new audio epoch, notes after it."""
    files = list((broken.room.data / "sessions").glob("*.mts"))
    assert [path.stem for path in files] == [broken.session.id]
    assert any(isinstance(event, Gap) for event in broken.session.events)
    assert len(epochs(broken.session)) == 2
    again_s = epochs(broken.session)[-1].time_s
    heard_again = [e for e in broken.session.events if isinstance(e, Sounded) and e.time_s > again_s]
    assert len(heard_again) > 20


def assert_it_opens_reviews_and_signs(broken: Broken) -> None:
    """In Chromium, from the list of notes to the signed page."""
    broken.room.env.update(make_record(broken.room))
    with review(broken.room) as page:
        assert re.search(r"\d+ notes", page.locator("#strip-summary").inner_text())
        open_note(page)
        sign(page)
        assert "T. Ester" in page.locator("main").inner_text()


def test_a_killed_engine_loses_little_is_back_soon_and_the_session_can_be_signed(
    shared_jack: JackServer, room_of: RoomOf, duo: Path
) -> None:
    broken, recording = kill_the_engine(room_of(shared_jack), duo)
    assert lost_s(broken) <= MOST_LOST_S
    assert silence_after(recording, broken.broken_ns) <= SOUND_BACK_S
    assert broken.back_by_s <= SOUND_BACK_S
    assert_one_session_goes_on(broken)
    assert_it_opens_reviews_and_signs(broken)


def test_a_killed_audio_server_loses_little_sound_is_back_soon_after_it_and_the_session_can_be_signed(
    own_jack: JackServer, room_of: RoomOf, duo: Path
) -> None:
    broken = kill_the_server(room_of(own_jack), duo)
    assert lost_s(broken) <= MOST_LOST_S
    assert broken.back_by_s <= SOUND_BACK_S
    assert_one_session_goes_on(broken)
    assert_it_opens_reviews_and_signs(broken)
