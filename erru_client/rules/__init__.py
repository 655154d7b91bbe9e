"""The rules of ERRU that its schema does not hold, as one table.

Each row names its source: the regulation, the Commission's own test cases (`NCR_07`: the hub refuses such a
message although the schema accepts it), or the checks of other national systems. The levels follow the
evidence, not common sense: official test data contradict common sense in places, and a stricter rule would
stop correct notifications.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from movehub.protocol.rules import Rule

from .header import PARTICIPANTS, header_rules
from .inspections import INSPECTION_RULES
from .notifications import NOTIFICATION_RULES
from .queries import QUERY_RULES


def rules(participants: Iterable[str] = PARTICIPANTS) -> tuple[Rule, ...]:
    """Return the table, for other participants than today's where one joins before this library knows."""
    return (*header_rules(frozenset(participants)), *QUERY_RULES, *NOTIFICATION_RULES, *INSPECTION_RULES)


RULES: Final = rules()

__all__ = ["PARTICIPANTS", "RULES", "rules"]
