"""The editions of TACHOnet that are spoken here, and the codec that speaks them.

Edition 3.0 is the law in force: Regulation (EU) 2016/68, Annex III, appendix, as replaced by Regulation (EU)
2017/1503. It is the default of everything. Edition 2016 is the appendix as first published in January 2016,
which never applied.

No TACHOnet schema of the MOVEHUB generation is public. Both editions are reconstructions in the manner of
ERRU 3.5, the twin on the same hub. The namespaces are inferred by analogy, and so are the versions: 3.0 is
the number of the "TACHO v3.0" that EUCARIS names, 2016 is the year. The Commission publishes the official
schemas, behind credentials, on the MOVEHUB portal.
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


def _edition(version: str) -> Edition:
    namespace = f"https://webgate.ec.testa.eu/move-hub/tachonet/{version}"
    return Edition("TACHOnet", version, namespace, Schema.shipped(f"tachonet/{version}/tachonet.xsd"))


#: The text as first published. Reconstructed, see above.
TACHONET_2016: Final = _edition("2016")
#: The law in force. Reconstructed, see above.
TACHONET_3_0: Final = _edition("3.0")

CODEC: Final = Codec(
    system="TACHOnet",
    participants=PARTICIPANTS,
    rules_for=rules,
    editions=(TACHONET_2016, TACHONET_3_0),
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
