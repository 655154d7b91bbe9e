"""The tables. `migrations` makes them; this is how queries name them.

Personal data stand in the columns `document` alone, and retention empties those (Annex VII). Identifiers are
kept in lower case, since a UUID compares without regard to it. Instants are microseconds since 1970, in UTC,
in both databases alike; Python sees aware datetimes.

What of a message stands in columns of its own. Nothing that could tell who it is about.
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

#: An instant further ahead of now than this was written while a clock was wrong.
AHEAD: Final = timedelta(days=1)


def micros(instant: datetime) -> int:
    """Return an aware instant as the database keeps it."""
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(kept: int) -> datetime:
    """Return an instant in UTC from what the database keeps."""
    return _EPOCH + kept * _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware datetime in Python, microseconds since 1970 in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        """Return what the database keeps. Raises TypeError for an instant without its zone."""
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Return the instant in UTC."""
        return None if value is None else instant_of(value)


class Kind(StrEnum):
    """What a received message asks of us."""

    #: A search. Worth an answer until its deadline, and nothing after it.
    QUERY = "query"
    #: Something that happened and has to be recorded, however late.
    NOTIFICATION = "notification"
    #: The hub looks whether we are there (Annex VI, 1.2); it never reaches the register.
    HEARTBEAT = "heartbeat"
    #: An answer or acknowledgement to a message of ours.
    ANSWER = "answer"
    #: An ErrorNotification; it is never answered.
    ERROR = "error"


class Received(StrEnum):
    """How far a received message has come. `parked` waits for a person, `expired` came to nothing by law."""

    RECEIVED = "received"
    PROCESSING = "processing"
    PROCESSED = "processed"
    EXPIRED = "expired"
    FAILED = "failed"
    PARKED = "parked"


class Sending(StrEnum):
    """What an outgoing message is: a request of ours (paced), or an answer to one that came."""

    REQUEST = "request"
    ANSWER = "answer"


class Sent(StrEnum):
    """How far an outgoing message has come.

    `unknown`: it left, and nobody knows what became of it. `expired`: its time was up, and it surely never
    left whole. `refused`: the other side said no.
    """

    PREPARED = "prepared"
    SENDING = "sending"
    DELIVERED = "delivered"
    ANSWERED = "answered"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REFUSED = "refused"


class Conversation(StrEnum):
    """A workflow: waiting for an answer, or with one."""

    OPEN = "open"
    ANSWERED = "answered"


METADATA: Final = MetaData()


def _work() -> list[Column[Any]]:
    """Return the columns of work that is claimed, tried, and tried again. `reason` is in words of ours."""
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
    """Return the columns of every message, received or sent. `document` is None once retention removed it."""
    return [
        Column("technical_id", String, primary_key=True),
        Column("workflow_id", String, nullable=False),
        Column("system", String, nullable=False),
        Column("root", String, nullable=False),
        Column("kind", String, nullable=False),
        Column("from_code", String, nullable=False),
        Column("to_code", String, nullable=False),
        Column("sent_at", Instant, nullable=False),
        Column("digest", String, nullable=False),
        Column("document", LargeBinary),
    ]


#: What came in: one row a technical identifier. `peer` is the name on the certificate that brought it.
INBOX: Final = Table(
    "inbox",
    METADATA,
    *_message(),
    Column("peer", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("answer_by", Instant),
    *_work(),
)

#: What goes out. `in_reply_to` is unique: one answer a request, and it never changes.
OUTBOX: Final = Table(
    "outbox",
    METADATA,
    *_message(),
    Column("in_reply_to", String, unique=True),
    Column("prepared_at", Instant, nullable=False),
    Column("not_after", Instant),
    Column("answered_by", String),
    *_work(),
)

#: Conversations, from their first message on; late answers find theirs here weeks later.
WORKFLOW: Final = Table(
    "workflow",
    METADATA,
    Column("system", String, primary_key=True),
    Column("workflow_id", String, primary_key=True),
    Column("opened_by_us", Boolean, nullable=False),
    Column("partner", String, nullable=False),
    Column("root", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("request", String, nullable=False),
    Column("answer", String),
    Column("state", String, nullable=False),
)

#: What needs a person (Annex VI, 2.2). `times` counts what is the same again while nobody has looked.
ATTENTION: Final = Table(
    "attention",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("times", Integer, nullable=False, default=1),
    Column("reason", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("system", String, nullable=False),
    Column("technical_id", String),
    Column("workflow_id", String),
    Column("done_at", Instant),
    Column("done_by", String),
)

#: Anonymous, and kept for good (2016/68, Annex VII; 2016/480, Annex VII).
STATISTIC: Final = Table(
    "statistic",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("system", String, nullable=False),
    Column("from_code", String, nullable=False),
    Column("to_code", String, nullable=False),
    Column("root", String, nullable=False),
    Column("status", String, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("response_ms", BigInteger),
    Column("kind", String, nullable=False),
)

#: Who had access to what, each line bound to the one before by its digest.
JOURNAL: Final = Table(
    "journal",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("access", String, nullable=False),
    Column("system", String, nullable=False),
    Column("technical_id", String),
    Column("workflow_id", String),
    Column("previous", String, nullable=False),
    Column("digest", String, nullable=False),
)

#: Where the journal begins since its oldest lines were removed: the last of those, and its digest. One row,
#: or none.
JOURNAL_START: Final = Table(
    "journal_start",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("digest", String, nullable=False),
    Column("seal", String, nullable=False),
)

#: When the next request towards the hub may start: one row a system (Annex VI).
SLOT: Final = Table(
    "slot",
    METADATA,
    Column("name", String, primary_key=True),
    Column("next_at", BigInteger, nullable=False),
)

#: The one row that says which migrations were done.
VERSION: Final = Table("version", METADATA, Column("number", Integer, nullable=False))


def described(system: str, message: Message[Any], document: bytes) -> dict[str, Any]:
    """Return the columns that messages have, received or sent, all but `kind`."""
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
    """Return what a received message asks of us."""
    body = message.body
    if isinstance(body, ErrorNotification):
        return Kind.ERROR
    if answer_to(body.root) is None:
        return Kind.ANSWER
    if getattr(body, "request_purpose", None) == HEARTBEAT:
        return Kind.HEARTBEAT
    workflow = workflow_of(body.root)
    return Kind.NOTIFICATION if workflow is not None and workflow.notifies else Kind.QUERY
