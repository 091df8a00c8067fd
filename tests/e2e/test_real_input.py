"""On real input: is a played session kept, heard, measured, shown and drafted as it was played?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.e2e.desk_pages import make_record, open_note, review
from tests.e2e.jack_server import JackServer
from tests.e2e.kept import analysed, of_seat
from tests.e2e.real_session import CLIENTS, Held, hold_duo
from tests.e2e.room import Room

START_S, END_S = 20.0, 50.0
pytestmark = pytest.mark.timeout(300)

both_seats = pytest.mark.parametrize("seat", CLIENTS)


@pytest.fixture(scope="module")
def held(shared_jack: JackServer, duo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """Thirty seconds of the duo."""
    with ExitStack() as ending:
        room = Room(tmp_path_factory.mktemp("real"), shared_jack, ending)
        played = hold_duo(room, duo, START_S, END_S)
        room.env.update(make_record(room))
        yield played


@pytest.fixture(scope="module")
def page(held: Held) -> Iterator[Page]:
    """The review of that session in Chromium."""
    with review(held.room) as opened:
        yield opened


def test_ctrl_c_ends_and_keeps_the_session(held: Held) -> None:
    assert held.exit_code == 0
    assert held.session.duration_s > END_S - START_S


@both_seats
def test_every_note_is_in_the_session_file_on_the_right_seat(held: Held, seat: str) -> None:
    assert len(held.hits(seat)) > 100
    assert [(n.pitch, n.velocity) for n in held.notes(seat)] == [(m.data[1], m.data[2]) for m in held.hits(seat)]


@both_seats
def test_onsets_are_within_3_ms_and_8_ms_of_what_was_sent(held: Held, seat: str) -> None:
    delays_ms = np.abs(held.delays_ms(seat))
    assert np.median(delays_ms) <= 3.0
    assert np.percentile(delays_ms, 99) <= 8.0


@both_seats
def test_every_note_sounded(held: Held, seat: str) -> None:
    assert all(note.sounded_s is not None for note in held.notes(seat))


def test_the_recorded_sound_is_the_offline_render_at_the_reported_times(held: Held) -> None:
    compared = held.comparison
    assert compared.unrecorded <= 0.05 * len(compared.notes)
    assert max(note.error_db for note in compared.notes) <= -50.0, compared.worst()
    assert abs(np.median([note.shift_frames for note in compared.notes])) <= 128


def test_tempo_turns_and_asynchrony_are_in_the_measures(held: Held) -> None:
    measures = analysed(held.room)
    for seat in CLIENTS:
        assert 60 < of_seat(measures, seat)["tempo"]["value"]["median_bpm"] < 120
        assert of_seat(measures, seat)["turns"]["n"] >= 1
    (pair,) = measures["pairs"]
    assert pair["asynchrony"]["n"] >= 8
    assert abs(pair["asynchrony"]["value"]["mean_s"]) < 0.1
    assert 0 < pair["asynchrony"]["value"]["sd_s"] < 0.1
    assert 0.2 < pair["asynchrony"]["value"]["share_matched"] <= 1


def test_the_review_page_has_both_players_notes(held: Held, page: Page) -> None:
    summary = page.locator("#strip-summary").inner_text()
    for seat in CLIENTS:
        assert f"{len(held.notes(seat))} notes" in summary
    drawn = page.evaluate(COLOURS_DRAWN)
    assert all(share > 0.001 for share in drawn), drawn


COLOURS_DRAWN = """() => {
  const canvas = document.getElementById("strip-canvas");
  const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return [0, 1].map((half) => {
    const counts = new Map();
    const start = Math.floor(half * height / 2) * width * 4;
    for (let k = start; k < start + Math.floor(height / 2) * width * 4; k += 4) {
      const colour = (data[k] << 16) | (data[k + 1] << 8) | data[k + 2];
      if (Math.max(data[k], data[k + 1], data[k + 2]) - Math.min(data[k], data[k + 1], data[k + 2]) > 60)
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return Math.max(0, ...counts.values()) / (width * height / 2);
  });
}"""
"""How much of the strip's upper and lower half is of one strong colour: the notes of each player."""


def test_the_draft_notes_evidence_opens_its_moment(page: Page) -> None:
    page.goto(page.url.partition("#")[0].removesuffix("/note"))
    open_note(page)
    assert page.locator("ol.sentences > li").count() >= 3
    links = page.locator("ol.sentences .evidence a")
    assert links.count() >= 3
    link = links.last
    moment = link.inner_text()
    assert re.fullmatch(r"\d\d:\d\d", moment)
    link.click()
    page.wait_for_selector("#clock")
    assert page.url.endswith(f"#t={moment}")
    page.wait_for_function("wanted => document.getElementById('clock').textContent === wanted", arg=moment)
