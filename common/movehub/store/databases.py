"""Opening a database safely, whatever its server, role or address is configured to do.

* SQLite is a file that other users of the machine cannot open, and that only one process may serve.
* PostgreSQL commits to the disk, and every wait for it ends.
* No log or exception shows a message. SQLAlchemy hides the values of its statements (`hide_parameters`), but
  at DEBUG it logs each row that it reads. So the engines of a store log under a name of their own, and a
  filter drops their DEBUG records. You can still log the statements at INFO.
* A driver's error may quote the values it was given. `movehub.store.causes` replaces it with ours.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from movehub.errors import InvalidConfiguration
from movehub.store import changes
from movehub.store.causes import file_cause

_LOG = logging.getLogger(__name__)

#: The `logging_name` of a store's engine, whose rows are not logged.
_NAME: Final = "movehub"

#: Seconds that a writer waits for another writer, for a lock, or for a connection.
PATIENCE: Final = 10

_DIALECTS: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}
#: For a command that only reads, about a database that is missing or empty.
NEVER_SERVED: Final = "no node has served it yet, or the setting names another"
ADDRESS_FORM: Final = "the database must be sqlite:///file or postgresql://…"

#: The endings of the files that SQLite creates beside a database, with the same data in them.
BESIDE: Final = ("", "-wal", "-shm", "-journal")
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")

#: So that the PostgreSQL client notices a server that it cannot reach. The address can override each value.
_REACHED: Final = {
    "connect_timeout": PATIENCE,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
#: For the PostgreSQL server. A register needs less than an hour within `transaction()`. If a node freezes in
#: one, its rows are free again after that. All nodes wait for the journal's lock, so that has its own limit.
_LIMITS: Final = {
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "1h",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
#: If one of these settings is off, a power cut can undo a commit.
_DURABLE: Final = (
    "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'"
)


logging.getLogger(f"sqlalchemy.engine.Engine.{_NAME}").addFilter(
    lambda record: record.levelno > logging.DEBUG
)


def open_engine(address: str, connections: int, *, create: bool = True) -> Engine:
    """Return the engine for an address. Without `create` its SQLite file must exist. InvalidConfiguration."""
    try:
        url = make_url(address)
    except ArgumentError:
        raise InvalidConfiguration(ADDRESS_FORM) from None
    dialect = url.get_backend_name()
    if dialect not in _DIALECTS:
        raise InvalidConfiguration(ADDRESS_FORM)
    options: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": connections,
        "pool_timeout": PATIENCE,
        "pool_use_lifo": True,  # the last one used has the most in its cache
        # The values of a statement contain messages, and no log or exception may show them.
        "hide_parameters": True,
        "logging_name": _NAME,
    }
    if dialect == "sqlite" and not create and not Path(url.database or "").exists():
        raise InvalidConfiguration(f"there is no file {url.database}: {NEVER_SERVED}")
    return (_sqlite if dialect == "sqlite" else _postgresql)(url.set(drivername=_DIALECTS[dialect]), options)


def _sqlite(url: URL, options: dict[str, Any]) -> Engine:
    """Make SQLite write to the disk at each commit, and make a writer wait for others before it reads."""
    if url.database in {None, "", ":memory:"} or "uri" in url.query:
        raise InvalidConfiguration("a database in memory does not survive a restart: use sqlite:///file")
    _protect_file(Path(url.database or "").resolve())
    engine = create_engine(url, connect_args={"timeout": PATIENCE}, **options)

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _: Any) -> None:
        dbapi.isolation_level = None  # else the driver begins transactions when it likes
        for pragma in _PRAGMAS:
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(changes.WRITES)
        if writes is None:
            changes.begun(connection, "BEGIN")
            return
        changes.begun(connection, f"PRAGMA synchronous={writes}")
        changes.begun(connection, "BEGIN IMMEDIATE")

    return engine


def _protect_file(path: Path) -> None:
    """Create a new file for its owner only. Reject a file that every user of this machine can open.

    You may give a group access. An existing file is never opened here, because closing it would end the
    locks that SQLite has on it in this process.
    """
    if not path.parent.is_dir():
        raise InvalidConfiguration("the folder of the database does not exist")
    try:
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        reason = f"the file of the database cannot be created: {file_cause(error)}"
        raise InvalidConfiguration(reason) from None
    beside = [path.with_name(path.name + ending) for ending in BESIDE]
    if os.name == "posix" and any(_mode(each) & 0o007 for each in beside):
        raise InvalidConfiguration(
            "every user of this machine can open the database, which contains personal data:"
            " run chmod o-rwx on the file and on those beside it (-wal, -shm)"
        )


def _mode(path: Path) -> int:
    """Return the mode of a file, or 0 if there is none. Another process may delete a file at any moment."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return 0


def _postgresql(url: URL, options: dict[str, Any]) -> Engine:
    """Make PostgreSQL write each commit to the disk, and end each wait that is too long."""
    reached = {name: value for name, value in _REACHED.items() if name not in url.query}
    options |= {"pool_pre_ping": True, "isolation_level": "READ COMMITTED", "connect_args": reached}
    try:
        engine = create_engine(url, **options)
    except ImportError:
        raise InvalidConfiguration(
            "PostgreSQL needs its extra: pip install 'movehub-client[postgres]'"
        ) from None

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _: Any) -> None:
        limits = {"lock_timeout": f"{PATIENCE}s", **_LIMITS}
        settings = [f"set_config('{name}', '{value}', false)" for name, value in limits.items()]
        commit = "current_setting('synchronous_commit')"  # each value except off writes to this server's disk
        settings.append(
            f"set_config('synchronous_commit', CASE {commit} WHEN 'off' THEN 'on' ELSE {commit} END, false)"
        )
        dbapi.autocommit = True
        dbapi.execute(f"SELECT {', '.join(settings)}")
        dbapi.autocommit = False

    @event.listens_for(engine, "first_connect")
    def _first(dbapi: Any, _: Any) -> None:
        dbapi.autocommit = True
        for (name,) in dbapi.execute(_DURABLE).fetchall():
            _LOG.warning("PostgreSQL runs with %s off: a power cut can lose messages. Set it to on", name)
        dbapi.autocommit = False

    return engine


def database_clock(connection: Connection) -> int:
    """Return the time of the PostgreSQL server's clock, in the form that the database stores."""
    instant = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
    return int(connection.execute(instant).scalar_one())


@contextmanager
def single_process_lock(engine: Engine) -> Iterator[None]:
    """Hold the lock of the process that serves an SQLite file. It ends with the process, however that ends.

    The lock is a file beside the database, behind any links, and only the owner can open it. Raises
    InvalidConfiguration if another process holds it.
    """
    lock = f"{Path(engine.url.database or '').resolve()}.lock"
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise InvalidConfiguration(f"{lock} cannot be opened: {file_cause(error)}") from None
    with os.fdopen(descriptor, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InvalidConfiguration(
                f"another process serves this database and holds {lock} (fuser shows it):"
                " end that process, or use PostgreSQL to run several processes"
            ) from None
        except OSError as error:
            raise InvalidConfiguration(f"{lock} cannot be locked: {file_cause(error)}") from None
        yield
