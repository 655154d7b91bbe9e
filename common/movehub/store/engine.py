"""The database: opened, migrated, and written to in transactions that are on the disk when they return."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import datetime
from itertools import count
from threading import RLock
from typing import Any, Self, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from movehub.errors import MovehubError, StoreFailed
from movehub.protocol.exchange import utc_now
from movehub.store.changes import LINES, Change, make
from movehub.store.databases import PATIENCE, open_engine, store_failed
from movehub.store.group_commit import Committer, Record, Then
from movehub.store.journal import Journal
from movehub.store.migrations import migrate
from movehub.store.wakeups import Bell, Topic

T = TypeVar("T")


class Store:
    """One database. `now` is the clock of everything that is kept in it.

    Several threads share one store, and several processes one PostgreSQL. SQLite is for one process at a
    time that serves; commands may look on.
    """

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime] = utc_now,
        journal_key: bytes | None = None,
        *,
        create: bool = True,
    ) -> None:
        self.engine = engine
        self.now = now
        self.journal = Journal(now, journal_key)
        #: Rung when something was written, so that nobody in this process waits for what is there.
        self.bells = {topic: Bell() for topic in Topic}
        self._of_this = uuid4().hex
        self._tokens = count()
        # SQLite lets one write at a time, and whom it makes wait looks again only every now and then.
        self._turn = None if self.shared else RLock()
        self._committer = Committer(self._in_turn)
        try:
            with self.writing() as connection:
                migrate(connection, create=create)
        except MovehubError:
            self.close()
            raise

    @classmethod
    def open(
        cls,
        url: str,
        *,
        now: Callable[[], datetime] = utc_now,
        connections: int = 32,
        journal_key: bytes | None = None,
        create: bool = True,
    ) -> Self:
        """Open `sqlite:///path` or `postgresql://…`, and bring it to the newest version.

        Raises InvalidConfiguration for another kind of database, a file that everybody may open, or a
        database that is newer than this program; and where it must not `create` one that is not there.
        """
        return cls(open_engine(url, connections, create=create), now, journal_key, create=create)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Keep what is to be recorded soon, and close the connections."""
        self.keep()
        self.engine.dispose()

    @property
    def shared(self) -> bool:
        """Whether several processes may claim work here."""
        return self.engine.dialect.name == "postgresql"

    def token(self) -> str:
        """Return a word that nobody else has: no other call, and no other process."""
        return f"{self._of_this}-{next(self._tokens)}"  # random numbers are slow where a system is asked

    def write(self, work: Callable[[Connection], T], *, ring: Topic | None = None) -> T:
        """Do one short piece of work in a transaction, and return once it is on the disk; then ring a bell.

        Inside a unit of work it joins the unit's transaction. Raises StoreFailed, and whatever the work
        raises, where nothing of it was kept.
        """
        unit = self._unit()
        if unit is not None:
            unit.rings.add(ring)
            return work(unit.connection)
        with self.writing() as connection:
            result = work(connection)
        self.ring(ring)
        return result

    def record(self, *changes: Change) -> None:
        """Make changes, and return once they are on the disk: what `write` does, for hundreds a second.

        Those who record at the same moment share one transaction, since the disk is what takes time. Inside a
        unit of work it joins the unit's. Raises StoreFailed, and what a change is not to be without.
        """
        unit = self._unit()
        if unit is not None:
            make(unit.connection, changes)
        else:
            self._committer.record(changes).wait()

    def record_soon(self, *changes: Change, then: Then | None = None) -> Record:
        """Make changes as `record` does, and do not wait for it: `then` is told what became of them."""
        return self._committer.record(changes, then)

    def keep(self) -> None:
        """Return once all that is to be recorded soon is on the disk, or is not to be."""
        self._committer.close()

    def _unit(self) -> Unit | None:
        unit = _CURRENT.get()
        return unit if unit is not None and unit.store is self else None

    def ring(self, topic: Topic | None) -> None:
        """Ring the bell of a topic, if one is given."""
        if topic is not None:
            self.bells[topic].ring(everybody=topic is Topic.TICKET)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that may write. It is on the disk when the block has ended; else it never was.

        Raises StoreFailed where the database does.
        """
        with _told(), self._in_turn() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that reads; it waits for no writer. Raises StoreFailed."""
        with _told(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[Connection]:
        turn = self._turn
        if turn is not None and not turn.acquire(timeout=PATIENCE):
            raise StoreFailed("another writer does not end: does a register hang in transaction()?")
        try:
            with self.engine.connect() as connection:
                lines: list[dict[str, Any]] = []
                connection.execution_options(movehub_writes=True, **{LINES: lines})  # see `opening`
                with connection.begin():
                    yield connection
                    if lines:
                        self.journal.append(connection, lines)
        finally:
            if turn is not None:
                turn.release()

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """Open a unit of work: a transaction that begins when somebody first asks for it.

        So a register that takes its time holds no lock, and one that writes in this very database does so
        in the transaction that marks the message processed.
        """
        unit = Unit(self)
        token = _CURRENT.set(unit)
        try:
            with unit.running:
                yield unit
        finally:
            _CURRENT.reset(token)
        for topic in unit.rings:
            self.ring(topic)


class Unit:
    """A transaction that begins late and ends with its block."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.running = ExitStack()
        self.rings: set[Topic | None] = set()
        self._connection: Connection | None = None

    @property
    def begun(self) -> bool:
        """Whether somebody asked for the transaction."""
        return self._connection is not None

    @property
    def connection(self) -> Connection:
        """The connection of the transaction, begun now if it was not yet."""
        if self._connection is None:
            self._connection = self.running.enter_context(self.store.writing())
        return self._connection


_CURRENT: ContextVar[Unit | None] = ContextVar("movehub.store.unit", default=None)


@contextmanager
def _told() -> Iterator[None]:
    """Turn the database's errors into ours, with nothing of them: their text can quote what was written."""
    try:
        yield
    except SQLAlchemyError as error:
        failed = store_failed(error)
    else:
        return
    try:
        raise failed
    except StoreFailed:
        failed.__context__ = None  # `from None` would only have it not printed
        raise


def transaction() -> Connection:
    """Return the connection in whose transaction the message at hand is marked as processed.

    For a register whose tables are in the node's own database: what it writes here happens exactly once,
    with the message or not at all. Raises MovehubError where no message is being processed.
    """
    unit = _CURRENT.get()
    if unit is None:
        raise MovehubError(
            "there is no message at hand: transaction() is for a register that is called by a node"
        )
    return unit.connection
