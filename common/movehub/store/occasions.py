"""What is to be done once in a while, by whichever process comes to it first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from movehub.store.tables import SLOT, micros


def take(connection: Connection, name: str, now: datetime, every: timedelta) -> bool:
    """Return whether it is time for `name`; then it is not, for anybody, until `every` has passed."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    following = micros(now + every)
    taken = (
        dialect.insert(SLOT)
        .values(name=name, next_at=following)
        .on_conflict_do_update(
            index_elements=[SLOT.c.name], set_={"next_at": following}, where=SLOT.c.next_at <= micros(now)
        )
        .returning(SLOT.c.name)
    )
    return connection.execute(taken).first() is not None
