"""What each address answers, over real session files and a real record, without a browser."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from mtsession.capture.reader import read_session
from mtsession.clock import ManualClock
from mtsession.config import DataFolder
from mtsession.events import Gap, Mark
from mtsession.live.lock import only_engine
from mtsession.record.notes.note import NoteState
from mtsession.record.store import open_record
from mtsession.session import Session
from mtsession.ui.desk.app import STATIC, build_app
from mtsession.ui.desk.gate import SECURITY_HEADERS, Keys
from mtsession.ui.desk.idle import LastUse
from mtsession.ui.desk.state import Desk
from mtsession.wording import banned_words_in, say
from mtsession.worker import Worker
from tests.ui.desk.making import CLIENT, PASSPHRASE, THERAPIST, duet, keep, make_record

KEYS = Keys(port=4321, entry="entry-key", cookie="cookie-key")

SIGNER = {"signer_name": "A. Example", "signer_registration": "AS00000"}


class Browser:
    """One that was let in, talking to the application itself."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.clock = ManualClock()
        self.last_use = LastUse(self.clock)
        self._app = build_app(desk, self.last_use)
        self.cookies = {KEYS.cookie_name: KEYS.cookie}

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._ask("GET", path, headers, None)

    def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        return self._ask("POST", path, {"origin": KEYS.origin, **headers}, form or {})

    def _ask(self, method: str, path: str, headers: dict[str, str], form: dict[str, str] | None) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=KEYS.origin, cookies=self.cookies) as client:
                return await client.request(method, path, headers=headers, data=form)

        return asyncio.run(ask())


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


@pytest.fixture
def session_id(folder: DataFolder) -> str:
    return keep(folder, duet(30.0))


@pytest.fixture
def browser(folder: DataFolder, session_id: str, worker: Worker) -> Iterator[Browser]:
    """A desk with one session and an open record."""
    assert session_id
    make_record(folder)
    with open_record(folder, PASSPHRASE) as record:
        yield Browser(Desk(folder, worker, KEYS, demo=False, record=record))


@pytest.fixture
def unrecorded(folder: DataFolder, session_id: str, worker: Worker) -> Browser:
    """A desk with one session and no record."""
    assert session_id
    return Browser(Desk(folder, worker, KEYS, demo=False))


def text_of(answer: httpx.Response) -> str:
    """The page's words without its tags."""
    return " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL).split())


# — the frame —


@pytest.mark.parametrize("path", ["/", "/about", "/clients", "/static/desk.css", "/nowhere"])
def test_everything_goes_out_with_the_security_headers(browser: Browser, path: str) -> None:
    headers = browser.get(path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_no_clinical_page_stays_in_the_browsers_cache(browser: Browser, session_id: str) -> None:
    for path in ("/", f"/sessions/{session_id}", f"/sessions/{session_id}/strip.json"):
        assert browser.get(path).headers["cache-control"] == "no-store"


def test_a_stranger_gets_one_line_and_no_page(browser: Browser) -> None:
    browser.cookies = {}
    answer = browser.get("/")
    assert (answer.status_code, answer.text) == (403, say("desk.refused_key"))


def test_who_is_turned_away_keeps_no_desk_alive(browser: Browser) -> None:
    browser.clock.advance(5)
    browser.cookies, let_in = {}, browser.cookies
    browser.get("/")
    assert browser.last_use.idle_s() == 5.0
    browser.cookies = let_in
    browser.get("/")
    assert browser.last_use.idle_s() == 0.0


def test_the_address_is_exchanged_for_a_cookie_and_loses_its_key(browser: Browser) -> None:
    browser.cookies = {}
    answer = browser.get("/enter?key=entry-key&then=/about")
    assert (answer.status_code, answer.headers["location"]) == (303, "/about")
    assert KEYS.cookie in answer.headers["set-cookie"]
    assert browser.get("/enter?key=wrong").status_code == 403


@pytest.mark.parametrize("then", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_to_another_site(browser: Browser, then: str) -> None:
    assert browser.get(f"/enter?key=entry-key&then={then}").headers["location"] == "/"


def test_scripts_are_scripts_whatever_the_system_says(browser: Browser) -> None:
    types = {path.suffix: browser.get(f"/static/js/{path.name}").headers["content-type"] for path in scripts()}
    assert types == {".js": "text/javascript; charset=utf-8"}


def test_pages_ask_nothing_of_other_machines(browser: Browser, session_id: str) -> None:
    for path in ("/", f"/sessions/{session_id}", "/about", "/static/desk.css", "/static/review.css"):
        assert re.findall(r"(?:src|href|url\()\W?(?:https?:)?//[^\s\"')]+", browser.get(path).text) == []


def test_the_theme_that_was_chosen_stays(browser: Browser) -> None:
    answer = browser.post("/theme", {"theme": "dark"}, referer=f"{KEYS.origin}/about")
    assert answer.headers["location"] == "/about"
    browser.cookies |= {"mtsession_theme": "dark"}
    assert 'data-theme="dark"' in browser.get("/").text


def test_an_unknown_page_says_where_to_go(browser: Browser) -> None:
    answer = browser.get("/nowhere")
    assert answer.status_code == 404
    assert say("desk.not_found_next") in text_of(answer)


def test_a_fault_of_the_program_says_so_and_shows_nothing_of_itself(folder: DataFolder, session_id: str) -> None:
    stopped = Worker()
    stopped.close()
    browser = Browser(Desk(folder, stopped, KEYS, demo=False))
    answer = browser.get(f"/sessions/{session_id}/charts.json", **{"sec-fetch-dest": "empty"})
    assert (answer.status_code, answer.text) == (500, f"{say('desk.fault')}. {say('desk.fault_next')}.")
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_the_statement_stands_on_every_page(browser: Browser, session_id: str) -> None:
    for path in ("/", "/about", "/clients", f"/sessions/{session_id}"):
        assert say("desk.statement") in text_of(browser.get(path))


# — sessions —


def test_the_list_tells_date_length_players_and_the_state_of_the_note(browser: Browser) -> None:
    said = text_of(browser.get("/"))
    for expected in ("22 November 2026", "00:30", "Client pads", "Therapist keyboard", say("desk.note_none")):
        assert expected in said


def test_a_damaged_session_stays_in_the_list_without_a_link(
    browser: Browser, folder: DataFolder, session_id: str
) -> None:
    with folder.session_file(session_id).open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 64)
    answer = browser.get("/")
    assert say("desk.session_unreadable") in text_of(answer)
    assert f'href="/sessions/{session_id}"' not in answer.text


def test_an_unknown_session_is_not_found(browser: Browser) -> None:
    answer = browser.get("/sessions/20200101-000000-0000")
    assert answer.status_code == 404
    assert say("desk.no_such_session") in text_of(answer)


# — review —


def test_the_strip_holds_every_note_of_both_players(browser: Browser, session_id: str) -> None:
    drawn = browser.get(f"/sessions/{session_id}/strip.json").json()["strip"]
    session = duet(30.0)
    for lane, seat in zip(drawn["lanes"], (CLIENT, THERAPIST), strict=True):
        assert lane["look"]["seat"] == seat
        assert lane["pitch"] == [note.pitch for note in session.notes(seat)]
        assert lane["start_s"] == pytest.approx([note.contact_s for note in session.notes(seat)], abs=0.0006)


def test_the_charts_come_with_their_tables_and_limits(browser: Browser, session_id: str) -> None:
    told = browser.get(f"/sessions/{session_id}/charts.json").json()
    charts = {chart["key"]: chart for chart in told["charts"]["charts"]}
    assert list(charts) == ["shares", "density", "gaps", "tempo"]
    assert {chart["key"] for chart in told["charts"]["more"]} >= {"togetherness", "following", "level", "change"}
    for chart in charts.values():
        assert chart["limits"]
        assert chart["table"]["rows"] or chart["missing"]


def test_every_fact_in_words_is_free_of_verdicts(browser: Browser, session_id: str) -> None:
    told = browser.get(f"/sessions/{session_id}/charts.json").json()
    assert len(told["words"]) > 3
    assert banned_words_in(json.dumps(told, ensure_ascii=False)) == ()


def test_the_sound_is_flac_and_comes_in_ranges(browser: Browser, session_id: str) -> None:
    whole = browser.get(f"/sessions/{session_id}/sound")
    part = browser.get(f"/sessions/{session_id}/sound", range="bytes=0-3")
    assert whole.headers["content-type"] == "audio/flac"
    assert (part.status_code, part.content) == (206, b"fLaC")
    assert whole.content.startswith(b"fLaC")


def test_a_track_that_was_not_recorded_is_refused_in_one_line(browser: Browser, session_id: str) -> None:
    answer = browser.get(f"/sessions/{session_id}/sound?track=microphone", **{"sec-fetch-dest": "empty"})
    assert answer.status_code == 422
    assert say("desk.no_track") in answer.text


def test_a_mark_in_review_is_kept_in_the_session_and_named_so(browser: Browser, session_id: str) -> None:
    assert browser.post(f"/sessions/{session_id}/marks", {"time_s": "20.5"}).status_code == 200
    sealed = browser.desk.sealed(session_id)
    session = read_session(sealed.path, sealed.key)
    assert Mark(20.5, THERAPIST, 10.5, say("desk.marked_in_review")) in session.events
    assert session.duration_s == 30.0
    moments = browser.get(f"/sessions/{session_id}/strip.json").json()["moments"]
    assert [moment["start_s"] for moment in moments] == [5.0, 10.5]


def test_nothing_is_marked_while_a_session_runs(browser: Browser, folder: DataFolder, session_id: str) -> None:
    with only_engine(folder):
        answer = browser.post(f"/sessions/{session_id}/marks", {"time_s": "20.5"}, **{"sec-fetch-dest": "empty"})
    assert answer.status_code == 422
    assert say("live.already_running") in answer.text
    assert len(browser.get(f"/sessions/{session_id}/strip.json").json()["moments"]) == 1


@pytest.mark.parametrize("time_s", ["soon", "nan", ""])
def test_a_mark_at_no_time_is_refused(browser: Browser, session_id: str, time_s: str) -> None:
    assert browser.post(f"/sessions/{session_id}/marks", {"time_s": time_s}).status_code == 422


def test_what_was_not_captured_is_a_moment(folder: DataFolder, worker: Worker) -> None:
    session_id = keep(folder, duet(30.0, 7, Gap(12.0, 14.0, "engine restarted")))
    browser = Browser(Desk(folder, worker, KEYS, demo=False))
    drawn = browser.get(f"/sessions/{session_id}/strip.json").json()
    assert drawn["strip"]["gaps"] == [{"start_s": 12.0, "end_s": 14.0, "reason": "engine restarted"}]
    assert [moment["kind"] for moment in drawn["moments"]] == ["mark", "missing"]


# — record and notes —


def test_without_a_record_the_way_to_a_note_leads_over_making_one(unrecorded: Browser, session_id: str) -> None:
    answer = unrecorded.get(f"/sessions/{session_id}/note")
    assert answer.headers["location"] == f"/record/new?then=/sessions/{session_id}/note"


def test_the_review_needs_no_record(unrecorded: Browser, session_id: str) -> None:
    assert unrecorded.get(f"/sessions/{session_id}").status_code == 200


def test_while_the_record_is_locked_every_page_leads_to_its_passphrase(
    folder: DataFolder, session_id: str, worker: Worker
) -> None:
    make_record(folder)
    browser = Browser(Desk(folder, worker, KEYS, demo=False))
    for path in ("/", f"/sessions/{session_id}", f"/sessions/{session_id}/strip.json", "/clients", "/notes/1"):
        assert browser.get(path).headers["location"].startswith("/unlock?then=")


def test_the_passphrase_opens_the_record_and_a_wrong_one_is_told(
    folder: DataFolder, session_id: str, worker: Worker
) -> None:
    assert session_id
    make_record(folder)
    browser = Browser(Desk(folder, worker, KEYS, demo=False))
    assert 'value="/clients"' in browser.get("/unlock?then=/clients").text
    wrong = browser.post("/unlock", {"passphrase": "something else entirely", "then": "/"})
    assert wrong.status_code == 403
    right = browser.post("/unlock", {"passphrase": PASSPHRASE, "then": "/clients"})
    assert right.headers["location"] == "/clients"
    assert browser.get("/clients").status_code == 200
    assert browser.desk.record is not None
    browser.desk.record.close()


def test_a_passphrase_that_is_sent_twice_opens_the_record_once(
    folder: DataFolder, session_id: str, worker: Worker
) -> None:
    assert session_id
    make_record(folder)
    browser = Browser(Desk(folder, worker, KEYS, demo=False))
    browser.post("/unlock", {"passphrase": PASSPHRASE, "then": "/"})
    first = browser.desk.record
    assert first is not None
    browser.post("/unlock", {"passphrase": PASSPHRASE, "then": "/"})
    assert browser.desk.record is first
    first.close()


def test_who_locks_the_record_leaves_nothing_open(browser: Browser, session_id: str) -> None:
    assert browser.get(f"/sessions/{session_id}").status_code == 200
    assert browser.post("/lock").headers["location"] == "/unlock"
    assert browser.desk.record is None
    assert browser.get(f"/sessions/{session_id}").headers["location"].startswith("/unlock")


def test_two_passphrases_that_differ_make_no_record(unrecorded: Browser) -> None:
    answer = unrecorded.post("/record/new", {"passphrase": PASSPHRASE, "again": PASSPHRASE + ".", "then": "/"})
    assert answer.status_code == 422
    assert say("desk.not_the_same") in text_of(answer)
    assert unrecorded.desk.record is None


def test_a_new_record_shows_its_recovery_key_once(unrecorded: Browser) -> None:
    answer = unrecorded.post("/record/new", {"passphrase": PASSPHRASE, "again": PASSPHRASE, "then": "/clients"})
    assert re.search(r"([0-9A-Z]{5}-){7}[0-9A-Z]{5}", re.sub(r"<[^>]+>", "", answer.text))
    assert 'href="/clients">' + say("desk.recovery_done") in answer.text
    assert unrecorded.get("/record/new").headers["location"] == "/"
    assert unrecorded.desk.record is not None
    unrecorded.desk.record.close()


def test_clients_are_added_by_code_and_attached_to_a_seat(browser: Browser, session_id: str) -> None:
    browser.post("/clients", {"code": "K-07"})
    browser.post(f"/sessions/{session_id}/seats", {"seat:client": "K-07", "new:client": ""})
    assert browser.desk.record is not None
    assert browser.desk.record.session_clients(session_id) == {CLIENT: "K-07"}
    assert "K-07" in text_of(browser.get(f"/sessions/{session_id}"))
    assert "K-07" in text_of(browser.get("/"))


def test_a_code_that_is_taken_is_told_with_the_next_step(browser: Browser) -> None:
    browser.post("/clients", {"code": "K-07"})
    answer = browser.post("/clients", {"code": "k-07"})
    assert answer.status_code == 409
    assert say("desk.error_title") in text_of(answer)


def test_what_is_typed_is_shown_as_text_and_never_as_markup(browser: Browser) -> None:
    browser.post("/clients", {"code": "<img src=x>"})
    assert "<img src=x>" not in browser.get("/clients").text
    assert "&lt;img src=x&gt;" in browser.get("/clients").text


def test_nothing_is_ticked_in_a_new_draft(browser: Browser, session_id: str) -> None:
    answer = browser.get(f"/sessions/{session_id}/note")
    assert answer.text.count('type="checkbox"') > 3
    assert " checked" not in answer.text


def test_every_evidence_link_opens_its_moment_in_the_review(browser: Browser, session_id: str) -> None:
    links = re.findall(r'href="([^"]+#t=[^"]+)"', browser.get(f"/sessions/{session_id}/note").text)
    assert links
    assert all(re.fullmatch(rf"/sessions/{session_id}#t=\d\d:\d\d", link) for link in links)


def test_a_draft_is_kept_as_the_form_has_it(browser: Browser, session_id: str) -> None:
    key, text = first_sentence(browser, session_id)
    own = {"observed": "two\r\nlines", "reading": "", "plan": " next "}
    browser.post(f"/sessions/{session_id}/note", {f"tick:{key}": "on", f"text:{key}": text + " Twice.", **own})
    assert browser.desk.record is not None
    (note,) = browser.desk.record.notes(session_id)
    kept = next(sentence for sentence in note.sentences if sentence.key == key)
    assert (kept.ticked, kept.text) == (True, text + " Twice.")
    assert (note.own.observed, note.own.plan) == ("two\nlines", "next")
    assert sum(sentence.ticked for sentence in note.sentences) == 1


def test_saving_twice_keeps_one_draft(browser: Browser, session_id: str) -> None:
    for observed in ("first", "second"):
        browser.post(f"/sessions/{session_id}/note", {"observed": observed, "reading": "", "plan": ""})
    assert browser.desk.record is not None
    (note,) = browser.desk.record.notes(session_id)
    assert note.own.observed == "second"


def test_signing_keeps_what_was_ticked_and_locks_it(browser: Browser, session_id: str) -> None:
    signed = sign(browser, session_id)
    assert browser.desk.record is not None
    note = browser.desk.record.note(signed)
    assert note.state is NoteState.SIGNED
    assert [sentence.key for sentence in note.sentences] == [first_sentence(browser, session_id, note.id)[0]]
    assert browser.get(f"/sessions/{session_id}/note").headers["location"] == f"/notes/{signed}"
    changed = browser.post(f"/sessions/{session_id}/note", {"observed": "later", "reading": "", "plan": ""})
    assert changed.status_code == 409
    assert browser.desk.record.note(signed) == note


def test_an_empty_note_or_signature_is_refused_with_the_next_step(browser: Browser, session_id: str) -> None:
    empty = {"observed": "", "reading": "", "plan": ""}
    assert browser.post(f"/sessions/{session_id}/note/sign", {**empty, **SIGNER}).status_code == 409
    nameless = {**empty, "observed": "seen", "signer_name": " ", "signer_registration": "1"}
    assert browser.post(f"/sessions/{session_id}/note/sign", nameless).status_code == 409


def test_the_clients_page_leads_to_their_notes(browser: Browser, session_id: str) -> None:
    browser.post(f"/sessions/{session_id}/seats", {"new:client": "K-07"})
    assert f'href="/sessions/{session_id}/note"' not in browser.get("/clients").text
    browser.post(f"/sessions/{session_id}/note", {"observed": "seen", "reading": "", "plan": ""})
    assert f'href="/sessions/{session_id}/note"' in browser.get("/clients").text
    assert f'href="/notes/{sign(browser, session_id)}"' in browser.get("/clients").text


def test_the_seats_page_offers_the_codes_that_are_there(browser: Browser, session_id: str) -> None:
    browser.post("/clients", {"code": "K-07"})
    assert '<option value="K-07">' in browser.get(f"/sessions/{session_id}/seats").text


def test_a_draft_has_no_printed_page_yet(browser: Browser, session_id: str) -> None:
    browser.post(f"/sessions/{session_id}/note", {"observed": "seen", "reading": "", "plan": ""})
    assert browser.desk.record is not None
    (note,) = browser.desk.record.notes(session_id)
    assert browser.get(f"/notes/{note.id}").headers["location"] == f"/sessions/{session_id}/note"


def test_an_amendment_is_added_below_the_signed_note(browser: Browser, session_id: str) -> None:
    signed = sign(browser, session_id)
    browser.post(f"/notes/{signed}/amend", {"text": "It was the small drum.", "reason": "Wrong drum", **SIGNER})
    said = text_of(browser.get(f"/notes/{signed}"))
    assert "It was the small drum." in said
    assert "seen and heard" in said


def test_a_form_without_its_fields_is_refused_in_one_line(browser: Browser, session_id: str) -> None:
    answer = browser.post(f"/sessions/{session_id}/note", {})
    assert answer.status_code == 422
    assert say("desk.form_incomplete") in text_of(answer)


def test_a_text_longer_than_a_note_is_refused(browser: Browser, session_id: str) -> None:
    answer = browser.post(f"/sessions/{session_id}/note", {"observed": "x" * 20_001, "reading": "", "plan": ""})
    assert answer.status_code == 422
    assert say("desk.too_large") in text_of(answer)


def test_a_note_of_simulated_players_says_so(folder: DataFolder, worker: Worker) -> None:
    session_id = keep(folder, simulated())
    make_record(folder)
    with open_record(folder, PASSPHRASE) as record:
        browser = Browser(Desk(folder, worker, KEYS, demo=False, record=record))
        draft = [browser.get(f"/sessions/{session_id}{page}") for page in ("", "/note")]
        for answer in (*draft, browser.get(f"/notes/{sign(browser, session_id)}")):
            assert say("desk.demo_strip") in text_of(answer)


def scripts() -> list[Path]:
    return sorted((STATIC / "js").glob("*.js"))


def simulated() -> Session:
    played = duet(30.0)
    return replace(played, setup=replace(played.setup, simulated=True))


def first_sentence(browser: Browser, session_id: str, note_id: str | None = None) -> tuple[str, str]:
    assert browser.desk.record is not None
    if note_id:
        note = browser.desk.record.note(note_id)
        return note.sentences[0].key, note.sentences[0].text
    page = browser.get(f"/sessions/{session_id}/note").text
    found = re.search(r'<textarea class="wording" name="text:([^"]+)"[^>]*>([^<]+)</textarea>', page)
    assert found is not None
    return found.group(1), found.group(2).replace("&#39;", "'")


def sign(browser: Browser, session_id: str) -> str:
    """Tick the first sentence, write a line, sign; the note's id."""
    key, _ = first_sentence(browser, session_id)
    form = {f"tick:{key}": "on", "observed": "seen and heard", "reading": "", "plan": "", **SIGNER}
    answer = browser.post(f"/sessions/{session_id}/note/sign", form)
    return answer.headers["location"].removeprefix("/notes/")
