"""What a state of version 2 can be told, and what it can answer.

Version 2 of ERRU has the messages of Regulation (EU) 2016/480 before Regulation (EU) 2023/2381: CGR, NCR
(then INF) with serious infringements only, and CTUD (then CCL). It has neither NU nor RSI. Version 2 of
TACHOnet is the edition 2016.

Test cases show three things that the hub does for a state of version 2: it acknowledges an NCR and does not
forward it (NCR_11), it refuses an NU (NU_01, NU_11), and it passes on the answer to a CTUD (CTUD_10). **The
rest is inferred**: no document describes the translation. The sandbox shows what is lost on the way. It does
not write documents of version 2: the state behind the hub gets a document of the edition in use, without the
optional fields that version 2 lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

import erru_client as erru
import tachonet_client as tachonet

#: Test case NCR_11: an acknowledgement `OK` that means "not delivered".
NOT_FORWARDED: Final = (
    "The country of establishment is still using ERRU v2 messages. The notification has not been forwarded. "
    "The workflow is complete"
)
#: For a search that version 2 cannot ask, and beside an answer from which something is missing (inferred).
NOT_ASKED: Final = "The Member State is still using v2 messages, which cannot ask this."
POORER: Final = "The Member State is still using v2 messages. What they do not have is missing or empty."

#: The workflows that version 2 does not have. That NU is missing is known; RSI has no message in the law of
#: that time.
WITHOUT: Final = frozenset({"NU", "RSI"})

#: The fields that version 2 does not have, by class, and the value that stands in their place. None in a
#: mandatory field cannot be written: then there is no answer. CTUD is the exception, because the hub is known
#: to pass on such an answer; with what it fills the fields is not public.
_MISSING: Final[Mapping[type, Mapping[str, Any]]] = {
    erru.SearchedName: {"address": None},
    erru.CheckedUndertaking: {"minor_infringement": None},
    erru.PenaltyImposed: {"not_executed_reason": None},
    erru.FoundTransportManager: {"address": None},
    erru.FoundCertificate: {"certificate_validity": None},
    erru.Fitness: {"unfit_start_date": None},
    erru.FoundUndertaking: {
        "legal_form": None,
        "number_of_employees": 0,
        "risk_rating": 0,
        "risk_band": erru.RiskBand.GREY,
        "search_method": erru.UndertakingSearchMethod.LOCAL,
        "vehicles": (),
    },
    erru.CommunityLicence: {"suspension_or_withdrawal_reason": None},
    tachonet.SearchedDriver: {"place_of_birth": None},
    tachonet.NotifiedCard: {"place_of_birth": None},
    tachonet.IssuedCard: {"valid_for_driving": None},
}


def _has_serious_infringements(body: Any) -> bool:
    return bool(body.transport_undertaking.serious_infringements)


def _has_name_and_licence(body: Any) -> bool:
    search = body.searched_company.search
    return None not in (search.transport_undertaking_name, search.community_licence_number)


#: Requests that version 2 can say only if they have something.
_SAYS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "NotifyCheckResult_Request": _has_serious_infringements,
    "CheckTransportUndertakingData_Request": _has_name_and_licence,
}


def said(request: Any) -> Any | None:
    """Return the body of a request with what version 2 can say of it, or None if that is nothing."""
    says = _SAYS.get(request.root)
    return _without(request) if says is None or says(request) else None


def answered(answer: Any) -> Any:
    """Return the body of an answer with what a state of version 2 can have said, and a note if it is less."""
    poorer = _without(answer)
    return answer if poorer == answer else _noted(poorer)


def _noted(body: Any) -> Any:
    rows = getattr(body, "member_states", None)
    if rows is None:
        return replace(body, status_message=body.status_message or POORER)
    return replace(body, member_states=tuple(map(_noted, rows)))


def _without(value: Any) -> Any:
    """Return a record, and those below it, without what version 2 does not have."""
    if isinstance(value, tuple):
        return tuple(_without(each) for each in value if not _is_withdrawn_copy(each))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {field.name: _without(getattr(value, field.name)) for field in fields(value)}
    return replace(value, **{**changes, **_MISSING.get(type(value), {})})


def _is_withdrawn_copy(value: Any) -> bool:
    """Version 2 has no date of this withdrawal: without it the copy would look as if it were valid."""
    return isinstance(value, erru.CertifiedTrueCopy) and value.true_copy_withdrawal_date is not None
