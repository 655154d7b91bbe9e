"""Answer a CGR: a document in, a document out. You also see a register that fails."""

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
    """A register that works and knows no manager."""

    def check_good_repute(
        self, search: SearchByName | SearchByCertificate
    ) -> tuple[FoundTransportManager, ...]:
        """Return an empty tuple: you searched and the answer is *not found*."""
        return ()


class BrokenRegister:
    """A register whose database is down."""

    def check_good_repute(
        self, search: SearchByName | SearchByCertificate
    ) -> tuple[FoundTransportManager, ...]:
        """Raise: the responder turns it into an ErrorNotification, never into *not found*."""
        raise ConnectionError("the database does not answer")


class Direct:
    """A transport without a network: it passes each document to a responder."""

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
    """Ask both registers the same question."""
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
