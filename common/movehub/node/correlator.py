"""Answers and ErrorNotifications that came: each is put to the request of ours that it belongs to.

However late: the workflow identifier tells (Annex III, appendix). What belongs to nothing is parked and
reported, never dropped (Annex VI: unsolicited messages), and an ErrorNotification is never answered. It takes
the place of an answer only until there is one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from movehub.errors import ErrorNotified, LeaseLost, NotCorrelated
from movehub.node.work_queue import Desk
from movehub.protocol.member_states import sent_as
from movehub.protocol.message import ErrorNotification, Message
from movehub.protocol.workflow import HUB, answer_to
from movehub.responder import Responder
from movehub.store import Store, inbox, outbox, workflows
from movehub.store.changes import make
from movehub.store.escalations import Reason, escalate_message, resolve_message
from movehub.store.journal import delivered
from movehub.store.leases import Claim
from movehub.store.statistics import answered_to_us
from movehub.store.tables import INBOX, Kind, Received, Sent
from movehub.store.wakeups import Topic

_LOG = logging.getLogger(__name__)

#: Told of each answer: the system, our request, and the answer (or the ErrorNotification in its place).
OnAnswer = Callable[[str, Message[Any], Message[Any]], None]

#: When an answer is looked at again that `on_answer` could not take.
_AGAIN = timedelta(seconds=15)
#: After so many attempts a person is told. It goes on being tried.
_PATIENCE: Final = 3
#: Requests that are counted already: as not answered, or as answered with an error.
_COUNTED: Final = (Sent.UNKNOWN, Sent.ANSWERED)


#: What was said of a request and is wrong once its answer has come.
_WRONG_NOW: Final = (Reason.NO_ANSWER, Reason.OUTCOME_UNKNOWN)


class Correlator:
    """Works on the answers and errors that came in.

    `on_answer` is called in a unit of work, as a register is: what it writes by `store.transaction()` happens
    once, anything else at least once. Where it raises, the answer stays and is brought again.
    """

    def __init__(
        self,
        store: Store,
        responders: Mapping[str, Responder],
        desk: Desk,
        *,
        on_answer: OnAnswer | None = None,
    ) -> None:
        self._store = store
        self._responders = responders
        self._on_answer = on_answer
        self._desk = desk

    def step(self) -> bool:
        """Work on the answer that is due the longest, and return whether there was one."""
        claim = self._desk.take()
        if claim is None:
            return False
        try:
            self._attempt(claim)
        except LeaseLost as error:
            _LOG.warning("%s: %s", claim["technical_id"], error)
        finally:
            self._desk.let_go(claim)
        return True

    def _attempt(self, claim: Claim) -> None:
        try:
            message = self._responders[claim["system"]].codec.decode(claim["document"])
            with self._store.unit() as unit:
                unit.rings.add(Topic.TICKET)
                request, trouble = self._belonging(unit.connection, claim, message)
                self._settled(unit.connection, claim, message, request, trouble)
                if request is not None and self._on_answer is not None:
                    self._on_answer(claim["system"], request, message)
            return
        except LeaseLost:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it raises, the answer must not be lost
            failed = f"an answer could not be handed over: {type(error).__name__}"
        _LOG.error("%s: %s", claim["technical_id"], failed)
        self._store.write(lambda connection: self._failed(connection, claim, failed))

    def _failed(self, connection: Connection, claim: Claim, failed: str) -> None:
        now = self._store.now()
        make(connection, [inbox.postponed(claim, now + _AGAIN, failed)])
        if claim["attempts"] >= _PATIENCE:
            escalate_message(connection, Reason.REGISTER_FAILED, failed, claim, now)

    def _belonging(
        self, connection: Connection, claim: Claim, message: Message[Any]
    ) -> tuple[Message[Any] | None, Reason | None]:
        """Return the request that a message answers, marked as answered; or why there is none."""
        trouble = Reason.UNSOLICITED
        responder = self._responders[claim["system"]]
        for row in self._open(connection, claim):
            request = responder.codec.decode(row["document"])
            try:
                responder.exchange.check_answer(request, message)
            except NotCorrelated:
                meant = claim["kind"] == Kind.ERROR or _is_kind(request, message)
                trouble = Reason.NOT_CORRELATED if meant else trouble
                continue
            except ErrorNotified:
                pass  # it takes the place of the answer
            now = self._store.now()
            outbox.answered(connection, row["technical_id"], claim["technical_id"], now)
            if row["state"] == Sent.SENDING:  # its courier comes too late to note that it went out
                make(connection, delivered(self._store.journal, row))
            if row["state"] == Sent.UNKNOWN:
                resolve_message(connection, _WRONG_NOW, row["technical_id"], now=now)
            if row["state"] not in _COUNTED:
                make(connection, answered_to_us(row, message, now))
            return request, None
        return None, trouble

    def _open(self, connection: Connection, claim: Claim) -> list[Any]:
        """Return our requests in a workflow that an answer may belong to, those without any answer first."""
        states, is_error = (*outbox.UNANSWERED, Sent.ANSWERED), claim["kind"] == Kind.ERROR
        found = outbox.requests_in(connection, claim["system"], claim["workflow_id"], states)
        found = [row for row in found if row["document"] is not None]
        without = [row for row in found if row["state"] != Sent.ANSWERED]
        ended = [row for row in found if row["state"] == Sent.ANSWERED and not is_error]
        return without + [row for row in ended if _is_error(connection, row["answered_by"])]

    def _settled(
        self,
        connection: Connection,
        claim: Claim,
        message: Message[Any],
        request: Message[Any] | None,
        trouble: Reason | None,
    ) -> None:
        now, system, workflow = self._store.now(), claim["system"], claim["workflow_id"]
        is_error = isinstance(message.body, ErrorNotification)
        if request is not None:
            make(connection, [workflows.answered(system, workflow, claim["technical_id"], now)])
        ours = is_error and trouble is not Reason.NOT_CORRELATED and self._is_for_us(system, message)
        known = request is not None or (ours and workflows.is_known(connection, system, workflow))
        state = Received.PROCESSED if known else Received.PARKED
        make(connection, [inbox.settled(claim, state, now=now, reason=None if known else trouble)])
        if is_error or not known:
            detail = (
                f"ErrorNotification {message.body.status_code.value}"
                if isinstance(message.body, ErrorNotification)
                else f"{message.body.root} fits no message that waits for it"
            )
            reason = Reason.ERROR_NOTIFIED if is_error and known else trouble or Reason.UNSOLICITED
            escalate_message(connection, reason, detail, claim, now)

    def _is_for_us(self, system: str, message: Message[Any]) -> bool:
        return sent_as(message.header.to) in {self._responders[system].exchange.code, HUB}


def _is_error(connection: Connection, answered_by: str) -> bool:
    kind = select(INBOX.c.kind).where(INBOX.c.technical_id == answered_by)
    return connection.execute(kind).scalar_one_or_none() == Kind.ERROR


def _is_kind(request: Message[Any], answer: Message[Any]) -> bool:
    expected: str | None = answer_to(request.body.root)
    return expected is not None and expected == str(answer.body.root)
