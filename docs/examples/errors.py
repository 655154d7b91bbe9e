"""Print one line for each failure that you can provoke in a sandbox."""

from __future__ import annotations

from datetime import date, timedelta

from movehub.errors import ErrorNotified, MovehubError
from movehub.http import HttpsTransport, Timeouts, Transport
from movehub.sandbox import Sandbox

from tachonet_client import CheckIssuedCardsRequest, SearchedDriver, TachonetClient, decode


def ask(transport: Transport, to: str = "SE", family_name: str = "Akerlindh", case: str = "FI-1") -> None:
    driver = SearchedDriver(family_name=family_name, date_of_birth=date(1969, 7, 4))
    request = CheckIssuedCardsRequest(
        business_case_id=case, originating_authority="Traficom", searched_driver=driver
    )
    with TachonetClient("FI", transport) as tachonet:
        try:
            tachonet.send(request, to=to)
        except ErrorNotified as error:
            tell(error)
            print("    it says:", error.notification.status_message)
        except MovehubError as error:
            tell(error)


def tell(error: MovehubError) -> None:
    print(f"{type(error).__name__}: {error}")


def main() -> None:
    """Make one mistake after the other."""
    with Sandbox("FI", late=["LV"], patience=4.0) as sandbox:
        ask(sandbox.transport("tachonet"), case="longer than the 36 characters that the schema allows")
        ask(sandbox.transport("tachonet"), to="XX")
        ask(sandbox.transport("tachonet"), family_name="山田")
        ask(sandbox.transport("tachonet", sandbox.authority.issue("FI-old", ends_in=timedelta(hours=-1))))
        ask(HttpsTransport(sandbox.url("elsewhere"), sandbox.credentials))
        impatient = Timeouts(connect=2.0, total=2.0)
        ask(HttpsTransport(sandbox.url("tachonet"), sandbox.credentials, timeouts=impatient), to="LV")
        ask(HttpsTransport("https://localhost:9/tachonet", sandbox.credentials))  # no server on port 9
    try:
        decode(b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE x>\n<x/>')
    except MovehubError as error:
        tell(error)


if __name__ == "__main__":
    main()
