"""Clocks: whether a partner's clock agrees with ours, as far as a message can show, and the database's clock.

The sender sets `sentAt`. The hub sets `timeoutValue`, and waits 20 seconds in all (2016/68, Annex VI, 1.5;
2016/480, Annex VI, 1.5.2). A late message proves no error, because something may have delayed it. A message
from the future proves one.

Nodes that share a PostgreSQL database must agree, too. Each node judges by its own clock whether a lease has
ended, so a node whose clock is ahead would take work from the others. Each node therefore compares its clock
with the database's.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from movehub.errors import InvalidConfiguration
from movehub.protocol.message import Header
from movehub.protocol.workflow import HUB
from movehub.store.databases import database_clock
from movehub.store.engine import Store
from movehub.store.escalations import Reason, escalate
from movehub.store.periodic_tasks import claim_periodic_task
from movehub.store.tables import instant_of

_LOG = logging.getLogger(__name__)

#: How far two clocks may differ: half of the law's 10 seconds, so that it shows before answers are late.
TOLERANCE: Final = timedelta(seconds=5)
#: How long the hub waits in all.
_LONGEST: Final = timedelta(seconds=20)
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Skew:
    """A partner's clock that differs from ours, the evidence, and the least possible difference."""

    partner: str
    what: str
    by: timedelta


def skew(header: Header, received_at: datetime) -> Skew | None:
    """Compare a header with our clock at its arrival. Return `None` if both clocks can be right."""
    ahead = header.sent_at - received_at
    if ahead > TOLERANCE:
        return Skew(header.from_, "sentAt is in our future", ahead)
    timeout = header.timeout_value
    if timeout is None:
        return None
    if header.sent_at > timeout:
        return Skew(HUB, "timeoutValue lies before sentAt", header.sent_at - timeout)
    if timeout - received_at > _LONGEST + TOLERANCE:
        too_far = timeout - received_at - _LONGEST
        return Skew(HUB, "timeoutValue is later than the hub may wait", too_far)
    if received_at - timeout > TOLERANCE:
        too_late = received_at - timeout
        return Skew(
            HUB, "timeoutValue was over on arrival: the message was delayed, or our clock is ahead", too_late
        )
    return None


def watch(connection: Connection, system: str, header: Header, received_at: datetime) -> None:
    """Compare a header with our clock, and escalate a difference: once a day for each partner."""
    found = skew(header, received_at)
    if found is not None and claim_periodic_task(connection, f"clock {found.partner}", received_at, _A_DAY):
        escalate(
            connection,
            Reason.CLOCK,
            f"{found.partner}: {found.what}, by {found.by.total_seconds():.0f} s",
            now=received_at,
            system=system,
            technical_id=str(header.technical_id).lower(),
        )


def check_database_clock(store: Store) -> None:
    """Raise InvalidConfiguration if our clock and the database's differ. Call it when a node starts."""
    apart = _apart(store)
    if apart > TOLERANCE:
        raise InvalidConfiguration(
            f"the clocks of this machine and of the database are {apart.total_seconds():.0f} s apart, so that"
            " nodes would take work from each other: set both clocks by NTP"
        )


def watch_database_clock(store: Store) -> None:
    """Escalate a difference between our clock and the database's: once a day."""
    apart, now = _apart(store), store.now()
    if apart <= TOLERANCE:
        return
    detail = f"the database: its clock and that of this machine are {apart.total_seconds():.0f} s apart"
    _LOG.warning(detail)

    def once_a_day(connection: Connection) -> None:
        if claim_periodic_task(connection, "clock of the database", now, _A_DAY):
            escalate(connection, Reason.CLOCK, detail, now=now, system="")

    store.write(once_a_day)


def _apart(store: Store) -> timedelta:
    """Return the least possible difference between the two clocks. SQLite uses our clock."""
    if not store.shared:
        return timedelta(0)
    with store.reading() as connection:
        database_clock(connection)  # open the connection now, so that the measurement does not include it
        before = store.now()
        there = instant_of(database_clock(connection))
        after = store.now()
    return max(before - there, there - after, timedelta(0))
