"""The history of one workflow: its messages, its later response and its escalations, without any document.

An operator reads it to see what became of a case. It names states, roots, states of messages and instants.
The documents come only on demand, and the journal then records who has read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from movehub.errors import InvalidOutgoing, MessageNotFound
from movehub.protocol.later_response import last_day
from movehub.protocol.workflow import Workflow, workflow_of
from movehub.records.values import write_instant
from movehub.store import outbox
from movehub.store.escalations import in_turn
from movehub.store.journal import Access, Entry, Journal
from movehub.store.tables import ESCALATIONS, INBOX, OUTBOX, WORKFLOW, LaterResponse, Sending, Sent
from movehub.store.workflows import Side


@dataclass(frozen=True, slots=True)
class MessageOfHistory:
    """One message of a workflow. `document` is None unless it was asked for and is still there."""

    received: bool
    technical_id: str
    root: str
    from_code: str
    to_code: str
    at: datetime
    state: str
    reason: str | None
    done_at: datetime | None
    #: What became of a request of ours, in words.
    outcome: str | None
    document: bytes | None = None

    def plain(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "received": self.received,
            "technical_id": self.technical_id,
            "root": self.root,
            "from": self.from_code,
            "to": self.to_code,
            "at": write_instant(self.at),
            "state": self.state,
            "reason": self.reason,
            "done": _instant(self.done_at),
            "outcome": self.outcome,
            **({} if self.document is None else {"document": self.document.decode(errors="replace")}),
        }


@dataclass(frozen=True, slots=True)
class History:
    """One workflow with all that happened in it.

    `workflow` and `escalations` have the columns of their tables.
    """

    workflow: Mapping[str, Any]
    messages: tuple[MessageOfHistory, ...]
    escalations: tuple[Mapping[str, Any], ...]

    def plain(self) -> dict[str, Any]:
        """Return plain data."""
        row = self.workflow
        return {
            "system": row["system"],
            "workflow_id": row["workflow_id"],
            "root": row["root"],
            "opened_by_us": row["opened_by_us"],
            "partner": row["partner"],
            "state": row["state"],
            "since": write_instant(row["opened_at"]),
            "response": _response(row),
            "messages": [each.plain() for each in self.messages],
            "escalations": [_escalation(each) for each in self.escalations],
        }


def history(connection: Connection, identifier: str) -> History:
    """Return the history of a workflow, by its identifier or that of a message. Raises MessageNotFound."""
    row = _workflow(connection, identifier)
    of_it = {"system": row["system"], "workflow_id": row["workflow_id"]}
    messages: list[MessageOfHistory] = []
    for table in (INBOX, OUTBOX):
        found = select(table).filter_by(**of_it)
        rows = connection.execute(found).mappings()
        messages += [_message(dict(each), received=table is INBOX) for each in rows]
    problems = select(ESCALATIONS).filter_by(**of_it).order_by(ESCALATIONS.c.at, ESCALATIONS.c.id)
    return History(
        workflow=dict(row),
        messages=tuple(sorted(messages, key=lambda each: (each.at, each.technical_id))),
        escalations=tuple(dict(each) for each in connection.execute(problems).mappings()),
    )


def history_with_documents(connection: Connection, journal: Journal, identifier: str, *, by: str) -> History:
    """Return a history with the documents of its messages, and record who has read each of them."""
    found = history(connection, identifier)
    messages: list[MessageOfHistory] = []
    for each in found.messages:
        table = INBOX if each.received else OUTBOX
        stored = select(table.c.document).where(table.c.technical_id == each.technical_id)
        messages.append(replace(each, document=connection.execute(stored).scalar_one()))
    system, workflow = found.workflow["system"], found.workflow["workflow_id"]
    read = [each.technical_id for each in messages if each.document is not None]
    journal.note(connection, *(Entry(Access.CONSULTED, by, system, one, workflow) for one in read))
    return replace(found, messages=tuple(messages))


def request_to_answer(
    connection: Connection,
    journal: Journal,
    identifier: str,
    wanted: Workflow,
    *,
    by: str,
    again: bool = False,
) -> bytes:
    """Return the stored request to which a response of ours is to be sent, and record who has read it.

    `identifier` is that of the workflow or of its request. Raises MessageNotFound if the request or its
    document is not here, and InvalidOutgoing if no response of ours belongs to it, or if there is one. With
    `again`, there may be one. Post the response in the same transaction: nobody else can post one meanwhile.
    """
    row, name = _workflow(connection, identifier), str(wanted)
    if row["system"] != wanted.system or row["root"] != wanted.opening:
        raise InvalidOutgoing(f"the workflow is {workflow_of(row['root'])}, not {name}", workflow=name)
    if row["opened_by_us"]:
        raise InvalidOutgoing("you opened this workflow, so the other state responds", workflow=name)
    in_turn(connection, f"respond {row['system']} {row['workflow_id']}")
    _check_response(connection, row, wanted, again=again)
    stored = select(INBOX.c.document).where(INBOX.c.technical_id == row["request"])
    document: bytes | None = connection.execute(stored).scalar_one_or_none()
    if document is None:
        raise MessageNotFound("retention has removed the request, so no response can be made from it")
    journal.note(connection, Entry(Access.CONSULTED, by, row["system"], row["request"], row["workflow_id"]))
    return document


#: A response of ours in one of these states may still arrive, or may have arrived.
_UNDER_WAY = (Sent.PREPARED, Sent.SENDING, Sent.DELIVERED, Sent.UNKNOWN)


def _check_response(connection: Connection, row: Mapping[str, Any], wanted: Workflow, *, again: bool) -> None:
    if row["response"] in {None, LaterResponse.EXPECTED, LaterResponse.NONE}:
        why = {
            None: "its notification needs no response",
            LaterResponse.EXPECTED: "your register does not have its notification yet",
            LaterResponse.NONE: "its notification was answered with an error",
        }[row["response"]]
        raise InvalidOutgoing(f"no response is owed in this workflow: {why}", workflow=str(wanted))
    posted = select(OUTBOX.c.state).filter_by(
        system=row["system"], workflow_id=row["workflow_id"], root=wanted.later_response
    )
    under_way = any(state in _UNDER_WAY for state in connection.execute(posted).scalars())
    if not again and (row["response"] == LaterResponse.GIVEN or under_way):
        raise InvalidOutgoing(
            "this workflow has a response of yours already, which arrived or may arrive. To send another one,"
            " give --again",
            workflow=str(wanted),
        )


def _workflow(connection: Connection, identifier: str) -> Mapping[str, Any]:
    wanted = identifier.strip().lower()
    workflow_ids = {wanted}
    for table in (INBOX, OUTBOX):
        named = select(table.c.workflow_id).where(table.c.technical_id == wanted)
        workflow_ids |= set(connection.execute(named).scalars())
    found = select(WORKFLOW).where(WORKFLOW.c.workflow_id.in_(workflow_ids))
    row = connection.execute(found).mappings().first()
    if row is None:
        raise MessageNotFound("no workflow of this identifier is in this database, and no message of one")
    return dict(row)


def _message(row: Mapping[str, Any], *, received: bool) -> MessageOfHistory:
    names = ("technical_id", "root", "from_code", "to_code", "state", "reason", "done_at")
    is_request = not received and row["kind"] == Sending.REQUEST
    return MessageOfHistory(
        received=received,
        at=row["received_at" if received else "prepared_at"],
        outcome=str(outbox.outcome_of_row(row)) if is_request else None,
        **{name: row[name] for name in names},
    )


def _response(row: Mapping[str, Any]) -> dict[str, Any] | None:
    if row["response"] is None:
        return None
    due: datetime | None = row["response_due"]  # None if one came although none was due
    return {
        "side": (Side.AWAITED if row["opened_by_us"] else Side.OWED).value,
        "state": row["response"],
        "due": _instant(due),
        "last_day": None if due is None else last_day(due).isoformat(),
        "at": _instant(row["response_at"]),
    }


def _escalation(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("id", "reason", "detail", "times")},
        "since": write_instant(row["at"]),
        "last": write_instant(row["last_at"]),
        "resolved": _instant(row["done_at"]),
        "resolved_by": row["done_by"],
    }


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else write_instant(instant)
