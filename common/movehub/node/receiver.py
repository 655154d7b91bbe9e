"""Taking in: read and validated, then on the disk, and only then said to be received.

    gate → schema → one row a technical identifier, committed → 202 (asynchronous interface)
                                                              → the answer (synchronous interface)

Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, 1.1; Annex VI (no message may be lost). All messages are
taken in, answers and ErrorNotifications too; what becomes of them is decided afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection

from movehub.codec.codec import Codec
from movehub.errors import AnswerPending, IdentifierReused, StoreFailed, TheirFault
from movehub.node.work_queue import Desk
from movehub.protocol.message import Header, Message
from movehub.store import Store, inbox, outbox
from movehub.store.changes import Change, make
from movehub.store.clock_skew import skew, watch
from movehub.store.escalations import Reason, escalate
from movehub.store.journal import collected
from movehub.store.leases import Claim
from movehub.store.tables import Kind, kind_of
from movehub.store.wakeups import Topic

_LOG = logging.getLogger(__name__)

#: How long an answer may take where the hub set no time: 2016/68 Annex VI, 1.5; 2016/480 Annex VI, 1.5.1.
ANSWER_WITHIN: Final = timedelta(seconds=10)
#: How far a peer's clock may be ahead, and a deadline away, before somebody should look (inferred).
CLOCKS_APART: Final = timedelta(seconds=30)
LONGEST_DEADLINE: Final = timedelta(seconds=60)

#: How long a message of the synchronous interface is left to whoever brought it. What that one did not bring
#: to its end, as the process died, is worked on then: a notification must not be lost.
_ASIDE: Final = timedelta(seconds=60)

#: What is worth an answer.
_ASKING: Final = frozenset({Kind.QUERY, Kind.NOTIFICATION, Kind.HEARTBEAT})

#: Who is woken when a message came.
_TOPICS: Final = {
    Kind.QUERY: Topic.QUERY,
    Kind.HEARTBEAT: Topic.QUERY,
    Kind.NOTIFICATION: Topic.NOTIFICATION,
    Kind.ANSWER: Topic.ANSWER,
    Kind.ERROR: Topic.ANSWER,
}


class Receiver:
    """Takes in the documents of one system.

    `on_the_spot`: who brought a request waits for its answer, so that the workers leave it alone for a while.
    Otherwise what came goes to one of the `desks`, where there is a place.
    """

    def __init__(
        self,
        store: Store,
        codec: Codec,
        *,
        on_the_spot: bool = False,
        desks: Mapping[Kind, Desk] = MappingProxyType({}),
    ) -> None:
        self._store = store
        self._codec = codec
        self._on_the_spot = on_the_spot
        self._desks = desks

    def receive(self, data: bytes, peer: str = "") -> Message[Any]:
        """Return the message in a document, once it is on the disk.

        Raises TheirFault for what cannot be read (nothing is kept then), IdentifierReused where its
        identifier had other bytes, StoreFailed where it could not be kept.
        """
        message = self._decoded(data, peer)
        kind = kind_of(message)
        desk = self._desks.get(kind)
        token = desk.promise() if desk is not None else None
        if desk is None or token is None:
            self._kept(message, data, peer)
            if not self._is_aside(kind):
                self._store.ring(_TOPICS[kind])
            return message
        try:
            row = self._kept(message, data, peer, desk.work.placed(self._store.now(), token))
        except StoreFailed:
            desk.doubt(str(message.header.technical_id).lower(), token)
            raise
        except BaseException:
            desk.break_promise()
            raise
        if row is None:
            desk.break_promise()
            desk.free_doubted()  # it may be this one
        else:
            desk.hand_over(Claim(row, token, message))
        return message

    def accept(self, data: bytes, peer: str = "") -> bytes:
        """Receive a document of the asynchronous interface, which returns nothing. Raises as `receive`."""
        self.receive(data, peer)
        return b""

    def _decoded(self, data: bytes, peer: str) -> Message[Any]:
        """Return what a document says; where it cannot be read, its sender alone would know of it."""
        try:
            return self._codec.decode(data)
        except TheirFault as error:
            _LOG.warning("a document of %r is refused: %s", peer, error)
            kind, now = type(error).__name__, self._store.now()
            with suppress(StoreFailed):
                self._store.write(
                    lambda connection: escalate(
                        connection, Reason.UNREADABLE, kind, now=now, system=self._codec.system
                    )
                )
            raise

    def _is_aside(self, kind: Kind) -> bool:
        return self._on_the_spot and _TOPICS[kind] is not Topic.ANSWER

    def _kept(
        self, message: Message[Any], data: bytes, peer: str, placed: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """Return the row of a document that is new, None where it was kept before. Raises as `receive`."""
        now, system, kind = self._store.now(), self._codec.system, kind_of(message)
        answer_by = _answer_by(message.header, now) if kind in _ASKING else None
        row, changes = inbox.kept(
            system,
            message,
            data,
            now=now,
            answer_by=answer_by,
            peer=peer,
            aside=_ASIDE if self._is_aside(kind) else timedelta(0),
            placed=placed,
        )
        changes += collected(self._store.journal, row)
        try:
            if skew(message.header, now) is None:
                self._store.record(*changes)
            else:
                self._store.write(lambda connection: self._odd(connection, message, changes, now))
        except inbox.AlreadyKept:
            self._came_again(row, now)
            return None
        return row

    def _odd(
        self, connection: Connection, message: Message[Any], changes: list[Change], now: datetime
    ) -> None:
        make(connection, changes)
        watch(connection, self._codec.system, message.header, now)

    def _came_again(self, row: dict[str, Any], now: datetime) -> None:
        """Look whether the bytes are those that are known. Raises IdentifierReused where they are others."""
        if self._store.write(lambda connection: self._is_the_same(connection, row, now)):
            return
        raise IdentifierReused("another document came with this technical identifier")

    def _is_the_same(self, connection: Connection, row: dict[str, Any], now: datetime) -> bool:
        if inbox.again(connection, row, now):
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


def _answer_by(header: Header, now: datetime) -> datetime:
    """Return until when an answer is worth sending: the hub's word, unless the clocks are too far apart."""
    deadline = header.timeout_value
    if deadline is None:
        return now + ANSWER_WITHIN
    too_far = deadline > now + LONGEST_DEADLINE
    odd = header.sent_at > now + CLOCKS_APART or deadline < header.sent_at or too_far
    return now + ANSWER_WITHIN if odd and (too_far or deadline <= now) else deadline


class Answering:
    """The synchronous interface: a document in, kept; its answer out, kept, on the same connection.

    `work_on` does the work of one kept message; the same document again is answered with the same bytes.
    """

    def __init__(self, receiver: Receiver, store: Store, work_on: Callable[[str], None]) -> None:
        self._receiver = receiver
        self._store = store
        self._work_on = work_on

    def accept(self, data: bytes, peer: str = "") -> bytes:
        """Return the answer, nothing where there is none to give. Raises as `Receiver.receive`."""
        message = self._receiver.receive(data, peer)
        if kind_of(message) in {Kind.ANSWER, Kind.ERROR}:
            return b""
        technical_id = str(message.header.technical_id).lower()
        given = self._given(technical_id)
        if given is None:
            self._work_on(technical_id)
            given = self._given(technical_id)
        if given is None:
            raise AnswerPending("there is no answer to this message yet")
        return given

    def _given(self, technical_id: str) -> bytes | None:
        with self._store.reading() as connection:
            return outbox.answer_given(connection, technical_id)
