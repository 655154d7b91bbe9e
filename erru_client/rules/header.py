"""Rules about the header and about who may say what."""

from __future__ import annotations

from typing import Any, Final

from movehub.message import Body, ErrorNotification, ErrorStatus, Header, Message
from movehub.rules import Level, Rule
from movehub.workflow import BROADCAST, HUB, workflow_of

from ..vocabulary import ErruRequest

#: Who takes part: the 27 Member States, Norway (both in the hub's own broadcast tests) and, since 2026, the
#: United Kingdom again (SCRT Decision 2/2025), as `UK`.
PARTICIPANTS: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK UK".split()  # noqa: SIM905
)

_HUB_STATUSES: Final = {"Timeout", "NotAvailable"}
#: Error codes that speak of the hub's own bookkeeping (inferred from their names).
_HUB_ERRORS: Final = {
    ErrorStatus.TIMEOUT,
    ErrorStatus.RESPONSE_NOT_CORRELATED,
    ErrorStatus.DUPLICATE_RESPONSE,
}


def _of_a_state(message: Message[Any]) -> bool:
    header: Header = message.header
    return header.from_ != HUB


def _says_what_is_the_hubs(message: Message[Any]) -> bool:
    if not _of_a_state(message):
        return False
    parts = (message.body, *getattr(message.body, "member_states", ()))
    return any(getattr(part, "status_code", None) in _HUB_STATUSES for part in parts)


def _broadcasts_what_has_none(message: Message[Any]) -> bool:
    if message.header.to != BROADCAST:
        return False
    workflow = workflow_of(message.body.root)
    return workflow is None or not workflow.broadcast or workflow.opening != message.body.root


_RULES: Final = (
    Rule(
        "HDR-1",
        "timeoutValue is written by the hub alone",
        "Annex III, appendix, common header",
        Level.ERROR,
        (Body,),
        lambda message: message.header.timeout_value is not None and _of_a_state(message),
        sending_only=True,
    ),
    Rule(
        "HDR-2",
        "a message goes to somebody else than its sender",
        "Annex I, 1.3",
        Level.ERROR,
        (Body,),
        lambda message: message.header.to == message.header.from_,
    ),
    Rule(
        "HDR-3",
        "only CGR and NU requests are broadcast",
        "Annex VIII, 1 and 4.1; change notes of the schemas, 2023-09-05",
        Level.ERROR,
        (Body,),
        _broadcasts_what_has_none,
    ),
    Rule(
        "HDR-4",
        "a request goes to a Member State, not to the hub",
        "description of Header/@to in the official schema",
        Level.ERROR,
        (ErruRequest,),
        lambda message: message.header.to == HUB,
    ),
    Rule(
        "HDR-6",
        "Timeout and NotAvailable are words of the hub",
        "ERRU XML Message Reference 2.06, 6.2 and 6.4",
        Level.ERROR,
        (Body,),
        lambda message: not isinstance(message.body, ErrorNotification) and _says_what_is_the_hubs(message),
    ),
    Rule(
        "EN-1",
        "Timeout, ResponseNotCorrelated and DuplicateResponse are errors that the hub reports",
        "inferred from the codes",
        Level.WARNING,
        (ErrorNotification,),
        lambda message: message.body.status_code in _HUB_ERRORS and _of_a_state(message),
    ),
)


def _takes_part(participants: frozenset[str]) -> Rule:
    known = participants | {HUB, BROADCAST}

    def addresses_a_stranger(message: Message[Any]) -> bool:
        return message.header.from_ not in known or message.header.to not in known

    return Rule(
        "HDR-5",
        "sender and receiver take part in ERRU",
        "the broadcast answers of the Commission's tests; UK: SCRT Decision 2/2025",
        Level.ERROR,
        (Body,),
        addresses_a_stranger,
    )


def header_rules(participants: frozenset[str]) -> tuple[Rule, ...]:
    """Return the rules about headers, for these participants."""
    addressing, saying = _RULES[:4], _RULES[4:]
    return (*addressing, _takes_part(participants), *saying)
