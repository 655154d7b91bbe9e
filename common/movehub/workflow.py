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


@dataclass(frozen=True, slots=True)
class Workflow:
    """One conversation. `legs` are the root elements in the order in which they go to and fro."""

    system: str
    abbreviation: str
    name: str
    legs: tuple[str, ...]
    broadcast: bool
    article: str

    def __str__(self) -> str:
        """Return the system and the abbreviation, as the law writes it: `ERRU CGR`."""
        return f"{self.system} {self.abbreviation}"


#: Source of each row: the article that stands in it.
WORKFLOWS: Final = (
    Workflow(
        "TACHOnet",
        "CIC",
        "Check issued cards",
        ("CheckIssuedCards_Request", "CheckIssuedCards_Response"),
        broadcast=True,
        article="Regulation (EU) 2016/68, Annex II, 1.1",
    ),
    Workflow(
        "TACHOnet",
        "CCS",
        "Check card status",
        ("CheckCardStatus_Request", "CheckCardStatus_Response"),
        broadcast=False,
        article="Regulation (EU) 2016/68, Annex II, 1.2",
    ),
    Workflow(
        "TACHOnet",
        "MCS",
        "Modify card status",
        (
            "ModifyCardStatus_Request",
            "ModifyCardStatus_Acknowledgement",
            "ModifyCardStatus_Response",
            "ModifyCardStatus_Acknowledgement",
        ),
        broadcast=False,
        article="Regulation (EU) 2016/68, Annex II, 1.3",
    ),
    Workflow(
        "TACHOnet",
        "ICDL",
        "Issued card driving licence",
        ("IssuedCardDrivingLicence_Request", "IssuedCardDrivingLicence_Response"),
        broadcast=False,
        article="Regulation (EU) 2016/68, Annex II, 1.4",
    ),
    Workflow(
        "ERRU",
        "CGR",
        "Check good repute",
        ("CheckGoodRepute_Request", "CheckGoodRepute_Response"),
        broadcast=True,
        article="Regulation (EU) 2016/480, Annex II, 1.1",
    ),
)

_BY_ROOT: Final = {root: workflow for workflow in WORKFLOWS for root in workflow.legs}


def workflow_of(root: str) -> Workflow | None:
    """Return the workflow that a root element belongs to; None for ErrorNotification, which has none."""
    return _BY_ROOT.get(root)


def answer_to(root: str) -> str | None:
    """Return the root element that answers another, or None where nothing does."""
    workflow = _BY_ROOT.get(root)
    later = workflow.legs[workflow.legs.index(root) + 1 :] if workflow else ()
    return later[0] if later else None
