"""Whether a partner's clock and ours agree, as far as a message can tell; and the database's and ours.

`sentAt` is of its sender, `timeoutValue` of the hub, which waits 20 seconds in all (2016/68, Annex VI, 1.6;
2016/480, 1.5.2). A message that is late proves nothing: it may have been held up. One from the future does.

Nodes that share a PostgreSQL have to agree, too: a lease ends by the clock of whoever looks, and one whose
clock is ahead would take work from the others. So each compares its own with the database's.
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
from movehub.store.engine import Store
from movehub.store.escalations import Reason, call_for
from movehub.store.pace import clock_of, take
from movehub.store.tables import instant_of

_LOG = logging.getLogger(__name__)

#: How far two clocks may be apart. Half of the 10 seconds of the law, so it shows before answers are late.
TOLERANCE: Final = timedelta(seconds=5)
#: How long the hub waits in all.
_LONGEST: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Skew:
    """Whose clock is not ours, and what shows it. `by` is how far, at least."""

    partner: str
    what: str
    by: timedelta


def skew(header: Header, received_at: datetime, tolerance: timedelta = TOLERANCE) -> Skew | None:
    """Compare a header with our clock at its arrival. None where they can be of one mind."""
    ahead = header.sent_at - received_at
    if ahead > tolerance:
        return Skew(header.from_, "sentAt is in our future", ahead)
    timeout = header.timeout_value
    if timeout is None:
        return None
    if header.sent_at > timeout:
        return Skew(HUB, "timeoutValue lies before sentAt", header.sent_at - timeout)
    if timeout - received_at > _LONGEST + tolerance:
        return Skew(
            HUB, "timeoutValue is further off than the hub may wait", timeout - received_at - _LONGEST
        )
    if received_at - timeout > tolerance:
        return Skew(
            HUB, "timeoutValue was over on arrival: held up, or our clock is ahead", received_at - timeout
        )
    return None


def watch(
    connection: Connection,
    system: str,
    header: Header,
    received_at: datetime,
    tolerance: timedelta = TOLERANCE,
) -> Skew | None:
    """Compare, and ask for a person where the clocks differ: once a partner and day."""
    found = skew(header, received_at, tolerance)
    if found is None:
        return None
    if take(connection, f"clock {found.partner}", received_at, timedelta(days=1)):
        call_for(
            connection,
            Reason.CLOCK,
            f"{found.partner}: {found.what}, by {found.by.total_seconds():.0f} s",
            now=received_at,
            system=system,
            technical_id=str(header.technical_id).lower(),
        )
    return found


def refuse_another_clock(store: Store) -> None:
    """Raise InvalidConfiguration where the database's clock is not ours. For the start of a node."""
    apart = _apart(store)
    if apart > TOLERANCE:
        raise InvalidConfiguration(
            f"the clocks of this machine and of the database are {apart.total_seconds():.0f} s apart, so that"
            " nodes would take work from each other: set both by NTP"
        )


def watch_the_database(store: Store) -> None:
    """Ask for a person where the database's clock is not ours any more: once a day."""
    apart, now = _apart(store), store.now()
    if apart <= TOLERANCE:
        return
    said = f"the database: its clock and that of this machine are {apart.total_seconds():.0f} s apart"
    _LOG.warning(said)

    def called(connection: Connection) -> None:
        if take(connection, "clock of the database", now, timedelta(days=1)):
            call_for(connection, Reason.CLOCK, said, now=now, system="")

    store.write(called)


def _apart(store: Store) -> timedelta:
    """Return how far the two are apart at least. An SQLite has no other clock than ours."""
    if not store.shared:
        return timedelta(0)
    with store.reading() as connection:
        clock_of(connection)  # so that what is measured is no opening of a connection
        before = store.now()
        there = instant_of(clock_of(connection))
        after = store.now()
    return max(before - there, there - after, timedelta(0))
