"""Escalations: problems that an operator has to solve, as a queue with the law's article and the next step.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 2.2. If the same problem comes up again, the open entry
counts it, so that an hour of outage is one line and not a thousand. Some entries resolve themselves, such as
a hub that answers again. All others stay open until an operator resolves them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select, text, update

from movehub import law
from movehub.records.values import write_instant
from movehub.store.tables import ESCALATIONS, WORKFLOW, LaterResponse

#: The first half of the number of this module's locks in PostgreSQL.
_LOCK: Final = 480

#: The name in `done_by` if an entry resolved itself.
_AUTOMATIC: Final = "movehub serve"


class Reason(StrEnum):
    """Why a message or a system was escalated. The database holds these texts, so they never change."""

    #: An answer or error that belongs to no message of ours (Annex VI: unsolicited message).
    UNSOLICITED = "unsolicited"
    #: An authorised peer sent a document that cannot be read or is not valid. It was not stored.
    UNREADABLE = "unreadable"
    #: An answer belongs to a conversation of ours, but does not fit the question.
    NOT_CORRELATED = "not correlated"
    #: An ErrorNotification arrived.
    ERROR_NOTIFIED = "error notified"
    #: The register failed or gave an invalid answer, in every attempt.
    REGISTER_FAILED = "register failed"
    #: The register fails for one message after the other, and messages wait for it. One entry a system.
    REGISTER_DOWN = "register down"
    #: An answer or acknowledgement could not be delivered in time. The node no longer sends it.
    TOO_LATE = "too late"
    #: The other side refused a message of ours.
    REFUSED = "refused"
    #: A request left, but the node cannot tell whether it arrived. It is not repeated.
    OUTCOME_UNKNOWN = "outcome unknown"
    #: The other side accepted a request and never answered it.
    NO_ANSWER = "no answer"
    #: The answer to a notification of ours says that the other state does not have it.
    NOT_DELIVERED = "not delivered"
    #: The answer to a search of ours has no word of some states: Timeout, NotAvailable, or no row.
    INCOMPLETE = "incomplete"
    #: Outgoing messages wait: the hub cannot be reached, or one side rejects the other's certificate.
    NOT_REACHED = "not reached"
    #: The response that follows an acknowledgement is owed or awaited, and its time is over or nearly over.
    RESPONSE_DUE = "response due"
    #: A request could not be sent within its time.
    NOT_SENT = "not sent"
    #: A different document came with an identifier that was used before.
    IDENTIFIER_REUSED = "identifier reused"
    #: The other side's clock and ours differ, or the deadline that it sets makes no sense.
    CLOCK = "clock"
    #: The retention period of personal data is over, but the message is not finished.
    KEPT_TOO_LONG = "kept too long"
    #: The access journal was changed after it was written.
    JOURNAL_BROKEN = "journal broken"


@dataclass(frozen=True, slots=True)
class Guidance:
    """The article of the law, and the next step for the operator."""

    article: law.Point | str
    do: str


#: One row a reason.
GUIDANCE: Final[Mapping[Reason, Guidance]] = MappingProxyType(
    {
        Reason.UNSOLICITED: Guidance(
            law.TROUBLES.letter("d"),
            "The message answers no open request of yours. Read it with `movehub node show`, then ask its"
            " sender which request it belongs to.",
        ),
        Reason.UNREADABLE: Guidance(
            law.TROUBLES.letter("e"),
            "A document from an authorised peer could not be read and was not stored. The log has the place"
            " and the reason. Check whether its edition is one that your node supports, then inform the"
            " sender.",
        ),
        Reason.NOT_CORRELATED: Guidance(
            law.TROUBLES.letter("e"),
            "The answer does not fit your request. Do not use it. Inform its sender, and send a new request"
            " if the case still needs one.",
        ),
        Reason.ERROR_NOTIFIED: Guidance(
            law.ESCALATION,
            "The other side reports an error. Read its status with `movehub node show`, correct the cause,"
            " and send a new message if the case still needs one.",
        ),
        Reason.REGISTER_FAILED: Guidance(
            law.ESCALATION,
            "Your register failed or is too slow. The sender did not get 'not found'. Repair the register,"
            " then run `movehub node retry` for what has failed. The node resolves this entry if the message"
            " succeeds.",
        ),
        Reason.REGISTER_DOWN: Guidance(
            law.ESCALATION,
            "Your register, or on_answer, fails for every message of a type. Repair it. You need no command:"
            " notifications wait, searches are answered with ServerError, and the node tries one message from"
            " time to time. When that succeeds, all others follow, and the node resolves this entry.",
        ),
        Reason.TOO_LATE: Guidance(
            law.TROUBLES.letter("c"),
            "Your answer was too late and will not be sent. Find out what caused the delay. If the other"
            " state still needs the answer or receipt, give it by another channel.",
        ),
        Reason.REFUSED: Guidance(
            law.ESCALATION,
            "The other side refused your message. Correct the cause that the HTTP status names, then send a"
            " new message.",
        ),
        Reason.OUTCOME_UNKNOWN: Guidance(
            law.TROUBLES.letter("a"),
            "Your message may or may not have arrived. Ask the receiver before you send it again: a second"
            " message could count twice.",
        ),
        Reason.NO_ANSWER: Guidance(
            law.TROUBLES.letter("b"),
            "No answer is not 'not found': do not clear an applicant or a manager because of it. Send a new"
            " request, or ask the state by another channel.",
        ),
        Reason.NOT_DELIVERED: Guidance(
            law.TROUBLES.letter("b"),
            "The hub answered, but the named states do not have your notification or response, or are not"
            " known to have it, and your duty stands. Send a new one, or inform them by another channel.",
        ),
        Reason.INCOMPLETE: Guidance(
            law.ESCALATION,
            "The named states did not answer your search. That is not 'not found': do not clear an applicant"
            " or a manager because of it. Ask these states again, or by another channel.",
        ),
        Reason.NOT_REACHED: Guidance(
            law.TROUBLES.letter("a"),
            "Check the connection to the hub and both certificates. The node keeps trying: it sends all"
            " waiting messages when the hub answers again, and resolves this entry some minutes later.",
        ),
        Reason.RESPONSE_DUE: Guidance(
            law.LATER_RESPONSE,
            "A response follows an MCS within ten calendar days of the request, and an NCR within six weeks"
            " of the final decision. If it is yours, send it with `tachonet mcs respond` or"
            " `erru ncr respond`, for a rejected change or penalty, too. If it is the other state's, ask that"
            " state. The node resolves this entry when the response has arrived. If it went another way,"
            " resolve the entry: that ends the wait.",
        ),
        Reason.NOT_SENT: Guidance(
            law.WAIT_20_SECONDS,
            "Your request never left, so the other state did not see it. Send a new request if the case"
            " still needs one.",
        ),
        Reason.IDENTIFIER_REUSED: Guidance(
            law.FIELDS,
            "Two different documents have the same technical identifier. The node uses the first one. Ask"
            " the sender which one is right.",
        ),
        Reason.CLOCK: Guidance(
            law.ANSWER_WITHIN_10_SECONDS,
            "Two clocks differ. Compare the clock of this machine with a time server and correct it. If it"
            " was right, inform the partner.",
        ),
        Reason.KEPT_TOO_LONG: Guidance(
            law.RETENTION,
            "The retention period is over, but the message is not finished. If it failed, run `movehub node"
            " retry` for it. If you owe a response to it, send that. If you expect no answer any more,"
            " resolve this entry: the next daily run, or `movehub node prune`, then removes the personal"
            " data.",
        ),
        Reason.JOURNAL_BROKEN: Guidance(
            "arrêté of 13 October 2004",
            "The access journal was changed after it was written. Preserve the database as it is, and find"
            " out who has written to it.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Escalation:
    """One open problem. `times` counts how often it has come up since `at`."""

    id: int
    reason: Reason
    detail: str
    at: datetime
    last_at: datetime
    times: int
    system: str
    technical_id: str | None
    workflow_id: str | None

    def plain(self) -> dict[str, Any]:
        """Return plain data, with the article of the law and the next step."""
        guidance = GUIDANCE[self.reason]
        return {
            "id": self.id,
            "reason": self.reason.value,
            "detail": self.detail,
            "since": write_instant(self.at),
            "last": write_instant(self.last_at),
            "times": self.times,
            "system": self.system,
            "technical_id": self.technical_id,
            "workflow_id": self.workflow_id,
            "article": str(guidance.article),
            "do": guidance.do,
        }


def escalate(
    connection: Connection,
    reason: Reason,
    detail: str,
    *,
    now: datetime,
    system: str,
    technical_id: str | None = None,
    workflow_id: str | None = None,
) -> None:
    """Add an entry, or count up the open one about the same problem. `detail` must not name a person."""
    columns = ESCALATIONS.c
    about = {"reason": reason, "system": system, "technical_id": technical_id, "workflow_id": workflow_id}
    same = [columns[name] == value for name, value in about.items()]
    count_up = update(ESCALATIONS).where(columns.done_at.is_(None), *same)
    count_up = count_up.values(times=columns.times + 1, last_at=now)
    if connection.execute(count_up).rowcount:
        return
    in_turn(connection, " ".join(map(str, about.values())))
    if not connection.execute(count_up).rowcount:
        new = {"at": now, "last_at": now, "times": 1, "detail": detail, **about}
        connection.execute(insert(ESCALATIONS).values(new))


def escalate_message(
    connection: Connection, reason: Reason, detail: str, message: Mapping[str, Any], now: datetime
) -> None:
    """Add an entry about one message. `message` has the columns of the inbox or outbox."""
    about = {name: message[name] for name in ("system", "technical_id", "workflow_id")}
    escalate(connection, reason, detail, now=now, **about)


def resolve(connection: Connection, number: int, *, by: str, at: datetime) -> bool:
    """Resolve an entry for an operator. Return False if no entry of this number is open."""
    return resolve_matching(connection, ESCALATIONS.c.id == number, now=at, by=by) == 1


def resolve_message(
    connection: Connection, reasons: Collection[Reason], technical_id: str, *, now: datetime
) -> None:
    """Resolve entries about a message that has come to its end without an operator."""
    about = ESCALATIONS.c.technical_id == technical_id
    resolve_matching(connection, about & ESCALATIONS.c.reason.in_(reasons), now=now)


def resolve_matching(
    connection: Connection, which: ColumnElement[bool], *, now: datetime, by: str = _AUTOMATIC
) -> int:
    """Resolve open entries, and return how many.

    If an operator resolves one about a later response, the wait for that response ends.
    """
    if by != _AUTOMATIC:
        _settle_responses(connection, which, now)
    mark = update(ESCALATIONS).where(which, ESCALATIONS.c.done_at.is_(None))
    return connection.execute(mark.values(done_at=now, done_by=by)).rowcount


def _settle_responses(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    about_it = exists().where(
        which,
        ESCALATIONS.c.done_at.is_(None),
        ESCALATIONS.c.reason == Reason.RESPONSE_DUE,
        ESCALATIONS.c.system == WORKFLOW.c.system,
        ESCALATIONS.c.workflow_id == WORKFLOW.c.workflow_id,
    )
    settled = {"response": LaterResponse.SETTLED.value, "response_at": now, "changed_at": now}
    is_due = WORKFLOW.c.response == LaterResponse.DUE.value
    connection.execute(update(WORKFLOW).where(is_due, about_it).values(settled))


def open_escalations(connection: Connection, which: ColumnElement[bool] | None = None) -> list[Escalation]:
    """Return the open entries, all or those of a condition, the oldest first."""
    columns = ESCALATIONS.c
    wanted = columns.done_at.is_(None) if which is None else columns.done_at.is_(None) & which
    rows = select(ESCALATIONS).where(wanted).order_by(columns.at, columns.id)
    return [_escalation(row) for row in connection.execute(rows).mappings()]


def open_counts(connection: Connection) -> dict[Reason, int]:
    """Return the number of open entries for each reason, including the zeros."""
    counted = select(ESCALATIONS.c.reason, func.count()).where(ESCALATIONS.c.done_at.is_(None))
    found = {row[0]: row[1] for row in connection.execute(counted.group_by(ESCALATIONS.c.reason))}
    return {reason: found.get(reason.value, 0) for reason in Reason}


def in_turn(connection: Connection, about: str) -> None:
    """Wait for other transactions about the same problem: what they store is visible only afterwards."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:ours, hashtext(:about))")
        connection.execute(lock, {"ours": _LOCK, "about": about})


def _escalation(row: Any) -> Escalation:
    names = ("id", "detail", "at", "last_at", "times", "system", "technical_id", "workflow_id")
    return Escalation(reason=Reason(row["reason"]), **{name: row[name] for name in names})
