"""The rules of ERRU that its schema does not hold, as one table.

Each row names its source: the regulation, the Commission's own test cases (`NCR_07`: the hub refuses such a
message although the schema accepts it), or the checks of other national systems. The levels follow the
evidence, not common sense: official test data contradict common sense in places, and a stricter rule would
stop correct notifications.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from movehub.protocol.rules import Rule

from ..participants import PARTICIPANTS
from .header import header_rules
from .inspections import INSPECTION_RULES
from .names import NAME_RULE
from .notifications import NOTIFICATION_RULES
from .queries import QUERY_RULES


@cache
def rules(participants: frozenset[str]) -> tuple[Rule, ...]:
    """Return the table for these participants."""
    return (*header_rules(participants), *QUERY_RULES, *NOTIFICATION_RULES, *INSPECTION_RULES, NAME_RULE)


#: The table for the default participants.
RULES: Final = rules(PARTICIPANTS)

__all__ = ["RULES", "rules"]
