"""Retention periods in calendar months, with the law that sets them.

Regulation (EU) 2016/68, Annex VII, 3, and (EU) 2016/480, Annex VII, 4: logs contain personal data for at most
six months after a transaction is complete. Both annexes are about the central hub, and not about the Member
States (2016/68, Annex VII; 2016/480, Annex VII, 1). It is **inferred** that a national system stores its
copies no longer than the hub, and you can change the period. The French arrêté of 13 October 2004 requires
one year for the access journal. The rest of a message's row has the longer of both periods, because the
journal refers to it.

Annex VIII, 1.4 of 2016/68 gives no period for recorded ICDL notifications. It is **inferred** that a
notification is of use as long as its card may be valid: a driver card is valid for five years, and a renewed
one may begin some months after it was issued. The renewed card is notified again (3.3).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from movehub.errors import InvalidConfiguration

_FORM: Final = re.compile(r"([1-9][0-9]{0,3}) (day|month|year)s?")


@dataclass(frozen=True, slots=True)
class Period:
    """A number of days or of calendar months."""

    days: int = 0
    months: int = 0

    @classmethod
    def of(cls, text: str) -> Period:
        """Read `30 days`, `6 months` or `1 year`. Raises InvalidConfiguration."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise InvalidConfiguration("a period must be written like '30 days', '6 months' or '1 year'")
        count, unit = int(found[1]), found[2]
        if unit == "day":
            return cls(days=count)
        return cls(months=count if unit == "month" else 12 * count)

    def before(self, instant: datetime) -> datetime:
        """Return the instant one period earlier: six months before 31 August is 28 February.

        A period that is longer than the calendar is for ever: it leads to the first instant of the calendar.
        """
        year, month = divmod(instant.year * 12 + instant.month - 1 - self.months, 12)
        if year < 1:
            return datetime.min.replace(tzinfo=instant.tzinfo)
        day = min(instant.day, monthrange(year, month + 1)[1])
        return instant.replace(year=year, month=month + 1, day=day) - timedelta(days=self.days)


#: A response may be due six weeks after the final decision (2016/480, Annex VIII, 2.5). A shorter period
#: would remove the request that the node compares it with.
SHORTEST: Final = Period(days=60)


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods of one node. Raises InvalidConfiguration if `documents` is shorter than 60 days."""

    #: From the end of a transaction. 2016/68, Annex VII, 3; 2016/480, Annex VII, 4.
    documents: Period = Period(months=6)
    #: Arrêté of 13 October 2004. Also the period of identifiers, unless that of documents is longer.
    journal: Period = Period(months=12)
    #: From the record on: the validity of a driver card, and a year (inferred).
    notified_licences: Period = Period(months=6 * 12)

    def __post_init__(self) -> None:
        if self.documents.days + 30 * self.documents.months < SHORTEST.days:
            raise InvalidConfiguration(
                "the retention period of documents must be at least 60 days: a response may take six weeks"
            )


#: The hub's period for documents, and France's for the journal.
DEFAULTS: Final = Periods()
