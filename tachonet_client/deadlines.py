"""The deadline of the law that is days away, as a function. Regulation (EU) 2016/68, Annexes II and VI."""

from __future__ import annotations

from datetime import datetime

from movehub.protocol.workflow import TEN_DAYS


def respond_by(sent_at: datetime) -> datetime:
    """Return until when a state says what became of a notified card status (Annex II, 1.3).

    `sent_at` is `sentAt` of the request, not the time of its receipt. The law counts ten calendar days. We
    count them to the second (inferred), which is never later than any other count.
    """
    return sent_at + TEN_DAYS
