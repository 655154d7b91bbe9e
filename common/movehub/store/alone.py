"""One process that serves, a file of SQLite: whoever comes second is told so, instead of sharing its work."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InvalidConfiguration
from .engine import Store


@contextmanager
def alone(store: Store) -> Iterator[None]:
    """Hold the lock beside the database file; it goes when the process ends, however that ends.

    Raises InvalidConfiguration where another process holds it.
    """
    with Path(f"{store.engine.url.database}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InvalidConfiguration(
                "another process serves this database: several share a PostgreSQL, never an SQLite file"
            ) from None
        yield
