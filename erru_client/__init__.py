"""ERRU: what registers of road transport undertakings ask and tell each other.

CGR asks whether a transport manager is in good repute, and CTUD for the data of an undertaking. NCR notifies
the result of a check, NU an unfit manager, and RSI the result of a roadside inspection. Regulation (EU)
2016/480. Editions 3.4 and 3.5, with official schemas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from movehub import on_demand
from movehub.codec.codec import Codec

if TYPE_CHECKING:
    from movehub.protocol.message import ErrorNotification, ErrorStatus, Header, Message
    from movehub.protocol.outcome import NotificationStatus, Outcome, SearchStatus
    from movehub.protocol.reply import Reply
    from movehub.protocol.workflow import BROADCAST, HUB

    from .cgr import (
        CertificateValidity,
        CheckGoodReputeRequest,
        CheckGoodReputeResponse,
        Fitness,
        FitnessStatus,
        FoundCertificate,
        FoundName,
        FoundTransportManager,
        GoodReputeInState,
        ManagedUndertaking,
        ManagedUndertakings,
        SearchByCertificate,
        SearchByName,
        SearchedName,
        SearchMethod,
    )
    from .client import ErruClient
    from .ctud import (
        CertifiedTrueCopy,
        CheckTransportUndertakingDataRequest,
        CheckTransportUndertakingDataResponse,
        CommunityLicence,
        FoundUndertaking,
        LicenceType,
        RiskBand,
        SearchByLicenceAndName,
        SearchByLicenceAndVehicle,
        SearchByNameAndVehicle,
        SearchedCompany,
        UndertakingSearchMethod,
        WithdrawalReason,
    )
    from .editions import CODEC, ERRU_3_4, ERRU_3_5, decode, encode
    from .infringements import (
        INFRINGEMENTS,
        AnnexRow,
        Grade,
        Infringement,
        InfringementCategory,
        category_of,
    )
    from .ncr import (
        AcknowledgementType,
        CheckedUndertaking,
        CheckResult,
        CheckResultResponseStatus,
        CheckSummary,
        MinorInfringement,
        NotifyCheckResultAcknowledgement,
        NotifyCheckResultRequest,
        NotifyCheckResultResponse,
        SeriousInfringement,
    )
    from .nu import (
        NotifiedTransportManager,
        NotifyUnfitnessAcknowledgement,
        NotifyUnfitnessRequest,
        TransportManagerCertificateDetails,
        TransportManagerNameDetails,
        UnfitnessReading,
        UnfitnessReceipt,
    )
    from .penalties import (
        ExecutionStatus,
        PenaltyAtEstablishment,
        PenaltyAtInfringement,
        PenaltyDecision,
        PenaltyImposed,
        PenaltyRequested,
    )
    from .register import TransportUndertakingRegister, responder
    from .rsi import (
        CheckedItem,
        Company,
        FailedCheck,
        FailureAssessment,
        HolderDetails,
        IdentificationDetails,
        InspectedDriver,
        InspectedVehicle,
        InspectionDetails,
        InspectionItem,
        InspectionResult,
        InspectionStatus,
        NaturalPerson,
        RoadSideInspectionRequest,
        RoadSideInspectionResponse,
        TransportUndertakingDetails,
    )
    from .vocabulary import (
        Address,
        Certificate,
        LicenceStatus,
        ManagerName,
        RegisteredUndertaking,
        RequestPurpose,
        RequestSource,
        Vehicle,
    )

#: The module of each name. It is loaded at first use, and `from erru_client import ...` finds it too.
__getattr__, __dir__ = on_demand(
    __name__,
    {
        "movehub.protocol.message": "ErrorNotification ErrorStatus Header Message",
        "movehub.protocol.outcome": "NotificationStatus Outcome SearchStatus",
        "movehub.protocol.reply": "Reply",
        "movehub.protocol.workflow": "BROADCAST HUB",
        "cgr": "CertificateValidity CheckGoodReputeRequest CheckGoodReputeResponse Fitness "
        "FitnessStatus FoundCertificate FoundName FoundTransportManager GoodReputeInState "
        "ManagedUndertaking ManagedUndertakings SearchByCertificate SearchByName "
        "SearchMethod SearchedName",
        "client": "ErruClient",
        "ctud": "CertifiedTrueCopy CheckTransportUndertakingDataRequest "
        "CheckTransportUndertakingDataResponse CommunityLicence FoundUndertaking "
        "LicenceType RiskBand SearchByLicenceAndName SearchByLicenceAndVehicle "
        "SearchByNameAndVehicle SearchedCompany UndertakingSearchMethod WithdrawalReason",
        "editions": "CODEC ERRU_3_4 ERRU_3_5 decode encode",
        "infringements": "AnnexRow Grade INFRINGEMENTS Infringement InfringementCategory category_of",
        "ncr": "AcknowledgementType CheckResult CheckResultResponseStatus CheckSummary "
        "CheckedUndertaking MinorInfringement NotifyCheckResultAcknowledgement "
        "NotifyCheckResultRequest NotifyCheckResultResponse SeriousInfringement",
        "nu": "NotifiedTransportManager NotifyUnfitnessAcknowledgement NotifyUnfitnessRequest "
        "TransportManagerCertificateDetails TransportManagerNameDetails UnfitnessReading "
        "UnfitnessReceipt",
        "penalties": "ExecutionStatus PenaltyAtEstablishment PenaltyAtInfringement PenaltyDecision "
        "PenaltyImposed PenaltyRequested",
        "register": "TransportUndertakingRegister responder",
        "rsi": "CheckedItem Company FailedCheck FailureAssessment HolderDetails "
        "IdentificationDetails InspectedDriver InspectedVehicle InspectionDetails "
        "InspectionItem InspectionResult InspectionStatus NaturalPerson "
        "RoadSideInspectionRequest RoadSideInspectionResponse TransportUndertakingDetails",
        "vocabulary": "Address Certificate LicenceStatus ManagerName RegisteredUndertaking "
        "RequestPurpose RequestSource Vehicle",
    },
)

__all__ = [
    "BROADCAST",
    "CODEC",
    "ERRU_3_4",
    "ERRU_3_5",
    "HUB",
    "INFRINGEMENTS",
    "AcknowledgementType",
    "Address",
    "AnnexRow",
    "Certificate",
    "CertificateValidity",
    "CertifiedTrueCopy",
    "CheckGoodReputeRequest",
    "CheckGoodReputeResponse",
    "CheckResult",
    "CheckResultResponseStatus",
    "CheckSummary",
    "CheckTransportUndertakingDataRequest",
    "CheckTransportUndertakingDataResponse",
    "CheckedItem",
    "CheckedUndertaking",
    "Codec",
    "CommunityLicence",
    "Company",
    "ErrorNotification",
    "ErrorStatus",
    "ErruClient",
    "ExecutionStatus",
    "FailedCheck",
    "FailureAssessment",
    "Fitness",
    "FitnessStatus",
    "FoundCertificate",
    "FoundName",
    "FoundTransportManager",
    "FoundUndertaking",
    "GoodReputeInState",
    "Grade",
    "Header",
    "HolderDetails",
    "IdentificationDetails",
    "Infringement",
    "InfringementCategory",
    "InspectedDriver",
    "InspectedVehicle",
    "InspectionDetails",
    "InspectionItem",
    "InspectionResult",
    "InspectionStatus",
    "LicenceStatus",
    "LicenceType",
    "ManagedUndertaking",
    "ManagedUndertakings",
    "ManagerName",
    "Message",
    "MinorInfringement",
    "NaturalPerson",
    "NotificationStatus",
    "NotifiedTransportManager",
    "NotifyCheckResultAcknowledgement",
    "NotifyCheckResultRequest",
    "NotifyCheckResultResponse",
    "NotifyUnfitnessAcknowledgement",
    "NotifyUnfitnessRequest",
    "Outcome",
    "PenaltyAtEstablishment",
    "PenaltyAtInfringement",
    "PenaltyDecision",
    "PenaltyImposed",
    "PenaltyRequested",
    "RegisteredUndertaking",
    "Reply",
    "RequestPurpose",
    "RequestSource",
    "RiskBand",
    "RoadSideInspectionRequest",
    "RoadSideInspectionResponse",
    "SearchByCertificate",
    "SearchByLicenceAndName",
    "SearchByLicenceAndVehicle",
    "SearchByName",
    "SearchByNameAndVehicle",
    "SearchMethod",
    "SearchStatus",
    "SearchedCompany",
    "SearchedName",
    "SeriousInfringement",
    "TransportManagerCertificateDetails",
    "TransportManagerNameDetails",
    "TransportUndertakingDetails",
    "TransportUndertakingRegister",
    "UndertakingSearchMethod",
    "UnfitnessReading",
    "UnfitnessReceipt",
    "Vehicle",
    "WithdrawalReason",
    "category_of",
    "decode",
    "encode",
    "responder",
]
