"""A Dask cluster gives the same bytes, loses no work with a worker, and is refused where it could be overheard."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from mtsession.analysis.batch import Job, measure_many
from mtsession.analysis.cluster import Cluster, check_alike, check_sealed, versions
from mtsession.analysis.encoding import to_json
from mtsession.analysis.playing import playing_of
from mtsession.analysis.summary import SessionMeasures, measure
from mtsession.errors import SettingError
from mtsession.simulate.demo import demo_performance

if TYPE_CHECKING:
    from tests.analysis.dask_processes import DaskProcesses

SESSIONS = {f"session-{seed}": demo_performance(seed, 30.0).session() for seed in range(12)}


def jobs() -> Iterator[tuple[str, Job]]:
    return ((session_id, Job(playing_of(session))) for session_id, session in SESSIONS.items())


def encoded(outcome: object) -> bytes:
    assert isinstance(outcome, SessionMeasures), outcome
    return to_json(outcome)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskProcesses]:
    pytest.importorskip("distributed", reason="Dask is not installed: pip install 'mtsession[cluster]'")
    from tests.analysis.dask_processes import dask

    with dask(tmp_path_factory.mktemp("dask"), workers=2) as processes:
        yield processes


def test_a_cluster_gives_identical_bytes_and_a_killed_worker_costs_nothing(running: DaskProcesses) -> None:
    before = {worker.pid for worker in running.workers}
    found = {}
    with Cluster(running.address) as team:
        for number, (session_id, outcome) in enumerate(measure_many(jobs(), team)):
            found[session_id] = encoded(outcome)
            if number == 2:
                running.workers[0].send_signal(signal.SIGKILL)
    assert len(before) == 2
    assert list(found) == list(SESSIONS)
    for session_id, session in SESSIONS.items():
        assert found[session_id].replace(session_id.encode(), session.id.encode()) == to_json(measure(session))


def test_an_address_where_nobody_answers_is_told_of() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(SettingError, match="no Dask scheduler answers"):
        Cluster("127.0.0.1:9", answer_s=0.5)


def test_without_dask_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SettingError, match=r"mtsession\[cluster\]"):
        Cluster("127.0.0.1:8786")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:8786", "tcp://127.0.0.1:8786", "localhost:8786", "tcp://[::1]:8786", "tls://cluster.example:8786"],
)
def test_a_scheduler_on_this_machine_or_behind_tls_is_let_pass(address: str) -> None:
    check_sealed([address])


@pytest.mark.parametrize("address", ["10.0.0.4:8786", "tcp://cluster.example:8786", "tcp://0.0.0.0:8786"])
def test_a_scheduler_elsewhere_without_tls_is_refused_with_the_reason(address: str) -> None:
    with pytest.raises(SettingError, match="not encrypted") as refused:
        Cluster(address)
    assert "tls://" in refused.value.next_step


def test_one_worker_elsewhere_without_tls_is_enough_to_refuse() -> None:
    with pytest.raises(SettingError, match=r"10\.0\.0\.4"):
        check_sealed(["tcp://127.0.0.1:40001", "tcp://10.0.0.4:40002"])


@pytest.mark.parametrize("address", ["", "ucx://127.0.0.1:8786", "http://127.0.0.1", "tcp://"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SettingError, match="not the address"):
        check_sealed([address])


def test_a_worker_with_other_versions_or_several_threads_is_refused() -> None:
    check_alike([(versions(), True), (versions(), True)])
    with pytest.raises(SettingError, match="the figures could differ"):
        check_alike([(versions(), True), (versions().replace("rules", "other rules"), True)])
    with pytest.raises(SettingError, match="several threads"):
        check_alike([(versions(), True), (versions(), False)])
