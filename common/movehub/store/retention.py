"""Removing personal data when their period is over, and saying what was removed and what could not be.

Regulation (EU) 2016/68, Annex VII, 3, and (EU) 2016/480, Annex VII, 4. A message's document is emptied, and
the digest of it, by which somebody's data could be guessed and tried; the anonymous rest stays. What is not
finished is never removed, however old: it is a matter for a person, who finishes it, or marks it as done. So
is a message of which each instant lies in the future, as clocks were wrong: nobody knows how old it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Table, and_, case, exists, or_, select, update
from sqlalchemy.exc import OperationalError

from movehub.store.engine import Store
from movehub.store.escalations import Reason, call_for
from movehub.store.journal import Access, Entry, Journal
from movehub.store.pace import take
from movehub.store.periods import BY_LAW, Periods
from movehub.store.tables import AHEAD, ATTENTION, INBOX, OUTBOX, Received, Sending, Sent

#: Messages in one transaction: others write in between.
_AT_ONCE: Final = 200
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """One table, since when its rows are there, and what its states mean here."""

    table: Table
    since: str
    #: Over, as far as the message itself goes.
    finished: frozenset[str]
    #: Still to be worked on by the node: no person can put an end to it here.
    in_hand: frozenset[str]
    #: The state and kind of what is finished but for an answer that is waited for.
    awaited: tuple[str, str] = ("", "")


_INBOX: Final = Kept(
    INBOX,
    "received_at",
    finished=frozenset({Received.PROCESSED, Received.EXPIRED}),
    in_hand=frozenset({Received.RECEIVED, Received.PROCESSING}),
)
_OUTBOX: Final = Kept(
    OUTBOX,
    "prepared_at",
    finished=frozenset({Sent.DELIVERED, Sent.ANSWERED, Sent.EXPIRED, Sent.REFUSED}),
    in_hand=frozenset({Sent.PREPARED, Sent.SENDING}),
    awaited=(Sent.DELIVERED, Sending.REQUEST),
)
TABLES: Final = (_INBOX, _OUTBOX)


@dataclass(frozen=True, slots=True)
class Past:
    """What ended before an instant. Nothing ends after `future`: such an instant is of a wrong clock."""

    before: datetime
    future: datetime

    def of(self, kept: Kept) -> Any:
        """Whose document is still there, though its period is over, or nobody can say when it will be."""
        columns, ended = kept.table.c, self._ended(kept)
        since = columns[kept.since]
        there = and_(columns.document.is_not(None), or_(since < self.before, since > self.future))
        return and_(there, or_(ended < self.before, ended > self.future))

    def removable(self, kept: Kept) -> Any:
        """Finished, and nobody has to look at it; or not, and somebody has looked and let it go."""
        columns = kept.table.c
        about_it = exists().where(ATTENTION.c.technical_id == columns.technical_id)
        nobody_has_to = ~about_it.where(ATTENTION.c.done_at.is_(None))
        somebody_has = about_it.where(ATTENTION.c.done_at.is_not(None))
        state, kind = kept.awaited
        finished = columns.state.in_(kept.finished) & ~((columns.state == state) & (columns.kind == kind))
        finished &= self._ended(kept) < self.before
        return columns.state.not_in(kept.in_hand) & nobody_has_to & (finished | somebody_has)

    def _ended(self, kept: Kept) -> Any:
        """When the transaction ended and the period began, as far as an instant can be believed."""
        columns = kept.table.c
        done, since = columns.done_at, columns[kept.since]
        return case((done <= self.future, done), (since <= self.future, since), else_=columns.sent_at)


class Bytes(StrEnum):
    """What became of the bytes that were removed."""

    #: SQLite: they are in none of its files.
    OVERWRITTEN = "overwritten"
    #: PostgreSQL: nobody can read them by a query. They are overwritten as their space is used anew.
    FREED = "freed"
    #: Somebody was reading, or held a lock: the next run will do it.
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a run has removed, and what it had to leave, by table and root element."""

    removed: Mapping[tuple[str, str], int]
    left: Mapping[tuple[str, str], int]
    journal_lines: int
    bytes: Bytes

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "removed": {f"{table} {root}": count for (table, root), count in sorted(self.removed.items())},
            "left": {f"{table} {root}": count for (table, root), count in sorted(self.left.items())},
            "journal_lines": self.journal_lines,
            "bytes": self.bytes.value,
        }


def prune(
    store: Store, journal: Journal, periods: Periods = BY_LAW, *, actor: str = "movehub prune"
) -> Pruned:
    """Remove what is past its period, and ask for a person where it must not be. Runs beside the work."""
    now = store.now()
    past = Past(periods.documents.before(now), now + AHEAD)
    removed: Counter[tuple[str, str]] = Counter()
    left: Counter[tuple[str, str]] = Counter()
    for kept in TABLES:
        while erased := _erase(store, journal, kept, past, actor):
            removed.update(erased)
        left.update(_ask_for_a_person(store, kept, past))
    with store.writing() as connection:
        lines = journal.prune(connection, periods.journal.before(now))
        if lines:
            journal.note(connection, Entry(Access.ERASED, f"{actor}: journal"))
    return Pruned(dict(removed), dict(left), lines, _wipe(store))


def _erase(store: Store, journal: Journal, kept: Kept, past: Past, actor: str) -> Counter[tuple[str, str]]:
    """Empty some documents, each with its line in the journal, in one transaction."""
    table = kept.table
    with store.writing() as connection:
        wanted = select(table).where(past.of(kept), past.removable(kept)).limit(_AT_ONCE)
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


def _ask_for_a_person(store: Store, kept: Kept, past: Past) -> Counter[tuple[str, str]]:
    columns = kept.table.c
    wanted = (columns.technical_id, columns.workflow_id, columns.system, columns.root, columns.state)
    with store.writing() as connection:
        rows = connection.execute(select(*wanted).where(past.of(kept))).all()
        for row in rows:
            call_for(
                connection,
                Reason.KEPT_TOO_LONG,
                f"{kept.table.name}: {row.root} is {row.state}",
                now=store.now(),
                system=row.system,
                technical_id=row.technical_id,
                workflow_id=row.workflow_id,
            )
    return Counter((kept.table.name, row.root) for row in rows)


def _wipe(store: Store) -> Bytes:
    """Let the files forget what was removed: SQLite's by emptying its log, PostgreSQL's dead rows by vacuum.

    SQLite overwrites what is deleted (`secure_delete`), but for as long as its log holds an older page.
    PostgreSQL frees the space, and overwrites it as it is used anew.
    """
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not store.shared:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
            return Bytes.LEFT if busy else Bytes.OVERWRITTEN
        try:
            connection.exec_driver_sql("SET statement_timeout = 0")  # a vacuum takes as long as it takes
            for kept in TABLES:
                connection.exec_driver_sql(f"VACUUM {kept.table.name}")
        except OperationalError:
            return Bytes.LEFT
        finally:
            connection.invalidate()  # the limits of the next one are its own
        return Bytes.FREED


def prune_daily(store: Store, journal: Journal, periods: Periods = BY_LAW) -> Pruned | None:
    """Remove what is past its period unless a process of this store did so within a day; then return None."""
    now = store.now()
    if not store.write(lambda connection: take(connection, "prune", now, _A_DAY)):
        return None
    return prune(store, journal, periods, actor="movehub serve")
