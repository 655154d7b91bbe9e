"""CGR, answering: a document in, a document out, and what becomes of a register that fails."""

from __future__ import annotations

from datetime import date

from movehub.errors import ErrorNotified
from movehub.responder import Responder

from erru_client import (
    Certificate,
    CheckGoodReputeRequest,
    ErruClient,
    FoundTransportManager,
    RequestPurpose,
    RequestSource,
    SearchByCertificate,
    SearchByName,
    responder,
)


class EmptyRegister:
    """A register that can tell, and knows nobody."""

    def check_good_repute(
        self, search: SearchByName | SearchByCertificate
    ) -> tuple[FoundTransportManager, ...]:
        """Return nothing: an empty answer says *not found*."""
        return ()


class BrokenRegister:
    """A register whose database is away."""

    def check_good_repute(
        self, search: SearchByName | SearchByCertificate
    ) -> tuple[FoundTransportManager, ...]:
        """Raise: whatever is raised becomes an ErrorNotification, never *not found*."""
        raise ConnectionError("the database does not answer")


class Direct:
    """A transport without a wire: it hands each document to a responder."""

    def __init__(self, to: Responder) -> None:
        self._to = to

    def post(self, data: bytes) -> bytes:
        """Return the responder's answer."""
        return self._to.handle(data)


REQUEST = CheckGoodReputeRequest(
    business_case_id="FI-2026-002056",
    originating_authority="Traficom",
    request_purpose=RequestPurpose.ISSUE,
    request_source=RequestSource.COMPETENT_AUTHORITY,
    searched_transport_manager=SearchByCertificate(
        certificate=Certificate(
            certificate_number="SE-YK-957801",
            certificate_issue_date=date(2002, 2, 15),
            certificate_issue_country="SE",
        )
    ),
)


def main() -> None:
    """Ask both registers the same."""
    for register in (EmptyRegister(), BrokenRegister()):
        finland = ErruClient("FI", Direct(responder(register, "SE", "Transportstyrelsen")))
        try:
            (sweden,) = finland.send(REQUEST, to="SE").body.member_states
        except ErrorNotified as error:
            print(error.notification.status_code, "-", error.notification.status_message)
        else:
            print(sweden.member_state_code, sweden.outcome.value)


if __name__ == "__main__":
    main()
