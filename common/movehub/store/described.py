"""What of a message stands in columns of its own. Nothing that could tell who it is about."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from movehub.protocol.member_states import sent_as
from movehub.protocol.message import ErrorNotification, Message
from movehub.protocol.workflow import HEARTBEAT, answer_to, workflow_of
from movehub.store.tables import Kind


def described(system: str, message: Message[Any], document: bytes) -> dict[str, Any]:
    """Return the columns that messages have, received or sent, all but `kind`."""
    header = message.header
    return {
        "technical_id": str(header.technical_id).lower(),
        "workflow_id": str(header.workflow_id).lower(),
        "system": system,
        "root": message.body.root,
        "from_code": sent_as(header.from_),
        "to_code": sent_as(header.to),
        "sent_at": header.sent_at,
        "digest": sha256(document).hexdigest(),
        "document": document,
    }


def kind_of(message: Message[Any]) -> Kind:
    """Return what a received message asks of us."""
    body = message.body
    if isinstance(body, ErrorNotification):
        return Kind.ERROR
    if answer_to(body.root) is None:
        return Kind.ANSWER
    if getattr(body, "request_purpose", None) == HEARTBEAT:
        return Kind.HEARTBEAT
    workflow = workflow_of(body.root)
    return Kind.NOTIFICATION if workflow is not None and workflow.notifies else Kind.QUERY
