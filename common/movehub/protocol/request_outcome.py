"""What became of a request of ours as a whole: answered or incomplete, delivered or not, and which states.

An answer in hand does not say that a notification was delivered, or that every state that was asked has
answered. Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 2.2: errors come in the response message as
well as in dedicated ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from movehub.protocol.message import ErrorNotification, Message
from movehub.protocol.reply import Reply
from movehub.protocol.workflow import workflow_of


class Result(StrEnum):
    """What became of a request. The database holds these texts, so they never change."""

    #: It waits to be sent, or for its answer.
    WAITING = "waiting"
    #: A search: every state that was asked has answered.
    ANSWERED = "answered"
    #: A search: a state gave no answer, or has no row. Nobody is cleared there.
    INCOMPLETE = "incomplete"
    #: A notification, or a response: every state that it went to has it.
    DELIVERED = "delivered"
    #: A notification, or a response: a state does not have it, or is not known to.
    NOT_DELIVERED = "not delivered"
    #: An ErrorNotification came in place of the answer.
    ERROR = "error"
    #: It left, and no answer came in time. It may have arrived.
    UNKNOWN = "unknown"
    #: It never left: its time was over.
    NOT_SENT = "not sent"
    #: The hub refused it in HTTP.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """What became of a request, and the states that did not answer or do not have it, sorted."""

    result: Result
    states: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return it in words: `incomplete: DK, SE`."""
        return f"{self.result}: {', '.join(self.states)}" if self.states else self.result.value


def outcome_of(request: Message[Any], reply: Reply[Any]) -> RequestOutcome:
    """Return what a reply says about its request."""
    if isinstance(reply.body, ErrorNotification):
        return RequestOutcome(Result.ERROR, reply.missing)
    workflow, missing = workflow_of(request.body.root), reply.missing
    if workflow is not None and workflow.notifies:
        return RequestOutcome(Result.NOT_DELIVERED if missing else Result.DELIVERED, missing)
    return RequestOutcome(Result.INCOMPLETE if missing else Result.ANSWERED, missing)
