"""Operator actions on messages: show one, or retry those that have failed. The journal records both.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 2.2 (escalation). Arrêté of 13 October 2004 (who had
access to which message).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from movehub.errors import MessageNotFound
from movehub.protocol.request_outcome import RequestOutcome
from movehub.store import inbox, outbox
from movehub.store.journal import Access, Entry, Journal
from movehub.store.selection import Selection
from movehub.store.tables import INBOX, OUTBOX, Sending


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One stored message. `document` is personal data, or `None` after retention removed it."""

    table: str
    root: str
    from_code: str
    to_code: str
    state: str
    reason: str | None
    at: datetime
    document: bytes | None
    #: What became of a request of ours. `None` for all other messages.
    outcome: RequestOutcome | None = None


def show_message(connection: Connection, journal: Journal, technical_id: str, *, by: str) -> StoredMessage:
    """Return a message that came in or went out, and record the access. Raises MessageNotFound."""
    table, row = _found(connection, technical_id)
    _record(connection, journal, Access.CONSULTED, row, by)
    return StoredMessage(
        table=table.name,
        at=row["received_at"] if table is INBOX else row["prepared_at"],
        outcome=outbox.outcome_of_row(row) if row["kind"] == Sending.REQUEST else None,
        **{name: row[name] for name in ("root", "from_code", "to_code", "state", "reason", "document")},
    )


def retry_message(
    connection: Connection, journal: Journal, technical_id: str, *, by: str, now: datetime
) -> bool:
    """Retry a failed message, and record the access. False if it has not failed. Raises MessageNotFound."""
    table, row = _found(connection, technical_id)
    if table is not INBOX or row["document"] is None:
        return False
    if not inbox.retry(connection, row["technical_id"], now=now):
        return False
    _record(connection, journal, Access.CHANGED, row, by)
    return True


def count_failed(connection: Connection, which: Selection) -> int:
    """Return how many messages `retry_messages` would retry."""
    counted = select(func.count()).select_from(INBOX).where(which.failed_messages())
    return connection.execute(counted).scalar_one()


def retry_messages(
    connection: Connection, journal: Journal, which: Selection, *, by: str, now: datetime, most: int = 500
) -> int:
    """Retry up to `most` failed messages, the oldest first, record it, and return how many there were."""
    columns = INBOX.c
    found = select(columns.technical_id, columns.workflow_id, columns.system).where(which.failed_messages())
    rows = connection.execute(found.order_by(columns.received_at).limit(most)).mappings().all()
    again = [row for row in rows if inbox.retry(connection, row["technical_id"], now=now)]
    if again:
        journal.note(connection, *(_changed(row, by) for row in again))
    return len(again)


def _changed(row: Any, by: str) -> Entry:
    return Entry(Access.CHANGED, by, row["system"], row["technical_id"], row["workflow_id"])


def _found(connection: Connection, technical_id: str) -> tuple[Any, Any]:
    for table in (INBOX, OUTBOX):
        of_it = select(table).where(table.c.technical_id == technical_id.strip().lower())
        row = connection.execute(of_it).mappings().first()
        if row is not None:
            return table, row
    raise MessageNotFound("no message of this technical identifier is in this database")


def _record(connection: Connection, journal: Journal, access: Access, row: Any, by: str) -> None:
    journal.note(connection, Entry(access, by, row["system"], row["technical_id"], row["workflow_id"]))
