"""The tables and their columns. `migrations` creates them, and queries use the names defined here.

The columns `document` contain personal data in clear, and retention empties them (Annex VII). The rows of
notified licences are personal data, too, and retention deletes them. The other columns of a message name no
person, but its identifiers and exact instants lead to the same message in the logs of the hub and of the
other state. So they are pseudonymous (2016/679, Article 4 (5)), and retention removes the row later.
Identifiers are stored in lower case, because UUIDs compare without regard to case. Both databases store
instants as microseconds since 1970 in UTC. Python sees aware datetimes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.types import TypeDecorator

from movehub.protocol.member_states import sent_as
from movehub.protocol.message import ErrorNotification, Message
from movehub.protocol.workflow import HEARTBEAT, answer_to, workflow_of

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

#: An instant that lies further in the future was written while a clock was wrong.
AHEAD: Final = timedelta(days=1)


def micros(instant: datetime) -> int:
    """Return an aware instant as the database stores it."""
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(stored: int) -> datetime:
    """Return a stored instant as a datetime in UTC."""
    return _EPOCH + stored * _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware datetime in Python, microseconds since 1970 in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        """Return the value to store. Raises TypeError for an instant without a time zone."""
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Return the instant in UTC."""
        return None if value is None else instant_of(value)


class Kind(StrEnum):
    """The kind of a received message: it decides how the node treats it."""

    #: A search. An answer is useful until its deadline, and useless afterwards.
    QUERY = "query"
    #: An event that the register has to record, however late.
    NOTIFICATION = "notification"
    #: The hub checks that the node answers (Annex VI, 1.2). The register never sees it.
    HEARTBEAT = "heartbeat"
    #: An answer or acknowledgement to a message of ours.
    ANSWER = "answer"
    #: An ErrorNotification. It has no answer.
    ERROR = "error"


class Received(StrEnum):
    """The state of a received message.

    `expired`: by law its time is over. `failed`: every attempt failed, and an operator can retry it.
    `parked`: a dead letter, which belongs to no conversation, so that an operator has to look at it.
    """

    RECEIVED = "received"
    PROCESSING = "processing"
    PROCESSED = "processed"
    EXPIRED = "expired"
    FAILED = "failed"
    PARKED = "parked"


class Sending(StrEnum):
    """The kind of an outgoing message: a request of ours (rate-limited), or an answer to a received one."""

    REQUEST = "request"
    ANSWER = "answer"


class Sent(StrEnum):
    """The state of an outgoing message.

    `unknown`: it left, but may not have arrived. `expired`: its time was over before it left completely.
    `refused`: the other side rejected it.
    """

    PREPARED = "prepared"
    SENDING = "sending"
    DELIVERED = "delivered"
    ANSWERED = "answered"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REFUSED = "refused"


class Conversation(StrEnum):
    """The state of a conversation: waiting for an answer, or with one."""

    OPEN = "open"
    ANSWERED = "answered"


class LaterResponse(StrEnum):
    """The state of the response that follows a notification days or weeks later: see `late_responses`.

    `expected`: the notification is not recorded yet, or not acknowledged. `due`: it is owed by us, or awaited
    from the other state. `given`: the other side has it. `none`: the notification was refused or not
    delivered, so it has no response. `settled`: an operator ended the wait.
    """

    EXPECTED = "expected"
    DUE = "due"
    GIVEN = "given"
    NONE = "none"
    SETTLED = "settled"


METADATA: Final = MetaData()


def _texts(names: str) -> list[Column[Any]]:
    """Return columns of text that are never empty, by their names."""
    return [Column(name, String, nullable=False) for name in names.split()]


def _work() -> list[Column[Any]]:
    """Return the columns of work that is claimed, tried and retried. `reason` is a text of this library."""
    return [
        Column("state", String, nullable=False),
        Column("attempts", Integer, nullable=False, default=0),
        Column("next_attempt_at", Instant, nullable=False),
        Column("lease_owner", String),
        Column("lease_until", Instant),
        Column("reason", String),
        Column("done_at", Instant),
    ]


def _message() -> list[Column[Any]]:
    """Return the columns of every message, received or sent. Retention sets `document` to `None`."""
    return [
        Column("technical_id", String, primary_key=True),
        *_texts("workflow_id system root kind from_code to_code"),
        Column("sent_at", Instant, nullable=False),
        Column("digest", String, nullable=False),
        Column("document", LargeBinary),
    ]


#: Received messages: one row a technical identifier. `peer` is the name on the sender's certificate.
INBOX: Final = Table(
    "inbox",
    METADATA,
    *_message(),
    Column("peer", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("answer_by", Instant),
    *_work(),
)

#: Outgoing messages. `in_reply_to` is unique: a request has one answer, which never changes. `outcome` and
#: `states` are the result of a request by its answer, and the states that it names, separated by blanks.
#: `status` is that of an answer of ours, as the statistics count it.
OUTBOX: Final = Table(
    "outbox",
    METADATA,
    *_message(),
    Column("in_reply_to", String, unique=True),
    Column("status", String),
    Column("prepared_at", Instant, nullable=False),
    Column("not_after", Instant),
    Column("answered_by", String),
    Column("outcome", String),
    Column("states", String),
    *_work(),
)

#: Conversations, from their first message on. A late answer finds its request here, even weeks later. The
#: columns `response` are empty if no response follows the acknowledgement. `response_at` is by our clock.
WORKFLOW: Final = Table(
    "workflow",
    METADATA,
    Column("system", String, primary_key=True),
    Column("workflow_id", String, primary_key=True),
    Column("opened_by_us", Boolean, nullable=False),
    *_texts("partner root"),
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("request", String, nullable=False),
    Column("answer", String),
    Column("state", String, nullable=False),
    Column("response", String),
    Column("response_due", Instant),
    Column("response_at", Instant),
)

#: Escalations (Annex VI, 2.2). `times` counts repetitions while the entry is open. The SQL table and the
#: metrics keep the name of earlier releases, so that older nodes on the same database, and dashboards, go on
#: working.
ESCALATIONS: Final = Table(
    "attention",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("times", Integer, nullable=False, default=1),
    *_texts("reason detail system"),
    Column("technical_id", String),
    Column("workflow_id", String),
    Column("done_at", Instant),
    Column("done_by", String),
)

#: Statistics: one row a request, until the sums of its month replace it (2016/68, Annex VII; 2016/480, VII).
#: All instants are by our clock. `at`: when a request arrived here, or was prepared here. `request`: the
#: technical identifier of a received request, so that its answer is counted when it was delivered.
STATISTIC: Final = Table(
    "statistic",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    *_texts("system from_code to_code root status"),
    Column("at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("kind", String, nullable=False),
    Column("request", String),
)

#: The sums of the requests of an old month: anonymous and permanent. Times are in milliseconds.
MONTH_REQUESTS: Final = Table(
    "month_requests",
    METADATA,
    *[
        Column(name, String, primary_key=True)
        for name in ("month", "system", "from_code", "to_code", "root", "status", "kind")
    ],
    *[Column(name, BigInteger, nullable=False) for name in ("times", "responses", "response_ms", "in_time")],
    Column("slowest_ms", BigInteger),
)

#: An old month: the hour from which it counts, its length and downtime in microseconds, if known, and our
#: responses to the MCS requests of the month.
MONTH: Final = Table(
    "month",
    METADATA,
    Column("month", String, primary_key=True),
    Column("began_at", Instant, nullable=False),
    Column("of_us", BigInteger),
    Column("down_us", BigInteger),
    *[Column(name, BigInteger, nullable=False) for name in ("mcs_requests", "mcs_in_time", "mcs_late")],
)

#: The access journal. Each line contains the digest of the line before it.
JOURNAL: Final = Table(
    "journal",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    *_texts("actor access system"),
    Column("technical_id", String),
    Column("workflow_id", String),
    *_texts("previous digest"),
)

#: The last line that retention removed from the journal, and its digest: the journal begins after it. At most
#: one row.
JOURNAL_START: Final = Table(
    "journal_start",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    *_texts("digest seal"),
)

#: When something may start again: the next request to a system's hub (Annex VI), and each periodic task.
SLOT: Final = Table(
    "slot",
    METADATA,
    Column("name", String, primary_key=True),
    Column("next_at", BigInteger, nullable=False),
)

#: Driving licences of the own state on which another state has issued a card (2016/68, Annex VIII, 1.4): what
#: a search needs and no more. `licence_number` has letters and digits alone, `date_of_birth` is `YYYY-MM-DD`.
NOTIFIED_LICENCE: Final = Table(
    "notified_licence",
    METADATA,
    Column("technical_id", String, primary_key=True),
    *_texts("notified_by card_number licence_number"),
    Column("family_name_key", String),
    Column("first_name_key", String),
    Column("date_of_birth", String),
    Column("recorded_at", Instant, nullable=False),
)

#: The version of the database: the number of migrations that were done. One row.
VERSION: Final = Table("version", METADATA, Column("number", Integer, nullable=False))


def message_columns(system: str, message: Message[Any], document: bytes) -> dict[str, Any]:
    """Return the values of the columns that all messages have, except `kind`."""
    header = message.header
    return {
        "technical_id": str(header.technical_id).lower(),
        "workflow_id": str(header.workflow_id).lower(),
        "system": system,
        "root": message.body.root,
        "from_code": sent_as(header.from_),
        "to_code": sent_as(header.to),
        "sent_at": header.sent_at,
        "digest": sha256(document).hexdigest(),
        "document": document,
    }


def kind_of(message: Message[Any]) -> Kind:
    """Return the kind of a received message."""
    body = message.body
    if isinstance(body, ErrorNotification):
        return Kind.ERROR
    if answer_to(body.root) is None:
        return Kind.ANSWER
    if getattr(body, "request_purpose", None) == HEARTBEAT:
        return Kind.HEARTBEAT
    workflow = workflow_of(body.root)
    return Kind.NOTIFICATION if workflow is not None and workflow.notifies else Kind.QUERY
