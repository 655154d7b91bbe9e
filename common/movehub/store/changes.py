"""Rows to write, as values: what many ask for at the same moment becomes few statements.

A database takes longer to be told of a row than to write it, so rows that are written alike go together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from .tables import JOURNAL, micros

# Without the option PostgreSQL's count is kept for updates alone.
_COUNTED: Final = {"preserve_rowcount": True}
#: The option of a connection that has the lines which its transaction is to append to the journal.
LINES: Final = "movehub_lines"
#: Before the names of the columns that a row is known by.
_OF: Final = "of_"


@dataclass(frozen=True, slots=True)
class Change:
    """One row to insert; or, where `of` has the columns to know it by, to update.

    An insert does nothing where the row is there already. Where that, or an update that meets no row, must
    not be, `unless` makes the error that is raised.
    """

    table: Table
    values: dict[str, Any]
    of: dict[str, Any] | None = None
    unless: Callable[[], Exception] | None = None

    @property
    def alike(self) -> tuple[Any, ...]:
        """What changes have in common that go together."""
        of = None if self.of is None else tuple(self.of)
        return self.table, tuple(self.values), of, self.unless is not None


def make(connection: Connection, changes: Iterable[Change]) -> None:
    """Make changes in a transaction of a store's, those that are alike together.

    A line of the journal is kept for the transaction's end, since all others that append wait from then on.
    Raises what the first `unless` makes where one of them meets too few rows, or too many.
    """
    options = connection.get_execution_options()
    now: list[Change] = []
    for change in changes:
        if change.table is JOURNAL:
            options[LINES].append(change.values)
        else:
            now.append(change)
    write(connection, now)


def write(connection: Connection, changes: Iterable[Change]) -> None:
    """Make changes now, whatever they are. Raises as `make` does."""
    together: dict[tuple[Any, ...], list[Change]] = {}
    for change in changes:
        together.setdefault(change.alike, []).append(change)
    for (table, names, of, _), alike in together.items():
        words, order = _statement(table, names, of, connection.dialect)
        rows = [_as_kept(each, order) for each in alike]
        done = connection.exec_driver_sql(words, rows, execution_options=_COUNTED)
        unless = alike[0].unless
        if unless is not None and done.rowcount != len(alike):
            raise unless()


def _as_kept(change: Change, order: list[str] | None) -> Any:
    """Return what a statement is executed with as the driver takes it: in an order, or by names."""
    kept = dict(change.values)
    for name, value in (change.of or {}).items():
        kept[_OF + name] = value
    for name, value in kept.items():
        if isinstance(value, datetime):
            kept[name] = micros(value)
    return kept if order is None else tuple([kept[name] for name in order])


# SQLAlchemy takes longer over a statement than the database does, so its words are kept.
@lru_cache(maxsize=256)
def _statement(
    table: Table, names: tuple[str, ...], of: tuple[str, ...] | None, dialect: Any
) -> tuple[str, list[str] | None]:
    """Return a statement in the words of a database, and the order of its parameters if they have one."""
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    statement: Any
    if of is None:
        insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        statement = insert(table).values(values).on_conflict_do_nothing()
    else:
        known_by = (table.c[name] == bindparam(_OF + name) for name in of)
        statement = update(table).where(*known_by).values(values)
    compiled = statement.compile(dialect=dialect)
    return str(compiled), compiled.positiontup
