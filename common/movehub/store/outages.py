"""Outages of a register: the message types that wait for it, and when one message may try it again.

A type waits while the table of slots has its row, so an outage survives a restart, and all processes that
share the database know it. The open escalation *register down* counts the failures of a system. It is
resolved when no type of the system waits any more.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 2.2 (escalation).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, delete, func, literal, or_, select, update

from movehub.store.changes import Change, make
from movehub.store.escalations import Reason, escalate, in_turn, resolve_matching
from movehub.store.tables import ESCALATIONS, INBOX, SLOT, Received, instant_of, micros

#: The pauses between two tries: as long as the outage has lasted, within these limits (inferred). So they
#: double from 5 seconds on, and a register that works again is noticed within a minute.
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(seconds=60)

_PREFIX: Final = "register down"


class MessageType(NamedTuple):
    """One type of message of one system: one method of the register."""

    system: str
    root: str

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> MessageType:
        """Return the type of a message. `message` has the columns of the inbox."""
        return cls(message["system"], message["root"])

    def __str__(self) -> str:
        return f"{self.system} {self.root}"

    @property
    def _slot(self) -> str:
        return f"{_PREFIX} {self}"


def waiting_types(connection: Connection) -> dict[MessageType, datetime]:
    """Return the types that wait for their register, and from when on one message may try it."""
    rows = select(SLOT.c.name, SLOT.c.next_at).where(SLOT.c.name.startswith(f"{_PREFIX} ", autoescape=True))
    return {
        MessageType(*name.removeprefix(f"{_PREFIX} ").rsplit(" ", 1)): instant_of(next_at)
        for name, next_at in connection.execute(rows)
    }


def waits(connection: Connection, of: MessageType) -> bool:
    """Whether the messages of a type wait. Until the transaction ends, others that change it wait, too."""
    in_turn(connection, f"{_PREFIX} {of.system}")
    row = select(SLOT.c.name).where(SLOT.c.name == of._slot)
    return connection.execute(row).first() is not None


def note_failure(connection: Connection, of: MessageType, reason: str, now: datetime) -> None:
    """Let the messages of a type wait, if they do not wait yet, and count the failure in the escalation."""
    make(connection, [Change(SLOT, {"name": of._slot, "next_at": micros(now + FIRST_PAUSE)})])
    detail = f"{reason}, for one message after the other: {of.root} and perhaps other types"
    escalate(connection, Reason.REGISTER_DOWN, detail, now=now, system=of.system)


def claim_try(connection: Connection, of: MessageType, now: datetime) -> bool:
    """Whether the caller may try the register with one message. True for one caller in each pause."""
    pause = min(max(now - (outage_since(connection, of.system) or now), FIRST_PAUSE), LONGEST_PAUSE)
    following = SLOT.c.next_at
    ahead = following > micros(now + LONGEST_PAUSE)  # it was written before the clock was set back
    due = (SLOT.c.name == of._slot) & or_(following <= micros(now), ahead)
    return connection.execute(update(SLOT).where(due).values(next_at=micros(now + pause))).rowcount == 1


def end(connection: Connection, of: MessageType, now: datetime) -> bool:
    """Let the messages of a type go on: all that wait are due now. False if they did not wait.

    The escalation is resolved if no other type of the system waits.
    """
    in_turn(connection, f"{_PREFIX} {of.system}")
    if not connection.execute(delete(SLOT).where(SLOT.c.name == of._slot)).rowcount:
        return False
    unclaimed = (INBOX.c.state == Received.RECEIVED) & INBOX.c.lease_owner.is_(None)
    its = (INBOX.c.system == of.system) & (INBOX.c.root == of.root)
    connection.execute(update(INBOX).where(unclaimed, its).values(next_attempt_at=now))
    if of.system not in {each.system for each in waiting_types(connection)}:
        resolve_matching(connection, _its_escalation(of.system), now=now)
    return True


def outage_since(connection: Connection, system: str) -> datetime | None:
    """Return when the open outage of a system began, or None."""
    began = select(func.min(ESCALATIONS.c.at)).where(_its_escalation(system), ESCALATIONS.c.done_at.is_(None))
    since: datetime | None = connection.execute(began).scalar_one()
    return since


def waiting_count(connection: Connection, of: MessageType) -> int:
    """Return how many messages of a type wait."""
    counted = select(func.count()).where(
        INBOX.c.state.in_((Received.RECEIVED, Received.PROCESSING)),
        INBOX.c.system == of.system,
        INBOX.c.root == of.root,
    )
    return connection.execute(counted).scalar_one()


def is_waiting(system: Column[Any], root: Column[Any]) -> ColumnElement[bool]:
    """Whether the message type in these columns waits for its register."""
    name = literal(f"{_PREFIX} ").concat(system).concat(" ").concat(root)
    return select(SLOT.c.name).where(SLOT.c.name == name).exists()


def _its_escalation(system: str) -> ColumnElement[bool]:
    return (ESCALATIONS.c.reason == Reason.REGISTER_DOWN) & (ESCALATIONS.c.system == system)
