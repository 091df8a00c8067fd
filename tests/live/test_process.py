import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from mtsession.audio.devices import audio_devices
from mtsession.capture.reader import read_audio
from mtsession.events import (
    Action,
    AudioEpoch,
    BlockCount,
    ClockPair,
    ConsentChange,
    ConsentTo,
    Contact,
    ContactId,
    Control,
    DeviceChange,
    Gap,
    Lift,
    Mark,
    NoteOff,
    Sounded,
)
from mtsession.live.holding import EXIT_AUDIO_LOST
from mtsession.live.log import RESTARTED
from mtsession.live.plan import seat_plans
from mtsession.live.process import EXIT_KEPT, EXIT_MENDABLE
from mtsession.live.sound import MICROPHONE
from mtsession.session import Session
from tests.e2e.jack_server import JackServer
from tests.live.engine_rig import CLIENT, THERAPIST, Engine, EngineRig, plan, script, state_where

pytestmark = pytest.mark.e2e

NO_SERVER = {"JACK_DEFAULT_SERVER": "mtsession-nobody", "JACK_NO_START_SERVER": "1"}


def of_kind(session: Session, kind: type) -> list:  # type: ignore[type-arg]
    return [event for event in session.events if isinstance(event, kind)]


# A render


def test_a_script_is_rendered_faster_than_it_would_sound_and_every_note_of_it_sounds(rig: EngineRig) -> None:
    launch = rig.launch(plan(script=script(300), offline=True, length_s=31.0, simulated=True))
    began_s = time.monotonic()

    assert rig.start(launch).ended() == EXIT_KEPT
    took_s = time.monotonic() - began_s

    session = rig.read(launch)
    notes = [*session.notes(CLIENT), *session.notes(THERAPIST)]
    assert len(notes) == 300
    assert all(note.sounded_s is not None and 0 <= note.sounded_s - note.contact_s < 0.01 for note in notes)
    assert [note.duration_s for note in notes] == pytest.approx([0.075] * 300)
    assert session.duration_s == 31.0
    assert took_s < 20.0, "not even as fast as real time, start and compiling included"


def test_a_render_without_a_length_ends_after_its_script(rig: EngineRig) -> None:
    launch = rig.launch(plan(script=script(3), offline=True))

    assert rig.start(launch).ended() == EXIT_KEPT
    assert rig.read(launch).duration_s == pytest.approx(0.775 + 3.0)


def test_a_render_is_the_same_every_time(rig: EngineRig) -> None:
    launches = [rig.launch(plan(script=script(20), offline=True)) for _ in range(2)]
    for launch in launches:
        assert rig.start(launch).ended() == EXIT_KEPT

    first, second = (rig.read(launch).events for launch in launches)
    assert first == second


# Bad input


def test_a_second_engine_beside_the_first_is_refused(rig: EngineRig, jack: JackServer) -> None:
    first = rig.start(rig.launch(plan()), jack.env)
    first.origin_ns()
    second = rig.start(rig.launch(plan()), jack.env)

    assert second.ended() == EXIT_MENDABLE
    assert second.error() == (
        "another session is running in this data folder. End it first, or use another folder: mtsession --data DIR\n"
    )
    assert first.stop() == EXIT_KEPT


def test_without_an_audio_device_no_session_begins_and_no_file_is_left(rig: EngineRig) -> None:
    if audio_devices():
        pytest.skip("there is an audio device here")
    launch = rig.launch(plan())
    engine = rig.start(launch, NO_SERVER)

    assert engine.ended() == EXIT_MENDABLE
    assert engine.error().splitlines()[-1].startswith("no audio output was found. Connect one")
    assert list(rig.folder.sessions.iterdir()) == []


def test_a_line_that_is_no_plan_is_refused(rig: EngineRig) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mtsession.live.process"], input=b"{}\n", capture_output=True, timeout=60, check=False
    )

    assert done.returncode == EXIT_MENDABLE
    assert b"could not be read" in done.stderr


# A session with devices


def test_a_session_ends_and_is_kept_when_its_input_ends(rig: EngineRig, jack: JackServer) -> None:
    launch = rig.launch(plan())
    engine = rig.start(launch, jack.env)
    engine.origin_ns()

    assert engine.stop() == EXIT_KEPT
    session = rig.read(launch)
    (epoch,) = of_kind(session, AudioEpoch)
    assert (epoch.epoch, epoch.sample_rate_hz, epoch.block_frames, epoch.callback) == (1, 48_000, 128, "compiled")
    assert of_kind(session, ClockPair)
    assert of_kind(session, BlockCount)[-1].blocks > 0


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_session_ends_and_is_kept_when_it_is_interrupted(
    rig: EngineRig, jack: JackServer, sign: signal.Signals
) -> None:
    launch = rig.launch(plan())
    engine = rig.start(launch, jack.env)
    with closing(engine.connect()) as peer:
        state_where(peer, lambda state: state.audio_alive)
        engine.process.send_signal(sign)

    assert engine.ended() == EXIT_KEPT
    assert rig.read(launch).duration_s > 0


def test_the_stop_key_and_marks_come_over_the_wire(rig: EngineRig, jack: JackServer) -> None:
    launch = rig.launch(plan())
    engine = rig.start(launch, jack.env)
    with closing(engine.connect()) as peer:
        state = state_where(peer, lambda state: state.time_s > 0.2)
        peer.send(Mark(state.time_s, THERAPIST, 0.0, "hello"))
        state_where(peer, lambda state: state.marks_s != ())
        peer.send(Control(state.time_s, THERAPIST, Action.STOP))

    assert engine.ended() == EXIT_KEPT
    session = rig.read(launch)
    assert [mark.label for mark in of_kind(session, Mark)] == ["hello"]
    assert [control.action for control in of_kind(session, Control)] == [Action.STOP]


def test_a_session_ends_by_itself_at_its_length(rig: EngineRig, jack: JackServer) -> None:
    launch = rig.launch(plan(length_s=1.5))

    assert rig.start(launch, jack.env).ended() == EXIT_KEPT
    assert rig.read(launch).duration_s == pytest.approx(1.5, abs=0.05)


def test_a_script_plays_in_real_time_at_its_own_times(rig: EngineRig, jack: JackServer) -> None:
    launch = rig.launch(plan(script=script(20, every_s=0.1, from_s=0.5), length_s=3.0))

    assert rig.start(launch, jack.env).ended() == EXIT_KEPT
    notes = rig.read(launch).notes(CLIENT)
    assert [note.contact_s for note in notes] == pytest.approx(np.arange(0.5, 2.5, 0.2))
    assert all(note.sounded_s is not None for note in notes)


def test_a_real_keyboard_is_heard_and_its_loss_does_not_end_the_session(rig: EngineRig, jack: JackServer) -> None:
    keyboard = rig.keyboard("keys", jack.env)
    launch = rig.launch(plan(seats=seat_plans(["client=keys:out"])))
    engine = rig.start(launch, jack.env)
    origin_ns = engine.origin_ns()
    with closing(engine.connect()) as peer:
        state_where(peer, lambda state: state.seats[0].alive)
        sent_ns = [keyboard.send(0x90, 60, 64), keyboard.send(0x80, 60, 0), keyboard.send(0x90, 62, 64)]
        held = state_where(peer, lambda state: state.seats[0].notes_played == 2)
        keyboard.end()
        lost = state_where(peer, lambda state: not state.seats[0].alive)

    assert held.seats[0].notes_held == 1
    assert lost.seats[0].notes_held == 0
    assert "keys:out" in lost.message
    assert engine.stop() == EXIT_KEPT
    session = rig.read(launch)
    assert session.setup.latency_s == {CLIENT: 0.0}, "a program in the JACK graph is a virtual input"
    first, second = session.notes(CLIENT)
    assert first.contact_s - (sent_ns[0] - origin_ns) * 1e-9 < 0.05
    (unplugged,) = [change for change in of_kind(session, DeviceChange) if not change.present]
    assert second.end_s == pytest.approx(unplugged.time_s, abs=0.05)


def test_the_microphone_is_kept_only_with_consent(rig: EngineRig, jack: JackServer) -> None:
    launches = {record: rig.launch(plan(record_audio=record, length_s=1.0)) for record in (False, True)}
    for launch in launches.values():
        assert rig.start(launch, jack.env).ended() == EXIT_KEPT

    without, recorded = rig.read(launches[False]), rig.read(launches[True])
    assert (without.tracks, of_kind(without, ConsentChange)) == ((), [])
    assert [(event.consent, event.given) for event in of_kind(recorded, ConsentChange)] == [(ConsentTo.AUDIO, True)]
    (track,) = recorded.tracks
    assert track.name == MICROPHONE
    assert track.n_frames / track.sample_rate_hz == pytest.approx(1.0, abs=0.5)


def test_recording_ends_at_once_when_consent_is_withdrawn(rig: EngineRig, jack: JackServer) -> None:
    launch = rig.launch(plan(record_audio=True))
    engine = rig.start(launch, jack.env)
    with closing(engine.connect()) as peer:
        state = state_where(peer, lambda state: state.recording_audio and state.time_s > 0.5)
        peer.send(ConsentChange(state.time_s, None, ConsentTo.AUDIO, given=False))
        after = state_where(peer, lambda state: not state.recording_audio)
        state_where(peer, lambda state: state.time_s > after.time_s + 1.0)

    assert engine.stop() == EXIT_KEPT
    session = rig.read(launch)
    (track,) = session.tracks
    assert track.start_s + track.n_frames / track.sample_rate_hz <= after.time_s
    key, path = launch.session_key, rig.folder.session_file(launch.plan.session_id)
    assert len(read_audio(path, key, MICROPHONE, 0.0, 10.0)) <= 10.0 * track.sample_rate_hz


# An engine dies


def restarted(rig: EngineRig, engine: Engine, env: dict[str, str], origin_ns: int) -> Engine:
    """A new engine on the same session, as the supervisor starts it."""
    sound_lost = engine.ended() == EXIT_AUDIO_LOST
    plan_now = replace(engine.launch.plan, origin_ns=origin_ns)
    return rig.start(replace(engine.launch, plan=plan_now, sound_lost=sound_lost), env)


def test_a_killed_engine_loses_at_most_two_fifths_of_a_second_and_sounds_again_within_two(
    rig: EngineRig, jack: JackServer
) -> None:
    launch = rig.launch(plan())
    engine = rig.start(launch, jack.env)
    origin_ns = engine.origin_ns()
    with closing(engine.connect()) as peer:
        began = state_where(peer, lambda state: state.audio_alive)
        peer.send(Control(began.time_s, THERAPIST, Action.LEVEL, "-30"))
        for index in range(150):
            time_s = (time.perf_counter_ns() - origin_ns) * 1e-9
            peer.send(Contact(ContactId(index), time_s, CLIENT, "pads", 60, 64))
            time.sleep(0.01)
        killed_s = (time.perf_counter_ns() - origin_ns) * 1e-9
        engine.process.kill()

    second = restarted(rig, engine, jack.env, origin_ns)
    with closing(second.connect()) as peer:
        sounding = state_where(peer, lambda state: state.audio_alive)
        peer.send(Contact(ContactId(1), sounding.time_s, CLIENT, "pads", 62, 64))
        state_where(peer, lambda state: state.seats[0].notes_held == 1)
        time.sleep(0.2)
    assert second.stop() == EXIT_KEPT

    session = rig.read(launch)
    notes = session.notes(CLIENT)
    before = [note for note in notes if note.contact_s <= killed_s]
    assert killed_s - before[-1].contact_s <= 0.4
    assert sounding.time_s - killed_s <= 2.0
    assert sounding.level_db == -30.0
    (gap,) = of_kind(session, Gap)
    assert (gap.reason, gap.end_s > killed_s > gap.start_s) == (RESTARTED, True)
    assert max(note.end_s for note in before) <= gap.start_s + 1e-6
    after = notes[len(before) :]
    assert [note.sounded_s is not None for note in after] == [True]
    assert [epoch.epoch for epoch in of_kind(session, AudioEpoch)] == [1, 2]
    ids = [contact.id for contact in of_kind(session, Contact)]
    assert len(set(ids)) == len(ids)
    assert max(sounded.epoch for sounded in of_kind(session, Sounded)) == 2


def test_when_the_audio_server_dies_the_engine_leaves_and_keeps_what_was_played(
    rig: EngineRig, jack: JackServer
) -> None:
    launch = rig.launch(plan())
    engine = rig.start(launch, jack.env)
    origin_ns = engine.origin_ns()
    with closing(engine.connect()) as peer:
        began = state_where(peer, lambda state: state.audio_alive)
        peer.send(Contact(ContactId(1), began.time_s, CLIENT, "pads", 60, 64))
        state_where(peer, lambda state: state.seats[0].notes_held == 1)
        jack.kill()
        killed_s = time.monotonic()
        assert engine.ended() == EXIT_AUDIO_LOST
        assert time.monotonic() - killed_s < 1.5
    left = rig.read(launch)
    assert left.duration_s >= left.notes(CLIENT)[0].contact_s, "kept, should no other engine come"

    second = restarted(rig, engine, jack.env, origin_ns)
    with closing(second.connect()) as peer:
        deaf = state_where(peer, lambda _: True)
        assert not deaf.audio_alive
        peer.send(Contact(ContactId(1), deaf.time_s, CLIENT, "pads", 62, 64))
        state_where(peer, lambda state: state.seats[0].notes_held == 1)
        jack.start()
        back_s = time.monotonic()
        state_where(peer, lambda state: state.audio_alive)
        assert time.monotonic() - back_s < 2.0
    assert second.stop() == EXIT_KEPT

    session = rig.read(launch)
    assert len(session.notes(CLIENT)) == 2
    assert session.notes(CLIENT)[1].sounded_s is None
    assert len(of_kind(session, NoteOff)) == 2
    assert len(of_kind(session, Lift)) == 1


FALLING_THREAD = """
import sys, threading
from mtsession.live import process
threading.excepthook = process._thread_fault
thread = threading.Thread(target=lambda: [][0], name=sys.argv[1])
thread.start()
thread.join()
"""


@pytest.mark.parametrize(("name", "code"), [("session-writer", 70), ("midi-ports", 70), ("wire-peer", 0)])
def test_a_fault_in_a_thread_that_the_session_rests_on_ends_the_engine_so_that_another_takes_over(
    name: str, code: int
) -> None:
    ran = subprocess.run([sys.executable, "-c", FALLING_THREAD, name], capture_output=True, text=True, check=False)

    assert ran.returncode == code
    assert "IndexError" in ran.stderr
