"""Anchors of the journal in places that the database's administrator cannot change: the log, and the memory.

Without an anchor, a journal that was cut off at its end looks whole, and so does one without a key whose
chain was computed again. So a serving node keeps the last line in memory, compares it with the database a
few minutes later, and logs it once a day. Each process does so for itself: a mark in the database would be
in the hands of whoever changes the journal there. Arrêté of 13 October 2004.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from movehub.store.engine import Store
from movehub.store.escalations import Reason, escalate
from movehub.store.journal import Anchor, Finding, compare
from movehub.store.periods import DEFAULTS, Period

_LOG = logging.getLogger(__name__)
_A_DAY: Final = timedelta(days=1)


class AnchorWatch:
    """Compares the journal with the anchor of the step before, keeps a new one, and logs one a day."""

    def __init__(self, store: Store, period: Period = DEFAULTS.journal) -> None:
        self._store = store
        self._period = period
        self._kept: Anchor | None = None
        self._logged_at: datetime | None = None

    def step(self) -> bool:
        """Compare, escalate a difference, and keep the last line. Return False: there is no more to do."""
        journal, found = self._store.journal, None
        with self._store.reading() as connection:
            if self._kept is not None:
                found = compare(journal, connection, self._kept, self._period)
            last = journal.anchor(connection)
        if found is not None:
            self._report(found)
        self._kept = last
        self._log_daily()
        return False

    def _report(self, found: Finding) -> None:
        now, detail = self._store.now(), str(found)
        _LOG.error("the journal was changed: %s. The anchor before: %s", detail, self._kept)
        self._store.write(lambda c: escalate(c, Reason.JOURNAL_BROKEN, detail, now=now, system=""))

    def _log_daily(self) -> None:
        """Log the anchor as a warning, so that `movehub serve --log-level warning` shows it."""
        now = self._store.now()
        if self._logged_at is None or abs(now - self._logged_at) >= _A_DAY:  # also after a clock was set back
            _LOG.warning("anchor of the journal, for `movehub node journal verify`: %s", self._kept)
            self._logged_at = now
