"""The texts by which the hub comments on an answer, and what they mean for delivery.

An `OK` is not always a receipt: the hub writes one with a text that takes it back (test case NCR_11 of the
Commission). No public document lists these texts, so two rules decide (both inferred):

* If a text is in the table `TEXTS`, the table decides, whoever writes it.
* Any other text takes an `OK` or `NotFound` back if the hub writes it, and changes nothing if a Member State
  writes it.

`respondingAuthority` tells who writes. The hub writes `HUB_AUTHORITY` in the row of a state that did not
answer (official). `Header/@from` proves nothing: it is `EU` in each consolidated answer, whoever answered. An
authority `Unknown` names no state, so its text counts as the hub's (inferred). In the acknowledgement of an
NCR response, the law puts the authority that sent the response there (2016/480, Annex III, appendix), so such
a text counts as the state's unless it is in the table.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI, 2.2: the hub reports errors in the response message, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from movehub.protocol.workflow import HUB_AUTHORITY

#: The values of `respondingAuthority` that name no authority of a state, in small letters.
_NO_STATE: Final = frozenset({HUB_AUTHORITY.casefold(), "eu", "unknown"})


@dataclass(frozen=True, slots=True)
class HubText:
    """One row of the table: a text of the hub, how it is recognised, and what it means."""

    #: The text as its source has it, or an example.
    example: str
    #: A regular expression for the part that tells. Letter case and blanks do not matter.
    pattern: str
    #: Whether the other state has the message nevertheless.
    harmless: bool
    source: str

    def matches(self, text: str) -> bool:
        """Whether a `statusMessage` says this."""
        return re.search(self.pattern, " ".join(text.split()), re.IGNORECASE) is not None


_NCR_11: Final = "the Commission's test case NCR_11"
_NU_01: Final = "the Commission's test cases NU_01 and NU_11"
_INFERRED: Final = "inferred: the same said in other words"

#: No harmless text is known. If you learn of one, add a row with its source. The first that matches counts.
TEXTS: Final = (
    HubText("The notification has not been forwarded.", r"\bnot been forwarded\b", False, _NCR_11),
    HubText(
        "The country of establishment is still using ERRU v2 messages.",
        r"\bstill using (?:ERRU|TACHOnet) v\d",
        False,
        _NCR_11,
    ),
    HubText(
        "TO MemberState does not implement the NotifyUnfitness workflow",
        r"\bdoes not implement the (?:\w+ )?workflow\b",
        False,
        _NU_01,
    ),
    HubText(
        "The notification could not be forwarded.",
        r"(?:\bnot|\bcannot|n't)(?: (?:yet|be|been|being)){0,2} forwarded\b"
        r"|\b(?:not|unable|failed) to forward\b",
        False,
        _INFERRED,
    ),
    HubText(
        "The Member State does not take part in this workflow.",
        r"\bdoes not (?:implement|support|take part in)\b",
        False,
        _INFERRED,
    ),
)


def written_by_the_hub(responding_authority: str) -> bool:
    """Whether an answer or a row is the hub's own, in the place of a state."""
    return responding_authority.strip().casefold() in _NO_STATE


def takes_back(text: str | None, responding_authority: str | None = None) -> bool:
    """Whether a text beside a status says that the other state did not get the message.

    Without `responding_authority`, only the table decides.
    """
    if not (text or "").strip():
        return False
    known = next((row for row in TEXTS if row.matches(text or "")), None)
    if known is not None:
        return not known.harmless
    return responding_authority is not None and written_by_the_hub(responding_authority)
