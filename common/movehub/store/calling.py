"""Calling for a person about one message, by its columns in the inbox or the outbox.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 2.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from movehub.store.escalations import Reason, call_for
from movehub.store.leases import Claim


def call_about(
    connection: Connection, reason: Reason, detail: str, message: Claim | Mapping[str, Any], now: datetime
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
