"""Retention: remove personal data when their period is over, and report the remaining messages.

The periods are those of `periods`.

1. At the end of the period of documents it empties the document of a message, and its digest, which could
   confirm a guess about a person. The rest of the row is **pseudonymous**: its identifiers and instants lead
   to the person only with the log of the hub or of the other state. It recognises a repeated message, and the
   journal's lines refer to it.
2. When the journal's period is over, too, and the statistics of its month are sums, it removes the row, with
   its conversation and its escalations.
3. It replaces the statistics of an old month by sums (`monthly_figures`). Only these stay.

Retention never removes an unfinished message, however old it is, or a request to which we owe a response. It
escalates the message, and an operator finishes it or resolves the escalation. The same holds for a message
whose instants all lie in the future: a clock was wrong, so its age is unknown.

Recorded ICDL notifications (`notified_licences`) have a period of their own, and their rows are deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    delete,
    exists,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.exc import OperationalError

from movehub.store import notified_licences
from movehub.store.engine import Store
from movehub.store.escalations import Reason, escalate_message
from movehub.store.journal import Access, Entry, Journal
from movehub.store.monthly_figures import Month, summarise
from movehub.store.periodic_tasks import claim_periodic_task
from movehub.store.periods import DEFAULTS, Periods
from movehub.store.tables import (
    AHEAD,
    ESCALATIONS,
    INBOX,
    NOTIFIED_LICENCE,
    OUTBOX,
    STATISTIC,
    WORKFLOW,
    LaterResponse,
    Received,
    Sending,
    Sent,
)

#: Messages in one transaction. Between two transactions other writers have their turn.
_AT_ONCE: Final = 200
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table of messages, the column with the instant of arrival, and the meaning of its states here."""

    table: Table
    since: str
    #: The message has come to its end.
    finished: frozenset[str]
    #: The node still works on the message, so that an operator cannot end it here.
    in_hand: frozenset[str]
    #: State and kind of messages that still wait for an answer, although their state is a finished one.
    awaited: tuple[str, str] = ("", "")


_INBOX: Final = StoredTable(
    INBOX,
    "received_at",
    finished=frozenset({Received.PROCESSED, Received.EXPIRED}),
    in_hand=frozenset({Received.RECEIVED, Received.PROCESSING}),
)
_OUTBOX: Final = StoredTable(
    OUTBOX,
    "prepared_at",
    finished=frozenset({Sent.DELIVERED, Sent.ANSWERED, Sent.EXPIRED, Sent.REFUSED}),
    in_hand=frozenset({Sent.PREPARED, Sent.SENDING}),
    awaited=(Sent.DELIVERED, Sending.REQUEST),
)
TABLES: Final = (_INBOX, _OUTBOX)
#: The tables that retention removes data from, without the journal.
_WIPED: Final = (INBOX, OUTBOX, WORKFLOW, ESCALATIONS, STATISTIC, NOTIFIED_LICENCE)

#: Whether a message of a conversation is still there, and the message that an escalation is about.
_HAS_MESSAGES: Final = or_(
    *(
        exists().where(table.c.workflow_id == WORKFLOW.c.workflow_id, table.c.system == WORKFLOW.c.system)
        for table in (INBOX, OUTBOX)
    )
)
_IS_ABOUT_A_ROW: Final = or_(
    *(exists().where(table.c.technical_id == ESCALATIONS.c.technical_id) for table in (INBOX, OUTBOX))
)


#: Whether the later response of a conversation is owed or awaited.
_IS_DUE: Final = and_(WORKFLOW.c.response.is_not(None), WORKFLOW.c.response == LaterResponse.DUE.value)


def _owes_a_response(message: Any) -> ColumnElement[bool]:
    """Select received requests to which our response is owed: it is made from the request."""
    of_it = (WORKFLOW.c.system == message.system) & (WORKFLOW.c.workflow_id == message.workflow_id)
    return exists().where(
        of_it, WORKFLOW.c.request == message.technical_id, ~WORKFLOW.c.opened_by_us, _IS_DUE
    )


@dataclass(frozen=True, slots=True)
class Cutoff:
    """Which messages ended before an instant. An instant after `future` comes from a wrong clock."""

    before: datetime
    future: datetime

    def overdue(self, stored: StoredTable) -> Any:
        """Select messages with a document whose period is over or whose age is unknown."""
        return and_(stored.table.c.document.is_not(None), self._over(stored))

    def emptied(self, stored: StoredTable) -> Any:
        """Select messages without a document whose period is over, unless an open escalation names them."""
        columns = stored.table.c
        about_it = exists().where(ESCALATIONS.c.technical_id == columns.technical_id)
        not_escalated = ~about_it.where(ESCALATIONS.c.done_at.is_(None))
        return and_(columns.document.is_(None), self._over(stored), not_escalated)

    def is_over(self, instant: Any) -> Any:
        """Select by a column of instants: before the period, or from a wrong clock."""
        return or_(instant < self.before, instant > self.future)

    def _over(self, stored: StoredTable) -> Any:
        return and_(self.is_over(stored.table.c[stored.since]), self.is_over(self._ended(stored)))

    def removable(self, stored: StoredTable) -> Any:
        """Select finished messages without an open escalation, and messages that an operator resolved."""
        columns = stored.table.c
        about_it = exists().where(ESCALATIONS.c.technical_id == columns.technical_id)
        not_escalated = ~about_it.where(ESCALATIONS.c.done_at.is_(None))
        resolved = about_it.where(ESCALATIONS.c.done_at.is_not(None))
        state, kind = stored.awaited
        finished = columns.state.in_(stored.finished) & ~((columns.state == state) & (columns.kind == kind))
        finished &= (self._ended(stored) < self.before) & ~_owes_a_response(columns)
        return columns.state.not_in(stored.in_hand) & not_escalated & (finished | resolved)

    def _ended(self, stored: StoredTable) -> Any:
        """Return the instant when the period began: the first credible one of end, arrival and `sentAt`."""
        columns = stored.table.c
        done, since = columns.done_at, columns[stored.since]
        return case((done <= self.future, done), (since <= self.future, since), else_=columns.sent_at)


class Bytes(StrEnum):
    """Whether the removed bytes are still on the disk."""

    #: SQLite: its files no longer contain them.
    OVERWRITTEN = "overwritten"
    #: PostgreSQL: no query can read them. New rows overwrite them in time.
    FREED = "freed"
    #: A reader or a lock prevented it. The next run tries again.
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Pruned:
    """The number of removed and of remaining documents, by table and root element, and the rest."""

    removed: Mapping[tuple[str, str], int]
    left: Mapping[tuple[str, str], int]
    notified_licences: int
    #: Rows of messages that were removed with their identifiers.
    identifiers: int
    #: Months whose statistics are sums now.
    months: tuple[Month, ...]
    journal_lines: int
    bytes: Bytes

    @property
    def any(self) -> bool:
        """Whether something was removed or had to stay."""
        counts = self.notified_licences, self.identifiers, self.journal_lines
        return bool(self.removed or self.left or self.months or any(counts))

    def plain(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "removed": {f"{table} {root}": count for (table, root), count in sorted(self.removed.items())},
            "left": {f"{table} {root}": count for (table, root), count in sorted(self.left.items())},
            "notified_licences": self.notified_licences,
            "identifiers": self.identifiers,
            "months": [str(month) for month in self.months],
            "journal_lines": self.journal_lines,
            "bytes": self.bytes.value,
        }


def prune(
    store: Store,
    journal: Journal,
    periods: Periods = DEFAULTS,
    *,
    heartbeat_every: timedelta | None = None,
    actor: str = "movehub prune",
) -> Pruned:
    """Remove data whose period is over, and escalate unfinished messages. Nodes may be at work.

    Give the interval of the hub's heartbeats, if you know it, so that the availability of old months stays.
    """
    now = store.now()
    cutoff = Cutoff(periods.documents.before(now), now + AHEAD)
    removed: Counter[tuple[str, str]] = Counter()
    left: Counter[tuple[str, str]] = Counter()
    for stored in TABLES:
        while erased := _erase(store, journal, stored, cutoff, actor):
            removed.update(erased)
        left.update(_escalate_overdue(store, stored, cutoff))
    licences = _erase_licences(store, journal, periods.notified_licences.before(now), actor)
    lines_before = periods.journal.before(now)
    months = summarise(store, cutoff.before, cutoff.future, heartbeat_every)
    # The sums of a month also count its messages, so these stay until the month is over.
    forgotten = min(lines_before, Month.at(cutoff.before).start)
    identifiers = _forget(store, journal, Cutoff(forgotten, cutoff.future), actor)
    with store.writing() as connection:
        lines = journal.prune(connection, lines_before)
        if lines:
            journal.note(connection, Entry(Access.ERASED, f"{actor}: journal"))
    return Pruned(dict(removed), dict(left), licences, identifiers, tuple(months), lines, _wipe(store))


def _erase(
    store: Store, journal: Journal, stored: StoredTable, cutoff: Cutoff, actor: str
) -> Counter[tuple[str, str]]:
    """Empty some documents in one transaction, with a line in the journal for each."""
    table = stored.table
    with store.writing() as connection:
        wanted = select(table).where(cutoff.overdue(stored), cutoff.removable(stored)).limit(_AT_ONCE)
        rows = connection.execute(wanted.with_for_update(skip_locked=True)).mappings().all()
        if not rows:
            return Counter()
        ids = [row["technical_id"] for row in rows]
        connection.execute(
            update(table).where(table.c.technical_id.in_(ids)).values(document=None, digest="")
        )
        journal.note(
            connection,
            *(
                Entry(Access.ERASED, actor, row["system"], row["technical_id"], row["workflow_id"])
                for row in rows
            ),
        )
        return Counter((table.name, row["root"]) for row in rows)


def _erase_licences(store: Store, journal: Journal, before: datetime, actor: str) -> int:
    """Delete notified licences whose period is over, with a line in the journal for each."""
    count, now = 0, store.now()
    while True:
        with store.writing() as connection:
            ids = notified_licences.erase(connection, before, now + AHEAD, now, _AT_ONCE)
            if not ids:
                return count
            journal.note(connection, *(Entry(Access.ERASED, actor, "TACHOnet", each) for each in ids))
        count += len(ids)


def _escalate_overdue(store: Store, stored: StoredTable, cutoff: Cutoff) -> Counter[tuple[str, str]]:
    columns = stored.table.c
    wanted = (columns.technical_id, columns.workflow_id, columns.system, columns.root, columns.state)
    with store.writing() as connection:
        rows = connection.execute(select(*wanted).where(cutoff.overdue(stored))).mappings().all()
        for row in rows:
            detail = f"{stored.table.name}: {row['root']} is {row['state']}"
            escalate_message(connection, Reason.KEPT_TOO_LONG, detail, dict(row), store.now())
    return Counter((stored.table.name, row["root"]) for row in rows)


def _forget(store: Store, journal: Journal, cutoff: Cutoff, actor: str) -> int:
    """Remove the rows of emptied messages and what refers to them, and return how many messages went.

    The line in the journal names no message, or else it would store the identifiers for another period.
    """
    count = sum(_remove(store, stored.table, cutoff.emptied(stored)) for stored in TABLES)
    _remove(store, WORKFLOW, cutoff.is_over(WORKFLOW.c.changed_at) & ~_HAS_MESSAGES & ~_IS_DUE)
    _remove(store, ESCALATIONS, cutoff.is_over(ESCALATIONS.c.done_at) & ~_IS_ABOUT_A_ROW)
    if count:
        store.write(lambda c: journal.note(c, Entry(Access.ERASED, f"{actor}: identifiers")))
    return count


def _remove(store: Store, table: Table, which: Any) -> int:
    """Remove rows, some in each transaction, and return how many went."""
    key = list(table.primary_key.columns)
    wanted = select(*key).where(which).limit(_AT_ONCE).with_for_update(skip_locked=True)

    def remove_some(connection: Connection) -> int:
        found = [tuple(row) for row in connection.execute(wanted)]
        if found:
            connection.execute(delete(table).where(tuple_(*key).in_(found)))
        return len(found)

    count = 0
    while gone := store.write(remove_some):
        count += gone
    return count


def _wipe(store: Store) -> Bytes:
    """Remove the data from the files, too: SQLite by emptying its log, PostgreSQL by a vacuum.

    SQLite overwrites deleted data (`secure_delete`), but its log may still have older pages. PostgreSQL frees
    the space, and new rows overwrite it in time.
    """
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not store.shared:
            busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).scalar_one()
            return Bytes.LEFT if busy else Bytes.OVERWRITTEN
        try:
            connection.execute(text("SET statement_timeout = 0"))  # a vacuum takes as long as it takes
            for table in _WIPED:
                connection.execute(text(f"VACUUM {table.name}"))
        except OperationalError:
            return Bytes.LEFT
        finally:
            connection.invalidate()  # so that the next one has its own limits
        return Bytes.FREED


def prune_daily(
    store: Store,
    journal: Journal,
    periods: Periods = DEFAULTS,
    *,
    heartbeat_every: timedelta | None = None,
) -> Pruned | None:
    """Prune once a day over all processes. Return `None` if a process has done so within a day."""
    now = store.now()
    if not store.write(lambda connection: claim_periodic_task(connection, "prune", now, _A_DAY)):
        return None
    return prune(store, journal, periods, heartbeat_every=heartbeat_every, actor="movehub serve")
