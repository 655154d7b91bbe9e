"""TACHOnet: whether somebody holds a driver card already, anywhere.

Regulation (EU) 2016/68. The wire format is a reconstruction from Annex III: see `tachonet_client.editions`.
"""

from __future__ import annotations

from movehub.codec import Codec
from movehub.message import ErrorNotification, ErrorStatus, Header, Message
from movehub.outcome import Outcome, SearchStatus
from movehub.workflow import BROADCAST, HUB

from .cic import (
    CardsInState,
    CheckIssuedCardsRequest,
    CheckIssuedCardsResponse,
    FoundDriver,
    IssuedCard,
    SearchedDriver,
)
from .client import TachonetClient
from .editions import CODEC, TACHONET_3_0
from .register import DriverCardRegister, responder
from .vocabulary import (
    CardStatus,
    ContactDetails,
    DrivingLicence,
    DrivingLicenceStatus,
    RequestPurpose,
    RequestSource,
    SearchMechanism,
)

decode = CODEC.decode
encode = CODEC.encode

__all__ = [
    "BROADCAST",
    "CODEC",
    "HUB",
    "TACHONET_3_0",
    "CardStatus",
    "CardsInState",
    "CheckIssuedCardsRequest",
    "CheckIssuedCardsResponse",
    "Codec",
    "ContactDetails",
    "DriverCardRegister",
    "DrivingLicence",
    "DrivingLicenceStatus",
    "ErrorNotification",
    "ErrorStatus",
    "FoundDriver",
    "Header",
    "IssuedCard",
    "Message",
    "Outcome",
    "RequestPurpose",
    "RequestSource",
    "SearchMechanism",
    "SearchStatus",
    "SearchedDriver",
    "TachonetClient",
    "decode",
    "encode",
    "responder",
]
