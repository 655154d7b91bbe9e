"""The law's rate limit: one national system may send at most two requests a second.

Regulation (EU) 2016/68, Annex VI, 1.7; Regulation (EU) 2016/480, Annex VI, 1.6. The limit applies to the
whole state. If several processes send, give each its share.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from movehub.errors import InvalidConfiguration

#: Annex VI: requests a second from one national system.
MOST_PER_SECOND: Final = 2.0
#: One request an hour. A lower setting is surely a mistake in the unit.
LEAST_PER_SECOND: Final = 1 / 3600


class RateLimit:
    """Lets requests start one at a time, at even intervals. One thread at a time may wait.

    Raises InvalidConfiguration above two requests a second (the law) and below one an hour.
    """

    def __init__(
        self,
        per_second: float = MOST_PER_SECOND,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not LEAST_PER_SECOND <= per_second <= MOST_PER_SECOND:
            raise InvalidConfiguration(
                "a state may send two requests a second at most, and the lowest rate limit is one an hour"
            )
        self._apart = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._next = clock()

    def wait(self) -> None:
        """Wait until the next request may start."""
        while (left := self._next - self._clock()) > 0:
            self._sleep(left)
        self._next = self._clock() + self._apart
