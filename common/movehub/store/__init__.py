"""The database of a node: messages, conversations, notified licences, escalations, journal and statistics.

All of it survives a power cut. The store uses SQLAlchemy Core over SQLite or PostgreSQL, with the same code
and the same tests for both. `Store` opens it. A register whose tables are in the same database joins the
transaction of its message with `transaction()`. Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI (service
levels, escalation) and Annex VII (statistics, retention). Needs the extra `server`, and also `postgres` for
that database.
"""

from __future__ import annotations

from .changes import Change, make
from .engine import Store, transaction
from .escalations import Escalation, Reason, escalate, open_escalations, resolve
from .journal import Access, Anchor, Entry, Fault, Journal, check
from .monthly_figures import Month
from .notified_licences import FoundBy, FoundNotification, find_notifications
from .operator import StoredMessage, retry_message, show_message
from .rate_limit import SharedRateLimit
from .retention import Bytes, prune
from .selection import Selection
from .tables import (
    ESCALATIONS,
    INBOX,
    JOURNAL,
    METADATA,
    OUTBOX,
    STATISTIC,
    Kind,
    Received,
    Sending,
    Sent,
    kind_of,
)
from .workflows import OpenResponse, Side, open_responses

__all__ = [
    "ESCALATIONS",
    "INBOX",
    "JOURNAL",
    "METADATA",
    "OUTBOX",
    "STATISTIC",
    "Access",
    "Anchor",
    "Bytes",
    "Change",
    "Entry",
    "Escalation",
    "Fault",
    "FoundBy",
    "FoundNotification",
    "Journal",
    "Kind",
    "Month",
    "OpenResponse",
    "Reason",
    "Received",
    "Selection",
    "Sending",
    "Sent",
    "SharedRateLimit",
    "Side",
    "Store",
    "StoredMessage",
    "check",
    "escalate",
    "find_notifications",
    "kind_of",
    "make",
    "open_escalations",
    "open_responses",
    "prune",
    "resolve",
    "retry_message",
    "show_message",
    "transaction",
]
