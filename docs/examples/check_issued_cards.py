"""Ask by CIC for driver cards in this applicant's name. You also see the states that did not answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from movehub.sandbox import Sandbox

from tachonet_client import BROADCAST, CheckIssuedCardsRequest, SearchedDriver, TachonetClient


def check_issued_cards(config: Path) -> None:
    applicant = SearchedDriver(
        family_name="Brueckenthaler", first_name="Juergen", date_of_birth=date(1984, 3, 17)
    )
    request = CheckIssuedCardsRequest(
        business_case_id="FI-2026-000125", originating_authority="Traficom", searched_driver=applicant
    )
    with TachonetClient.from_config(config) as tachonet:
        reply = tachonet.send(request, to=BROADCAST)
    for state in reply.body.member_states:
        for driver in state.found:
            print(state.member_state_code, driver.card.card_number, driver.card.card_status)
    print("No answer from:", *reply.missing)


def main() -> None:
    """Ask the hub of a sandbox. Latvia is late and Greece is down."""
    with Sandbox("FI", late=["LV"], down=["GR"], patience=2.0) as sandbox, TemporaryDirectory() as folder:
        check_issued_cards(sandbox.write_config(Path(folder) / "hub.toml"))


if __name__ == "__main__":
    main()
