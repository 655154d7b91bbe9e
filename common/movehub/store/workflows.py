"""Conversations, from their first message on. An answer that comes weeks later still finds its request.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, appendix: the workflow identifier correlates messages.

In some workflows a response follows the acknowledgement, days or weeks later (`later_response`). Its state
and its due date are columns of the conversation, on both sides:

    expected ── acknowledged, or recorded by our register ───────────▸ due ── it arrived ──▸ given
        └────── refused, or not delivered ──▸ none                       └── an operator ──▸ settled

Each step is in the transaction of the event that causes it. A response of ours counts as given when its
receipt says that it arrived, and not before. One of theirs counts when our register has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, select, update

from movehub.protocol.later_response import last_day
from movehub.protocol.workflow import HUB, workflow_of
from movehub.records.values import write_instant
from movehub.store.changes import Change
from movehub.store.tables import WORKFLOW, Conversation, LaterResponse


class Side(StrEnum):
    """Which side has to send the later response."""

    #: We do: the other state opened the workflow.
    OWED = "owed"
    #: The other state does.
    AWAITED = "awaited"


@dataclass(frozen=True, slots=True)
class OpenResponse:
    """A response that is owed by us, or awaited from `partner`. It is in time before `due`."""

    system: str
    workflow_id: str
    side: Side
    partner: str
    root: str
    #: The technical identifier of the request that it answers.
    request: str
    opened_at: datetime
    due: datetime

    def plain(self, now: datetime) -> dict[str, Any]:
        """Return plain data, with the last day in time and whether that is over."""
        return {
            "system": self.system,
            "workflow_id": self.workflow_id,
            "side": self.side.value,
            "partner": self.partner,
            "root": self.root,
            "request": self.request,
            "since": write_instant(self.opened_at),
            "due": write_instant(self.due),
            "last_day": last_day(self.due).isoformat(),
            "overdue": self.due <= now,
        }


def open_responses(connection: Connection) -> list[OpenResponse]:
    """Return the responses that are owed or awaited, the one that is due first at the beginning."""
    columns = WORKFLOW.c
    wanted = select(WORKFLOW).where(columns.response == LaterResponse.DUE.value)
    rows = connection.execute(wanted.order_by(columns.response_due, columns.workflow_id)).mappings()
    names = ("system", "workflow_id", "partner", "root", "request", "opened_at")
    return [
        OpenResponse(
            **{name: row[name] for name in names},
            side=Side.AWAITED if row["opened_by_us"] else Side.OWED,
            due=row["response_due"],
        )
        for row in rows
    ]


def opened(
    message: Mapping[str, Any], now: datetime, *, by_us: bool, response_due: datetime | None = None
) -> Change:
    """Return the change that stores the conversation of a request. A known one stays as it is."""
    values = {
        "system": message["system"],
        "workflow_id": message["workflow_id"],
        "opened_by_us": by_us,
        "partner": message["to_code" if by_us else "from_code"],
        "root": message["root"],
        "opened_at": now,
        "changed_at": now,
        "request": message["technical_id"],
        "state": Conversation.OPEN,
        "response": None if response_due is None else LaterResponse.EXPECTED,
        "response_due": response_due,
    }
    return Change(WORKFLOW, values)


def opened_again(message: Mapping[str, Any], response_due: datetime) -> Change:
    """Return the change for another request in a conversation whose first one was answered with an error."""
    values = {
        "request": message["technical_id"],
        "response": LaterResponse.EXPECTED,
        "response_due": response_due,
    }
    of = {name: message[name] for name in ("system", "workflow_id", "root")}
    of |= {"partner": message["from_code"], "opened_by_us": False, "response": LaterResponse.NONE}
    return Change(WORKFLOW, values, of=of)


def answered(system: str, workflow_id: str, answer: str, now: datetime) -> Change:
    """Return the change that stores the latest answer in a conversation, ours or theirs."""
    values = {"answer": answer, "changed_at": now, "state": Conversation.ANSWERED}
    return Change(WORKFLOW, values, of={"system": system, "workflow_id": workflow_id})


def processed(message: Mapping[str, Any], now: datetime, *, refused: bool) -> list[Change]:
    """Return what a received message changes about a later response, when our register has treated it.

    `message` has the columns of the inbox. `refused`: the register does not have it.
    """
    workflow = workflow_of(message["root"])
    if workflow is None or workflow.respond_within is None:
        return []
    of = {"system": message["system"], "workflow_id": message["workflow_id"]}
    if message["root"] == workflow.opening:
        of |= {"response": LaterResponse.EXPECTED, "opened_by_us": False}
        if refused:  # an earlier request in it may be recorded yet
            of |= {"request": message["technical_id"]}
        return [Change(WORKFLOW, {"response": LaterResponse.NONE if refused else LaterResponse.DUE}, of=of)]
    if message["root"] != workflow.later_response or refused:
        return []
    if message["from_code"] != HUB:  # it must come from the state that was notified
        of |= {"partner": message["from_code"]}
    given = {"response": LaterResponse.GIVEN, "response_at": message["received_at"], "changed_at": now}
    return [Change(WORKFLOW, given, of=of | {"opened_by_us": True})]


#: From which states an answer leads to another one.
_UNACKNOWLEDGED: Final = (LaterResponse.EXPECTED.value, LaterResponse.NONE.value)
_UNGIVEN: Final = tuple(state.value for state in LaterResponse if state is not LaterResponse.GIVEN)


def acknowledged(connection: Connection, sent: Mapping[str, Any], now: datetime, *, arrived: bool) -> None:
    """Store what the answer to a message of ours changes about a later response.

    `sent` has the columns of the outbox. `arrived`: the answer says that the other state has the message.
    """
    workflow, columns = workflow_of(sent["root"]), WORKFLOW.c
    if workflow is None or workflow.respond_within is None:
        return
    of_it = (columns.system == sent["system"]) & (columns.workflow_id == sent["workflow_id"])
    if sent["root"] == workflow.opening:
        values = {"response": LaterResponse.DUE.value if arrived else LaterResponse.NONE.value}
        which = of_it & columns.opened_by_us & columns.response.in_(_UNACKNOWLEDGED)
        connection.execute(update(WORKFLOW).where(which).values(values))
    elif arrived:
        given = {"response": LaterResponse.GIVEN.value, "response_at": now, "changed_at": now}
        which = of_it & ~columns.opened_by_us & columns.response.in_(_UNGIVEN)
        if sent["to_code"] != HUB:  # it must have gone to the state that notified us
            which &= columns.partner == sent["to_code"]
        connection.execute(update(WORKFLOW).where(which).values(given))


def is_known(connection: Connection, system: str, workflow_id: str) -> bool:
    """Return whether this database has a conversation."""
    of_it = (WORKFLOW.c.system == system) & (WORKFLOW.c.workflow_id == workflow_id)
    return connection.execute(select(WORKFLOW.c.root).where(of_it)).first() is not None
