"""The journal of what a client does: who sends which message, and who reads which answer.

A line contains the identifiers of a message and the author, and never a person in the message. See
`movehub.store.journal` for the five kinds of access, and `movehub.actor` for the author.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from movehub.errors import StoreFailed
from movehub.log_limit import limited
from movehub.protocol.message import Message
from movehub.store.changes import Change
from movehub.store.engine import Store
from movehub.store.journal import Access, Entry

_LOG = limited(__name__)


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who uses a client of one system, as the journal names them: see `movehub.actor.actor`."""

    store: Store
    system: str
    name: str

    def sent(self, message: Message[Any]) -> Change:
        """Return the change that records that a message was sent, or given to a node to send."""
        return self._noted(Access.COMMUNICATED, message)

    def sends(self, message: Message[Any]) -> None:
        """Record that a message is about to be sent. Raises StoreFailed."""
        self.store.record(self.sent(message))

    def reads(self, message: Message[Any], *, searched: bool = True) -> None:
        """Record that an answer is read. Raises StoreFailed if it is the answer to a search.

        A notification is never sent again because of the journal: its receipt is only logged.
        """
        try:
            self.store.record(self._noted(Access.CONSULTED, message))
        except StoreFailed as error:
            if searched:
                raise
            _LOG.error("the journal has no line about reading %s: %s", message.header.technical_id, error)

    def _noted(self, access: Access, message: Message[Any]) -> Change:
        ids = str(message.header.technical_id).lower(), str(message.header.workflow_id).lower()
        return self.store.journal.noted(Entry(access, self.name, self.system, *ids))
