"""The worker: it asks the register what a received message asks for, and stores the one answer.

The answer is stored in the transaction that marks the message as processed: both, or neither. A notified
licence is recorded in it too. If the tables
of a register are in the node's database, it joins that transaction with `movehub.store.transaction()`, and
each message has its effect exactly once. Any other register is asked at least once, and recognises a repeated
message by its `technicalId`.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 1.5 (time to answer) and 2.2 (errors).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from movehub.errors import MovehubError, RegisterFailed
from movehub.node.work_queue import WorkQueue
from movehub.protocol.message import ErrorNotification, Message
from movehub.responder import Reply, Responder
from movehub.store import Store, inbox, notified_licences, outbox, workflows
from movehub.store.changes import Change, make
from movehub.store.escalations import Reason, escalate, escalate_message
from movehub.store.journal import delivered, worked_on
from movehub.store.leases import Claim
from movehub.store.tables import Kind, Received, Sent
from movehub.store.wakeups import Topic

_LOG = logging.getLogger(__name__)

#: The pauses before the register is asked again.
RETRIES: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 45))
#: A message that ends its process more often than this is escalated and not tried again.
_MOST_CLAIMS: Final = 10
#: How long an ErrorNotification is worth sending: its receiver learns that a notification was not processed.
_ERRORS_LAST: Final = timedelta(hours=1)


class Worker:
    """Processes the messages of one queue, for all systems of a node.

    `synchronous`: the answer goes back on the connection that brought the message, and there is no retry.
    `waits`: `step` returns when the result is stored; else it leaves that to the committing thread.
    """

    def __init__(
        self,
        store: Store,
        responders: Mapping[str, Responder],
        queue: WorkQueue,
        *,
        synchronous: bool = False,
        waits: bool = True,
    ) -> None:
        self._store = store
        self._responders = {name: each.by_clock(store.now) for name, each in responders.items()}
        self._queue = queue
        self._synchronous = synchronous
        self._waits = waits

    def step(self) -> bool:
        """Process the message that has been due the longest, and return whether there was one."""
        return self._queue.process(self._attempt)

    def work_on(self, technical_id: str) -> bool:
        """Process one message now. False if another worker has it."""
        return self._queue.process(self._attempt, technical_id)

    def _attempt(self, claim: Claim) -> None:
        now = self._store.now()
        if claim["kind"] != Kind.NOTIFICATION and claim["answer_by"] <= now:
            self._store.write(lambda connection: self._expired(connection, claim, now))
            return
        responder = self._responders[claim["system"]]
        request = responder.codec.decode(claim["document"])
        try:
            self._ask(responder, request, claim)
        except RegisterFailed as error:
            failed = error
        else:
            return
        _LOG.error("%s: %s", claim["technical_id"], failed.reason)
        self._store.write(
            lambda connection: self._failed(connection, claim, responder, request, failed),
            notify=Topic.TO_DELIVER,
        )

    def _ask(self, responder: Responder, request: Message[Any], claim: Claim) -> None:
        """Ask the register, and store its answer. Raises RegisterFailed."""
        if claim["attempts"] > _MOST_CLAIMS:
            raise RegisterFailed("the process ended each time that it worked on this", again=False)
        if self._queue.hangs(claim):  # it would block one thread after the other
            raise RegisterFailed("the register has not returned from this message", again=False)
        with self._store.unit() as unit:
            reply = responder.reply(request, claim["document"])
            if unit.begun:  # the register has used transaction()
                unit.topics.add(Topic.TO_DELIVER)
                is_first = outbox.answer_to(unit.connection, claim["technical_id"]) is None
                answer = self._answer(claim, reply) if is_first else None
                make(unit.connection, self._changes(claim, reply, answer))
                return
        self._record(claim, reply)

    def _record(self, claim: Claim, reply: Reply) -> None:
        """Store the answer together with those of other threads."""
        changes = self._changes(claim, reply, self._answer(claim, reply))
        then = partial(self._after_commit, claim, reply)
        recorded = self._store.record_soon(*changes, notify=Topic.TO_DELIVER, then=then)
        if self._waits:
            with suppress(Exception):  # `_after_commit` has handled it
                recorded.wait()

    def _after_commit(self, claim: Claim, reply: Reply, error: BaseException | None) -> None:
        if isinstance(error, outbox.AlreadyAnswered):
            self._store.record_soon(*self._changes(claim, reply, None))
        elif error is not None:  # when the lease has run out, the message is processed again
            kind = error if isinstance(error, MovehubError) else type(error).__name__
            _LOG.warning("%s: its result was not stored: %s", claim["technical_id"], kind)

    def _changes(self, claim: Claim, reply: Reply, answer: Change | None) -> list[Change]:
        """Return the changes for a processed message. Without `answer`, its earlier answer stands."""
        now = self._store.now()
        refused = isinstance(reply.message.body, ErrorNotification)
        changes = [
            inbox.settled(claim, Received.PROCESSED, now=now),
            *workflows.processed(claim, now, refused=refused),
        ]
        if reply.notified is not None:
            changes.append(notified_licences.recorded(claim, reply.notified, now))
        if answer is not None:
            of_it = answer.values["technical_id"]
            changes += [answer, workflows.answered(claim["system"], claim["workflow_id"], of_it, now)]
            if self._synchronous:
                changes += delivered(self._store.journal, {**claim, "technical_id": of_it})
        return changes + worked_on(self._store.journal, claim)

    def _answer(self, claim: Claim, reply: Reply) -> Change:
        """Return the change that stores the answer. In the synchronous interface no courier delivers it."""
        now, is_error = self._store.now(), isinstance(reply.message.body, ErrorNotification)
        return outbox.new_answer(
            claim["system"],
            reply.message,
            reply.document,
            in_reply_to=claim["technical_id"],
            now=now,
            not_after=now + _ERRORS_LAST if is_error else claim["answer_by"],
            state=Sent.DELIVERED if self._synchronous else Sent.PREPARED,
        )

    def _expired(self, connection: Connection, claim: Claim, now: datetime) -> None:
        """Settle a search after its deadline: its asker would take the answer for that of another search."""
        reason = "its deadline had passed"
        if outbox.answer_to(connection, claim["technical_id"]) is not None:  # it failed, and came again
            make(connection, [inbox.settled(claim, Received.FAILED, now=now, reason=reason)])
            return
        settled = inbox.settled(claim, Received.EXPIRED, now=now, reason=reason)
        make(connection, [settled])
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
        if failed.again and again is not None and in_time and not self._synchronous:
            make(connection, [inbox.postponed(claim, again, failed.reason)])
            return
        changes = [inbox.settled(claim, Received.FAILED, now=now, reason=failed.reason)]
        reply = responder.failure(request, claim["document"])
        if outbox.answer_to(connection, claim["technical_id"]) is None:
            changes.append(self._answer(claim, reply))
        make(connection, changes)
        escalate_message(connection, Reason.REGISTER_FAILED, failed.reason, claim, now)
