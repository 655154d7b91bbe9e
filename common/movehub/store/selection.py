"""Which escalations or failed messages an operator means: by reason, kind, system and time.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 2.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Column, ColumnElement, and_, exists, func, true

from movehub.store.escalations import Reason
from movehub.store.tables import ESCALATIONS, INBOX, Kind, Received

#: If you resolve such an entry, a response that is owed is given up, or personal data are removed.
BY_NAME: Final = (Reason.RESPONSE_DUE, Reason.KEPT_TOO_LONG)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is meant. Without any value, everything is.

    `reason` is that of an open escalation, `kind` that of the received message. The time is from `since` on
    and `before` another instant: when the problem first came up, or when the message came.
    """

    reason: Reason | None = None
    kind: Kind | None = None
    system: str = ""
    since: datetime | None = None
    before: datetime | None = None

    def escalations(self) -> ColumnElement[bool]:
        """Select open escalations."""
        columns = ESCALATIONS.c
        wanted: list[ColumnElement[bool]] = [columns.done_at.is_(None)]
        if self.reason is not None:
            wanted.append(columns.reason == self.reason)
        if self.kind is not None:
            about_it = INBOX.c.technical_id == columns.technical_id
            wanted.append(exists().where(about_it, INBOX.c.kind == self.kind))
        return and_(*wanted, *self._of(columns.system, columns.at))

    def resolvable(self) -> ColumnElement[bool]:
        """Select open escalations without those whose end has an effect, unless their reason is given."""
        if self.reason is not None:
            return self.escalations()
        return self.escalations() & ESCALATIONS.c.reason.not_in(BY_NAME)

    def failed_messages(self) -> ColumnElement[bool]:
        """Select received messages that have failed and can be retried."""
        columns = INBOX.c
        wanted = [columns.state == Received.FAILED, columns.document.is_not(None)]
        if self.kind is not None:
            wanted.append(columns.kind == self.kind)
        if self.reason is not None:
            about_it = ESCALATIONS.c.technical_id == columns.technical_id
            is_open = ESCALATIONS.c.done_at.is_(None)
            wanted.append(exists().where(about_it, is_open, ESCALATIONS.c.reason == self.reason))
        return and_(*wanted, *self._of(columns.system, columns.received_at))

    def _of(self, system: Column[str], at: Column[datetime]) -> Iterator[ColumnElement[bool]]:
        yield func.lower(system) == self.system.lower() if self.system else true()
        if self.since is not None:
            yield at >= self.since
        if self.before is not None:
            yield at < self.before
