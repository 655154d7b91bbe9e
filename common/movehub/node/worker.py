"""Doing what received messages ask for, and keeping the one answer to each.

The answer is kept in the transaction that marks the message processed: both, or neither. A register whose
tables are in the node's database joins it with `movehub.store.transaction()`, and then each message has its
effect exactly once. Any other register is asked at least once; `technicalId` tells it what it did already.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 1.5 (time to answer) and 2.2 (errors).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from movehub.errors import LeaseLost, MovehubError, RegisterFailed, StoreFailed
from movehub.node.work_queue import Desk
from movehub.protocol.message import ErrorNotification, Message
from movehub.responder import Reply, Responder
from movehub.store import Store, inbox, outbox, workflows
from movehub.store.changes import Change, make
from movehub.store.escalations import Reason, escalate, escalate_message
from movehub.store.group_commit import Record
from movehub.store.journal import delivered, worked_on
from movehub.store.leases import Claim
from movehub.store.statistics import answered_by_us
from movehub.store.tables import Kind, Received, Sent
from movehub.store.wakeups import Topic

_LOG = logging.getLogger(__name__)

#: How long to wait before the register is asked again.
RETRIES: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 45))
#: How often a message may end the process that works on it, before it is left to a person.
_MOST_CLAIMS: Final = 10
#: How long an ErrorNotification is worth sending: its receiver learns that a notification was not processed.
_ERRORS_KEEP: Final = timedelta(hours=1)


class Worker:
    """Works on the received messages of some kinds, of all systems that a node serves.

    `desk` has what is to be done; `answers` is that of the couriers, where an answer goes straight to if it
    has a place. `on_the_spot`: the answer goes back on the connection that brought the message, and nothing
    is tried again later. `soon`: it goes on to the next message while the results of this one are written.
    """

    def __init__(
        self,
        store: Store,
        responders: Mapping[str, Responder],
        desk: Desk,
        *,
        answers: Desk | None = None,
        on_the_spot: bool = False,
        soon: bool = False,
    ) -> None:
        self._store = store
        self._responders = {name: each.by_clock(store.now) for name, each in responders.items()}
        self._desk = desk
        self._answers = answers
        self._on_the_spot = on_the_spot
        self._soon = soon

    def step(self) -> bool:
        """Work on the message that is due the longest, and return whether there was one."""
        return self._worked_on(self._desk.take())

    def work_on(self, technical_id: str) -> None:
        """Work on one message now, unless somebody else does."""
        self._worked_on(self._desk.take_only(technical_id))

    def _worked_on(self, claim: Claim | None) -> bool:
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
        responder = self._responders[claim["system"]]
        document, now = claim["document"], self._store.now()
        if claim["kind"] != Kind.NOTIFICATION and claim["answer_by"] <= now:
            self._store.write(lambda connection: self._expired(connection, claim, now))
            return
        request = claim.message or responder.codec.decode(document)
        try:
            if claim["attempts"] > _MOST_CLAIMS:
                raise RegisterFailed("the process ended each time that it worked on this", again=False)
            if self._desk.hangs(claim):  # it would hold up one thread after the other
                raise RegisterFailed("the register has not come back from this message", again=False)
            with self._store.unit() as unit:
                reply = responder.reply(request, document)
                if unit.begun:
                    self._joined(unit.connection, claim, reply)
        except RegisterFailed as error:
            failed = error
        else:
            if unit.begun:
                self._call_courier()
            else:
                self._processed(claim, reply)
            return
        _LOG.error("%s: %s", claim["technical_id"], failed.reason)
        self._store.write(lambda connection: self._failed(connection, claim, responder, request, failed))
        self._call_courier()

    def _call_courier(self) -> None:
        """Say that there is an answer to deliver."""
        if self._answers is not None:
            self._answers.look()
        else:
            self._store.ring(Topic.TO_DELIVER)

    def _joined(self, connection: Connection, claim: Claim, reply: Reply) -> None:
        """Mark a message processed in the transaction that its register has begun."""
        first = outbox.answer_given(connection, claim["technical_id"]) is None
        make(connection, self._changes(claim, reply, self._answer(claim, reply) if first else None))

    def _processed(self, claim: Claim, reply: Reply) -> None:
        """Mark a message processed, and hand its answer to a courier once both are on the disk."""
        desk = self._answers
        token = desk.promise() if desk is not None else None
        placed = desk.work.placed(self._store.now(), token) if desk is not None and token else None
        answer = self._answer(claim, reply, placed)

        def then(error: BaseException | None) -> Record | None:
            if desk is not None and token is not None and error is None:
                desk.hand_over(Claim(answer.values, token))
                return None
            if desk is not None and token is not None and isinstance(error, StoreFailed):
                desk.doubt(answer.values["technical_id"], token)
            elif desk is not None and token is not None:
                desk.break_promise()
            return self._ended(claim, reply, error)

        recorded = self._store.record_soon(*self._changes(claim, reply, answer), then=then)
        if not self._soon:
            with suppress(Exception):  # `then` was told
                recorded.wait()

    def _ended(self, claim: Claim, reply: Reply, error: BaseException | None) -> Record | None:
        """Ring for a courier; or see what is to be done where a message could not be marked processed."""
        if error is None:
            self._call_courier()
        elif isinstance(error, outbox.AnswerStands):
            return self._store.record_soon(*self._changes(claim, reply, None))
        else:  # the lease runs out, and then it is taken up again
            kind = error if isinstance(error, MovehubError) else type(error).__name__
            _LOG.warning("%s: what became of it was not kept: %s", claim["technical_id"], kind)
        return None

    def _changes(self, claim: Claim, reply: Reply, answer: Change | None) -> list[Change]:
        """Return what is to be kept of a message that was processed. No answer: it has one, which stands."""
        now = self._store.now()
        changes = [inbox.settled(claim, Received.PROCESSED, now=now)]
        if answer is not None:
            of_it = answer.values["technical_id"]
            changes += [answer, workflows.answered(claim["system"], claim["workflow_id"], of_it, now)]
            changes += answered_by_us(claim.row, reply.message, now)
            if self._on_the_spot:
                changes += delivered(self._store.journal, {**claim.row, "technical_id": of_it})
        return changes + worked_on(self._store.journal, claim.row)

    def _answer(self, claim: Claim, reply: Reply, placed: dict[str, Any] | None = None) -> Change:
        """Return what keeps the answer. On the spot it counts as delivered."""
        now, is_error = self._store.now(), isinstance(reply.message.body, ErrorNotification)
        return outbox.answering(
            claim["system"],
            reply.message,
            reply.document,
            in_reply_to=claim["technical_id"],
            now=now,
            not_after=now + _ERRORS_KEEP if is_error else claim["answer_by"],
            placed={"state": Sent.DELIVERED} if self._on_the_spot else placed,
        )

    def _expired(self, connection: Connection, claim: Claim, now: datetime) -> None:
        """Let a search go whose asker waits no more: an answer would only be taken for another's."""
        reason = "its deadline had passed"
        if outbox.answer_given(connection, claim["technical_id"]) is not None:  # it failed, and came again
            make(connection, [inbox.settled(claim, Received.FAILED, now=now, reason=reason)])
            return
        settled = inbox.settled(claim, Received.EXPIRED, now=now, reason=reason)
        make(connection, [settled, *answered_by_us(claim.row, None, now)])
        escalate(
            connection, Reason.TOO_LATE, "a query was not answered in time", now=now, system=claim["system"]
        )

    def _failed(
        self,
        connection: Connection,
        claim: Claim,
        responder: Responder,
        request: Message[Any],
        failed: RegisterFailed,
    ) -> None:
        now = self._store.now()
        again = now + RETRIES[claim["attempts"] - 1] if claim["attempts"] <= len(RETRIES) else None
        in_time = claim["kind"] == Kind.NOTIFICATION or (again is not None and again < claim["answer_by"])
        if failed.again and again is not None and in_time and not self._on_the_spot:
            make(connection, [inbox.postponed(claim, again, failed.reason)])
            return
        changes = [inbox.settled(claim, Received.FAILED, now=now, reason=failed.reason)]
        reply = responder.failure(request, claim["document"])
        if outbox.answer_given(connection, claim["technical_id"]) is None:
            changes += [self._answer(claim, reply), *answered_by_us(claim.row, reply.message, now)]
        make(connection, changes)
        escalate_message(connection, Reason.REGISTER_FAILED, failed.reason, claim, now)
