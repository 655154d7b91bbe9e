"""Tickets: a request is stored, sent later, and its ticket tells what became of it.

    ticket = sender.post(request, to="DK")
    ticket.wait(20)            # the answer
    ticket.outcome             # whether it was delivered, or which states did not answer
    sender.ticket(identifier)  # the same ticket, weeks and restarts later

A courier sends the request, in this process or in another one that shares the database. If the outcome of a
request is unknown, that is escalated, and the request is never repeated.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, 1.1 and Annex VI.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection, select

from movehub.actor import actor
from movehub.codec.codec import Codec
from movehub.errors import (
    AnswerPending,
    ErrorNotified,
    HttpRefused,
    MessageNotFound,
    NotSent,
    OutcomeUnknown,
    TransportError,
)
from movehub.http.transport import LONGEST_WAIT
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Body, ErrorNotification, Message, Request
from movehub.protocol.reply import Reply, states_asked
from movehub.protocol.request_outcome import RequestOutcome
from movehub.protocol.workflow import workflow_of
from movehub.store import Store, outbox
from movehub.store.authors import Author
from movehub.store.changes import make
from movehub.store.tables import INBOX, OUTBOX, Sent
from movehub.store.wakeups import Topic

Answer = TypeVar("Answer", bound=Body)
AnswerT_co = TypeVar("AnswerT_co", bound=Body, covariant=True)

#: Seconds between two polls of the database, for what another process has stored.
_POLL: Final = 0.1


class Sender:
    """Posts the requests of one Member State in one system."""

    def __init__(self, store: Store, codec: Codec, exchange: Exchange) -> None:
        self._store = store
        self._codec = codec
        self._exchange = exchange

    def post(
        self,
        request: Request[Answer],
        to: str,
        *,
        test_id: str | None = None,
        despite: Collection[str] = (),
        by: str | None = None,
    ) -> Ticket[Answer]:
        """Store a request, to be sent as soon as the rate limit allows, and return its ticket.

        A search that cannot be sent within 20 seconds expires; a notification waits as long as it must.
        `despite` names rules that the request may break: see `Codec.encode`. The journal records `by` as its
        author and as the reader of the ticket's answer: see `movehub.actor.actor`.
        Raises OurFault if the request may not be sent, StoreFailed if it could not be stored.
        """
        message = self._exchange.request(request, to, test_id=test_id)
        return self._stored(message, despite, opens=True, by=actor(by))

    def post_response(
        self,
        received: Message[Request[Any]],
        response: Request[Answer],
        *,
        to: str | None = None,
        by: str | None = None,
    ) -> Ticket[Answer]:
        """Store the later response in a workflow that another state opened, in the edition of its request.

        Raises as `post` does.
        """
        exchange = self._codec.answering(self._exchange, received)
        return self._stored(exchange.answer(received, response, to=to), (), opens=False, by=actor(by))

    def ticket(self, technical_id: str, *, by: str | None = None) -> Ticket[Any]:
        """Return the ticket of an earlier request by its technical identifier. Raises MessageNotFound.

        The journal records `by` as the reader of its answer: see `movehub.actor.actor`.
        """
        ticket: Ticket[Any] = Ticket(self._store, self._codec, str(technical_id).lower(), actor(by))
        ticket.state  # noqa: B018 - raises if there is none
        return ticket

    def _stored(
        self, message: Message[Any], despite: Collection[str], *, opens: bool, by: str
    ) -> Ticket[Any]:
        document, now = self._codec.encode(message, despite=despite), self._store.now()
        workflow = workflow_of(message.body.root)
        searches = workflow is not None and not workflow.notifies

        def store(connection: Connection) -> None:
            outbox.store_request(
                connection,
                self._codec.system,
                message,
                document,
                now=now,
                not_after=now + timedelta(seconds=LONGEST_WAIT) if searches else None,
                opens=opens,
            )
            make(connection, [Author(self._store, self._codec.system, by).sent(message)])

        self._store.write(store, notify=Topic.TO_SEND)
        return Ticket(self._store, self._codec, str(message.header.technical_id).lower(), by)


class Ticket(Generic[AnswerT_co]):
    """The state and the answer of one request, read from the database each time."""

    def __init__(self, store: Store, codec: Codec, technical_id: str, by: str) -> None:
        self._store = store
        self._codec = codec
        self._by = by
        self._was_read = False
        #: Pass it to `Sender.ticket` to get this ticket again.
        self.technical_id = technical_id

    @property
    def state(self) -> Sent:
        """The state of the request."""
        return Sent(self._row()["state"])

    @property
    def outcome(self) -> RequestOutcome:
        """What became of the request, with the states that did not answer or do not have it.

        An answer in hand can be one that says that the notification was not delivered, or a search to which
        states did not answer.
        """
        return outbox.outcome_of_row(self._row())

    @property
    def answer(self) -> Reply[AnswerT_co] | None:
        """The answer, None before it has come. Raises ErrorNotified if an ErrorNotification came instead.

        The journal records that it was read, once for each ticket object. Raises StoreFailed if it cannot.
        """
        return self._answer(self._row())

    def wait(self, seconds: float = LONGEST_WAIT) -> Reply[AnswerT_co]:
        """Return the answer as soon as it is there.

        Raises AnswerPending when the seconds are over; OutcomeUnknown, HttpRefused or NotSent if the request
        has failed; ErrorNotified. No error means "not found".
        """
        ending, wakeup = time.monotonic() + seconds, self._store.wakeups[Topic.TICKET]
        while True:
            count, row = wakeup.count, self._row()
            answer = self._answer(row)
            if answer is not None:
                return answer
            if row["state"] in _ENDS:
                raise _ENDS[row["state"]](row)
            left = ending - time.monotonic()
            if left <= 0:
                raise AnswerPending("no answer has come yet", workflow=self._workflow(row))
            wakeup.wait(count, min(left, _POLL))

    def _row(self) -> Mapping[str, Any]:
        asked = select(OUTBOX).where(OUTBOX.c.technical_id == self.technical_id)
        with self._store.reading() as connection:
            row = connection.execute(asked).mappings().one_or_none()
        if row is None:
            raise MessageNotFound("this database has no request with this technical identifier")
        return dict(row)

    def _answer(self, row: Mapping[str, Any]) -> Reply[Any] | None:
        if row["state"] != Sent.ANSWERED:
            return None
        stored = select(INBOX.c.document).where(INBOX.c.technical_id == row["answered_by"])
        with self._store.reading() as connection:
            document = connection.execute(stored).scalar_one()
        if document is None:
            raise AnswerPending("the answer came, and its retention period is over")
        message = self._codec.decode(document)
        if not self._was_read:
            Author(self._store, self._codec.system, self._by).reads(message)
            self._was_read = True
        if isinstance(message.body, ErrorNotification):
            raise ErrorNotified(message.body, workflow=self._workflow(row))
        return Reply.of(message, states_asked(row["to_code"], row["from_code"], self._codec.participants))

    def _workflow(self, row: Mapping[str, Any]) -> str:
        return str(workflow_of(row["root"]) or row["root"])


def _status(reason: str) -> int:
    """Return the status in the reason of an `HttpRefused`, which the outbox stores as text."""
    found = _HTTP_STATUS.search(reason)
    return int(found[0]) if found else HTTPStatus.BAD_REQUEST


_HTTP_STATUS: Final = re.compile(r"(?<=HTTP status )[0-9]{3}")

#: The errors for the final states without an answer.
_ENDS: Final[Mapping[str, Callable[[Mapping[str, Any]], TransportError]]] = {
    Sent.UNKNOWN: lambda row: OutcomeUnknown(row["reason"] or "the outcome is not known"),
    Sent.EXPIRED: lambda row: NotSent(row["reason"] or "it was not sent in time"),
    Sent.REFUSED: lambda row: HttpRefused(_status(row["reason"] or "")),
}
