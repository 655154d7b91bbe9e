"""Removing personal data when their period is over, and saying what was removed and what could not be.

Regulation (EU) 2016/68, Annex VII, 3, and (EU) 2016/480, Annex VII, 4. A message's document is emptied, and
the digest of it, by which somebody's data could be guessed and tried; the anonymous rest stays. What is not
finished is never removed, however old: it is a matter for a person, who finishes it, or marks it as done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, and_, exists, func, select, update

from .attention import Reason, call_for
from .engine import Store
from .journal import Access, Entry, Journal
from .occasions import take
from .periods import BY_LAW, Periods
from .tables import ATTENTION, INBOX, OUTBOX, Received, Sending, Sent

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
class Pruned:
    """What a run has removed, and what it had to leave, by table and root element."""

    removed: Mapping[tuple[str, str], int]
    left: Mapping[tuple[str, str], int]
    journal_lines: int
    #: Whether the removed bytes are gone from the files, too. False: another run will do it.
    wiped: bool

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "removed": {f"{table} {root}": count for (table, root), count in sorted(self.removed.items())},
            "left": {f"{table} {root}": count for (table, root), count in sorted(self.left.items())},
            "journal_lines": self.journal_lines,
            "wiped": self.wiped,
        }


def prune(
    store: Store, journal: Journal, periods: Periods = BY_LAW, *, actor: str = "movehub prune"
) -> Pruned:
    """Remove what is past its period, and ask for a person where it must not be. Runs beside the work."""
    now = store.now()
    before = periods.documents.before(now)
    removed: Counter[tuple[str, str]] = Counter()
    left: Counter[tuple[str, str]] = Counter()
    for kept in TABLES:
        while erased := _erase(store, journal, kept, before, actor):
            removed.update(erased)
        left.update(_ask_for_a_person(store, kept, before))
    with store.writing() as connection:
        lines = journal.prune(connection, periods.journal.before(now))
        if lines:
            journal.note(connection, Entry(Access.ERASED, f"{actor}: journal"))
    return Pruned(dict(removed), dict(left), lines, _wipe(store))


def _erase(
    store: Store, journal: Journal, kept: Kept, before: datetime, actor: str
) -> Counter[tuple[str, str]]:
    """Empty some documents, each with its line in the journal, in one transaction."""
    table = kept.table
    with store.writing() as connection:
        wanted = select(table).where(_past(kept, before), _removable(kept)).limit(_AT_ONCE)
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


def _ask_for_a_person(store: Store, kept: Kept, before: datetime) -> Counter[tuple[str, str]]:
    columns = kept.table.c
    wanted = (columns.technical_id, columns.workflow_id, columns.system, columns.root, columns.state)
    with store.writing() as connection:
        rows = connection.execute(select(*wanted).where(_past(kept, before))).all()
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


def _past(kept: Kept, before: datetime) -> Any:
    """Whose document is still there, though its period, which begins when the transaction ends, is over."""
    columns = kept.table.c
    since = columns[kept.since]
    return and_(columns.document.is_not(None), since < before, func.coalesce(columns.done_at, since) < before)


def _removable(kept: Kept) -> Any:
    """Finished, and nobody has to look at it; or not finished, and somebody has looked and let it go."""
    columns = kept.table.c
    about_it = exists().where(ATTENTION.c.technical_id == columns.technical_id)
    nobody_has_to = ~about_it.where(ATTENTION.c.done_at.is_(None))
    somebody_has = about_it.where(ATTENTION.c.done_at.is_not(None))
    state, kind = kept.awaited
    finished = columns.state.in_(kept.finished) & ~((columns.state == state) & (columns.kind == kind))
    return columns.state.not_in(kept.in_hand) & nobody_has_to & (finished | somebody_has)


def _wipe(store: Store) -> bool:
    """Let the files forget what was removed: SQLite's by emptying its log, PostgreSQL's dead rows by vacuum.

    SQLite overwrites what is deleted (`secure_delete`), but for as long as its log holds an older page.
    PostgreSQL frees the space, and overwrites it as it is used anew.
    """
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if store.shared:
            for kept in TABLES:
                connection.exec_driver_sql(f"VACUUM {kept.table.name}")
            return True
        busy: int = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
        return busy == 0


def prune_daily(store: Store, journal: Journal, periods: Periods = BY_LAW) -> Pruned | None:
    """Remove what is past its period unless a process of this store did so within a day; then return None."""
    now = store.now()
    if not store.write(lambda connection: take(connection, "prune", now, _A_DAY)):
        return None
    return prune(store, journal, periods, actor="movehub serve")
