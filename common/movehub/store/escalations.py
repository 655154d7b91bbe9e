"""What needs a person: the escalation that the law asks for, as a queue with a reason for each entry.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 2.2. The same trouble again counts up the entry that is
still open, so that an hour of outage is one line and not a thousand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, insert, select, text, update

from movehub.records.values import write_instant
from movehub.store.tables import ATTENTION

#: The first half of the name of this module's locks, in PostgreSQL.
_LOCK: Final = 480


#: Who has marked an entry as done where no person has.
_BY_ITSELF: Final = "movehub serve"


class Reason(StrEnum):
    """Why a person has to look."""

    #: An answer or error that belongs to no message of ours (Annex VI: unsolicited message).
    UNSOLICITED = "unsolicited"
    #: What somebody sent who is let in cannot be read, or is not valid. Nothing of it is kept.
    UNREADABLE = "unreadable"
    #: It belongs to a conversation of ours, and does not fit what was asked.
    NOT_CORRELATED = "not correlated"
    #: An ErrorNotification arrived.
    ERROR_NOTIFIED = "error notified"
    #: The register did not answer, or not validly, however often it was asked.
    REGISTER_FAILED = "register failed"
    #: An answer or acknowledgement was not delivered in time, and is not sent any more.
    TOO_LATE = "too late"
    #: The other side said no to a message of ours.
    REFUSED = "refused"
    #: A request left, and nobody knows whether it arrived. It is not repeated.
    OUTCOME_UNKNOWN = "outcome unknown"
    #: A request was taken and never answered.
    NO_ANSWER = "no answer"
    #: What is to go out waits: the hub cannot be reached, or one of the two certificates is refused.
    NOT_REACHED = "not reached"
    #: A request was never sent within its time.
    NOT_SENT = "not sent"
    #: Another document came with an identifier that was used already.
    IDENTIFIER_REUSED = "identifier reused"
    #: The other side's clock and ours are apart, or the deadline it sets makes no sense.
    CLOCK = "clock"
    #: The period of its personal data is over, and it is not finished.
    KEPT_TOO_LONG = "kept too long"
    #: The journal of accesses is not as it was written.
    JOURNAL_BROKEN = "journal broken"


@dataclass(frozen=True, slots=True)
class Remedy:
    """The point of law, and what to do."""

    article: str
    do: str


def _fault(letter: str) -> str:
    return f"2016/68 Annex VI, 1.9 ({letter}); 2016/480 Annex VI, 1.7 ({letter})"


_ESCALATION: Final = "Annex VI, 2.2"

#: One row a reason.
REMEDIES: Final[Mapping[Reason, Remedy]] = MappingProxyType(
    {
        Reason.UNSOLICITED: Remedy(
            _fault("d"),
            "It answers nothing that is open here. `movehub node show` it; ask its sender what it is about.",
        ),
        Reason.UNREADABLE: Remedy(
            _fault("e"),
            "The log names place and reason. Is it of an edition that is not spoken here? Tell its sender.",
        ),
        Reason.NOT_CORRELATED: Remedy(
            _fault("e"), "Do not use the answer. Tell its sender, and ask again if the case still needs it."
        ),
        Reason.ERROR_NOTIFIED: Remedy(
            _ESCALATION,
            "`movehub node show` it; mend what its status names, and send a new one if that is due.",
        ),
        Reason.REGISTER_FAILED: Remedy(
            _ESCALATION,
            "Mend the register, then `movehub node retry` the message. Nobody was told 'not found'.",
        ),
        Reason.TOO_LATE: Remedy(
            _fault("c"), "See why it took so long; a state that waits for a receipt is told by another way."
        ),
        Reason.REFUSED: Remedy(_ESCALATION, "Mend what the HTTP status says, and send a new message."),
        Reason.OUTCOME_UNKNOWN: Remedy(
            _fault("a"), "It may have arrived. Find out before it is sent again: it could count twice."
        ),
        Reason.NO_ANSWER: Remedy(
            _fault("b"), "Nobody is cleared by this. Ask again, or ask the state by another way."
        ),
        Reason.NOT_REACHED: Remedy(
            _fault("a"),
            "Look at the line to the hub and at both certificates. What waits goes out by itself; then this "
            "is marked as done.",
        ),
        Reason.NOT_SENT: Remedy(
            "2016/68 Annex VI, 1.6; 2016/480 Annex VI, 1.5.2",
            "Nothing was asked. Ask again as a new request.",
        ),
        Reason.IDENTIFIER_REUSED: Remedy(
            "Annex III, appendix", "The first document stands. Ask the sender which of the two holds."
        ),
        Reason.CLOCK: Remedy(
            "Annex VI, 1.5", "Compare this machine's clock with a time server; then tell the partner."
        ),
        Reason.KEPT_TOO_LONG: Remedy(
            "2016/68 Annex VII, 3; 2016/480 Annex VII, 4",
            "Bring it to its end. Where nothing more will come, mark this as done: the next run removes it.",
        ),
        Reason.JOURNAL_BROKEN: Remedy(
            "arrêté of 13 October 2004", "Keep the database as it is, and find out who wrote to it."
        ),
    }
)


def call_for(
    connection: Connection,
    reason: Reason,
    detail: str,
    *,
    now: datetime,
    system: str,
    technical_id: str | None = None,
    workflow_id: str | None = None,
) -> None:
    """Put an entry into the queue, or count up the open one that says the same. `detail` names nobody."""
    same = ATTENTION.c
    about = {"reason": reason, "system": system, "technical_id": technical_id, "workflow_id": workflow_id}
    open_one = [_is(same[name], value) for name, value in about.items()]
    counting = update(ATTENTION).where(same.done_at.is_(None), *open_one)
    counting = counting.values(times=same.times + 1, last_at=now)
    if connection.execute(counting).rowcount:
        return
    _wait_for_others(connection, " ".join(map(str, about.values())))
    if not connection.execute(counting).rowcount:
        new = {"at": now, "last_at": now, "times": 1, "detail": detail, **about}
        connection.execute(insert(ATTENTION).values(new))


def no_more(connection: Connection, reasons: Collection[Reason], technical_id: str, *, now: datetime) -> None:
    """Mark what was said of a message as done: it has come to its end by itself after all."""
    come_right(
        connection, (ATTENTION.c.technical_id == technical_id) & ATTENTION.c.reason.in_(reasons), now=now
    )


def come_right(connection: Connection, which: ColumnElement[bool], *, now: datetime) -> None:
    """Mark open entries as done: what they are about needs nobody any more."""
    done = {"done_at": now, "done_by": _BY_ITSELF}
    connection.execute(update(ATTENTION).where(which, ATTENTION.c.done_at.is_(None)).values(done))


def _wait_for_others(connection: Connection, about: str) -> None:
    """Let those end who call for the same in this moment, and whose entry is not to be seen before that."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:ours, hashtext(:about))")
        connection.execute(lock, {"ours": _LOCK, "about": about})


def _is(column: Any, value: str | None) -> Any:
    return column.is_(None) if value is None else column == value


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at. `times` says how often it has come up since `at`."""

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
        """Return it as plain data, with what the law says and what to do."""
        remedy = REMEDIES[self.reason]
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
            "article": remedy.article,
            "do": remedy.do,
        }


def open_items(connection: Connection) -> list[Item]:
    """Return what nobody has done yet, the oldest first."""
    rows = select(ATTENTION).where(ATTENTION.c.done_at.is_(None)).order_by(ATTENTION.c.at, ATTENTION.c.id)
    return [_item(row) for row in connection.execute(rows).mappings()]


def open_counts(connection: Connection) -> dict[Reason, int]:
    """Return how many items are open for each reason, those without any among them."""
    counted = select(ATTENTION.c.reason, func.count()).where(ATTENTION.c.done_at.is_(None))
    found = {row[0]: row[1] for row in connection.execute(counted.group_by(ATTENTION.c.reason))}
    return {reason: found.get(reason.value, 0) for reason in Reason}


def done(connection: Connection, number: int, *, by: str, at: datetime) -> bool:
    """Mark an item as done, and by whom. False where none of that number is open."""
    mark = update(ATTENTION).where(ATTENTION.c.id == number, ATTENTION.c.done_at.is_(None))
    return connection.execute(mark.values(done_at=at, done_by=by)).rowcount == 1


def _item(row: Any) -> Item:
    names = ("id", "detail", "at", "last_at", "times", "system", "technical_id", "workflow_id")
    return Item(reason=Reason(row["reason"]), **{name: row[name] for name in names})


def call_about(
    connection: Connection, reason: Reason, detail: str, message: Mapping[str, Any], now: datetime
) -> None:
    """Put a message into the queue of what needs a person. `detail` names nobody."""
    call_for(
        connection,
        reason,
        detail,
        now=now,
        system=message["system"],
        technical_id=message["technical_id"],
        workflow_id=message["workflow_id"],
    )
