"""The editions of ERRU that are spoken here, and the codec that speaks them.

3.4 and 3.5 differ in one thing beside their number: 3.5 makes `certificateValidity` mandatory in the answer
to a Check Good Repute. The official schemas are published by the Commission on the MOVEHUB portal.
"""

from __future__ import annotations

from typing import Final

from movehub.codec.codec import Codec
from movehub.codec.schema import Schema
from movehub.protocol.edition import Edition
from movehub.protocol.message import ErrorNotification

from .cgr import CheckGoodReputeRequest, CheckGoodReputeResponse
from .ctud import CheckTransportUndertakingDataRequest, CheckTransportUndertakingDataResponse
from .ncr import NotifyCheckResultAcknowledgement, NotifyCheckResultRequest, NotifyCheckResultResponse
from .nu import NotifyUnfitnessAcknowledgement, NotifyUnfitnessRequest
from .participants import PARTICIPANTS
from .rsi import RoadSideInspectionRequest, RoadSideInspectionResponse
from .rules import rules


def _edition(version: str) -> Edition:
    namespace = f"https://webgate.ec.testa.eu/move-hub/erru/{version}"
    return Edition("ERRU", version, namespace, Schema.shipped(f"erru/{version}/erru.xsd"))


ERRU_3_4: Final = _edition("3.4")
ERRU_3_5: Final = _edition("3.5")

CODEC: Final = Codec(
    system="ERRU",
    participants=PARTICIPANTS,
    rules_for=rules,
    editions=(ERRU_3_4, ERRU_3_5),
    bodies=(
        CheckGoodReputeRequest,
        CheckGoodReputeResponse,
        CheckTransportUndertakingDataRequest,
        CheckTransportUndertakingDataResponse,
        NotifyCheckResultRequest,
        NotifyCheckResultAcknowledgement,
        NotifyCheckResultResponse,
        NotifyUnfitnessRequest,
        NotifyUnfitnessAcknowledgement,
        RoadSideInspectionRequest,
        RoadSideInspectionResponse,
        ErrorNotification,
    ),
    name="erru_client:CODEC",
)

decode = CODEC.decode
encode = CODEC.encode
