"""An insert that does nothing where the row is there already, in the words of either database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row, and return whether it is new: no unique column has its value yet."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    inserting = dialect.insert(table).values(values).on_conflict_do_nothing()
    # Without the option the count is kept for updates alone, on PostgreSQL.
    return connection.execute(inserting, execution_options={"preserve_rowcount": True}).rowcount == 1
