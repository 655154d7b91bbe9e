"""The responder: a document in, the document of its answer out, without I/O.

::

    decode → is it for us? → heartbeat? → the register → answer, validated

If the register fails, the answer is an ErrorNotification `ServerError`, never "not found": an outage clears
no person. If the document is not a message of the system, `handle` raises, and `endpoint` answers in HTTP.

Everything that can be checked is checked before the register is called, and settings when a responder is
made. Otherwise a notification could be stored and then answered with an error, and would be sent again.

A register is code of your own, and not every mistake in it raises: a coroutine that is never awaited stores
no data, and a text instead of a record would be sent as the answer of the state. `stored` and `expected`
check the values that its methods return.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeVar

from movehub.codec.codec import Codec
from movehub.errors import (
    InvalidConfiguration,
    InvalidOutgoing,
    LeaseLost,
    NotCorrelated,
    RegisterFailed,
    StoreFailed,
)
from movehub.log_limit import alike, limited
from movehub.protocol.exchange import Exchange
from movehub.protocol.member_states import sent_as
from movehub.protocol.message import Body, ErrorNotification, ErrorStatus, Header, Message
from movehub.protocol.notified_licence import NotifiedLicence
from movehub.protocol.rules import waivers
from movehub.protocol.workflow import BROADCAST, HEARTBEAT, HUB, answer_to
from movehub.records.values import Uuid

_LOG = limited(__name__)

#: Makes the body of an answer from a request and the own code.
Handler = Callable[[Message[Any], str], Body]

#: Reads from a request and its answer which licence a node must record, if any.
Notified = Callable[[Message[Any], Body], NotifiedLicence | None]

#: Exceptions that end a script, a server or a generator that calls `handle`.
_ENDS = KeyboardInterrupt, SystemExit, GeneratorExit

_INVALID: Final = "the register's data do not make a valid answer"
#: The next step for the register's operator, who reads the error in the log or as an escalation.
_CORRECT: Final = " Correct the register or its data: until then the asker gets ServerError"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, or the ErrorNotification in its place, its document, and what a node must record with it."""

    message: Message[Any]
    document: bytes
    notified: NotifiedLicence | None = None


class Responder:
    """Answers the requests of one system for one Member State.

    `handlers` ask the register. `heartbeats` answer without it, so that heartbeats never become cases.
    `specimen` makes an answer with the settings in it, which is validated at once. `answers_to` is the
    receiver of answers if it is not the requester. `on_error` is called with each ErrorNotification that
    arrives. `notified` reads what a node records besides the register (2016/68, Annex VIII, 1.4).

    Raises InvalidConfiguration if the Member State does not take part, or an edition does not accept the
    specimen.
    """

    def __init__(
        self,
        codec: Codec,
        exchange: Exchange,
        handlers: Mapping[type[Body], Handler],
        heartbeats: Mapping[type[Body], Handler],
        *,
        specimen: Callable[[], Body],
        answers_to: str | None = None,
        on_error: Callable[[Message[ErrorNotification]], None] | None = None,
        notified: Notified | None = None,
    ) -> None:
        self.codec: Final = codec
        #: The Member State and edition of the answers.
        self.exchange = exchange
        self._handlers = handlers
        self._heartbeats = heartbeats
        self._answers_to = answers_to
        self._on_error = on_error
        self._notified = notified
        self._receipts: Mapping[type[Body], Handler] = {}
        self._despite: frozenset[str] = frozenset()
        codec.check_participant(exchange.code)
        self._try_out(specimen)

    def _try_out(self, specimen: Callable[[], Body]) -> None:
        try:
            for edition in self.codec.editions:
                own = replace(self.exchange, edition=edition)
                asked = Header(
                    version=edition.version,
                    technical_id=Uuid.new(),
                    workflow_id=Uuid.new(),
                    sent_at=own.now(),
                    from_=HUB,
                    to=own.code,
                )
                body = specimen()
                self.codec.encode(own.answer(Message(header=asked, body=body), body, to=self._answers_to))
            return
        except InvalidOutgoing as error:
            reason = f"{error.where}: {error.reason}" if error.where.path else error.reason
        except (TypeError, ValueError) as error:
            reason = str(error)
        raise InvalidConfiguration(f"no answer can be made with these settings: {reason}")

    def by_clock(self, now: Callable[[], datetime]) -> Responder:
        """Return this responder with another clock for `sentAt`."""
        other = copy(self)
        other.exchange = replace(self.exchange, now=now)
        return other

    def acknowledging(self, receipts: Mapping[type[Body], Handler]) -> Responder:
        """Return this responder with the answers that say only that a message arrived: see `receipt`."""
        other = copy(self)
        other._receipts = receipts
        return other

    def waiving(self, despite: Iterable[str]) -> Responder:
        """Return this responder for a register whose answers may break these rules: see `Codec.encode`.

        Raises InvalidConfiguration if a rule cannot be waived.
        """
        other = copy(self)
        other._despite = waivers(self.codec.system, self.codec.rules, despite)
        return other

    def handle(self, data: bytes) -> bytes:
        """Return the answer to a document. Raises TheirFault if it cannot be answered.

        An exception of the register becomes an answer. Only KeyboardInterrupt, SystemExit and GeneratorExit
        are raised again, as they end the program. `reply` does not raise them: they must not end a node.
        """
        request = self.codec.decode(data)
        if isinstance(request.body, ErrorNotification):
            self._report(request)
            self._hand_over(request)
            return b""
        try:
            return self._reply(request, data, leaving=_ENDS).document
        except RegisterFailed as error:
            _LOG.error("%s", error.reason, extra=alike(error.reason.partition(":")[0]))
        return self.failure(request, data).document

    def reply(self, request: Message[Any], data: bytes) -> Reply:
        """Return the answer, or a refusal. Raises RegisterFailed if the register fails or its data do."""
        return self._reply(request, data)

    def _reply(
        self, request: Message[Any], data: bytes, *, leaving: tuple[type[BaseException], ...] = ()
    ) -> Reply:
        self._report(request)
        exchange = self.codec.answering(self.exchange, request)
        refusal = self._refusal(exchange, request)
        if refusal is not None:
            return self._written(exchange.error(request, ErrorStatus.INVALID_DATA, refusal, data))
        try:
            answer = self._answer(exchange, request)
            notified = None if self._notified is None else self._notified(request, answer.body)
            return replace(self._written(answer), notified=notified)
        except InvalidOutgoing as error:
            failed = RegisterFailed(f"{_INVALID}: {error}{_CORRECT}", again=False)
        except (StoreFailed, LeaseLost):
            raise  # an error of the node's database, not of the register
        except leaving:
            raise
        except BaseException as error:  # noqa: BLE001 - asyncio's CancelledError is no Exception, and a failure
            # Only the type: the message of the exception may quote a person.
            failed = RegisterFailed(f"the register failed with {type(error).__name__}", again=True)
        raise failed  # outside: the register's own error must not come along as context

    def receipt(self, request: Message[Any]) -> Reply | None:
        """Return the acknowledgement of a notification before the register has it.

        None if the answer depends on the register, if the message is refused, or if no valid acknowledgement
        can be made: `reply` tells why.
        """
        make = self._receipts.get(type(request.body))
        exchange = self.codec.answering(self.exchange, request)
        if make is None or _is_heartbeat(request) or self._refusal(exchange, request) is not None:
            return None
        try:
            return self._written(self._answer_by(make, exchange, request))
        except Exception:  # noqa: BLE001 - `complete` is code of yours; the message must be stored all the same
            return None

    def failure(self, request: Message[Any], data: bytes) -> Reply:
        """Return the answer if the register failed: ErrorNotification `ServerError`."""
        said = "The request could not be processed"
        return self._written(
            self.codec.answering(self.exchange, request).error(request, ErrorStatus.SERVER_ERROR, said, data)
        )

    def _written(self, message: Message[Any]) -> Reply:
        return Reply(message, self.codec.encode(message, despite=self._despite))

    def _report(self, request: Message[Any]) -> None:
        for rule in self.codec.reported(request):
            _LOG.warning("a received message breaks %s", rule, extra=alike(rule.id))

    def _hand_over(self, error: Message[ErrorNotification]) -> None:
        """Pass an ErrorNotification on to `on_error` (Annex VI, 2.2). It is never answered.

        Raises NotCorrelated if it is for another state: the sender must know that it was misdirected.
        """
        if not self._is_for_us(error):
            raise NotCorrelated("the ErrorNotification is for another state")
        status = error.body.status_code.value
        _LOG.warning("received ErrorNotification %s", status, extra=alike(status))
        if self._on_error is not None:
            self._on_error(error)  # if it raises, the endpoint does not answer 202

    def _refusal(self, exchange: Exchange, request: Message[Any]) -> str | None:
        header, body = request.header, request.body
        if not self._is_for_us(request):
            return "The message is for another state"
        if sent_as(header.from_) in {exchange.code, BROADCAST}:
            return "The message is not from a state that can be answered"
        if answer_to(body.root) is None or type(body) not in self._handlers:
            return "The message is not a request"
        if _is_heartbeat(request) and (header.from_ != HUB or type(body) not in self._heartbeats):
            return "A heartbeat comes from the hub"
        return None

    def _is_for_us(self, message: Message[Any]) -> bool:
        return sent_as(message.header.to) in {self.exchange.code, BROADCAST}

    def _answer(self, exchange: Exchange, request: Message[Any]) -> Message[Any]:
        handlers = self._heartbeats if _is_heartbeat(request) else self._handlers
        return self._answer_by(handlers[type(request.body)], exchange, request)

    def _answer_by(self, handler: Handler, exchange: Exchange, request: Message[Any]) -> Message[Any]:
        body = handler(request, exchange.code)
        if body.root != answer_to(request.body.root) or body.repeated() != request.body.repeated():
            raise InvalidOutgoing("the answer is not to the request")
        return self.codec.repeating(exchange.answer(request, body, to=self._answers_to), request)


def _is_heartbeat(request: Message[Any]) -> bool:
    return getattr(request.body, "request_purpose", None) == HEARTBEAT


def stored(returned: object) -> None:
    """Check that a method that stores or raises has returned None. Raises InvalidOutgoing otherwise."""
    expected(returned, type(None))


def expected(returned: T, *kinds: type) -> T:
    """Return the value of a method if it has one of these types. Raises InvalidOutgoing otherwise."""
    if isinstance(returned, kinds):
        return returned
    wanted = " or ".join("None" if kind is type(None) else kind.__name__ for kind in kinds)
    found = type(returned).__name__
    if inspect.iscoroutine(returned):
        returned.close()  # otherwise Python warns later, far from here, that it was never awaited
        found = "a coroutine: its methods are called, and not awaited"
    raise InvalidOutgoing(f"a method of the register must return {wanted}, and returned {found}")
