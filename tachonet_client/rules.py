"""The rules of TACHOnet that its schema does not hold, as one table.

Rules about the header are errors, which stop an outgoing message: the law, or the twin system ERRU, is clear
about them. Rules about cards are warnings: no source says that the hub refuses such a message, and Annex II,
4 of Regulation (EU) 2016/68 forbids a state to reject one for its status.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from movehub.protocol.message import Body, Message
from movehub.protocol.rules import Level, Rule, header_rules

from .card_number import CardNumber
from .card_status import doubt_about_new_status
from .ccs import CheckCardStatusRequest
from .icdl import IssuedCardDrivingLicenceRequest
from .mcs import ModifyCardStatusRequest
from .participants import PARTICIPANTS
from .vocabulary import TachonetRequest

#: The sources of the rules about the header. The articles are those of Regulation (EU) 2016/68.
_SOURCES: Final = {
    "HDR-1": "Annex III, appendix, common header",
    "HDR-2": "inferred from Article 2 (b), (g) and (h), and from ERRU",
    "HDR-3": "Annex II, 1.1; Annex VIII, 1.1 and 1.5",
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


_ABOUT_CARDS: Final = (
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
        "specification and schema of version 1.41, and Regulation (EU) 2016/68, Annex VIII, 2.1",
        Level.WARNING,
        (ModifyCardStatusRequest,),
        lambda message: doubt_about_new_status(message.body.modified_card.new_card_status) is not None,
    ),
)


@cache
def rules(participants: frozenset[str]) -> tuple[Rule, ...]:
    """Return the table for these participants."""
    return (*header_rules("TACHOnet", TachonetRequest, _SOURCES, participants), *_ABOUT_CARDS)


#: The table for the default participants.
RULES: Final = rules(PARTICIPANTS)
