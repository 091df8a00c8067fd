"""How does a Dask cluster measure sessions, and which clusters may?

Dask is an optional extra: it is imported when a cluster is asked for. It hands a lost worker's jobs to another one by
itself.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from mtsession import __version__
from mtsession.analysis.batch import AHEAD, MOST_LOSSES, Job, LostJobError, Result, adds_in_one_thread, measured
from mtsession.analysis.summary import RULES_VERSION, SessionMeasures
from mtsession.errors import SettingError
from mtsession.wording import say

SEALED, PLAIN = "tls", "tcp"

ANSWER_S = 10.0
"""How long a scheduler may take to answer."""

PATIENCE_S = 30.0
"""So long may a cluster be without any worker: a lost one is started again in a few seconds."""


class Cluster:
    """The workers of a Dask scheduler. Use it as a context.

    Raises SettingError where Dask is not installed, the address is not on this machine and not TLS, nobody answers,
    there are no workers, or one has other versions. Certificates are Dask's own setting `distributed.comm.tls`.
    """

    def __init__(self, address: str, *, answer_s: float = ANSWER_S) -> None:
        self._address = address
        check_sealed([address])
        with ExitStack() as ending:
            self._client = _connected(address, answer_s)
            ending.callback(self._client.close)
            self.room = AHEAD * self._welcomed_threads(answer_s)
            ending.pop_all()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def submit(self, job: Job) -> Result:
        """Hand it to the scheduler, under a name drawn by lot."""
        return _Handed(self._client.submit(measured, job, pure=False), self)

    def renew(self) -> None:
        """The scheduler replaces lost workers itself."""

    def workers(self) -> dict[str, Any]:
        """What the scheduler says of each worker, by its address."""
        found: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return found

    def require_workers(self) -> None:
        """Raises SettingError where there are none."""
        if not self.workers():
            raise SettingError(
                say("batch.no_workers", address=self._address), say("batch.no_workers_next", address=self._address)
            )

    def lost(self, error: BaseException) -> SettingError:
        """The whole cluster is gone."""
        return SettingError(
            say("batch.cluster_lost", address=self._address, reason=error), say("batch.cluster_lost_next")
        )

    def _welcomed_threads(self, within_s: float) -> int:
        """How many jobs the workers do at once, after a look at each of them."""
        with suppress(TimeoutError):
            self._client.wait_for_workers(1, timeout=within_s)
        self.require_workers()
        workers = self.workers()
        check_sealed(workers)
        try:
            theirs = self._client.run(told_by_worker)
        except ImportError as error:
            raise SettingError(say("batch.not_installed", reason=error), say("batch.not_installed_next")) from error
        check_alike(theirs.values())
        return sum(worker["nthreads"] for worker in workers.values())


def check_sealed(addresses: Iterable[str]) -> None:
    """Raises SettingError for an address that is neither on this machine nor TLS."""
    for address in addresses:
        parts = urlsplit(address if "://" in address else f"{PLAIN}://{address}")
        if not parts.hostname or parts.scheme not in (SEALED, PLAIN):
            raise SettingError(say("batch.not_an_address", address=address), say("batch.not_an_address_next"))
        if parts.scheme != SEALED and not _is_loopback(parts.hostname):
            raise SettingError(say("batch.not_sealed", address=address), say("batch.not_sealed_next"))


def check_alike(theirs: Iterable[tuple[str, bool]]) -> None:
    """Raises SettingError for a worker with other versions than here, or several threads: its numbers could differ."""
    for found, in_one_thread in theirs:
        if not in_one_thread:
            raise SettingError(say("batch.many_threads"), say("batch.many_threads_next"))
        if found != versions():
            raise SettingError(say("batch.not_alike", theirs=found, ours=versions()), say("batch.not_alike_next"))


def versions() -> str:
    """All that decides what a measure gives, but the processor."""
    python = ".".join(platform.python_version_tuple()[:2])
    return f"mtsession {__version__} (rules {RULES_VERSION}), NumPy {np.__version__}, Python {python}"


def told_by_worker() -> tuple[str, bool]:
    """Its versions, and whether it adds in one thread."""
    return versions(), adds_in_one_thread()


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _connected(address: str, within_s: float) -> Any:  # noqa: ANN401 - Dask's client is untyped
    try:
        from distributed import Client
    except ImportError as error:
        raise SettingError(say("batch.no_distributed"), say("batch.no_distributed_next")) from error
    try:
        client: Any = Client
        return client(address, timeout=within_s, set_as_default=False)
    except (OSError, TypeError, ValueError) as error:
        # Dask says with a TypeError that the certificates are missing, with a ValueError that there is no port
        raise SettingError(
            say("batch.no_scheduler", address=address, reason=error), say("batch.no_scheduler_next")
        ) from error


@dataclass(frozen=True, slots=True)
class _Handed:
    future: Any
    cluster: Cluster

    def result(self) -> SessionMeasures:
        from distributed import KilledWorker

        while True:
            try:
                return self._within(PATIENCE_S)
            except TimeoutError:
                self.cluster.require_workers()
            except KilledWorker as error:
                raise LostJobError(say("batch.lost", times=MOST_LOSSES), say("batch.lost_next")) from error
            except (CancelledError, OSError) as error:
                raise self.cluster.lost(error) from error

    def done(self) -> bool:
        return bool(self.future.done())

    def _within(self, time_s: float) -> SessionMeasures:
        found: SessionMeasures = self.future.result(timeout=time_s)
        return found
