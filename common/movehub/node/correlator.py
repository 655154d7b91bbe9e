"""The correlator: it finds the request of ours that an answer or ErrorNotification belongs to.

The workflow identifier tells, however late the answer is (Annex III, appendix). An answer that belongs to no
request is parked (a dead letter) and escalated, never dropped (Annex VI: unsolicited messages). An
ErrorNotification is never answered, and stands in for an answer only until there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from movehub.errors import ErrorNotified, LeaseLost, NotCorrelated, StoreFailed
from movehub.log_limit import alike, limited
from movehub.node.work_queue import WorkQueue
from movehub.protocol.member_states import sent_as
from movehub.protocol.message import ErrorNotification, Message
from movehub.protocol.repetition import RESPELT
from movehub.protocol.reply import Reply, states_asked
from movehub.protocol.request_outcome import Result, outcome_of
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

_LOG = limited(__name__)

#: Called for each answer: the system, our request, and the answer (or ErrorNotification, never complete).
OnAnswer = Callable[[str, Message[Any], Reply[Any]], None]

#: The pause before an answer is processed again for which `on_answer` has failed.
_RETRY_AFTER = timedelta(seconds=15)
#: After so many attempts it is escalated. The attempts go on.
_PATIENCE: Final = 3
#: Requests that are in the statistics already: as unanswered, or as answered with an error.
_COUNTED: Final = (Sent.UNKNOWN, Sent.ANSWERED)
#: The answers that are escalated, because they say that the request did not have its effect.
_ESCALATED: Final = {
    Result.NOT_DELIVERED: Reason.NOT_DELIVERED,
    Result.INCOMPLETE: Reason.INCOMPLETE,
}
#: Requests whose delivery no courier has noted.
_LEAVING: Final = (Sent.PREPARED, Sent.SENDING)
#: Escalations of a request that its answer resolves.
_RESOLVED: Final = (Reason.NO_ANSWER, Reason.OUTCOME_UNKNOWN)


class Correlator:
    """Processes the answers and ErrorNotifications of its queue.

    `on_answer` is called in a unit of work, as a register is: what it writes with `store.transaction()` is
    stored once, and anything else happens at least once. If it fails, the answer is processed again.
    """

    def __init__(
        self,
        store: Store,
        responders: Mapping[str, Responder],
        queue: WorkQueue,
        *,
        on_answer: OnAnswer | None = None,
    ) -> None:
        self._store = store
        self._responders = responders
        self._queue = queue
        self._on_answer = on_answer
        self._breaker = queue.breaker

    def step(self) -> bool:
        """Process the answer that has been due the longest, and return whether there was one."""
        return self._queue.process(self._attempt)

    def _attempt(self, claim: Claim) -> None:
        if not self._breaker.admits(claim):
            attempts = claim["attempts"] - 1
            put_back = inbox.postponed(claim, self._store.now(), claim["reason"], attempts=attempts)
            self._store.record(put_back)
            return
        try:
            codec = self._responders[claim["system"]].codec
            message = codec.decode(claim["document"])
            for rule in codec.reported(message):
                _LOG.warning("a received message breaks %s", rule, extra=alike(rule.id))
            with self._store.unit() as unit:
                unit.topics.add(Topic.TICKET)
                request, trouble = self._match(unit.connection, claim, message)
                self._settle(unit.connection, claim, message, request, trouble)
                if request is not None and self._on_answer is not None:
                    self._on_answer(claim["system"], request, self._reply(claim, request, message))
        except (LeaseLost, StoreFailed):
            raise  # an error of the node's database, not of `on_answer`
        except BaseException as error:  # noqa: BLE001 - whatever it raises, the answer must not be lost
            failed = f"on_answer, or reading the answer, failed with {type(error).__name__}"
        else:
            if request is not None or self._on_answer is None:
                self._succeeded(claim)
            return
        _LOG.error("%s: %s", claim["technical_id"], failed, extra=alike(failed, most=1))
        self._store.write(lambda connection: self._failed(connection, claim, failed))

    def _succeeded(self, claim: Claim) -> None:
        self._breaker.succeeded(claim)
        if claim["reason"] is not None:  # it had failed before
            failed, of_it = (Reason.REGISTER_FAILED,), claim["technical_id"]
            self._store.write(lambda c: resolve_message(c, failed, of_it, now=self._store.now()))

    def _failed(self, connection: Connection, claim: Claim, failed: str) -> None:
        now = self._store.now()
        if self._breaker.failed(connection, claim, failed, now):
            attempts = max(claim["attempts"] - 1, 1)  # only its first failure counts
            make(connection, [inbox.postponed(claim, now, failed, attempts=attempts)])
            return
        make(connection, [inbox.postponed(claim, now + _RETRY_AFTER, failed)])
        if claim["attempts"] >= _PATIENCE:
            escalate_message(connection, Reason.REGISTER_FAILED, failed, claim, now)

    def _match(
        self, connection: Connection, claim: Claim, message: Message[Any]
    ) -> tuple[Message[Any] | None, Reason | None]:
        """Return the request that a message answers, marked as answered; or the reason why there is none."""
        trouble = Reason.UNSOLICITED
        responder = self._responders[claim["system"]]
        for row in self._candidates(connection, claim):
            request = responder.codec.decode(row["document"])
            try:
                respelt = responder.exchange.check_answer(request, message)
                if respelt:
                    _LOG.warning(RESPELT, request.header.technical_id, ", ".join(respelt))
            except NotCorrelated:
                if claim["kind"] == Kind.ERROR or answer_to(request.body.root) == message.body.root:
                    trouble = Reason.NOT_CORRELATED
                continue
            except ErrorNotified:
                pass  # it stands in for the answer
            self._mark_answered(connection, row, claim, request, message)
            return request, None
        return None, trouble

    def _mark_answered(
        self,
        connection: Connection,
        row: Any,
        claim: Claim,
        request: Message[Any],
        message: Message[Any],
    ) -> None:
        now, outcome = self._store.now(), outcome_of(request, self._reply(claim, request, message))
        outbox.mark_answered(connection, row["technical_id"], claim["technical_id"], outcome, now)
        workflows.acknowledged(connection, row, now, arrived=outcome.result is Result.DELIVERED)
        if outcome.result in _ESCALATED:
            detail = f"{request.body.root}: {', '.join(outcome.states)}"
            escalate_message(connection, _ESCALATED[outcome.result], detail, row, now)
        if row["state"] == Sent.ANSWERED:  # by an ErrorNotification, which this message replaces
            resolve_message(connection, (Reason.ERROR_NOTIFIED,), row["answered_by"], now=now)
        if row["state"] in _LEAVING:  # its courier comes too late to note that it left
            make(connection, delivered(self._store.journal, row))
        if row["state"] == Sent.UNKNOWN:
            resolve_message(connection, _RESOLVED, row["technical_id"], now=now)
        if row["state"] not in _COUNTED:
            make(connection, answered_to_us(row, message, now))

    def _reply(self, claim: Claim, request: Message[Any], message: Message[Any]) -> Reply[Any]:
        """Return an answer with the states that its request asked."""
        header, participants = request.header, self._responders[claim["system"]].codec.participants
        return Reply.of(message, states_asked(header.to, header.from_, participants))

    def _candidates(self, connection: Connection, claim: Claim) -> list[Any]:
        """Return our requests that an answer may belong to, those without any answer first.

        A request that has not left has no answer: the message is about an earlier one in its workflow. If the
        hub refused it at first, an ErrorNotification does not end it, so it is sent again.
        """
        states, is_error = (*outbox.UNANSWERED, Sent.ANSWERED), claim["kind"] == Kind.ERROR
        found = outbox.requests_in(connection, claim["system"], claim["workflow_id"], states)
        found = [row for row in found if row["document"] is not None and _may_have_left(row, is_error)]
        without = [row for row in found if row["state"] != Sent.ANSWERED]
        ended = [row for row in found if row["state"] == Sent.ANSWERED and not is_error]
        return without + [row for row in ended if _is_error(connection, row["answered_by"])]

    def _settle(
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
        is_ours = is_error and trouble is not Reason.NOT_CORRELATED and self._is_for_us(system, message)
        known = request is not None or (is_ours and workflows.is_known(connection, system, workflow))
        state = Received.PROCESSED if known else Received.PARKED
        make(connection, [inbox.settled(claim, state, now=now, reason=None if known else trouble)])
        if is_error or not known:
            reason = Reason.ERROR_NOTIFIED if is_error and known else trouble or Reason.UNSOLICITED
            escalate_message(connection, reason, _detail(message), claim, now)

    def _is_for_us(self, system: str, message: Message[Any]) -> bool:
        return sent_as(message.header.to) in {self._responders[system].exchange.code, HUB}


def _may_have_left(row: Any, is_error: bool) -> bool:
    return row["state"] != Sent.PREPARED or (row["attempts"] > 0 and not is_error)


def _detail(message: Message[Any]) -> str:
    if isinstance(message.body, ErrorNotification):
        return f"ErrorNotification {message.body.status_code.value}"
    return f"no open request of ours fits this {message.body.root}"


def _is_error(connection: Connection, answered_by: str) -> bool:
    kind = select(INBOX.c.kind).where(INBOX.c.technical_id == answered_by)
    return connection.execute(kind).scalar_one_or_none() == Kind.ERROR
