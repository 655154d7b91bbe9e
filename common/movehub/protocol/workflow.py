"""The table of workflows: which message answers which, and which requests may be broadcast.

Regulation (EU) 2016/68, Annex II, 1; Regulation (EU) 2016/480, Annex II.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: `Header/@to` of a request to every other Member State (official in ERRU, by analogy in TACHOnet).
BROADCAST: Final = "ZZ"
#: The hub itself: it sends consolidated answers and receives ErrorNotifications.
HUB: Final = "EU"
#: `respondingAuthority` if the hub answers for a state that did not (official in ERRU).
HUB_AUTHORITY: Final = "European Commission"

#: `requestPurpose` of the hub's request to test whether a state answers (Annex VI, 1.2).
HEARTBEAT: Final = "Heartbeat"


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow. `legs` pairs each message with its answer, in the order of sending."""

    system: str
    abbreviation: str
    name: str
    legs: tuple[tuple[str, str], ...]
    broadcast: bool
    article: str
    #: Whether it is a notification, which the receiver must record however late it comes. Others are
    #: searches.
    notifies: bool = False

    def __str__(self) -> str:
        """Return the system and the abbreviation, as the law writes it: `ERRU CGR`."""
        return f"{self.system} {self.abbreviation}"

    @property
    def opening(self) -> str:
        """The root element of the message that opens the workflow."""
        return self.legs[0][0]

    @property
    def roots(self) -> frozenset[str]:
        """The root elements of all its messages."""
        return frozenset(root for leg in self.legs for root in leg)


#: Each row names its article.
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
        # Four messages: the response comes after the update of the register, and has its own acknowledgement.
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
        # The response comes weeks after the notification. Both are acknowledged with the same element.
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
        # The law has no answer, but the hub's messages have one.
        (("RoadSideInspection_Request", "RoadSideInspection_Response"),),
        broadcast=False,
        article="Directive 2014/47/EU, Article 18; Regulation (EU) 2017/2205",
        notifies=True,
    ),
)

_BY_ROOT: Final = {root: workflow for workflow in WORKFLOWS for root in workflow.roots}
_ANSWERS: Final = {sent: answer for workflow in WORKFLOWS for sent, answer in workflow.legs}


def workflow_of(root: str) -> Workflow | None:
    """Return the workflow of a root element. ErrorNotification belongs to no workflow: None."""
    return _BY_ROOT.get(root)


def answer_to(root: str) -> str | None:
    """Return the root element of the answer, or None if the message has no answer."""
    return _ANSWERS.get(root)
