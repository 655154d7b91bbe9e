"""Opening a database: SQLite in a file of its owner's alone, PostgreSQL that is never waited for without end.

What is not configured, or configured for speed, must not lose a message or hold up those who bring one: each
connection says what it needs, whatever server, role or address say.

What no log may show: SQLAlchemy logs each row that it reads at DEBUG, and rows have messages in them.

Hidden parameters, which the engine asks for, hide what goes in and not what comes out. So engines of a store
log under a name of their own, and that logger lets nothing through at DEBUG, however it is configured.
Statements without their values are logged at INFO as ever.

What is wrong with a database, in words of ours: a driver's text may quote what was written.

The text of a server comes in the server's language: what is not understood is told by its kind alone.

One process that serves, a file of SQLite: whoever comes second is told so, instead of sharing its work.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from movehub.errors import InvalidConfiguration, StoreFailed
from movehub.store import changes

#: The `logging_name` of an engine whose rows are not logged.
NAME: Final = "movehub"


_LOG = logging.getLogger(__name__)

#: Seconds that a writer waits for another, for a lock, or for a connection.
PATIENCE: Final = 10

_DIALECTS: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}
#: Said of a database that is not there, or empty, to who only wants to look.
NEVER_SERVED: Final = "no node has served it yet, or the setting names another"
_KINDS: Final = "the database must be sqlite:///file or postgresql://…"

#: What SQLite keeps beside a database, with the same bytes in it.
_BESIDE: Final = ("", "-wal", "-shm", "-journal")
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")

#: For the PostgreSQL client: a server that is not reached, or is gone, is noticed. An address may say other.
_REACHED: Final = {
    "connect_timeout": PATIENCE,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
#: For the PostgreSQL server. An hour is more than a register takes within `transaction()`; a node that froze
#: in one lets go of its rows then. The journal's lock, which all wait for, has a limit of its own: `journal`.
_LIMITS: Final = {
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "1h",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
#: Without these a commit of PostgreSQL's is on the disk only as long as the power is.
_DURABLE: Final = (
    "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'"
)


def _shows_no_row(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


logging.getLogger(f"sqlalchemy.engine.Engine.{NAME}").addFilter(_shows_no_row)


def opened(address: str, connections: int, *, create: bool = True) -> Engine:
    """Return the engine of a database that `address` names. Raises InvalidConfiguration.

    Where it must not `create` one, a file that is not there is refused.
    """
    try:
        url = make_url(address)
    except ArgumentError:
        raise InvalidConfiguration(_KINDS) from None
    dialect = url.get_backend_name()
    if dialect not in _DIALECTS:
        raise InvalidConfiguration(_KINDS)
    options: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": connections,
        "pool_timeout": PATIENCE,
        "pool_use_lifo": True,  # the one used last has most in its memory
        # What is bound to a statement is a message: neither a log nor an exception's text may show it.
        "hide_parameters": True,
        "logging_name": NAME,
    }
    if dialect == "sqlite" and not create and not Path(url.database or "").exists():
        raise InvalidConfiguration(f"there is no file {url.database}: {NEVER_SERVED}")
    return (_sqlite if dialect == "sqlite" else _postgresql)(url.set(drivername=_DIALECTS[dialect]), options)


def _sqlite(url: URL, options: dict[str, Any]) -> Engine:
    """Make SQLite write through to the disk, and writers wait for each other before they read."""
    if url.database in {None, "", ":memory:"} or "uri" in url.query:
        raise InvalidConfiguration("a database in memory survives nothing: give sqlite:///file")
    _its_owners(Path(url.database or "").resolve())
    engine = create_engine(url, connect_args={"timeout": PATIENCE}, **options)

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _: Any) -> None:
        dbapi.isolation_level = None  # the driver would begin transactions as it sees fit
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


def _its_owners(path: Path) -> None:
    """Make a new file its owner's alone, as SQLite would by the umask; refuse one that is everybody's.

    A group is let in by whoever set it. A file that is there is never opened here: to close it would end the
    locks that SQLite has on it in this process.
    """
    if not path.parent.is_dir():
        raise InvalidConfiguration("the folder of the database does not exist")
    try:
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError:
        raise InvalidConfiguration("the file of the database cannot be made") from None
    beside = [path.with_name(path.name + ending) for ending in _BESIDE]
    if os.name == "posix" and any(each.stat().st_mode & 0o007 for each in beside if each.exists()):
        raise InvalidConfiguration(
            "everybody on this machine may open the database, which has personal data in it:"
            " chmod o-rwx the file and those beside it (-wal, -shm)"
        )


def _postgresql(url: URL, options: dict[str, Any]) -> Engine:
    """Make PostgreSQL keep what it says it has kept, and end what waits too long."""
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
        commit = "current_setting('synchronous_commit')"  # anything but off is on this server's disk
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
            _LOG.warning("PostgreSQL runs with %s off: a power cut loses what was said to be kept", name)
        dbapi.autocommit = False

    return engine


#: What stands in a driver's text, and what it means; the first that fits.
_REASONS: Final = (
    ("file is not a database", "it is a file of another kind"),
    ("unable to open database file", "it cannot be opened: is it a folder, or somebody else's?"),
    ("attempt to write a readonly database", "this process may not write it"),
    ("database is locked", "another program is writing it and does not end"),
    ("resolve host", "there is no host of this name"),
    ("translate host name", "there is no host of this name"),
    ("name or service not known", "there is no host of this name"),
    ("connection refused", "nobody listens there"),
    ("no such file or directory", "nobody listens there"),
    ("timeout", "it does not answer"),
    ("timed out", "it does not answer"),
    ("no password supplied", "it wants a password: in ~/.pgpass"),
    ("password authentication failed", "it does not take the password, or there is no such role"),
    ("no pg_hba.conf entry", "its pg_hba.conf does not let this role in from here"),
    ("permission denied", "the role may not do there what a node has to: see what it needs"),
    ("role ", "there is no such role"),
    ("database ", "there is no such database"),
)
_MISSING: Final = "does not exist"


def failed_with(error: SQLAlchemyError) -> StoreFailed:
    """Return what to raise in the place of an error of the database's, which must not come along."""
    cause = _cause(error)
    return StoreFailed(
        f"the database failed with {type(error).__name__}{cause and f': {cause}'}", cause=cause
    )


def _cause(error: SQLAlchemyError) -> str:
    said = str(getattr(error, "orig", None) or "").lower()
    for part, meaning in _REASONS:
        if part in said and (part not in {"role ", "database "} or _MISSING in said):
            return meaning
    return ""


@contextmanager
def single_process(engine: Engine) -> Iterator[None]:
    """Hold the lock beside the database file; it goes when the process ends, however that ends.

    It is beside the file itself, by whatever links that was named, and nobody but its owner can hold it.
    Raises InvalidConfiguration where another process holds it.
    """
    lock = f"{Path(engine.url.database or '').resolve()}.lock"
    with os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InvalidConfiguration(
                "another process serves this database: several share a PostgreSQL, never an SQLite file"
            ) from None
        yield
