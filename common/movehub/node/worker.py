"""The worker: it asks the register what a received message asks for, and stores the one answer.

The answer is stored in the transaction that marks the message as processed: both, or neither. A notified
licence is recorded in it too. If the acknowledgement of a notification was stored with the notification,
there is no other answer: see `movehub.node.receipts`.

If the tables of a register are in the node's database, it joins that transaction with
`movehub.store.transaction()`, and each message has its effect exactly once. Any other register is asked at
least once, and recognises a repeated message by its `technicalId`.

A call that failed may succeed later. A notification is tried again until it does, and a search until its
asker stops waiting. If every call fails, messages wait: see `movehub.node.register_breaker`.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 1.5 (time to answer) and 2.2 (errors).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from movehub.errors import MovehubError, RegisterFailed
from movehub.log_limit import alike, limited
from movehub.node.receipts import stored_answer
from movehub.node.work_queue import WorkQueue
from movehub.protocol.message import ErrorNotification, Message
from movehub.responder import Reply, Responder
from movehub.store import Store, inbox, notified_licences, outbox, workflows
from movehub.store.changes import Change, make
from movehub.store.escalations import Reason, escalate, escalate_message, resolve_message
from movehub.store.journal import worked_on
from movehub.store.leases import ANSWER_MARGIN, Claim
from movehub.store.outages import MessageType
from movehub.store.tables import Kind, Received
from movehub.store.wakeups import Topic

_LOG = limited(__name__)

#: The pauses before the register is asked again. The last one is repeated.
RETRIES: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 45, 135, 300))
#: A notification that has failed so often while others succeed is escalated. The attempts go on.
_PATIENCE: Final = 4
#: A message that ends its process more often than this is escalated and not tried again.
_MOST_CLAIMS: Final = 10
#: How long an ErrorNotification is worth sending: its receiver learns that a notification was not processed.
_ERRORS_LAST: Final = timedelta(hours=1)
_DOWN: Final = "the register is down, and was not asked"


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
        self._breaker = queue.breaker
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
        asked = self._breaker.admits(claim)
        try:
            if not asked:
                raise RegisterFailed(_DOWN, again=True)
            self._ask(responder, request, claim)
        except RegisterFailed as error:
            failed = error
        else:
            return
        reply = partial(responder.failure, request, claim["document"])
        self._store.write(
            lambda connection: self._failed(connection, claim, failed, reply, asked=asked),
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
                make(unit.connection, self._changes(claim, reply, answers=is_first))
        if not unit.begun:
            self._record(claim, reply)
        self._succeeded(claim, reply)

    def _succeeded(self, claim: Claim, reply: Reply) -> None:
        if claim["kind"] == Kind.HEARTBEAT or isinstance(reply.message.body, ErrorNotification):
            return  # the register was not asked
        self._breaker.succeeded(claim)
        if claim["reason"] is not None:  # it had failed before
            failed, of_it = (Reason.REGISTER_FAILED,), claim["technical_id"]
            self._store.write(lambda c: resolve_message(c, failed, of_it, now=self._store.now()))

    def _record(self, claim: Claim, reply: Reply) -> None:
        """Store the answer together with those of other threads."""
        changes = self._changes(claim, reply, answers=claim["answer_by"] is not None)
        then = partial(self._after_commit, claim, reply)
        recorded = self._store.record_soon(*changes, notify=Topic.TO_DELIVER, then=then)
        if self._waits:
            with suppress(Exception):  # `_after_commit` has handled it
                recorded.wait()

    def _after_commit(self, claim: Claim, reply: Reply, error: BaseException | None) -> None:
        if isinstance(error, outbox.AlreadyAnswered):
            self._store.record_soon(*self._changes(claim, reply, answers=False))
        elif error is not None:  # when the lease has run out, the message is processed again
            kind = error if isinstance(error, MovehubError) else type(error).__name__
            _LOG.warning("%s: its result was not stored: %s", claim["technical_id"], kind)

    def _changes(self, claim: Claim, reply: Reply, *, answers: bool) -> list[Change]:
        """Return the changes for a processed message. Unless it `answers`, an earlier answer stands."""
        now = self._store.now()
        refused = isinstance(reply.message.body, ErrorNotification)
        changes = [
            inbox.settled(claim, Received.PROCESSED, now=now),
            *workflows.processed(claim, now, refused=refused),
        ]
        if reply.notified is not None:
            changes.append(notified_licences.recorded(claim, reply.notified, now))
        if answers:
            changes += self._answer(claim, reply)
        return changes + worked_on(self._store.journal, claim)

    def _answer(self, claim: Claim, reply: Reply) -> list[Change]:
        now, is_error = self._store.now(), isinstance(reply.message.body, ErrorNotification)
        until = now + _ERRORS_LAST if is_error else claim["answer_by"]
        return stored_answer(self._store, claim, reply, until=until, at_once=self._synchronous)

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
        failed: RegisterFailed,
        reply: Callable[[], Reply],
        *,
        asked: bool,
    ) -> None:
        now = self._store.now()
        fails = partial(self._breaker.failed, connection, claim, failed.reason, now)
        waits = failed.again and (not asked or fails())
        again = self._again(claim, now, waits=waits) if failed.again else None
        if again is not None:
            reason = failed.reason if asked else claim["reason"]
            self._postpone(connection, claim, again, reason, waits=waits, asked=asked)
            return
        changes = [inbox.settled(claim, Received.FAILED, now=now, reason=failed.reason)]
        if claim["answer_by"] is not None and outbox.answer_to(connection, claim["technical_id"]) is None:
            changes += self._answer(claim, reply())
        make(connection, changes)
        if not waits:
            self._log_failure(claim, failed.reason)
        if not waits or claim["kind"] == Kind.NOTIFICATION:  # the end of the outage does not repair that
            escalate_message(connection, Reason.REGISTER_FAILED, failed.reason, claim, now)

    def _again(self, claim: Claim, now: datetime, *, waits: bool) -> datetime | None:
        """Return when to try again, None if the answer must leave now. `waits`: the breaker says when."""
        if self._synchronous:
            return None
        again = now if waits else now + RETRIES[min(claim["attempts"], len(RETRIES)) - 1]
        if claim["kind"] == Kind.NOTIFICATION:
            return again
        last = claim["answer_by"] - ANSWER_MARGIN
        return min(again, last) if now < last else None

    def _postpone(
        self,
        connection: Connection,
        claim: Claim,
        again: datetime,
        reason: str | None,
        *,
        waits: bool,
        asked: bool,
    ) -> None:
        """Schedule another attempt. While the message waits with others, only its first failure counts."""
        waited = max(claim["attempts"] - 1, int(asked))
        attempts = waited if waits else min(claim["attempts"], len(RETRIES))
        make(connection, [inbox.postponed(claim, again, reason, attempts=attempts)])
        if waits or reason is None:
            return
        self._log_failure(claim, reason)
        if claim["kind"] == Kind.NOTIFICATION and claim["attempts"] >= _PATIENCE:
            escalate_message(connection, Reason.REGISTER_FAILED, reason, claim, self._store.now())

    def _log_failure(self, claim: Claim, reason: str) -> None:
        of = MessageType.of(claim)
        kind, _, _ = reason.partition(":")  # behind it is the place in an answer
        _LOG.error("%s: %s: %s", of, claim["technical_id"], reason, extra=alike(f"{of}: {kind}", most=1))
