"""Rules about the header: those of `movehub.protocol.rules`, with their sources in ERRU."""

from __future__ import annotations

from typing import Final

from movehub.protocol.rules import Rule
from movehub.protocol.rules import header_rules as common_rules

from ..vocabulary import ErruRequest

_SOURCES: Final = {
    "HDR-1": "Annex III, appendix, common header",
    "HDR-2": "Annex I, 1.3",
    "HDR-3": "Annex VIII, 1 and 4.1; change notes of the schemas, 2023-09-05",
    "HDR-4": "description of Header/@to in the official schema",
    "HDR-5": "the broadcast answers of the Commission's tests, and for the UK SCRT Decision 2/2025",
    "HDR-6": "ERRU XML Message Reference 2.06, 6.2 and 6.4",
    "EN-1": "inferred from the codes",
}


def header_rules(participants: frozenset[str]) -> tuple[Rule, ...]:
    """Return the rules about headers, for these participants."""
    return common_rules("ERRU", ErruRequest, _SOURCES, participants)
