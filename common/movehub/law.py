"""The place of each duty in the two regulations, as one table.

Regulation (EU) 2016/68 (TACHOnet) in the text that applies since 2 March 2018, and Regulation (EU) 2016/480
(ERRU) as amended in 2023. They have much the same duties under different numbers. Errors, escalations, rules
and help take their article from here. If a regulation is renumbered, you change a row. Docstrings and pages
repeat the numbers, and `tests/conformance/test_citations.py` finds those that no longer fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: The two regulations, as citations name them.
TACHONET: Final = "2016/68"
ERRU: Final = "2016/480"


@dataclass(frozen=True, slots=True)
class Point:
    """The place of one duty in each regulation. It is empty if the regulation does not have the duty."""

    tachonet: str = ""
    erru: str = ""

    def __str__(self) -> str:
        """Return `Annex VI, 2.2` if both regulations have the same number, otherwise each with its name."""
        if self.tachonet == self.erru:
            return self.tachonet
        places = ((TACHONET, self.tachonet), (ERRU, self.erru))
        return "; ".join(f"{regulation}, {place}" for regulation, place in places if place)

    def letter(self, letter: str) -> Point:
        """Return one letter of the point, such as `(a)`."""
        return Point(*(place and f"{place} ({letter})" for place in (self.tachonet, self.erru)))


def _both(place: str) -> Point:
    return Point(place, place)


# Messages and their way.
ALL_THROUGH_THE_HUB: Final = Point("Annex I, 1.1", "Annex I, 1.3")
INTERFACES: Final = _both("Annex III, 1.1")
UTF_8: Final = _both("Annex III, 1.2")
VALID_MESSAGES: Final = _both("Annex III, 2.2")
FIELDS: Final = _both("Annex III, appendix")
SEARCH_KEYS: Final = _both("Annex IV")
CERTIFICATES: Final = _both("Annex V, 2")
KEY_LENGTH: Final = _both("Annex V, 3")

# Service levels.
AVAILABILITY: Final = _both("Annex VI, 1.3")
ANSWER_RATE: Final = _both("Annex VI, 1.4")
ANSWER_WITHIN_10_SECONDS: Final = Point("Annex VI, 1.5", "Annex VI, 1.5.1")
WAIT_20_SECONDS: Final = Point("Annex VI, 1.5", "Annex VI, 1.5.2")
MCS_RESPONSE_WITHIN_10_DAYS: Final = Point(tachonet="Annex VI, 1.6")
#: The response that follows an acknowledgement: to an MCS after days, to an NCR after weeks.
LATER_RESPONSE: Final = Point("Annex VI, 1.6", "Annex VIII, 2.5")
ANSWER_6_A_SECOND: Final = Point("Annex VI, 1.4", "Annex VI, 1.5.3")
SEND_2_A_SECOND: Final = Point("Annex VI, 1.7", "Annex VI, 1.6")
#: The five troubles are its letters: (a) no connection, (b) no answer, (c) a late one, (d) an unsolicited
#: message, (e) an invalid one.
TROUBLES: Final = Point("Annex VI, 1.8", "Annex VI, 1.7")
ESCALATION: Final = _both("Annex VI, 2.2")

# Records of the messages.
ANONYMOUS_STATISTICS: Final = Point("Annex VII, 1", "Annex VII, 2")
RETENTION: Final = Point("Annex VII, 3", "Annex VII, 4")
STATISTICS: Final = Point("Annex VII, 4", "Annex VII, 5")

# Workflows. RSI is in another regulation.
CIC: Final = Point(tachonet="Annex II, 1.1")
CCS: Final = Point(tachonet="Annex II, 1.2")
MCS: Final = Point(tachonet="Annex II, 1.3")
ICDL: Final = Point(tachonet="Annex II, 1.4")
CGR: Final = Point(erru="Annex II, 1.1")
NCR: Final = Point(erru="Annex II, 1.2")
CTUD: Final = Point(erru="Annex II, 1.3")
NU: Final = Point(erru="Annex II, 1.4")

# TACHOnet alone.
CARD_STATUSES: Final = Point(tachonet="Annex II, appendix")
VALID_FOR_DRIVING: Final = Point(tachonet="Annex II, 5")
FOREIGN_LICENCE: Final = Point(tachonet="Annex VIII, 1.1")
RECORDED_NOTIFICATIONS: Final = Point(tachonet="Annex VIII, 1.3")
SAMPLE: Final = Point(tachonet="Annex VIII, 1.5")
CARD_TAKEN_AWAY: Final = Point(tachonet="Annex VIII, 2.1")

# ERRU alone.
GOOD_REPUTE: Final = Point(erru="Annex VIII, 1")
CLEAN_CHECK: Final = Point(erru="Annex VIII, 2.2")
MINOR_INFRINGEMENTS: Final = Point(erru="Annex VIII, 2.3")
NOTIFY_WITHIN_6_WEEKS: Final = Point(erru="Annex VIII, 2.4")
RESPOND_WITHIN_6_WEEKS: Final = Point(erru="Annex VIII, 2.5")
ALL_DATA_AT_HAND: Final = Point(erru="Annex VIII, 3.5")
UNFITNESS_TO_ALL: Final = Point(erru="Annex VIII, 4.1")
