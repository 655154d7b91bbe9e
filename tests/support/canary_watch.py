"""A watch over the whole run: no log, no error of ours and no column of a database names who is in a message.

Loaded for every test. The names in the example messages are such as nobody else would write; a test fails
when one of them is in a log record, as it would be written with its traceback, in the text of an error that
the library made, whether it was raised, logged or swallowed, or in a database that it closes, outside the
documents. A test that names somebody on purpose has the mark `names_somebody`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import pytest
from movehub.errors import MovehubError, StoreFailed
from movehub.store import Store
from movehub.store.tables import METADATA
from sqlalchemy import LargeBinary, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import NullType

#: What the messages of `tests.support` call people and undertakings. Case is no difference.
NAMES: Final = ("Kanarienvogel", "Žofia", "Ελένη")
_FOLDED: Final = tuple(name.casefold() for name in NAMES)
_TRACEBACK: Final = logging.Formatter()


class _Watch(logging.Handler):
    """What was said in one test and should not have been."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record as a file would have it, and at the values it was made of."""
        self.look(f"the log {record.name}", f"{_TRACEBACK.format(record)} {record.args!r}")

    def look(self, who: str, said: str) -> None:
        """Note who said a name."""
        folded = said.casefold()
        if any(name in folded for name in _FOLDED):
            self.found.append(f"{who}: {said}")

    def look_into(self, store: Store) -> None:
        """Look at all that a database holds, if it is still there, but the documents."""
        for table in METADATA.sorted_tables:
            texts = [column for column in table.c if not isinstance(column.type, LargeBinary)]
            columns = [type_coerce(column, NullType()) for column in texts]  # a test may store any value
            with suppress(StoreFailed, SQLAlchemyError), store.reading() as connection:
                self.look(f"the table {table.name}", str(connection.execute(select(*columns)).all()))


@pytest.fixture(autouse=True)
def nobody_is_named(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail the test in which somebody is named in a log, of any level, in an error, or in a database."""
    watch = _Watch()
    made, close = MovehubError.__init__, Store.close

    def watched(error: MovehubError, *args: Any, **kwargs: Any) -> None:
        made(error, *args, **kwargs)
        watch.look(f"the error {type(error).__name__}", f"{error} {error!r}")

    def closed(store: Store) -> None:
        watch.look_into(store)
        close(store)

    monkeypatch.setattr(MovehubError, "__init__", watched)
    monkeypatch.setattr(Store, "close", closed)
    level = logging.root.level
    logging.root.setLevel(logging.DEBUG)
    logging.root.addHandler(watch)
    yield
    logging.root.removeHandler(watch)
    logging.root.setLevel(level)
    if "names_somebody" not in request.keywords:
        assert not watch.found, "\n".join(watch.found)
