"""The database: opened, migrated, and written to in transactions that are on the disk when they return."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import datetime
from itertools import count
from threading import RLock
from typing import Any, Final, NoReturn, Self, TypeVar
from uuid import uuid4
from weakref import WeakSet

from sqlalchemy import Connection, Engine, ExceptionContext, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from movehub.errors import MovehubError, StoreFailed
from movehub.protocol.exchange import utc_now
from movehub.store import databases
from movehub.store.causes import is_of_the_database, store_failed
from movehub.store.changes import LINES, WRITES, Change, executed, has_rolled_back, make
from movehub.store.databases import open_engine
from movehub.store.group_commit import Committer, Record, Then
from movehub.store.journal import Journal
from movehub.store.migrations import migrate
from movehub.store.wakeups import Topic, WakeUp

T = TypeVar("T")


class Store:
    """One database. `now` is the clock of everything that is stored in it.

    Several threads may share one store, and several processes one PostgreSQL. An SQLite file has one process
    that serves it; commands may read it meanwhile. After a fork the child opens connections of its own.
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
        self._inherits_a_transaction = False
        self._begin()
        _STORES.add(self)
        event.listen(engine, "handle_error", _note_failure)
        try:
            with self.writing() as connection:
                migrate(connection, create=create)
        except MovehubError:
            self.close()
            raise

    def _begin(self) -> None:
        """Set what belongs to one process."""
        #: Notified after a commit, so that a thread of this process finds the work at once.
        self.wakeups = {topic: WakeUp() for topic in Topic}
        self._prefix = uuid4().hex
        self._tokens = count()
        # SQLite has one writer at a time, and lets the others poll. Taking turns here is faster.
        self._turn = None if self.shared else RLock()
        self._committer = Committer(self._in_turn, self.notify)

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
        """Open `sqlite:///path` or `postgresql://…`, and migrate it to the newest version.

        Raises InvalidConfiguration for another kind of database, for a file that every user may open, for a
        database that is newer than this program, and for a missing one unless you let it `create` one.
        """
        return cls(open_engine(url, connections, create=create), now, journal_key, create=create)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Store what `record_soon` has queued, and close the connections.

        A connection that is still in use, such as one that a register holds, is closed when it comes back.
        """
        self.flush()
        event.listen(self.engine.pool, "checkin", _closed_at_once)
        self.engine.dispose()

    @property
    def shared(self) -> bool:
        """Whether several processes may claim work here."""
        return self.engine.dialect.name == "postgresql"

    def token(self) -> str:
        """Return a token that no other call and no other process gets."""
        return f"{self._prefix}-{next(self._tokens)}"  # faster than a random number each time

    def write(
        self, work: Callable[[Connection], T], *, notify: Topic | None = None, durable: bool = True
    ) -> T:
        """Do one short piece of work in a transaction, and return once it is on the disk. Then notify.

        Inside a unit of work it joins the unit's transaction. If it raises StoreFailed, or an error of the
        work itself, nothing was stored. Unless it is `durable`, a power cut or a crash of the database
        server may undo it; nothing else does.
        """
        unit = self._unit()
        if unit is not None:
            unit.topics.add(notify)
            with unit.noting():
                return work(unit.connection)
        with _no_details(), self._in_turn(durable=durable) as connection:
            result = work(connection)
        self.notify(notify)
        return result

    def record(self, *changes: Change, notify: Topic | None = None) -> None:
        """Make changes as `write` does, for hundreds of calls a second: calls share one transaction.

        Inside a unit of work it joins the unit's transaction. Raises StoreFailed, and the error of
        `Change.unless`.
        """
        unit = self._unit()
        if unit is not None:
            unit.topics.add(notify)
            with unit.noting():
                make(unit.connection, changes)
        else:
            self._committer.record(changes, notify).wait()

    def record_soon(self, *changes: Change, notify: Topic | None = None, then: Then | None = None) -> Record:
        """Make changes as `record` does, but do not wait. `then` gets the result."""
        return self._committer.record(changes, notify, then)

    def flush(self) -> None:
        """Return once everything that `record_soon` has queued is stored, or has failed."""
        self._committer.close()

    def _unit(self) -> Unit | None:
        unit = _CURRENT.get()
        return unit if unit is not None and unit.store is self else None

    def notify(self, topic: Topic | None) -> None:
        """Wake a thread that waits for this topic, if one is given."""
        if topic is not None:
            self.wakeups[topic].notify(everybody=topic is Topic.TICKET)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction: on the disk after the block, or undone by an error. Raises StoreFailed."""
        with _no_details(), self._in_turn() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that reads; it waits for no writer. Raises StoreFailed."""
        with _no_details(), self._connected() as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a transaction that reads, and sees nothing that others store meanwhile. Raises StoreFailed."""
        with self.reading() as connection:
            if self.shared:  # SQLite always reads one state of its file
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield connection

    @contextmanager
    def _in_turn(self, *, durable: bool = True) -> Iterator[Connection]:
        turn = self._turn
        if turn is not None and not turn.acquire(timeout=databases.PATIENCE):
            raise StoreFailed("another thread holds the database: does a register hang in transaction()?")
        try:
            with self._connected() as connection:
                lines: list[dict[str, Any]] = []
                connection.execution_options(**{WRITES: "FULL" if durable else "NORMAL", LINES: lines})
                with connection.begin():
                    if self.shared and not durable:
                        executed(connection, "SET LOCAL synchronous_commit = off", ())
                    yield connection
                    if lines:
                        self.journal.append(connection, lines)
        finally:
            if turn is not None:
                turn.release()

    def _connected(self) -> Connection:
        if self._inherits_a_transaction:
            raise StoreFailed(
                "this process was forked while another thread used the SQLite file: open the store again"
            )
        return self.engine.connect()

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """Open a unit of work: a transaction that begins when the first caller asks for its connection.

        A slow register holds no lock before that. A register that writes to this database does so in the
        transaction that marks the message as processed. If the database fails in it, StoreFailed is raised,
        whatever the register makes of that: it is not the register that failed.
        """
        unit = Unit(self)
        token = _CURRENT.set(unit)
        try:
            with unit.running:
                yield unit
                if unit.failed is not None:  # the register has caught the error
                    raise unit.failed
        except Exception:
            if unit.failed is not None:
                _raise_alone(unit.failed)
            raise
        finally:
            _CURRENT.reset(token)
        for topic in unit.topics:
            self.notify(topic)

    def _before_fork(self) -> None:
        """Close idle SQLite connections: the child would believe that it holds their file locks."""
        pool: Any = self.engine.pool
        if not self.shared and pool.checkedout() == 0:
            self.engine.dispose()

    def _after_fork(self) -> None:
        """Forget the connections of the parent, in the child. To close one would end it for the parent."""
        pool: Any = self.engine.pool
        self._inherits_a_transaction = not self.shared and pool.checkedout() > 0
        _INHERITED.append(pool)
        self.engine.dispose(close=False)
        self._begin()


def _closed_at_once(_: object, entry: ConnectionPoolEntry) -> None:
    """Close a connection that comes back to a pool that is closed: SQLAlchemy would leave it open."""
    entry.close()


class Unit:
    """A transaction that begins when it is first used, and ends with its block."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.running = ExitStack()
        self.topics: set[Topic | None] = set()
        #: How the database failed in this transaction, if it has.
        self.failed: StoreFailed | None = None
        self._connection: Connection | None = None

    @property
    def begun(self) -> bool:
        """Whether the transaction has begun."""
        return self._connection is not None

    @property
    def begun_with(self) -> Connection | None:
        """The connection of the transaction, if it has begun."""
        return self._connection

    @property
    def connection(self) -> Connection:
        """The connection of the transaction. The first use begins it. Raises StoreFailed if it has failed."""
        if self.failed is not None:
            raise self.failed
        if self._connection is None:
            try:
                self._connection = self.running.enter_context(self.store.writing())
            except StoreFailed as error:
                self.failed = error
                raise
        return self._connection

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note that the database failed in the block, as a register may catch the error."""
        try:
            yield
        except SQLAlchemyError as error:
            if is_of_the_database(error):
                self.failed = self.failed or store_failed(error)
            raise


_CURRENT: Final[ContextVar[Unit | None]] = ContextVar("movehub.store.unit", default=None)

#: The stores of this process, for a fork.
_STORES: Final[WeakSet[Store]] = WeakSet()
#: Pools of the parent process. A reference keeps Python from closing their connections in the child.
_INHERITED: Final[list[Any]] = []


def _before_fork() -> None:
    for store in list(_STORES):
        store._before_fork()


def _after_fork_in_child() -> None:
    _CURRENT.set(None)
    for store in list(_STORES):
        store._after_fork()


os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)


@contextmanager
def _no_details() -> Iterator[None]:
    """Replace an error of the database by ours, without a trace of it: its text can quote a row."""
    try:
        yield
    except SQLAlchemyError as error:
        failed = store_failed(error)
    else:
        return
    _raise_alone(failed)


def _raise_alone(failed: StoreFailed) -> NoReturn:
    """Raise an error without the one that is being handled."""
    try:
        raise failed
    except StoreFailed:
        failed.__context__ = None  # `from None` would only hide it
        raise


def _note_failure(context: ExceptionContext) -> None:
    """Note in the current unit of work that the database failed, as a register may catch the error.

    Then the transaction is over: SQLite has rolled it back, and would store alone what a register does next.
    """
    unit, error, connection = _CURRENT.get(), context.sqlalchemy_exception, context.connection
    if unit is None or unit.failed or error is None or connection is None:
        return
    if connection is not unit.begun_with:
        return
    if context.is_disconnect or is_of_the_database(error) or has_rolled_back(connection):
        unit.failed = store_failed(error)
        context.is_disconnect = True  # so that nobody can use the connection again
        context.invalidate_pool_on_disconnect = False


def transaction() -> Connection:
    """Return the connection of the transaction that marks the current message as processed.

    Use it if the tables of your register are in the node's own database: your changes are then stored exactly
    once, together with the message, or not at all. Raises MovehubError if no message is being processed.
    """
    unit = _CURRENT.get()
    if unit is None:
        raise MovehubError(
            "no message is being processed here: call transaction() in a register that a node has called"
        )
    return unit.connection
