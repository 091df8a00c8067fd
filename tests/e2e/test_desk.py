"""The desk in a real browser: a session seen and heard, its note drafted, signed and amended."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, Response, ViewportSize, expect, sync_playwright

from mtsession.config import DataFolder
from mtsession.session import Session
from mtsession.simulate.samples import SAMPLES
from mtsession.wording import say
from tests.ui.desk.making import PASSPHRASE, RunningDesk, duet, keep, make_record, running_desk

CHROMIUM = Path("/usr/bin/chromium")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]

LAPTOP = ViewportSize(width=1366, height=768)

LENGTH_S = 40.0

READY_MS = 60_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium here: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def session() -> Session:
    return duet(LENGTH_S)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return DataFolder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def session_id(folder: DataFolder, session: Session) -> str:
    return keep(folder, session)


@pytest.fixture(scope="module")
def desk(folder: DataFolder, session_id: str) -> Iterator[RunningDesk]:
    """One session, a record that is open."""
    assert session_id
    make_record(folder)
    with running_desk(folder, passphrase=PASSPHRASE) as running:
        yield running


@pytest.fixture
def page(chromium: Browser, desk: RunningDesk) -> Iterator[Page]:
    """A fresh browser that was let in; no page of the desk may fail or ask another machine for anything."""
    context = chromium.new_context(viewport=LAPTOP)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.extend(_foreign(request, desk)))
    page.on("response", lambda response: faults.extend(_failed(response)))
    page.goto(desk.url)
    yield page
    context.close()
    assert faults == []


def _foreign(request: Request, desk: RunningDesk) -> list[str]:
    return [] if request.url.startswith((desk.origin, "data:", "blob:")) else [f"asked {request.url}"]


def _failed(response: Response) -> list[str]:
    return [f"{response.status} {response.url}"] if response.status >= 500 else []


def open_review(page: Page, desk: RunningDesk, session_id: str, at: str = "") -> None:
    page.goto(f"{desk.origin}/sessions/{session_id}{at}")
    page.wait_for_selector("#review[data-ready='all']", timeout=READY_MS)


def colours_in(page: Page, selector: str) -> dict[str, int]:
    """How many pixels of a canvas are nearer to orange, or to blue, than to grey."""
    found: dict[str, int] = page.evaluate(
        """(selector) => {
            const canvas = document.querySelector(selector);
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            const counts = { orange: 0, blue: 0 };
            for (let i = 0; i < data.length; i += 4) {
                if (data[i + 3] < 60) continue;
                if (data[i] - data[i + 2] > 90) counts.orange += 1;
                if (data[i + 2] - data[i] > 90) counts.blue += 1;
            }
            return counts;
        }""",
        selector,
    )
    return found


def wait_for_sound(page: Page, condition: str) -> None:
    """Until the sound's time is so; asked frame by frame, since the page's policy forbids strings as scripts."""
    page.evaluate(
        """() => new Promise((done) => {
            const audio = document.getElementById("audio");
            const look = () => { const time = audio.currentTime; CONDITION ? done() : requestAnimationFrame(look); };
            look();
        })""".replace("CONDITION", condition)
    )


def clock_s(page: Page) -> int:
    minutes, seconds = page.inner_text("#clock").split(":")
    return int(minutes) * 60 + int(seconds)


# — review —


def test_both_players_notes_are_drawn(page: Page, desk: RunningDesk, session_id: str, session: Session) -> None:
    open_review(page, desk, session_id)
    n_notes = sum(len(session.notes(player.seat)) for player in session.players)
    assert int(page.get_attribute("#strip", "data-drawn") or 0) == n_notes
    drawn = colours_in(page, "#strip-canvas")
    assert drawn["orange"] > 300
    assert drawn["blue"] > 300


def test_the_notes_are_drawn_before_anything_is_measured(page: Page, desk: RunningDesk, session_id: str) -> None:
    page.route("**/charts.json", lambda route: route.abort())
    page.goto(f"{desk.origin}/sessions/{session_id}")
    page.wait_for_selector("#review[data-ready]", timeout=READY_MS)
    assert colours_in(page, "#strip-canvas")["orange"] > 300
    expect(page.locator("#waiting")).to_be_visible()


def test_the_four_graphs_stand_with_their_words_and_tables(page: Page, desk: RunningDesk, session_id: str) -> None:
    open_review(page, desk, session_id)
    titles = page.locator(".chart h2").all_inner_texts()
    assert [title.split("\n")[0].rsplit(" ", 1)[0] for title in titles][:2] == ["Who played", "Notes per second"]
    for key in ("shares", "density", "gaps", "tempo"):
        card = page.locator(f"[data-chart='{key}'].chart")
        expect(card.locator(".limits")).to_contain_text("Does not show")
        card.locator("summary").click()
        assert card.locator("tbody tr").count() > 0
    assert colours_in(page, "[data-chart='density'] canvas")["orange"] > 50


def test_more_graphs_open_with_their_bands_words_and_tables(page: Page, desk: RunningDesk, session_id: str) -> None:
    open_review(page, desk, session_id)
    together = page.locator("[data-chart='togetherness'].chart")
    expect(together).to_be_hidden()
    page.locator("details.more > summary").click()
    expect(together.locator(".limits")).to_contain_text("Does not show")
    dots, bands = together.locator(".dot").count(), together.locator(".band").count()
    assert 0 < bands < dots
    together.locator("summary").click()
    expect(together.locator("tbody tr").first).to_contain_text("Onsets that met")
    level = page.locator("[data-chart='level'] canvas").bounding_box()
    card = page.locator("[data-chart='level'].chart").bounding_box()
    assert level is not None
    assert card is not None
    assert card["width"] - 60 < level["width"] < card["width"]


def test_a_player_of_a_group_has_a_bar_and_a_row(page: Page, desk: RunningDesk, folder: DataFolder) -> None:
    own = keep(folder, SAMPLES["group-of-four"].performance().session(), days_ago=6)
    open_review(page, desk, own)
    assert page.locator("[data-chart='shares'] .amounts li").count() == 5
    page.locator("details.more > summary").click()
    expect(page.locator("[data-chart='following'] tbody tr")).to_have_count(4)
    assert axe_faults(page) == []


def test_the_sound_plays_and_the_playhead_goes_with_it(page: Page, desk: RunningDesk, session_id: str) -> None:
    open_review(page, desk, session_id)
    assert page.inner_text("#clock") == "00:00"
    page.click("#play")
    wait_for_sound(page, "time > 1.2")
    assert clock_s(page) >= 1
    drift_s = page.evaluate(
        """() => new Promise((done) => requestAnimationFrame(() => {
            const strip = document.getElementById("strip");
            const x = new DOMMatrix(getComputedStyle(strip.querySelector(".playhead")).transform).m41;
            const { duration } = document.getElementById("review").dataset;
            const shown = ((x - 10) / (strip.clientWidth - 20)) * Number(duration);
            done(Math.abs(shown - document.getElementById("audio").currentTime));
        }))"""
    )
    assert drift_s < 0.1
    page.keyboard.press("k")
    assert page.evaluate("document.getElementById('audio').paused")


def test_the_keys_that_people_know_work(page: Page, desk: RunningDesk, session_id: str) -> None:
    open_review(page, desk, session_id)
    for key, expected_s in (
        ("l", 5),
        ("l", 10),
        ("ArrowRight", 11),
        ("j", 6),
        ("ArrowLeft", 5),
        ("End", 40),
        ("Home", 0),
    ):
        page.keyboard.press(key)
        assert clock_s(page) == expected_s, key
    page.keyboard.press("PageDown")
    assert clock_s(page) > 0
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_zooming_in_draws_fewer_notes_and_fit_all_again(page: Page, desk: RunningDesk, session_id: str) -> None:
    open_review(page, desk, session_id)
    whole = page.get_attribute("#strip", "data-drawn")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#strip")).not_to_have_attribute("data-drawn", str(whole))
    page.keyboard.press("f")
    expect(page.locator("#strip")).to_have_attribute("data-drawn", str(whole))


def test_a_deep_link_opens_its_moment_and_the_address_follows(page: Page, desk: RunningDesk, session_id: str) -> None:
    open_review(page, desk, session_id, "#t=00:21")
    assert clock_s(page) == 21
    page.locator("#moments .moment").first.click()
    assert page.url.endswith(f"#t={page.inner_text('#clock')}")


def test_a_click_on_the_strip_goes_there(page: Page, desk: RunningDesk, session_id: str) -> None:
    open_review(page, desk, session_id)
    box = page.locator("#strip").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 60)
    assert clock_s(page) == pytest.approx(LENGTH_S / 2, abs=1)


def test_a_selection_can_be_looped(page: Page, desk: RunningDesk, session_id: str) -> None:
    open_review(page, desk, session_id)
    page.keyboard.press("[")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("]")
    page.click("#loop")
    page.click("#play")
    wait_for_sound(page, "time > 0.7")
    wait_for_sound(page, "time < 0.5")


def test_a_mark_set_in_review_appears_among_the_moments(page: Page, desk: RunningDesk, folder: DataFolder) -> None:
    own = keep(folder, duet(30.0), days_ago=3)
    page.goto(desk.origin)
    open_review(page, desk, own, "#t=00:15")
    before = page.locator("#moments li[data-kind='mark']").count()
    page.keyboard.press("m")
    expect(page.locator("#moments li[data-kind='mark']")).to_have_count(before + 1)


# — note —


def test_an_evidence_link_opens_its_moment(page: Page, desk: RunningDesk, session_id: str) -> None:
    page.goto(f"{desk.origin}/sessions/{session_id}/note")
    link = page.locator(".sentence .evidence a").nth(1)
    minutes, seconds = link.inner_text().split(":")
    link.click()
    page.wait_for_selector("#review[data-ready='all']", timeout=READY_MS)
    assert clock_s(page) == int(minutes) * 60 + int(seconds)


def test_draft_tick_sign_and_amend(page: Page, desk: RunningDesk, folder: DataFolder, tmp_path: Path) -> None:
    own = keep(folder, duet(30.0, 11), days_ago=1)
    page.goto(f"{desk.origin}/clients")
    page.fill("#code", "K-07")
    page.click("main button.main")
    page.goto(f"{desk.origin}/sessions/{own}/seats")
    page.select_option("select", "K-07")
    page.click("main button.main")

    page.goto(f"{desk.origin}/sessions/{own}/note")
    assert page.locator("input[type=checkbox]:checked").count() == 0
    first = page.locator(".sentence").first
    first.locator("textarea").fill("K-07 played the low drum.")
    expect(first.locator("input")).to_be_checked()
    page.fill("#reading", "Mine alone.")
    expect(page.locator("#kept")).to_have_text(say("desk.note_kept"))

    page.reload()
    expect(page.locator(".sentence textarea").first).to_have_value("K-07 played the low drum.")
    page.fill("#signer_name", "A. Example")
    page.fill("#signer_registration", "AS00000")
    page.click(".sign button.main")
    page.wait_for_url("**/notes/*")
    expect(page.locator(".told li")).to_have_count(1)
    expect(page.locator("article")).to_contain_text("K-07 played the low drum.")
    assert page.locator("article input, article textarea").count() == 0

    page.fill("#text", "It was the small drum.")
    page.fill("#reason", "Wrong drum")
    page.fill("#signer_name", "A. Example")
    page.fill("#signer_registration", "AS00000")
    page.click(".amend button")
    expect(page.locator(".amendment")).to_contain_text("It was the small drum.")
    expect(page.locator(".told")).to_contain_text("K-07 played the low drum.")
    assert say("desk.demo_word") not in "".join(printed(page, tmp_path))


def test_every_printed_page_of_a_simulated_note_says_demo(
    page: Page, desk: RunningDesk, folder: DataFolder, tmp_path: Path
) -> None:
    own = keep(folder, _simulated(), days_ago=2)
    page.goto(f"{desk.origin}/sessions/{own}/note")
    page.check("#tick-1")
    page.fill("#observed", "\n\n".join(f"Line {n} of a long observation." for n in range(80)))
    page.fill("#signer_name", "A. Example")
    page.fill("#signer_registration", "AS00000")
    page.click(".sign button.main")
    page.wait_for_url("**/notes/*")
    sheets = printed(page, tmp_path)
    assert len(sheets) >= 3
    assert [say("desk.demo_word") in sheet for sheet in sheets] == [True] * len(sheets)


def _simulated() -> Session:
    played = duet(30.0)
    return replace(played, setup=replace(played.setup, simulated=True))


def printed(page: Page, folder: Path) -> list[str]:
    """The text of each page as it leaves the printer."""
    sheet = folder / "note.pdf"
    page.pdf(path=str(sheet), prefer_css_page_size=True)
    text = subprocess.run(["pdftotext", "-layout", str(sheet), "-"], capture_output=True, text=True, check=True).stdout
    return text.rstrip("\f").split("\f")


# — everyone can use it —


PAGES = ("/", "/about", "/clients", "/nowhere", "/sessions/{id}", "/sessions/{id}/seats", "/sessions/{id}/note")

THEMES = ("calm", "clear", "dark")


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_any_page(page: Page, desk: RunningDesk, session_id: str, theme: str) -> None:
    choose_theme(page, theme)
    faults = {}
    for path in PAGES:
        page.goto(desk.origin + path.format(id=session_id))
        if path == "/sessions/{id}":
            page.wait_for_selector("#review[data-ready='all']", timeout=READY_MS)
            page.locator(".twin summary").first.click()
            page.locator("details.more > summary").click()
            page.locator(".more .twin summary").first.click()
        if found := axe_faults(page):
            faults[path] = found
    assert faults == {}


def test_axe_finds_nothing_on_a_signed_note_and_in_the_dialog(
    page: Page, desk: RunningDesk, folder: DataFolder
) -> None:
    own = keep(folder, duet(30.0, 3), days_ago=4)
    page.goto(f"{desk.origin}/sessions/{own}/note")
    page.check("#tick-1")
    page.fill("#signer_name", "A. Example")
    page.fill("#signer_registration", "AS00000")
    page.click(".sign button.main")
    page.wait_for_url("**/notes/*")
    assert axe_faults(page) == []
    open_review(page, desk, own)
    page.keyboard.press("?")
    assert axe_faults(page) == []


@pytest.mark.parametrize("width", [390, 820, 1366])
def test_no_page_is_wider_than_its_screen(page: Page, desk: RunningDesk, session_id: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in PAGES:
        page.goto(desk.origin + path.format(id=session_id))
        if path == "/sessions/{id}":
            page.wait_for_selector("#review[data-ready='all']", timeout=READY_MS)
            page.locator("details.more > summary").click()
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, path


def test_everything_in_review_is_reached_by_the_tab_key(page: Page, desk: RunningDesk, session_id: str) -> None:
    open_review(page, desk, session_id)
    reached = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    for wanted in ("strip", "play", "mark", "zoom-in", "help-open", "moment", "theme"):
        assert wanted in reached


def test_axe_would_find_what_is_wrong(page: Page) -> None:
    page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    assert [fault for fault in axe_faults(page) if fault.startswith("label")]


def choose_theme(page: Page, theme: str) -> None:
    page.select_option("#theme", theme)
    page.click(".foot button")
    assert page.get_attribute("html", "data-theme") == theme


def axe_faults(page: Page) -> list[str]:
    results: dict[str, Any] = Axe().run(page).response
    return [
        f"{fault['id']}: {re.sub(chr(10), ' ', node['html'])[:160]}"
        for fault in results["violations"]
        for node in fault["nodes"]
    ]


# — who may not come in —


def test_a_browser_without_the_key_sees_nothing(chromium: Browser, desk: RunningDesk, session_id: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    answer = page.goto(f"{desk.origin}/sessions/{session_id}")
    assert answer is not None
    assert answer.status == 403
    assert page.inner_text("body") == say("desk.refused_key")
    context.close()


def test_another_site_gets_nothing_though_the_browser_has_the_key(
    page: Page, desk: RunningDesk, session_id: str
) -> None:
    page.goto("data:text/html,<p>another site</p>")
    fetched = page.evaluate(
        "(url) => fetch(url, { credentials: 'include' }).then((answer) => answer.status, () => 'refused')",
        f"{desk.origin}/sessions/{session_id}/strip.json",
    )
    assert fetched == "refused"
