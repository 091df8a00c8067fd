"""Which clients sat in a session? Their codes and colours, where the record is open and says so."""

from __future__ import annotations

from collections.abc import Mapping

from mtsession.events import Seat
from mtsession.record.store import Client
from mtsession.ui.desk.state import Desk


def session_clients(desk: Desk, session_id: str) -> Mapping[Seat, Client]:
    """The client of each seat; empty while the record is locked or has nobody there."""
    if desk.record is None:
        return {}
    by_code = {client.code: client for client in desk.record.clients()}
    return {seat: by_code[code] for seat, code in desk.record.session_clients(session_id).items()}
