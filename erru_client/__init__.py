"""ERRU: whether a transport manager is in good repute elsewhere.

Regulation (EU) 2016/480. Editions 3.4 and 3.5, whose official schemas are known.
"""

from __future__ import annotations

from movehub.codec import Codec
from movehub.message import ErrorNotification, ErrorStatus, Header, Message
from movehub.outcome import Outcome, SearchStatus
from movehub.workflow import BROADCAST, HUB

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
from .editions import CODEC, ERRU_3_4, ERRU_3_5
from .register import TransportUndertakingRegister, responder
from .vocabulary import Address, Certificate, LicenceStatus, RequestPurpose, RequestSource

decode = CODEC.decode
encode = CODEC.encode

__all__ = [
    "BROADCAST",
    "CODEC",
    "ERRU_3_4",
    "ERRU_3_5",
    "HUB",
    "Address",
    "Certificate",
    "CertificateValidity",
    "CheckGoodReputeRequest",
    "CheckGoodReputeResponse",
    "Codec",
    "ErrorNotification",
    "ErrorStatus",
    "ErruClient",
    "Fitness",
    "FitnessStatus",
    "FoundCertificate",
    "FoundName",
    "FoundTransportManager",
    "GoodReputeInState",
    "Header",
    "LicenceStatus",
    "ManagedUndertaking",
    "ManagedUndertakings",
    "Message",
    "Outcome",
    "RequestPurpose",
    "RequestSource",
    "SearchByCertificate",
    "SearchByName",
    "SearchMethod",
    "SearchStatus",
    "SearchedName",
    "TransportUndertakingRegister",
    "decode",
    "encode",
    "responder",
]
