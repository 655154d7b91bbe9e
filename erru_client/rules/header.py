"""Rules about the header: those of `movehub.protocol.rules`, with their sources in ERRU."""

from __future__ import annotations

from typing import Final

from movehub import law
from movehub.protocol.rules import Rule
from movehub.protocol.rules import header_rules as common_rules

from ..vocabulary import ErruRequest

_SOURCES: Final = {
    "HDR-1": f"{law.FIELDS}, common header",
    "HDR-2": law.ALL_THROUGH_THE_HUB.erru,
    "HDR-3": f"{law.GOOD_REPUTE.erru}; {law.UNFITNESS_TO_ALL.erru}; change notes of the schemas, 2023-09-05",
    "HDR-4": "description of Header/@to in the official schema",
    "HDR-5": "the broadcast answers of the Commission's tests, and for the UK SCRT Decision 2/2025",
    "HDR-6": "ERRU XML Message Reference 2.06, 6.2 and 6.4",
    "EN-1": "inferred from the codes",
}


def header_rules(participants: frozenset[str]) -> tuple[Rule, ...]:
    """Return the rules about headers, for these participants."""
    return common_rules("ERRU", ErruRequest, _SOURCES, participants)
