"""The rules of TACHOnet that its schema does not hold, as one table.

All of them are warnings: no source says that the hub refuses such a message, and Annex II, 4 of Regulation
(EU) 2016/68 forbids a state to reject one for its status.
"""

from __future__ import annotations

from typing import Any, Final

from movehub.message import Message
from movehub.rules import Level, Rule

from .card_number import CardNumber
from .card_status import doubt_about_new_status
from .ccs import CheckCardStatusRequest
from .icdl import IssuedCardDrivingLicenceRequest
from .mcs import ModifyCardStatusRequest


def _irregular_number(message: Message[Any]) -> bool:
    body: CheckCardStatusRequest | ModifyCardStatusRequest | IssuedCardDrivingLicenceRequest = message.body
    match body:
        case CheckCardStatusRequest():
            number = body.searched_card.card_number
        case ModifyCardStatusRequest():
            number = body.modified_card.card_number
        case IssuedCardDrivingLicenceRequest():
            number = body.issued_card.card_number
    return bool(CardNumber(number).faults())


def _names_nobody(message: Message[Any]) -> bool:
    card = message.body.issued_card
    return card.family_name is None or card.date_of_birth is None


RULES: Final = (
    Rule(
        "CARD-1",
        "a card number has 16 letters and digits, of which the last two are indices",
        "Regulation (EU) 2016/799, Annex IC, definitions (g) to (j)",
        Level.WARNING,
        (CheckCardStatusRequest, ModifyCardStatusRequest, IssuedCardDrivingLicenceRequest),
        _irregular_number,
    ),
    Rule(
        "MCS-1",
        "the new status is one that another state than the issuer can declare",
        "specification and schema of version 1.41; Regulation (EU) 2016/68, Annex VIII, 2.1",
        Level.WARNING,
        (ModifyCardStatusRequest,),
        lambda message: doubt_about_new_status(message.body.modified_card.new_card_status) is not None,
    ),
    Rule(
        "ICDL-1",
        "a notification names the driver, or there is nothing to make search keys of",
        "Regulation (EU) 2016/68, Annex IV, 5 and 5.1 (inferred)",
        Level.WARNING,
        (IssuedCardDrivingLicenceRequest,),
        _names_nobody,
    ),
)
