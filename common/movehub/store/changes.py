"""Rows to write, as values: what many ask for at the same moment becomes few statements.

A database takes longer to be told of a row than to write it, so rows that are written alike go together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite


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

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statement is executed with."""
        of = self.of or {}
        return self.values | {f"of_{name}": value for name, value in of.items()}


def make(connection: Connection, changes: Iterable[Change]) -> None:
    """Make changes in the transaction given, those that are alike together.

    Raises what the first `unless` makes where one of them meets too few rows, or too many.
    """
    together: dict[tuple[Any, ...], list[Change]] = {}
    for change in changes:
        together.setdefault(change.alike, []).append(change)
    for (table, names, of, _), alike in together.items():
        statement = _statement(table, names, of, connection.dialect.name)
        done = connection.execute(statement, [each.parameters for each in alike])
        unless = alike[0].unless
        if unless is not None and done.rowcount != len(alike):
            raise unless()


@cache  # to build one takes longer than to execute it
def _statement(table: Table, names: tuple[str, ...], of: tuple[str, ...] | None, database: str) -> Executable:
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    if of is not None:
        return update(table).where(*(table.c[name] == bindparam(f"of_{name}") for name in of)).values(values)
    dialect = postgresql if database == "postgresql" else sqlite
    # Without the option PostgreSQL's count is kept for updates alone.
    inserting = dialect.insert(table).values(values).on_conflict_do_nothing()
    counted: Executable = inserting.execution_options(preserve_rowcount=True)
    return counted
