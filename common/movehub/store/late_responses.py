"""Responses that the law gives days for: the node escalates one that is missing, of ours or of another state.

An acknowledgement says that a notification arrived. The response about the register comes later, in the same
workflow. The table of workflows has the time for it, counted from `sentAt` of the request. A heartbeat has no
response: it is no case. A request has none either if an ErrorNotification answered it, or if the receipt says
that it was not delivered. Regulation (EU) 2016/68, Annex II, 1.3, and Annex VI, 1.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, func, select

from movehub.protocol.message import ErrorNotification
from movehub.protocol.workflow import TEN_DAYS, WORKFLOWS, Workflow
from movehub.store.engine import Store
from movehub.store.escalations import Reason, escalate_message, resolve_matching
from movehub.store.periodic_tasks import claim_periodic_task
from movehub.store.tables import ESCALATIONS, INBOX, OUTBOX, Kind, Received, Sent

#: How long before its end our own response is escalated, so that it can still be sent in time (inferred).
_REMIND: Final = timedelta(days=3)
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Side:
    """A side of a workflow: the table of its requests, with their state, and the table of the responses."""

    requests: Table
    state: str
    responses: Table
    before_the_end: timedelta
    detail: str
    #: Selects the requests that were refused, or that the other state does not have.
    refused: ColumnElement[bool]


def _with_reason(reason: Reason, request: Table) -> ColumnElement[bool]:
    """Select the requests about which there is an entry with a reason, open or resolved."""
    about_it = ESCALATIONS.c.technical_id == request.c.technical_id
    return exists().where(about_it, ESCALATIONS.c.reason == reason)


_WE_REFUSED: Final = exists().where(
    OUTBOX.c.in_reply_to == INBOX.c.technical_id, OUTBOX.c.root == ErrorNotification.root
)
_THEY_REFUSED: Final = exists().where(
    INBOX.c.technical_id == OUTBOX.c.answered_by, INBOX.c.kind == Kind.ERROR
)
_NOT_DELIVERED: Final = _with_reason(Reason.NOT_DELIVERED, OUTBOX)

_SIDES: Final = (
    _Side(
        INBOX, Received.PROCESSED, OUTBOX, _REMIND, "our response is due by {by} at the latest", _WE_REFUSED
    ),
    _Side(
        OUTBOX,
        Sent.ANSWERED,
        INBOX,
        timedelta(0),
        "their response was due by {by} at the latest",
        _THEY_REFUSED | _NOT_DELIVERED,
    ),
)


def escalate_late_responses(store: Store) -> int:
    """Escalate the responses that are missing, and return how many. Once a day over all processes.

    Each is escalated once. The entry is resolved when the node has the response.
    """
    now = store.now()
    if not store.write(lambda connection: claim_periodic_task(connection, "late responses", now, _A_DAY)):
        return 0
    count = 0
    with store.writing() as connection:
        resolve_matching(connection, (ESCALATIONS.c.reason == Reason.RESPONSE_DUE) & _has_come(), now=now)
        for side, within, wanted in _searches(now):
            for row in connection.execute(wanted).mappings().all():
                detail = side.detail.format(by=(row["sent_at"] + within).date())
                escalate_message(connection, Reason.RESPONSE_DUE, detail, dict(row), now)
                count += 1
    return count


def _searches(now: datetime) -> Iterator[tuple[_Side, timedelta, Any]]:
    """Yield a query for each side of each workflow: requests whose time is over, without a response."""
    for workflow in WORKFLOWS:
        within = workflow.respond_within
        if within is None:
            continue
        for side in _SIDES:
            columns = side.requests.c
            yield (
                side,
                within,
                select(columns.technical_id, columns.workflow_id, columns.system, columns.sent_at).where(
                    _has_a_response(side, workflow),
                    columns.sent_at <= now - within + side.before_the_end,
                    ~_answered(side.responses, columns, workflow),
                    ~_with_reason(Reason.RESPONSE_DUE, side.requests),
                ),
            )


def _has_a_response(side: _Side, workflow: Workflow) -> ColumnElement[bool]:
    """Select the requests that a later response belongs to, whether it has come or not."""
    columns = side.requests.c
    return and_(
        columns.system == workflow.system,
        columns.root == workflow.opening,
        columns.state == side.state,
        columns.kind != Kind.HEARTBEAT,
        ~side.refused,
    )


def _answered(responses: Table, request: Any, workflow: Workflow) -> Any:
    """Select whether a workflow has its response."""
    return exists().where(
        responses.c.system == request.system,
        responses.c.workflow_id == request.workflow_id,
        responses.c.root == workflow.later_response,
    )


def _has_come() -> Any:
    """Select the escalations whose workflow has its response now."""
    roots = [workflow.later_response for workflow in WORKFLOWS if workflow.respond_within is not None]
    found = [
        exists().where(
            table.c.system == ESCALATIONS.c.system,
            table.c.workflow_id == ESCALATIONS.c.workflow_id,
            table.c.root.in_(roots),
        )
        for table in (INBOX, OUTBOX)
    ]
    return found[0] | found[1]


# The figure of the monthly statistics.

#: Its numbers, and the days that the law gives.
MCS_COUNTS: Final = ("requests", "in_time", "late")
MCS_WITHIN: Final = {"within_days": TEN_DAYS.days}


def responses_of_ours(
    connection: Connection, start: datetime, end: datetime, now: datetime
) -> dict[str, int]:
    """Count our responses to the requests that were sent between two instants (Annex VI, 1.6).

    `late` counts those that were sent too late, or are missing although their time is over. A request that
    is in neither number still has time. A response counts by its `sentAt`. That the month of the request
    counts, as in the other figures, is inferred.
    """
    requests = in_time = late = 0
    for workflow in WORKFLOWS:
        if workflow.respond_within is None:
            continue
        for row in connection.execute(_with_response(workflow, start, end)).mappings():
            answered_at, until = row["answered_at"], row["sent_at"] + workflow.respond_within
            requests += 1
            in_time += answered_at is not None and answered_at <= until
            late += (answered_at or now) > until
    return dict(zip(MCS_COUNTS, (requests, in_time, late), strict=True)) | MCS_WITHIN


def _with_response(workflow: Workflow, start: datetime, end: datetime) -> Any:
    """Select when the requests to us were sent, and their first response."""
    (ours, _), asked, answers = _SIDES, INBOX.c, OUTBOX.c
    first = (
        select(func.min(answers.sent_at))
        .where(
            answers.system == asked.system,
            answers.workflow_id == asked.workflow_id,
            answers.root == workflow.later_response,
        )
        .scalar_subquery()
    )
    between = (asked.sent_at >= start) & (asked.sent_at < end)
    return select(asked.sent_at, first.label("answered_at")).where(_has_a_response(ours, workflow), between)
