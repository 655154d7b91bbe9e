"""The instant until which the later response in a workflow is due: of an NCR and of an MCS.

* MCS: ten calendar days after the request was sent, counted to the second (Regulation (EU) 2016/68, Annex II,
  1.3, and Annex VI, 1.6).
* NCR: six weeks after "the final decision on the matter", counted in whole days of UTC (Regulation (EU)
  2016/480, Annex VIII, 2.5). A clean check has no response. Any other result has one.

**Inferred.** The law does not say whose decision it means. If it is the decision of the state that responds,
no message tells its day. So the last decision in the notification counts: it is the earlier one, and a
response in time by it is in time by both readings. The day of arrival counts instead if the notification has
no decision, or one that is in the future, or one that is more than six weeks old (2.4 gives no more time for
the notification itself).

Arrival is by your clock. For a request of yours, the instant when you stored it counts. A `sentAt` after the
arrival, or more than a day before it, is not believed, and your clock counts: a wrong clock of another state
must not move a due date.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from movehub.protocol.message import Message
from movehub.protocol.workflow import HEARTBEAT, workflow_of

#: How far `sentAt` may be before the arrival (inferred). A message waits for 20 seconds at most.
_BELIEVED: Final = timedelta(days=1)
_A_DAY: Final = timedelta(days=1)


class AnsweredLater:
    """A notification that a response follows, days or weeks after its acknowledgement."""

    __slots__ = ()

    @property
    def response_due(self) -> bool:
        """Whether a response must follow."""
        return True

    @property
    def final_decision(self) -> date | None:
        """The day of the last final decision that it tells of. The time for the response begins with it."""
        return None


def response_due_at(message: Message[Any], at: datetime) -> datetime | None:
    """Return until when the later response to a message is due, or None if it has none.

    `at` is the instant when the message came in or was stored to be sent, by our clock.
    """
    body, workflow = message.body, workflow_of(message.body.root)
    if workflow is None or workflow.respond_within is None or body.root != workflow.opening:
        return None
    if getattr(body, "request_purpose", None) == HEARTBEAT:
        return None
    if not isinstance(body, AnsweredLater) or not body.response_due:
        return None
    if workflow.from_decision:
        day = _decided(body.final_decision, at.astimezone(UTC).date(), workflow.respond_within)
        return _end_of(day + workflow.respond_within)
    sent_at = message.header.sent_at
    believed = at - _BELIEVED <= sent_at <= at
    return (sent_at if believed else at) + workflow.respond_within


def last_day(due: datetime) -> date:
    """Return the last day on which a response is in time, in UTC."""
    return (due.astimezone(UTC) - timedelta(microseconds=1)).date()


def _decided(decision: date | None, arrival: date, within: timedelta) -> date:
    """Return the day with which the weeks begin."""
    if decision is None or not arrival - within <= decision <= arrival:
        return arrival
    return decision


def _end_of(day: date) -> datetime:
    return datetime.combine(day + _A_DAY, time(), UTC)
