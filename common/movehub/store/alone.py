"""One process that serves, a file of SQLite: whoever comes second is told so, instead of sharing its work."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from movehub.errors import InvalidConfiguration
from movehub.store.engine import Store


@contextmanager
def alone(store: Store) -> Iterator[None]:
    """Hold the lock beside the database file; it goes when the process ends, however that ends.

    It is beside the file itself, by whatever links that was named, and nobody but its owner can hold it.
    Raises InvalidConfiguration where another process holds it.
    """
    lock = f"{Path(store.engine.url.database or '').resolve()}.lock"
    with os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InvalidConfiguration(
                "another process serves this database: several share a PostgreSQL, never an SQLite file"
            ) from None
        yield
