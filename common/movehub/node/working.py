"""Doing what received messages ask for, and keeping the one answer to each.

The answer is kept in the transaction that marks the message processed: both, or neither. A register whose
tables are in the node's database joins it with `movehub.store.transaction()`, and then each message has its
effect exactly once. Any other register is asked at least once; `technicalId` tells it what it did already.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 1.5 (time to answer) and 2.2 (errors).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from ..errors import LeaseLost, RegisterFailed
from ..message import ErrorNotification, Message
from ..responder import Reply, Responder
from ..store import Store, inbox, outbox, workflows
from ..store.attention import Reason, call_for
from ..store.bell import Topic
from ..store.claims import Claim
from ..store.recording import answered_by_us, delivered, worked_on
from ..store.tables import Kind, Received, Sent

_LOG = logging.getLogger(__name__)

#: How long to wait before the register is asked again.
RETRIES: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 45))
#: How often a message may end the process that works on it, before it is left to a person.
_MOST_CLAIMS: Final = 10
#: How long an ErrorNotification is worth sending: its receiver learns that a notification was not processed.
_ERRORS_KEEP: Final = timedelta(hours=1)


class Worker:
    """Works on the received messages of some kinds, of all systems that a node serves.

    `on_the_spot`: the answer goes back on the connection that brought the message, and nothing is tried again
    later.
    """

    def __init__(
        self,
        store: Store,
        responders: Mapping[str, Responder],
        kinds: Collection[Kind],
        *,
        lease: timedelta = inbox.LEASE,
        on_the_spot: bool = False,
    ) -> None:
        self._store = store
        self._responders = {name: each.by_clock(store.now) for name, each in responders.items()}
        self._work = inbox.work(kinds, lease)
        self._on_the_spot = on_the_spot

    def step(self) -> bool:
        """Work on the message that is due the longest, and return whether there was one."""
        claims = self._work.claim(self._store)
        for claim in claims:
            self._worked_on(claim)
        return bool(claims)

    def work_on(self, technical_id: str) -> None:
        """Work on one message now, unless somebody else does."""
        for claim in self._work.claim(self._store, only=technical_id):
            self._worked_on(claim)

    def _worked_on(self, claim: Claim) -> None:
        try:
            self._attempt(claim)
        except LeaseLost as error:
            _LOG.warning("%s: %s", claim["technical_id"], error)

    def _attempt(self, claim: Claim) -> None:
        responder = self._responders[claim["system"]]
        document, now = claim["document"], self._store.now()
        if claim["kind"] != Kind.NOTIFICATION and claim["answer_by"] <= now:
            self._store.write(lambda connection: self._expired(connection, claim, now))
            return
        request = responder.codec.decode(document)
        try:
            if claim["attempts"] > _MOST_CLAIMS:
                raise RegisterFailed("the process ended each time that it worked on this", again=False)
            with self._store.unit() as unit:
                reply = responder.reply(request, document)
                unit.at_end.append(lambda connection: self._processed(connection, claim, reply))
                unit.rings.add(Topic.TO_DELIVER)
        except RegisterFailed as error:
            failed = error
        else:
            return
        _LOG.error("%s: %s", claim["technical_id"], failed.reason)
        self._store.write(
            lambda connection: self._failed(connection, claim, responder, request, failed),
            ring=Topic.TO_DELIVER,
        )

    def _processed(self, connection: Connection, claim: Claim, reply: Reply) -> None:
        now = self._store.now()
        inbox.settled(connection, claim, Received.PROCESSED, now=now)
        if self._answer(connection, claim, reply, now):
            workflow, answer = claim["workflow_id"], str(reply.message.header.technical_id).lower()
            workflows.answered(connection, claim["system"], workflow, answer, now)
            answered_by_us(connection, claim.row, reply.message, now)
            if self._on_the_spot:
                delivered(connection, self._store.journal, {**claim.row, "technical_id": answer})
        worked_on(connection, self._store.journal, claim.row)

    def _answer(self, connection: Connection, claim: Claim, reply: Reply, now: datetime) -> bool:
        """Keep the answer unless there is one, which then stands. On the spot it counts as delivered."""
        is_error = isinstance(reply.message.body, ErrorNotification)
        return outbox.prepare_answer(
            connection,
            claim["system"],
            reply.message,
            reply.document,
            in_reply_to=claim["technical_id"],
            now=now,
            not_after=now + _ERRORS_KEEP if is_error else claim["answer_by"],
            state=Sent.DELIVERED if self._on_the_spot else Sent.PREPARED,
        )

    def _expired(self, connection: Connection, claim: Claim, now: datetime) -> None:
        """Let a search go whose asker waits no more: an answer would only be taken for another's."""
        inbox.settled(connection, claim, Received.EXPIRED, now=now, reason="its deadline had passed")
        answered_by_us(connection, claim.row, None, now)
        call_for(
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
            inbox.postponed(connection, claim, again, failed.reason)
            return
        inbox.settled(connection, claim, Received.FAILED, now=now, reason=failed.reason)
        reply = responder.failure(request, claim["document"])
        if self._answer(connection, claim, reply, now):
            answered_by_us(connection, claim.row, reply.message, now)
        call_for(
            connection,
            Reason.REGISTER_FAILED,
            failed.reason,
            now=now,
            system=claim["system"],
            technical_id=claim["technical_id"],
            workflow_id=claim["workflow_id"],
        )
