"""The desk in a real Chromium, as a therapist would use it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.e2e.processes import wait_for
from tests.e2e.room import Room

PASSPHRASE = "five plain words for tests"
DESK_STARTS_S = 60.0
MEASURED_MS = 60_000
SIZE = {"width": 1366, "height": 900}


def passphrase_env(room: Room, passphrase: str = PASSPHRASE) -> dict[str, str]:
    """The variable that names the file with the passphrase."""
    path = room.folder / f"passphrase-{len(passphrase)}"
    path.touch(mode=0o600)
    path.write_text(passphrase + "\n", encoding="utf-8")
    return {"MTSESSION_PASSPHRASE_FILE": str(path)}


def make_record(room: Room) -> dict[str, str]:
    """A case record in the room's data folder; returns the environment that opens it."""
    env = passphrase_env(room)
    made = room.run("record", "make", env=env)
    assert made.process.returncode == 0, made.err
    return env


@contextmanager
def chromium() -> Iterator[Page]:
    """One page of a fresh browser; faults of the page's scripts fail the test."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    faults: list[str] = []
    with sync_playwright() as playwright:
        # Without its sandbox, which root may not have in a container: it sees our own pages only.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        browser.close()
    assert faults == []


@contextmanager
def review(room: Room) -> Iterator[Page]:
    """`mtsession review last`, opened in the browser, its measures loaded."""
    program = room.start("review", "last", "--no-open")
    wait_for(lambda: "http" in program.out or not program.running, DESK_STARTS_S, "the desk's address")
    address = re.search(r"http\S+", program.out)
    assert address, program.err
    with chromium() as page:
        page.goto(address[0])
        page.wait_for_selector("#charts[aria-busy=false]", timeout=MEASURED_MS)
        yield page
    program.end()


def open_note(page: Page) -> None:
    """From the review to the note desk."""
    page.click(".actions a.main")
    page.wait_for_selector("ol.sentences")


def sign(page: Page) -> None:
    """Tick the first sentence and sign, in the note desk."""
    page.locator("ol.sentences input[type=checkbox]").first.check()
    page.fill("#signer_name", "T. Ester")
    page.fill("#signer_registration", "AS00001")
    page.click("section.sign button.main")
    page.wait_for_url("**/notes/*")
