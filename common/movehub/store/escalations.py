"""What needs a person: the escalation that the law asks for, as a queue with a reason for each entry.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 2.2. The same trouble again counts up the entry that is
still open, so that an hour of outage is one line and not a thousand.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, insert, text, update

from movehub.store.tables import ATTENTION

#: The first half of the name of this module's locks, in PostgreSQL.
_LOCK: Final = 480


#: Who has marked an entry as done where no person has.
_BY_ITSELF: Final = "movehub serve"


class Reason(StrEnum):
    """Why a person has to look."""

    #: An answer or error that belongs to no message of ours (Annex VI: unsolicited message).
    UNSOLICITED = "unsolicited"
    #: What somebody sent who is let in cannot be read, or is not valid. Nothing of it is kept.
    UNREADABLE = "unreadable"
    #: It belongs to a conversation of ours, and does not fit what was asked.
    NOT_CORRELATED = "not correlated"
    #: An ErrorNotification arrived.
    ERROR_NOTIFIED = "error notified"
    #: The register did not answer, or not validly, however often it was asked.
    REGISTER_FAILED = "register failed"
    #: An answer or acknowledgement was not delivered in time, and is not sent any more.
    TOO_LATE = "too late"
    #: The other side said no to a message of ours.
    REFUSED = "refused"
    #: A request left, and nobody knows whether it arrived. It is not repeated.
    OUTCOME_UNKNOWN = "outcome unknown"
    #: A request was taken and never answered.
    NO_ANSWER = "no answer"
    #: What is to go out waits: the hub cannot be reached, or one of the two certificates is refused.
    NOT_REACHED = "not reached"
    #: A request was never sent within its time.
    NOT_SENT = "not sent"
    #: Another document came with an identifier that was used already.
    IDENTIFIER_REUSED = "identifier reused"
    #: The other side's clock and ours are apart, or the deadline it sets makes no sense.
    CLOCK = "clock"
    #: The period of its personal data is over, and it is not finished.
    KEPT_TOO_LONG = "kept too long"
    #: The journal of accesses is not as it was written.
    JOURNAL_BROKEN = "journal broken"


def call_for(
    connection: Connection,
    reason: Reason,
    detail: str,
    *,
    now: datetime,
    system: str,
    technical_id: str | None = None,
    workflow_id: str | None = None,
) -> None:
    """Put an entry into the queue, or count up the open one that says the same. `detail` names nobody."""
    same = ATTENTION.c
    about = {"reason": reason, "system": system, "technical_id": technical_id, "workflow_id": workflow_id}
    open_one = [_is(same[name], value) for name, value in about.items()]
    counting = update(ATTENTION).where(same.done_at.is_(None), *open_one)
    counting = counting.values(times=same.times + 1, last_at=now)
    if connection.execute(counting).rowcount:
        return
    _wait_for_others(connection, " ".join(map(str, about.values())))
    if not connection.execute(counting).rowcount:
        new = {"at": now, "last_at": now, "times": 1, "detail": detail, **about}
        connection.execute(insert(ATTENTION).values(new))


def no_more(connection: Connection, reasons: Collection[Reason], technical_id: str, *, now: datetime) -> None:
    """Mark what was said of a message as done: it has come to its end by itself after all."""
    come_right(
        connection, (ATTENTION.c.technical_id == technical_id) & ATTENTION.c.reason.in_(reasons), now=now
    )


def come_right(connection: Connection, which: ColumnElement[bool], *, now: datetime) -> None:
    """Mark open entries as done: what they are about needs nobody any more."""
    done = {"done_at": now, "done_by": _BY_ITSELF}
    connection.execute(update(ATTENTION).where(which, ATTENTION.c.done_at.is_(None)).values(done))


def _wait_for_others(connection: Connection, about: str) -> None:
    """Let those end who call for the same in this moment, and whose entry is not to be seen before that."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:ours, hashtext(:about))")
        connection.execute(lock, {"ours": _LOCK, "about": about})


def _is(column: Any, value: str | None) -> Any:
    return column.is_(None) if value is None else column == value
