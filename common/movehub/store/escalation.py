"""The queue of what needs a person, as that person reads it: reason, point of law, what to do, and done.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 2.2. `attention` puts entries in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from movehub.records.values import write_instant
from movehub.store.escalations import Reason
from movehub.store.remedies import REMEDIES
from movehub.store.tables import ATTENTION


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at. `times` says how often it has come up since `at`."""

    id: int
    reason: Reason
    detail: str
    at: datetime
    last_at: datetime
    times: int
    system: str
    technical_id: str | None
    workflow_id: str | None

    def plain(self) -> dict[str, Any]:
        """Return it as plain data, with what the law says and what to do."""
        remedy = REMEDIES[self.reason]
        return {
            "id": self.id,
            "reason": self.reason.value,
            "detail": self.detail,
            "since": write_instant(self.at),
            "last": write_instant(self.last_at),
            "times": self.times,
            "system": self.system,
            "technical_id": self.technical_id,
            "workflow_id": self.workflow_id,
            "article": remedy.article,
            "do": remedy.do,
        }


def open_items(connection: Connection) -> list[Item]:
    """Return what nobody has done yet, the oldest first."""
    rows = select(ATTENTION).where(ATTENTION.c.done_at.is_(None)).order_by(ATTENTION.c.at, ATTENTION.c.id)
    return [_item(row) for row in connection.execute(rows).mappings()]


def open_counts(connection: Connection) -> dict[Reason, int]:
    """Return how many items are open for each reason, those without any among them."""
    counted = select(ATTENTION.c.reason, func.count()).where(ATTENTION.c.done_at.is_(None))
    found = {row[0]: row[1] for row in connection.execute(counted.group_by(ATTENTION.c.reason))}
    return {reason: found.get(reason.value, 0) for reason in Reason}


def done(connection: Connection, number: int, *, by: str, at: datetime) -> bool:
    """Mark an item as done, and by whom. False where none of that number is open."""
    mark = update(ATTENTION).where(ATTENTION.c.id == number, ATTENTION.c.done_at.is_(None))
    return connection.execute(mark.values(done_at=at, done_by=by)).rowcount == 1


def _item(row: Any) -> Item:
    names = ("id", "detail", "at", "last_at", "times", "system", "technical_id", "workflow_id")
    return Item(reason=Reason(row["reason"]), **{name: row[name] for name in names})
