"""Receipts: the acknowledgement of a notification, stored together with the notification.

The law wants it within 10 seconds, and it says that the message arrived, not what the register made of it.
So by default it does not wait for the register: `acknowledge = "when stored"`. The register is called
afterwards, until it has the notification. If the register refuses it for good, that is escalated, and there
is no ErrorNotification: a request has one answer. An answer that only the register can give waits for it:
those to ICDL and RSI, and those to searches.
Regulation (EU) 2016/68, Annex II, 1.3 and Annex VI, 1.5; Regulation (EU) 2016/480, Annex VI, 1.5.1 and
Annex VIII, 2.6 and 4.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from movehub.responder import Reply
from movehub.store import Store, outbox, workflows
from movehub.store.changes import Change
from movehub.store.journal import delivered
from movehub.store.tables import WORKFLOW, LaterResponse, Sent


def stored_answer(
    store: Store, received: Mapping[str, Any], reply: Reply, *, until: datetime | None, at_once: bool
) -> list[Change]:
    """Return the changes that store the answer to a received message, to be sent `until` then.

    `at_once`: it goes back on the connection that brought the message, and counts as delivered.
    """
    now = store.now()
    answer = outbox.new_answer(
        received["system"],
        reply.message,
        reply.document,
        in_reply_to=received["technical_id"],
        now=now,
        not_after=until,
        state=Sent.DELIVERED if at_once else Sent.PREPARED,
    )
    of_it = answer.values["technical_id"]
    changes = [answer, workflows.answered(received["system"], received["workflow_id"], of_it, now)]
    if at_once:
        changes += delivered(store.journal, {**received, "technical_id": of_it})
    return changes


def acknowledged(
    store: Store,
    received: Mapping[str, Any],
    stored: Sequence[Change],
    receipt: Reply,
    *,
    until: datetime | None,
    at_once: bool,
) -> list[Change]:
    """Return the changes that store a receipt together with its notification, which `stored` will store.

    The conversation of an opening request is answered from its first moment on: an update of the new row
    could come before the row if other threads share the transaction. The later response that it asks for is
    due now, because the other state knows that we have the request.
    """
    changes = stored_answer(store, received, receipt, until=until, at_once=at_once)
    (answered,) = (each for each in changes if each.table is WORKFLOW)
    for opened in stored:
        if opened.table is WORKFLOW:
            opened.values.update(answered.values)
            if opened.values["response"] is not None:
                opened.values["response"] = LaterResponse.DUE
    return changes
