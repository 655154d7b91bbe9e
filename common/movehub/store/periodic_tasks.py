"""Periodic tasks: work that one process does once in an interval, whichever comes first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from movehub.store.tables import SLOT, micros


def claim_periodic_task(connection: Connection, name: str, now: datetime, every: timedelta) -> bool:
    """Claim a periodic task: return True for one caller per interval, over all processes."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    following = micros(now + every)
    claimed = (
        dialect.insert(SLOT)
        .values(name=name, next_at=following)
        .on_conflict_do_update(
            index_elements=[SLOT.c.name], set_={"next_at": following}, where=SLOT.c.next_at <= micros(now)
        )
        .returning(SLOT.c.name)
    )
    return connection.execute(claimed).first() is not None
