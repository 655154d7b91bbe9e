"""The receiver: a document is read, validated and stored, and only then acknowledged.

    gate → schema → one row a technical identifier, committed → 202 (asynchronous interface)
                    (and the acknowledgement with it)         → the answer (synchronous interface)

Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, 1.1; Annex VI (no message may be lost). Answers and
ErrorNotifications are stored in the same way. A worker or the correlator then claims the row.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from movehub.codec.codec import Codec
from movehub.errors import AnswerPending, IdentifierReused, MovehubError, StoreFailed, TheirFault
from movehub.log_limit import alike, limited
from movehub.node.receipts import acknowledged
from movehub.protocol.message import Header, Message
from movehub.responder import Responder
from movehub.store import Store, inbox, outbox
from movehub.store.changes import Change, make
from movehub.store.clock_skew import skew, watch
from movehub.store.escalations import Reason, escalate
from movehub.store.journal import collected
from movehub.store.statistics import answered_by_us
from movehub.store.tables import Kind, kind_of
from movehub.store.wakeups import Topic

_LOG = limited(__name__)

#: How long an answer may take if the hub sets no deadline: 2016/68, Annex VI, 1.5; 2016/480, Annex VI, 1.5.1.
ANSWER_WITHIN: Final = timedelta(seconds=10)
#: A sender's clock further ahead, or a deadline further away, is not believed (inferred).
CLOCKS_APART: Final = timedelta(seconds=30)
LONGEST_DEADLINE: Final = timedelta(seconds=60)
#: A request is not delayed for longer: its sender's clock is wrong (inferred).
LONGEST_DELAY: Final = timedelta(days=30)

#: How long the workers leave a request of the synchronous interface to the thread that received it. If that
#: process dies, they process the request then: a notification must not be lost.
_SYNCHRONOUS_FOR: Final = timedelta(seconds=60)

#: Seconds between two polls for an answer of another process.
_POLL: Final = 0.1

#: The threads to wake for a message of each kind.
_TOPICS: Final = {
    Kind.QUERY: Topic.QUERY,
    Kind.HEARTBEAT: Topic.QUERY,
    Kind.NOTIFICATION: Topic.NOTIFICATION,
    Kind.ANSWER: Topic.ANSWER,
    Kind.ERROR: Topic.ANSWER,
}


class Receiver:
    """Stores the documents of one system. If `synchronous`, the workers leave its requests alone.

    `receipts` acknowledges notifications when they are stored. Without it, the workers acknowledge them after
    the register: see `movehub.node.receipts`.
    """

    def __init__(
        self, store: Store, codec: Codec, *, synchronous: bool = False, receipts: Responder | None = None
    ) -> None:
        self._store = store
        self._codec = codec
        self._synchronous = synchronous
        self._receipts = None if receipts is None else receipts.by_clock(store.now)

    def receive(self, data: bytes, peer: str = "") -> Message[Any]:
        """Store a document, and return its message once it is on the disk.

        Raises TheirFault if it cannot be read (then nothing is stored), IdentifierReused if its identifier
        came with other bytes before, StoreFailed if it could not be stored.
        """
        message = self._decoded(data, peer)
        now, kind = self._store.now(), kind_of(message)
        receipt = self._receipts.receipt(message) if self._receipts and kind is Kind.NOTIFICATION else None
        set_aside = self._synchronous and kind in inbox.REQUESTS and receipt is None
        deadline = _answer_by(message.header, now) if kind in inbox.REQUESTS else None
        row, changes = inbox.new_message(
            self._codec.system,
            message,
            data,
            now=now,
            answer_by=deadline if receipt is None else None,
            peer=peer,
            due_in=_SYNCHRONOUS_FOR if set_aside else timedelta(0),
        )
        changes += collected(self._store.journal, row)
        if receipt is not None:
            changes += acknowledged(
                self._store, row, changes, receipt, until=deadline, at_once=self._synchronous
            )
        topic = None if set_aside else _TOPICS[kind]
        try:
            self._stored(message.header, changes, now, topic)
        except inbox.AlreadyStored:
            self._refuse_another(row, now, topic)
        if receipt is not None:
            self._store.notify(Topic.TO_DELIVER)
        return message

    def accept(self, data: bytes, peer: str = "") -> bytes:
        """Receive a document of the asynchronous interface, which returns nothing. Raises as `receive`."""
        self.receive(data, peer)
        return b""

    def _decoded(self, data: bytes, peer: str) -> Message[Any]:
        """Return the message in a document. If it cannot be read, escalate: else only its sender knows."""
        try:
            return self._codec.decode(data)
        except TheirFault as error:
            kind, now = type(error).__name__, self._store.now()
            _LOG.warning("a document of %r is rejected: %s", peer, error, extra=alike(kind))
            with suppress(StoreFailed):
                self._store.write(
                    lambda connection: escalate(
                        connection, Reason.UNREADABLE, kind, now=now, system=self._codec.system
                    )
                )
            raise

    def _stored(self, header: Header, changes: list[Change], now: datetime, topic: Topic | None) -> None:
        if skew(header, now) is None:
            self._store.record(*changes, notify=topic)
            return

        def with_escalation(connection: Connection) -> None:
            make(connection, changes)
            watch(connection, self._codec.system, header, now)

        self._store.write(with_escalation, notify=topic)

    def _refuse_another(self, row: dict[str, Any], now: datetime, topic: Topic | None) -> None:
        """Raise IdentifierReused if another message came with a known identifier. A duplicate is fine."""

        def looked(connection: Connection) -> bool:
            if inbox.is_duplicate(connection, row, now):
                return True
            escalate(
                connection,
                Reason.IDENTIFIER_REUSED,
                "a second document has the technical identifier of one that was received",
                now=now,
                system=row["system"],
                technical_id=row["technical_id"],
            )
            return False

        if not self._store.write(looked, notify=topic):
            raise IdentifierReused("another document came with this technical identifier")


def _answer_by(header: Header, now: datetime) -> datetime:
    """Return until when an answer is of use: the hub's deadline, unless the clocks are too far apart.

    A deadline of weeks ago comes from a wrong clock, and the law's 10 seconds count from now. A deadline that
    has just passed is that of a delayed message.
    """
    deadline = header.timeout_value
    if deadline is None:
        return now + ANSWER_WITHIN
    too_far = deadline > now + LONGEST_DEADLINE or deadline < now - LONGEST_DELAY
    odd = header.sent_at > now + CLOCKS_APART or deadline < header.sent_at or too_far
    return now + ANSWER_WITHIN if odd and (too_far or deadline <= now) else deadline


class SynchronousReceiver:
    """The synchronous interface: a document in, its answer out on the same connection, both stored.

    `work_on` processes one stored message, and returns False if another worker has it: then its answer is
    awaited for up to `patience` seconds. The same document again gets the same bytes as its answer.
    """

    def __init__(
        self, receiver: Receiver, store: Store, work_on: Callable[[str], bool], *, patience: float = 5.0
    ) -> None:
        self._receiver = receiver
        self._store = store
        self._work_on = work_on
        self._patience = patience

    def accept(self, data: bytes, peer: str = "") -> bytes:
        """Return the answer, empty for a message that asks for no answer. Raises as `Receiver.receive`."""
        message = self._receiver.receive(data, peer)
        if kind_of(message) not in inbox.REQUESTS:
            return b""
        technical_id = str(message.header.technical_id).lower()
        answer = self._answer(technical_id)
        if answer is None:
            has_worked = self._work_on(technical_id)
            answer = self._awaited(technical_id, 0.0 if has_worked else self._patience)
        if answer is None:
            raise AnswerPending("this message has no answer yet")
        then = partial(_logged, technical_id)
        self._store.record_soon(*answered_by_us(answer, self._store.now()), then=then)
        document: bytes = answer["document"]
        return document

    def _awaited(self, technical_id: str, seconds: float) -> Mapping[str, Any] | None:
        ending, wakeup = time.monotonic() + seconds, self._store.wakeups[Topic.TO_DELIVER]
        while True:
            count, answer = wakeup.count, self._answer(technical_id)
            if answer is not None or time.monotonic() >= ending:
                return answer
            wakeup.wait(count, _POLL)

    def _answer(self, technical_id: str) -> Mapping[str, Any] | None:
        with self._store.reading() as connection:
            return outbox.answer_to(connection, technical_id)


def _logged(technical_id: str, error: BaseException | None) -> None:
    """Log that an answer was handed over, and that the statistics count it as not delivered."""
    if error is not None:
        kind = error if isinstance(error, MovehubError) else type(error).__name__
        _LOG.warning("%s: the delivery of its answer was not counted: %s", technical_id, kind)
