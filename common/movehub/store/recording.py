"""What is written into journal and statistics at each step of a message, in the transaction of that step.

Annex VII of both regulations (statistics), and the French arrêté of 13 October 2004 (who had access, to which
message). A message of the hub's heartbeat is in the statistics, which availability is counted from, and not
in the journal: it is about nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from movehub.protocol.message import ErrorNotification, Message
from movehub.store.changes import Change
from movehub.store.journal import Access, Entry, Journal
from movehub.store.statistics import UNANSWERED, Row, error_status, noted
from movehub.store.tables import Kind, Sending

#: Who is told to have had access where a program did.
REGISTER, COURIER = "register", "courier"

#: What the register does with a message of each kind, as the arrêté calls it.
_DONE: Final[Mapping[str, Access]] = {Kind.QUERY: Access.CONSULTED, Kind.NOTIFICATION: Access.CHANGED}


def collected(journal: Journal, message: Mapping[str, Any]) -> list[Change]:
    """Note that a message came. `message` has the columns of the inbox."""
    return _noted(journal, Access.COLLECTED, message["peer"], message)


def worked_on(journal: Journal, message: Mapping[str, Any], actor: str = REGISTER) -> list[Change]:
    """Note that the register was asked, or changed, for a message that came."""
    return _noted(journal, _DONE.get(message["kind"], Access.CONSULTED), actor, message)


def delivered(journal: Journal, message: Mapping[str, Any], actor: str = COURIER) -> list[Change]:
    """Note that a message went out. `message` has the columns of the outbox."""
    return _noted(journal, Access.COMMUNICATED, actor, message)


def answered_by_us(request: Mapping[str, Any], answer: Message[Any] | None, now: datetime) -> list[Change]:
    """Count a request that came. `request` has the columns of the inbox; no answer is None."""
    status = UNANSWERED if answer is None else _status_of(answer)
    response = None if answer is None else now - request["received_at"]
    return [_counted(request, request["to_code"], status, response, Kind(request["kind"]))]


def answered_to_us(request: Mapping[str, Any], answer: Message[Any] | None, now: datetime) -> list[Change]:
    """Count a request of ours: once for each state that has a row in the answer (Annex VII, "receiver").

    `request` has the columns of the outbox; no answer is None.
    """
    if answer is None:
        return [_counted(request, request["to_code"], UNANSWERED, None, Sending.REQUEST)]
    response = now - request["prepared_at"]
    return [
        _counted(request, receiver or request["to_code"], status, response, Sending.REQUEST)
        for receiver, status in _by_state(answer)
    ]


def _by_state(answer: Message[Any]) -> Iterator[tuple[str | None, str]]:
    rows = getattr(answer.body, "member_states", ())
    for row in rows:
        yield row.member_state_code, row.status_code.value
    if not rows:
        yield None, _status_of(answer)


def _status_of(answer: Message[Any]) -> str:
    """Return the status of an answer. One that has a row a state, and is ours, has our row alone."""
    body = answer.body
    if isinstance(body, ErrorNotification):
        return error_status(body.status_code)
    rows = getattr(body, "member_states", ()) or (body,)
    return str(rows[0].status_code.value)


def _noted(journal: Journal, access: Access, actor: str, message: Mapping[str, Any]) -> list[Change]:
    if message["kind"] == Kind.HEARTBEAT:
        return []
    ids = message["technical_id"], message["workflow_id"]
    return [journal.noted(Entry(access, actor, message["system"], *ids))]


def _counted(
    request: Mapping[str, Any], receiver: str, status: str, response: Any, kind: Kind | Sending
) -> Change:
    asker, root = request["from_code"], request["root"]
    return noted(Row(request["system"], asker, receiver, root, status, request["sent_at"], response, kind))
