"""Check Good Repute (CGR).

Before a person may manage a transport undertaking, you ask every register whether it knows the person, and
whether the person is fit. Regulation (EU) 2016/480, Annex II, 1.1 and Annex VIII, 1.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from movehub.protocol.message import Body
from movehub.protocol.outcome import SearchStatus, StateRow
from movehub.records.personal import PersonalDate, PersonalText
from movehub.records.record import record, wire

from .vocabulary import Address, Certificate, ErruRequest, ManagerName, RegisteredUndertaking

if TYPE_CHECKING:
    from movehub.names.search_keys import SearchKeys


class SearchMethod(StrEnum):
    """How a manager was found. The law's word for the last one is "custom"."""

    CPC = "CPC"
    NYSIIS = "NYSIIS"
    LOCAL = "Local"


class CertificateValidity(StrEnum):
    """Whether a certificate is valid, according to the state that issued it."""

    VALID = "Valid"
    INVALID = "Invalid"


class FitnessStatus(StrEnum):
    """Whether somebody is declared fit to manage an undertaking."""

    FIT = "Fit"
    UNFIT = "Unfit"


@record
class SearchedName(ManagerName):
    """The person asked about, as on the certificate of professional competence."""

    address: Address | None = wire("TransportManagerAddressDetails", default=None)


@record
class SearchByName:
    """Ask by name, and by certificate where it is known."""

    name: SearchedName = wire("TransportManagerNameDetails")
    certificate: Certificate | None = wire("TransportManagerCertificateDetails", default=None)


@record
class SearchByCertificate:
    """Ask by certificate alone."""

    certificate: Certificate = wire("TransportManagerCertificateDetails")


@record
class FoundName:
    """A manager as the register knows the person."""

    family_name: PersonalText
    first_name: PersonalText
    date_of_birth: PersonalDate
    place_of_birth: PersonalText | None = None


@record
class Fitness:
    """Whether the manager is fit, and the dates of an unfitness."""

    fitness_status: FitnessStatus
    unfit_start_date: PersonalDate | None = None
    unfit_end_date: PersonalDate | None = None


@record
class FoundCertificate(Certificate):
    """The manager's certificate, with its validity and the manager's fitness."""

    #: Required in edition 3.5, optional in 3.4.
    certificate_validity: CertificateValidity | None = None
    fitness: Fitness


@record
class ManagedUndertaking(RegisteredUndertaking):
    """One undertaking that the manager manages."""


@record
class ManagedUndertakings:
    """What the manager manages. The totals may cover more than the list shows."""

    total_managed_undertakings: int
    total_managed_vehicles: int
    undertakings: tuple[ManagedUndertaking, ...] = wire("TransportUndertaking", default=())


@record
class FoundTransportManager:
    """One manager whom a state's register knows."""

    responding_authority: str
    search_method: SearchMethod
    name: FoundName = wire("TransportManagerNameDetails")
    address: Address | None = wire("TransportManagerAddressDetails", default=None)
    certificate: FoundCertificate = wire("TransportManagerCertificateDetails")
    transport_undertakings: ManagedUndertakings


@record
class GoodReputeInState(StateRow):
    """One Member State's answer."""

    member_state_code: str
    status_code: SearchStatus
    status_message: PersonalText | None = None
    found: tuple[FoundTransportManager, ...] = wire("TransportManagerDetails", default=())


@record
class CheckGoodReputeResponse(Body, root="CheckGoodRepute_Response"):
    """A state's answer with its own row, or the hub's with a row for every state asked."""

    business_case_id: str
    originating_authority: str
    searched_transport_manager: SearchByName | SearchByCertificate = wire("SearchedTransportManager")
    member_states: tuple[GoodReputeInState, ...] = wire("MemberState")

    def repeated(self) -> tuple[object, ...]:
        """Return the case and the search. Only the hub may add search keys."""
        return _repeated(self)


@record
class CheckGoodReputeRequest(ErruRequest["CheckGoodReputeResponse"], root="CheckGoodRepute_Request"):
    """Ask one register (`to="DK"`) or all of them (`to="ZZ"`) about a transport manager."""

    #: The words for what became of it.
    statuses: ClassVar[type[SearchStatus]] = SearchStatus

    searched_transport_manager: SearchByName | SearchByCertificate = wire("SearchedTransportManager")

    @property
    def name_searched(self) -> SearchedName | None:
        """The name asked about, or None if the search is by certificate."""
        search = self.searched_transport_manager
        return search.name if isinstance(search, SearchByName) else None

    def with_search_keys(self, keys: SearchKeys) -> CheckGoodReputeRequest:
        """Return the request with search keys, if it asks by name."""
        search = self.searched_transport_manager
        if not isinstance(search, SearchByName):
            return self
        named = replace(search, name=search.name.with_search_keys(keys))
        return replace(self, searched_transport_manager=named)

    def repeated(self) -> tuple[object, ...]:
        """Return the case and the search. Only the hub may add search keys."""
        return _repeated(self)

    def answered_with(self, *rows: GoodReputeInState) -> CheckGoodReputeResponse:
        """Return the answer with these rows. The rest repeats the request exactly."""
        return CheckGoodReputeResponse(
            business_case_id=self.business_case_id,
            originating_authority=self.originating_authority,
            searched_transport_manager=self.searched_transport_manager,
            member_states=rows,
        )

    def answer(
        self, member_state: str, found: tuple[FoundTransportManager, ...], status_message: str | None = None
    ) -> CheckGoodReputeResponse:
        """Return the answer of a register: `Found` with records, `NotFound` without."""
        status = SearchStatus.FOUND if found else SearchStatus.NOT_FOUND
        return self.answered_with(
            GoodReputeInState(
                member_state_code=member_state, status_code=status, status_message=status_message, found=found
            )
        )

    def unanswered(
        self, member_state: str, status: SearchStatus, status_message: str | None = None
    ) -> GoodReputeInState:
        """Return the hub's row for a state that did not answer."""
        return GoodReputeInState(
            member_state_code=member_state, status_code=status, status_message=status_message
        )


def _repeated(body: CheckGoodReputeRequest | CheckGoodReputeResponse) -> tuple[object, ...]:
    search = body.searched_transport_manager
    if isinstance(search, SearchByName) and search.name.has_search_keys:
        search = replace(search, name=search.name.without_search_keys())
    return body.business_case_id, body.originating_authority, search
