"""The desk as a process: one line in, one line out, loopback only, and it stops when it should."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from mtsession.config import DataFolder
from mtsession.wording import say
from tests.ui.desk.making import PASSPHRASE, READY_S, duet, keep, make_record, running_desk


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


def test_it_listens_on_this_machine_only(folder: DataFolder) -> None:
    with running_desk(folder) as desk:
        listening = [c for c in psutil.Process(desk.process.pid).net_connections() if c.status == psutil.CONN_LISTEN]
        assert [c.laddr.ip for c in listening] == ["127.0.0.1"]
        assert desk.origin == f"http://127.0.0.1:{listening[0].laddr.port}"


def test_the_address_lets_a_browser_in_and_opens_the_session(folder: DataFolder) -> None:
    session_id = keep(folder, duet(30.0))
    with running_desk(folder, open_session=session_id) as desk, httpx.Client(follow_redirects=True) as browser:
        answer = browser.get(desk.url)
        assert answer.status_code == 200
        assert answer.url.path == f"/sessions/{session_id}"
        assert "key=" not in str(answer.url)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"host": "evil.example"}, "desk.refused_host"),
        ({"origin": "https://evil.example"}, "desk.refused_origin"),
        ({"cookie": ""}, "desk.refused_key"),
    ],
)
def test_it_refuses_wrong_host_origin_and_key(folder: DataFolder, headers: dict[str, str], reason: str) -> None:
    with running_desk(folder) as desk, httpx.Client() as browser:
        browser.get(desk.url)
        answer = browser.get(f"{desk.origin}/", headers=headers)
        assert (answer.status_code, answer.text) == (403, say(reason))


def test_it_stops_by_itself_when_nobody_uses_it(folder: DataFolder) -> None:
    with running_desk(folder, idle_stop_s=0.5) as desk:
        assert desk.process.wait(READY_S) == 0


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_it_closes_the_record_when_it_is_told_to_stop(folder: DataFolder, asked: signal.Signals) -> None:
    make_record(folder)
    with running_desk(folder, passphrase=PASSPHRASE) as desk:
        assert (folder.record / "record.db-wal").exists()
        desk.process.send_signal(asked)
        assert desk.process.wait(READY_S) == 0
    assert not (folder.record / "record.db-wal").exists()


def test_with_its_passphrase_the_record_is_open_at_once(folder: DataFolder) -> None:
    keep(folder, duet(30.0))
    make_record(folder)
    with (
        running_desk(folder, passphrase=PASSPHRASE) as desk,
        httpx.Client(follow_redirects=True) as browser,
    ):
        assert say("desk.lock") in browser.get(desk.url).text


def test_a_wrong_passphrase_is_one_line_and_exit_code_2(folder: DataFolder) -> None:
    make_record(folder)
    plan = json.dumps({"folder": str(folder.root), "passphrase": "something else entirely"}) + "\n"
    ended = subprocess.run(
        [sys.executable, "-m", "mtsession.ui.desk.process"],
        input=plan, capture_output=True, text=True, timeout=READY_S, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1


def test_the_log_names_no_client_and_no_key(folder: DataFolder) -> None:
    keep(folder, duet(30.0))
    make_record(folder)
    with (
        running_desk(folder, passphrase=PASSPHRASE) as desk,
        httpx.Client(follow_redirects=True) as browser,
    ):
        browser.get(desk.url)
        browser.post(f"{desk.origin}/clients", data={"code": "K-07"}, headers={"origin": desk.origin})
        browser.post(f"{desk.origin}/clients", data={"code": "K-07"}, headers={"origin": desk.origin})
        key = desk.url.split("key=")[1].split("&")[0]
    log = (folder.logs / "desk.log").read_text(encoding="utf-8")
    assert log
    assert not [word for word in ("K-07", key, PASSPHRASE) if word in log]
