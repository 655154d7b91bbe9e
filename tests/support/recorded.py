"""What a node's steps left in journal and statistics, for a test to compare."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from movehub.actor import actor
from movehub.store.journal import check
from movehub.store.statistics import rows
from movehub.store.tables import JOURNAL
from sqlalchemy import select

from tests.support.examples import NOW
from tests.support.nodes import Parts

#: The line of a request that a test has posted, and of its courier.
POSTED: Final = ("communicated", actor())
LEFT: Final = ("communicated", "courier")


def journal(node: Parts) -> list[tuple[str, str]]:
    """Return access and actor of each line."""
    with node.store.reading() as connection:
        assert check(node.store.journal, connection).whole
        wanted = select(JOURNAL.c.access, JOURNAL.c.actor).order_by(JOURNAL.c.seq)
        return [tuple(row) for row in connection.execute(wanted)]


def statistics(node: Parts) -> list[tuple[str, str, str, str, timedelta | None]]:
    with node.store.reading() as connection:
        found = rows(connection, NOW - timedelta(days=1), NOW + timedelta(days=1), node.clock())
        return [(each.from_code, each.to_code, each.kind, each.status, each.response) for each in found]
