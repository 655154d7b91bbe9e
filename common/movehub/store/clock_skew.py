"""Whether a partner's clock and ours agree, as far as a message can tell.

`sentAt` is of its sender, `timeoutValue` of the hub, which waits 20 seconds in all (2016/68, Annex VI, 1.6;
2016/480, 1.5.2). A message that is late proves nothing: it may have been held up. One from the future does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from ..message import Header
from ..workflow import HUB
from .attention import Reason, call_for
from .occasions import take

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
