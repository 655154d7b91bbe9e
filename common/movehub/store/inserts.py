"""An insert that does nothing where the row is there already, in the words of either database."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row, and return whether it is new: no unique column has its value yet."""
    inserting = _inserting(table, frozenset(values), connection.dialect.name)
    return connection.execute(inserting, values).rowcount == 1


@cache
def _inserting(table: Table, names: frozenset[str], database: str) -> Executable:
    dialect = postgresql if database == "postgresql" else sqlite
    insert = dialect.insert(table).values({name: bindparam(name) for name in names})
    # Without the option PostgreSQL's count is kept for updates alone.
    counted: Executable = insert.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return counted
