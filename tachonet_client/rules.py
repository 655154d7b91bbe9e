"""The rules of TACHOnet that its schema does not hold, as one table.

Rules about the header and about what an answer holds are errors, which stop an outgoing message: the law, or
the twin system ERRU, is clear about them. Rules about numbers and statuses of cards are warnings: no source
says that the hub refuses such a message, and Annex II, 4 of Regulation (EU) 2016/68 forbids a state to reject
one for its status.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from movehub import law
from movehub.names.name_rule import name_rule
from movehub.protocol.message import Body, Message
from movehub.protocol.outcome import SearchStatus
from movehub.protocol.repetition import same_but_case_and_blanks
from movehub.protocol.rules import Level, Rule, header_rules
from movehub.protocol.workflow import HUB

from .card_number import CardNumber
from .card_status import doubt_about_new_status
from .ccs import CheckCardStatusRequest, CheckCardStatusResponse
from .cic import CheckIssuedCardsRequest, CheckIssuedCardsResponse
from .icdl import IssuedCardDrivingLicenceRequest
from .mcs import ModifyCardStatusRequest
from .participants import PARTICIPANTS
from .vocabulary import TachonetRequest

#: The sources of the rules about the header. The articles are those of Regulation (EU) 2016/68.
_SOURCES: Final = {
    "HDR-1": f"{law.FIELDS}, common header",
    "HDR-2": "inferred from Article 2 (b), (g) and (h), and from ERRU",
    "HDR-3": f"{law.CIC.tachonet}; {law.FOREIGN_LICENCE.tachonet}; {law.SAMPLE.tachonet}",
    "HDR-4": "Article 2 (b), (h) and (i)",
    "HDR-5": "Articles 3 and 3a; the third countries in the default list are inferred",
    "HDR-6": "inferred from ERRU's XML Message Reference",
    "EN-1": "inferred from the codes",
}

#: The place of the card number in each message.
_NUMBERS: Final[dict[type[Body], Callable[[Any], str]]] = {
    CheckCardStatusRequest: lambda body: str(body.searched_card.card_number),
    ModifyCardStatusRequest: lambda body: str(body.modified_card.card_number),
    IssuedCardDrivingLicenceRequest: lambda body: str(body.issued_card.card_number),
}


def _irregular_number(message: Message[Any]) -> bool:
    return bool(CardNumber(_NUMBERS[type(message.body)](message.body)).faults())


def _finds_without_records(message: Message[Any]) -> bool:
    return any(
        (row.status_code is SearchStatus.FOUND) != bool(row.found) for row in message.body.member_states
    )


def _speaks_for_another(message: Message[Any]) -> bool:
    codes = [row.member_state_code for row in message.body.member_states]
    return message.header.from_ != HUB and codes != [message.header.from_]


def _lists_a_state_twice(message: Message[Any]) -> bool:
    codes = [row.member_state_code for row in message.body.member_states]
    return len(codes) != len(set(codes))


def _finds_another_card(message: Message[Any]) -> bool:
    body: CheckCardStatusResponse = message.body
    found = body.card.card_number if body.card else None
    return found is not None and not same_but_case_and_blanks(found, body.searched_card.card_number)


def _names(driver: Any) -> tuple[str | None, str | None]:
    return driver.family_name, driver.first_name


_ANSWERS_AND_CARDS: Final = (
    Rule(
        "CIC-1",
        "Found has records, and no other status has any",
        f"{law.FIELDS}: found driver details, mandatory if the driver is found",
        Level.ERROR,
        (CheckIssuedCardsResponse,),
        _finds_without_records,
    ),
    Rule(
        "CIC-2",
        "a Member State answers with one row, its own",
        f"inferred from {law.ALL_THROUGH_THE_HUB.tachonet}, and from ERRU",
        Level.ERROR,
        (CheckIssuedCardsResponse,),
        _speaks_for_another,
    ),
    Rule(
        "CIC-3",
        "a Member State has only one row in an answer",
        "common sense, but the schema accepts it",
        Level.WARNING,
        (CheckIssuedCardsResponse,),
        _lists_a_state_twice,
    ),
    Rule(
        "CCS-1",
        "Found has a card, and no other status has one",
        f"{law.FIELDS}: requested card details, mandatory if the requested card is found",
        Level.ERROR,
        (CheckCardStatusResponse,),
        lambda message: (message.body.status_code is SearchStatus.FOUND) != (message.body.card is not None),
    ),
    Rule(
        "CCS-2",
        "the card of an answer is the one that was asked for, in whatever letter case",
        f"{law.FIELDS}: card number, the requested card number",
        Level.ERROR,
        (CheckCardStatusResponse,),
        _finds_another_card,
    ),
    Rule(
        "CARD-1",
        "a card number has 16 letters and digits, and the last two are indices",
        "Regulation (EU) 2016/799, Annex IC, definitions (g) to (j)",
        Level.WARNING,
        tuple(_NUMBERS),
        _irregular_number,
    ),
    Rule(
        "MCS-1",
        "another state than the issuer can declare the new status",
        f"specification and schema of version 1.41, and Regulation (EU) {law.CARD_TAKEN_AWAY}",
        Level.WARNING,
        (ModifyCardStatusRequest,),
        lambda message: doubt_about_new_status(message.body.modified_card.new_card_status) is not None,
    ),
    name_rule(
        {
            CheckIssuedCardsRequest: lambda body: _names(body.searched_driver),
            IssuedCardDrivingLicenceRequest: lambda body: _names(body.issued_card),
        }
    ),
)


@cache
def rules(participants: frozenset[str]) -> tuple[Rule, ...]:
    """Return the table for these participants."""
    return (*header_rules("TACHOnet", TachonetRequest, _SOURCES, participants), *_ANSWERS_AND_CARDS)


#: The table for the default participants.
RULES: Final = rules(PARTICIPANTS)
