"""Responses that the law gives days or weeks for: owed by us, or awaited from another state.

An acknowledgement says that a notification arrived. The response about the register comes later, in the same
workflow. `workflows` stores its state and due date, and the node escalates it before that date.
A heartbeat, a clean check, and a notification that was refused or not delivered have no response.
Regulation (EU) 2016/68, Annex II, 1.3, and Annex VI, 1.6; Regulation (EU) 2016/480, Annex VIII, 2.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, exists, select

from movehub.protocol.later_response import last_day
from movehub.protocol.workflow import SIX_WEEKS, TEN_DAYS, WORKFLOWS, Workflow
from movehub.store.engine import Store
from movehub.store.escalations import Reason, escalate_message, resolve_matching
from movehub.store.periodic_tasks import claim_periodic_task
from movehub.store.tables import ESCALATIONS, WORKFLOW, LaterResponse

#: How long before its end our own response is escalated, so that it can still be sent in time (inferred).
OWED_BEFORE: Final[Mapping[timedelta, timedelta]] = {
    TEN_DAYS: timedelta(days=3),
    SIX_WEEKS: timedelta(weeks=1),
}
#: How long before its end a missing response of another state is escalated, so that you can remind it in time
#: (inferred).
AWAITED_BEFORE: Final = timedelta(days=1)
_EVERY: Final = timedelta(hours=1)

#: The workflows with a later response.
_WORKFLOWS: Final = tuple(workflow for workflow in WORKFLOWS if workflow.respond_within is not None)
#: The texts of an escalation.
_OURS: Final = "our response to {} is due by {} at the latest"
_THEIRS: Final = "the response of {} is due by {} at the latest"

_IS_DUE: Final = WORKFLOW.c.response == LaterResponse.DUE.value
_ESCALATED: Final = exists().where(
    ESCALATIONS.c.system == WORKFLOW.c.system,
    ESCALATIONS.c.workflow_id == WORKFLOW.c.workflow_id,
    ESCALATIONS.c.reason == Reason.RESPONSE_DUE,
    ESCALATIONS.c.done_at.is_(None),
)
_STILL_DUE: Final = exists().where(
    WORKFLOW.c.system == ESCALATIONS.c.system, WORKFLOW.c.workflow_id == ESCALATIONS.c.workflow_id, _IS_DUE
)


def escalate_late_responses(store: Store) -> int:
    """Escalate the responses that are due soon or overdue, and return how many.

    It does so once an hour over all processes. Each response is escalated once. The entry is resolved when
    the response has arrived.
    """
    now = store.now()
    if not store.write(lambda connection: claim_periodic_task(connection, "late responses", now, _EVERY)):
        return 0
    with store.writing() as connection:
        of_the_past = (ESCALATIONS.c.reason == Reason.RESPONSE_DUE) & ~_STILL_DUE
        resolve_matching(connection, of_the_past, now=now)
        return sum(_escalate(connection, workflow, now) for workflow in _WORKFLOWS)


def _escalate(connection: Connection, workflow: Workflow, now: datetime) -> int:
    columns, count = WORKFLOW.c, 0
    for by_us, text, before in (
        (False, _OURS, OWED_BEFORE[workflow.respond_within or TEN_DAYS]),
        (True, _THEIRS, AWAITED_BEFORE),
    ):
        wanted = select(WORKFLOW).where(
            _IS_DUE,
            columns.response_due <= now + before,
            columns.system == workflow.system,
            columns.root == workflow.opening,
            columns.opened_by_us.is_(by_us),
            ~_ESCALATED,
        )
        for row in connection.execute(wanted).mappings().all():
            detail = text.format(row["partner"], last_day(row["response_due"]))
            about = {**row, "technical_id": row["request"]}
            escalate_message(connection, Reason.RESPONSE_DUE, detail, about, now)
            count += 1
    return count


# The figure of the monthly statistics.

#: Its numbers, and the days that the law gives.
MCS_COUNTS: Final = ("requests", "in_time", "late")
MCS_WITHIN: Final = {"within_days": TEN_DAYS.days}
#: The states of a notification that has a response. It has one even before our register has recorded it.
_RESPONDED: Final = tuple(state.value for state in LaterResponse if state is not LaterResponse.NONE)


def responses_of_ours(
    connection: Connection, start: datetime, end: datetime, now: datetime
) -> dict[str, int]:
    """Count our responses to the MCS requests that came between two instants (Annex VI, 1.6).

    A response counts when its receipt says that it arrived, by our clock. `late` counts those that arrived
    too late, or not at all although their time is over. A request that is in neither number still has time.
    That the month of the request counts, as in the other figures, is inferred.
    """
    columns, requests, in_time, late = WORKFLOW.c, 0, 0, 0
    for workflow in _WORKFLOWS:
        if workflow.respond_within != TEN_DAYS:
            continue
        between = (columns.opened_at >= start) & (columns.opened_at < end)
        wanted = select(columns.response, columns.response_due, columns.response_at).where(
            columns.system == workflow.system,
            columns.root == workflow.opening,
            ~columns.opened_by_us,
            columns.response.in_(_RESPONDED),
            between,
        )
        for state, due, at in connection.execute(wanted):
            given = at if state == LaterResponse.GIVEN else None
            requests += 1
            in_time += given is not None and given <= due
            late += (given or now) > due
    return dict(zip(MCS_COUNTS, (requests, in_time, late), strict=True)) | MCS_WITHIN
