"""The one table of workflows: which body answers which, in how many legs, and who may be asked.

Regulation (EU) 2016/68, Annex II, 1; Regulation (EU) 2016/480, Annex II.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: `Header/@to` of a request to every other Member State (official in ERRU, by analogy in TACHOnet).
BROADCAST: Final = "ZZ"
#: The hub itself, as sender of what it consolidates and as receiver of ErrorNotifications.
HUB: Final = "EU"
#: What stands as `respondingAuthority` where the hub answers for a state that did not (official in ERRU).
HUB_AUTHORITY: Final = "European Commission"

#: `requestPurpose` with which the hub looks whether a state is there (Annex VI, 1.2).
HEARTBEAT: Final = "Heartbeat"


@dataclass(frozen=True, slots=True)
class Workflow:
    """One conversation. `legs` pairs each message with the one that answers it, in the order of sending."""

    system: str
    abbreviation: str
    name: str
    legs: tuple[tuple[str, str], ...]
    broadcast: bool
    article: str
    #: Whether it tells something that must be recorded, however late; else it only searches.
    notifies: bool = False

    def __str__(self) -> str:
        """Return the system and the abbreviation, as the law writes it: `ERRU CGR`."""
        return f"{self.system} {self.abbreviation}"

    @property
    def opening(self) -> str:
        """The root element of the message that opens the conversation."""
        return self.legs[0][0]

    @property
    def roots(self) -> frozenset[str]:
        """The root elements of all its messages."""
        return frozenset(root for leg in self.legs for root in leg)


#: Source of each row: the article that stands in it.
WORKFLOWS: Final = (
    Workflow(
        "TACHOnet",
        "CIC",
        "Check issued cards",
        (("CheckIssuedCards_Request", "CheckIssuedCards_Response"),),
        broadcast=True,
        article="Regulation (EU) 2016/68, Annex II, 1.1",
    ),
    Workflow(
        "TACHOnet",
        "CCS",
        "Check card status",
        (("CheckCardStatus_Request", "CheckCardStatus_Response"),),
        broadcast=False,
        article="Regulation (EU) 2016/68, Annex II, 1.2",
    ),
    Workflow(
        "TACHOnet",
        "MCS",
        "Modify card status",
        # Four messages: the response comes when the register was updated, and is acknowledged in its turn.
        (
            ("ModifyCardStatus_Request", "ModifyCardStatus_Acknowledgement"),
            ("ModifyCardStatus_Response", "ModifyCardStatus_Acknowledgement"),
        ),
        broadcast=False,
        article="Regulation (EU) 2016/68, Annex II, 1.3",
        notifies=True,
    ),
    Workflow(
        "TACHOnet",
        "ICDL",
        "Issued card driving licence",
        (("IssuedCardDrivingLicence_Request", "IssuedCardDrivingLicence_Response"),),
        broadcast=False,
        article="Regulation (EU) 2016/68, Annex II, 1.4",
        notifies=True,
    ),
    Workflow(
        "ERRU",
        "CGR",
        "Check good repute",
        (("CheckGoodRepute_Request", "CheckGoodRepute_Response"),),
        broadcast=True,
        article="Regulation (EU) 2016/480, Annex II, 1.1",
    ),
    Workflow(
        "ERRU",
        "NCR",
        "Notify check result",
        # The answer comes weeks after the notification, and each is acknowledged with the same element.
        (
            ("NotifyCheckResult_Request", "NotifyCheckResult_Acknowledgement"),
            ("NotifyCheckResult_Response", "NotifyCheckResult_Acknowledgement"),
        ),
        broadcast=False,
        article="Regulation (EU) 2016/480, Annex II, 1.2",
        notifies=True,
    ),
    Workflow(
        "ERRU",
        "CTUD",
        "Check transport undertaking data",
        (("CheckTransportUndertakingData_Request", "CheckTransportUndertakingData_Response"),),
        broadcast=False,
        article="Regulation (EU) 2016/480, Annex II, 1.3",
    ),
    Workflow(
        "ERRU",
        "NU",
        "Notify unfitness",
        (("NotifyUnfitness_Request", "NotifyUnfitness_Acknowledgement"),),
        broadcast=True,
        article="Regulation (EU) 2016/480, Annex II, 1.4",
        notifies=True,
    ),
    Workflow(
        "ERRU",
        "RSI",
        "Roadside inspection",
        # The law knows no answer; the messages on the hub have one.
        (("RoadSideInspection_Request", "RoadSideInspection_Response"),),
        broadcast=False,
        article="Directive 2014/47/EU, Article 18; Regulation (EU) 2017/2205",
        notifies=True,
    ),
)

_BY_ROOT: Final = {root: workflow for workflow in WORKFLOWS for root in workflow.roots}
_ANSWERS: Final = {sent: answer for workflow in WORKFLOWS for sent, answer in workflow.legs}


def workflow_of(root: str) -> Workflow | None:
    """Return the workflow that a root element belongs to; None for ErrorNotification, which has none."""
    return _BY_ROOT.get(root)


def answer_to(root: str) -> str | None:
    """Return the root element that answers another, or None where nothing does."""
    return _ANSWERS.get(root)
