"""TACHOnet: whether somebody holds a driver card already, anywhere, and how it stands.

Regulation (EU) 2016/68. The wire format is a reconstruction from Annex III: see `tachonet_client.editions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from movehub import on_demand
from movehub.codec.codec import Codec

if TYPE_CHECKING:
    from movehub.names.search_keys import search_keys_of
    from movehub.protocol.message import ErrorNotification, ErrorStatus, Header, Message
    from movehub.protocol.outcome import NotificationStatus, Outcome, SearchStatus
    from movehub.protocol.reply import Reply
    from movehub.protocol.workflow import BROADCAST, HUB, HUB_AUTHORITY

    from .application import Application, Event, RecordedNotification
    from .card_number import CardForm, CardNumber
    from .card_status import (
        STATUSES,
        Declared,
        StatusDefinition,
        StatusTranslation,
        definition_of,
        doubt_about_new_status,
    )
    from .ccs import (
        CheckCardStatusRequest,
        CheckCardStatusResponse,
        CheckedCard,
        HolderDetails,
        SearchedCard,
    )
    from .cic import (
        CardsInState,
        CheckIssuedCardsRequest,
        CheckIssuedCardsResponse,
        FoundDriver,
        IssuedCard,
        SearchedDriver,
    )
    from .client import TachonetClient
    from .editions import CODEC, TACHONET_3_0, TACHONET_2016, decode, encode
    from .icdl import (
        DriverName,
        IssuedCardDrivingLicenceRequest,
        IssuedCardDrivingLicenceResponse,
        IssuedCardDrivingLicenceStatus,
        LicenceHolder,
        NotifiedCard,
        RecordingStatus,
    )
    from .mcs import (
        AcknowledgementType,
        Declarer,
        ModificationStatus,
        ModifiedCard,
        ModifyCardStatusAcknowledgement,
        ModifyCardStatusRequest,
        ModifyCardStatusResponse,
    )
    from .notified_licences import search_notifications
    from .policy import Policy
    from .procedures import OTHER_CHANNEL, OWN_REGISTER, Due, When, due
    from .register import DriverCardRegister, responder
    from .sampling import Sample
    from .vocabulary import (
        CardStatus,
        ContactDetails,
        DrivingLicence,
        DrivingLicenceStatus,
        RequestPurpose,
        RequestSource,
        SearchMechanism,
        WorkshopDetails,
    )

#: The module of each name. It is loaded at first use, and `from tachonet_client import ...` finds it too.
__getattr__, __dir__ = on_demand(
    __name__,
    {
        "movehub.protocol.message": "ErrorNotification ErrorStatus Header Message",
        "movehub.protocol.outcome": "NotificationStatus Outcome SearchStatus",
        "movehub.protocol.reply": "Reply",
        "movehub.names.search_keys": "search_keys_of",
        "movehub.protocol.workflow": "BROADCAST HUB HUB_AUTHORITY",
        "application": "Application Event RecordedNotification",
        "card_number": "CardForm CardNumber",
        "card_status": "STATUSES Declared StatusDefinition StatusTranslation definition_of "
        "doubt_about_new_status",
        "ccs": "CheckCardStatusRequest CheckCardStatusResponse CheckedCard HolderDetails SearchedCard",
        "cic": "CardsInState CheckIssuedCardsRequest CheckIssuedCardsResponse FoundDriver "
        "IssuedCard SearchedDriver",
        "client": "TachonetClient",
        "editions": "CODEC TACHONET_2016 TACHONET_3_0 decode encode",
        "icdl": "DriverName IssuedCardDrivingLicenceRequest IssuedCardDrivingLicenceResponse "
        "IssuedCardDrivingLicenceStatus LicenceHolder NotifiedCard RecordingStatus",
        "mcs": "AcknowledgementType Declarer ModificationStatus ModifiedCard "
        "ModifyCardStatusAcknowledgement ModifyCardStatusRequest ModifyCardStatusResponse",
        "notified_licences": "search_notifications",
        "policy": "Policy",
        "procedures": "OTHER_CHANNEL OWN_REGISTER Due When due",
        "register": "DriverCardRegister responder",
        "sampling": "Sample",
        "vocabulary": "CardStatus ContactDetails DrivingLicence DrivingLicenceStatus RequestPurpose "
        "RequestSource SearchMechanism WorkshopDetails",
    },
)

__all__ = [
    "BROADCAST",
    "CODEC",
    "HUB",
    "HUB_AUTHORITY",
    "OTHER_CHANNEL",
    "OWN_REGISTER",
    "STATUSES",
    "TACHONET_3_0",
    "TACHONET_2016",
    "AcknowledgementType",
    "Application",
    "CardForm",
    "CardNumber",
    "CardStatus",
    "CardsInState",
    "CheckCardStatusRequest",
    "CheckCardStatusResponse",
    "CheckIssuedCardsRequest",
    "CheckIssuedCardsResponse",
    "CheckedCard",
    "Codec",
    "ContactDetails",
    "Declared",
    "Declarer",
    "DriverCardRegister",
    "DriverName",
    "DrivingLicence",
    "DrivingLicenceStatus",
    "Due",
    "ErrorNotification",
    "ErrorStatus",
    "Event",
    "FoundDriver",
    "Header",
    "HolderDetails",
    "IssuedCard",
    "IssuedCardDrivingLicenceRequest",
    "IssuedCardDrivingLicenceResponse",
    "IssuedCardDrivingLicenceStatus",
    "LicenceHolder",
    "Message",
    "ModificationStatus",
    "ModifiedCard",
    "ModifyCardStatusAcknowledgement",
    "ModifyCardStatusRequest",
    "ModifyCardStatusResponse",
    "NotificationStatus",
    "NotifiedCard",
    "Outcome",
    "Policy",
    "RecordedNotification",
    "RecordingStatus",
    "Reply",
    "RequestPurpose",
    "RequestSource",
    "Sample",
    "SearchMechanism",
    "SearchStatus",
    "SearchedCard",
    "SearchedDriver",
    "StatusDefinition",
    "StatusTranslation",
    "TachonetClient",
    "When",
    "WorkshopDetails",
    "decode",
    "definition_of",
    "doubt_about_new_status",
    "due",
    "encode",
    "responder",
    "search_keys_of",
    "search_notifications",
]
