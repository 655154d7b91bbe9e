"""What is written into journal and statistics at each step of a message, in the transaction of that step.

Annex VII of both regulations (statistics), and the French arrêté of 13 October 2004 (who had access, to which
message). A message of the hub's heartbeat is in the statistics, which availability is counted from, and not
in the journal: it is about nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from ..message import ErrorNotification, Message
from .journal import Access, Entry, Journal
from .statistics import UNANSWERED, Row, error_status, note
from .tables import Kind, Sending

#: Who is told to have had access where a program did.
REGISTER, COURIER = "register", "courier"

#: What the register does with a message of each kind, as the arrêté calls it.
_DONE: Final[Mapping[str, Access]] = {Kind.QUERY: Access.CONSULTED, Kind.NOTIFICATION: Access.CHANGED}


def collected(connection: Connection, journal: Journal, message: Mapping[str, Any]) -> None:
    """Note that a message came. `message` has the columns of the inbox."""
    _note(connection, journal, Access.COLLECTED, message["peer"], message)


def worked_on(
    connection: Connection, journal: Journal, message: Mapping[str, Any], actor: str = REGISTER
) -> None:
    """Note that the register was asked, or changed, for a message that came."""
    _note(connection, journal, _DONE.get(message["kind"], Access.CONSULTED), actor, message)


def delivered(
    connection: Connection, journal: Journal, message: Mapping[str, Any], actor: str = COURIER
) -> None:
    """Note that a message went out. `message` has the columns of the outbox."""
    _note(connection, journal, Access.COMMUNICATED, actor, message)


def answered_by_us(
    connection: Connection, request: Mapping[str, Any], answer: Message[Any] | None, now: datetime
) -> None:
    """Count a request that came. `request` has the columns of the inbox; no answer is None."""
    status = UNANSWERED if answer is None else _status_of(answer)
    response = None if answer is None else now - request["received_at"]
    _count(connection, request, request["to_code"], status, response, Kind(request["kind"]))


def answered_to_us(
    connection: Connection, request: Mapping[str, Any], answer: Message[Any] | None, now: datetime
) -> None:
    """Count a request of ours: once for each state that has a row in the answer (Annex VII, "receiver").

    `request` has the columns of the outbox; no answer is None.
    """
    if answer is None:
        _count(connection, request, request["to_code"], UNANSWERED, None, Sending.REQUEST)
        return
    response = now - request["prepared_at"]
    for receiver, status in _by_state(answer):
        _count(connection, request, receiver or request["to_code"], status, response, Sending.REQUEST)


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


def _note(
    connection: Connection, journal: Journal, access: Access, actor: str, message: Mapping[str, Any]
) -> None:
    if message["kind"] == Kind.HEARTBEAT:
        return
    ids = message["technical_id"], message["workflow_id"]
    journal.note_soon(connection, Entry(access, actor, message["system"], *ids))


def _count(
    connection: Connection,
    request: Mapping[str, Any],
    receiver: str,
    status: str,
    response: Any,
    kind: Kind | Sending,
) -> None:
    asker, root = request["from_code"], request["root"]
    row = Row(request["system"], asker, receiver, root, status, request["sent_at"], response, kind)
    note(connection, row)
