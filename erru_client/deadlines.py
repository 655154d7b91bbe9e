"""The deadlines of the law, as functions. Regulation (EU) 2016/480, Annexes VI and VIII."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from movehub.protocol.workflow import SIX_WEEKS

#: Annex VI, 1.5.1: how long a Member State may take to answer.
ANSWER_WITHIN: Final = timedelta(seconds=10)
#: Annex VI, 1.5.2: how long a requester may wait in all.
WAIT_AT_MOST: Final = timedelta(seconds=20)


def notify_by(final_decision: date) -> date:
    """Return the last day on which an infringement is notified in time (Annex VIII, 2.4)."""
    return final_decision + SIX_WEEKS


def respond_by(final_decision: date) -> date:
    """Return the last day on which a state says which penalties it imposed (Annex VIII, 2.5)."""
    return final_decision + SIX_WEEKS


def answer_by(received: datetime, timeout_value: datetime | None = None) -> datetime:
    """Return when an answer must have left: within 10 s, and before the hub stops waiting."""
    own = received + ANSWER_WITHIN
    return own if timeout_value is None else min(own, timeout_value)
