"""Conversations, from their first message on. An answer that comes weeks later still finds its request.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, appendix: the workflow identifier correlates messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from movehub.store.changes import Change
from movehub.store.tables import WORKFLOW, Conversation


def opened(message: Mapping[str, Any], now: datetime, *, by_us: bool) -> Change:
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
    }
    return Change(WORKFLOW, values)


def answered(system: str, workflow_id: str, answer: str, now: datetime) -> Change:
    """Return the change that stores the latest answer in a conversation, ours or theirs."""
    values = {"answer": answer, "changed_at": now, "state": Conversation.ANSWERED}
    return Change(WORKFLOW, values, of={"system": system, "workflow_id": workflow_id})


def is_known(connection: Connection, system: str, workflow_id: str) -> bool:
    """Return whether this database has a conversation."""
    of_it = (WORKFLOW.c.system == system) & (WORKFLOW.c.workflow_id == workflow_id)
    return connection.execute(select(WORKFLOW.c.root).where(of_it)).first() is not None
