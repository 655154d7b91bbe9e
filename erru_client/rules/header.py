"""Rules about the header: those of `movehub.protocol.rules`, and which states take part."""

from __future__ import annotations

from typing import Any, Final

from movehub.protocol.message import Body, Message
from movehub.protocol.rules import Level, Rule
from movehub.protocol.rules import header_rules as common_rules
from movehub.protocol.workflow import BROADCAST, HUB

from ..vocabulary import ErruRequest

#: The participants: the 27 Member States, Norway (both in the hub's own broadcast tests) and, since 2026, the
#: United Kingdom again (SCRT Decision 2/2025), as `UK`.
PARTICIPANTS: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK UK".split()  # noqa: SIM905
)

_SOURCES: Final = {
    "HDR-1": "Annex III, appendix, common header",
    "HDR-2": "Annex I, 1.3",
    "HDR-3": "Annex VIII, 1 and 4.1; change notes of the schemas, 2023-09-05",
    "HDR-4": "description of Header/@to in the official schema",
    "HDR-6": "ERRU XML Message Reference 2.06, 6.2 and 6.4",
    "EN-1": "inferred from the codes",
}


def _takes_part(participants: frozenset[str]) -> Rule:
    known = participants | {HUB, BROADCAST}

    def addresses_a_stranger(message: Message[Any]) -> bool:
        return message.header.from_ not in known or message.header.to not in known

    return Rule(
        "HDR-5",
        "sender and receiver take part in ERRU",
        "the broadcast answers of the Commission's tests, and for the UK SCRT Decision 2/2025",
        Level.ERROR,
        (Body,),
        addresses_a_stranger,
    )


def header_rules(participants: frozenset[str]) -> tuple[Rule, ...]:
    """Return the rules about headers, for these participants."""
    addressing, saying = common_rules("ERRU", ErruRequest, _SOURCES)
    return (*addressing, _takes_part(participants), *saying)
