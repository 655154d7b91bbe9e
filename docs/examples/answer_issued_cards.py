"""Answer a CIC: your register of driver cards behind HTTPS, with certificates on both sides."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from movehub.http import Endpoint, HttpsTransport
from movehub.names import BuiltinSearchKeys
from movehub.sandbox import Authority, Hub, SandboxServer

from tachonet_client import (
    CODEC,
    CardStatus,
    CheckIssuedCardsRequest,
    DrivingLicence,
    FoundDriver,
    IssuedCard,
    SearchedDriver,
    SearchMechanism,
    TachonetClient,
    responder,
)

HOLDER = FoundDriver(
    search_mechanism=SearchMechanism.NYSIIS,
    family_name="Åkerlindh",
    first_name="Göran",
    date_of_birth=date(1969, 7, 4),
    card=IssuedCard(
        card_number="SE00243724440610",
        card_status=CardStatus.HANDED_OVER,
        valid_for_driving=True,
        card_issuing_authority="Transportstyrelsen",
        start_of_validity_date=date(2023, 8, 15),
        expiry_date=date(2028, 8, 14),
        status_modified_date=date(2023, 8, 27),
    ),
    driving_licence=DrivingLicence(
        driving_licence_number="64988-92128", driving_licence_issuing_country="SE"
    ),
)


class NationalRegister:
    """A register with one card. Yours searches a database that stores the keys of each name."""

    def __init__(self) -> None:
        keys = BuiltinSearchKeys().keys(HOLDER.family_name, HOLDER.first_name)
        self._cards: dict[tuple[str | None, str | None, date], tuple[FoundDriver, ...]] = {
            (keys.family_name, keys.first_name, HOLDER.date_of_birth): (HOLDER,)
        }

    def check_issued_cards(self, driver: SearchedDriver) -> tuple[FoundDriver, ...]:
        """Search by the keys that the hub added to the request."""
        searched = (driver.family_name_search_key, driver.first_name_search_key, driver.date_of_birth)
        return self._cards.get(searched, ())


def application() -> Endpoint:
    """Return the WSGI application."""
    return Endpoint(responder(NationalRegister(), "SE", "Transportstyrelsen").handle)


def main() -> None:
    """Let a hub ask Sweden on behalf of Finland, over HTTPS on loopback."""
    driver = SearchedDriver(family_name="Akerlindh", first_name="Goran", date_of_birth=date(1969, 7, 4))
    request = CheckIssuedCardsRequest(
        business_case_id="FI-2026-000164", originating_authority="Traficom", searched_driver=driver
    )
    with TemporaryDirectory() as folder:
        authority = Authority.create(Path(folder))
        with (
            SandboxServer(application(), authority.issue("SE")) as server,
            HttpsTransport(server.url(), authority.issue("hub")) as to_sweden,
            TachonetClient("FI", Hub(CODEC, {"SE": to_sweden}, BuiltinSearchKeys())) as finland,
        ):
            (sweden,) = finland.send(request, to="SE").body.member_states
    print(sweden.member_state_code, sweden.outcome.value)
    print(sweden.found[0])


if __name__ == "__main__":
    main()
