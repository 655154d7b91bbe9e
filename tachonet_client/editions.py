"""The edition of TACHOnet that is spoken here, and the codec that speaks it.

No TACHOnet schema of the MOVEHUB generation is public. Edition 3.0 here is a reconstruction from Annex III
of Regulation (EU) 2016/68 in the manner of ERRU 3.5, the twin on the same hub. The namespace is inferred by
analogy. The Commission publishes the official schemas, behind credentials, on the MOVEHUB portal.
"""

from __future__ import annotations

from typing import Final

from movehub.codec.codec import Codec
from movehub.codec.schema import Schema
from movehub.protocol.edition import Edition
from movehub.protocol.message import ErrorNotification

from .ccs import CheckCardStatusRequest, CheckCardStatusResponse
from .cic import CheckIssuedCardsRequest, CheckIssuedCardsResponse
from .icdl import IssuedCardDrivingLicenceRequest, IssuedCardDrivingLicenceResponse
from .mcs import ModifyCardStatusAcknowledgement, ModifyCardStatusRequest, ModifyCardStatusResponse
from .participants import PARTICIPANTS
from .rules import rules

#: Reconstructed, see above.
TACHONET_3_0: Final = Edition(
    "TACHOnet",
    "3.0",
    "https://webgate.ec.testa.eu/move-hub/tachonet/3.0",
    Schema.shipped("tachonet/3.0/tachonet.xsd"),
)

CODEC: Final = Codec(
    system="TACHOnet",
    participants=PARTICIPANTS,
    rules_for=rules,
    editions=(TACHONET_3_0,),
    bodies=(
        CheckIssuedCardsRequest,
        CheckIssuedCardsResponse,
        CheckCardStatusRequest,
        CheckCardStatusResponse,
        ModifyCardStatusRequest,
        ModifyCardStatusAcknowledgement,
        ModifyCardStatusResponse,
        IssuedCardDrivingLicenceRequest,
        IssuedCardDrivingLicenceResponse,
        ErrorNotification,
    ),
    name="tachonet_client:CODEC",
)

decode = CODEC.decode
encode = CODEC.encode
