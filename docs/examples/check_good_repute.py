"""Ask by CGR whether the other Member States know this transport manager as unfit."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from movehub.sandbox import Sandbox

from erru_client import (
    BROADCAST,
    CheckGoodReputeRequest,
    ErruClient,
    RequestPurpose,
    RequestSource,
    SearchByName,
    SearchedName,
)


def check_good_repute(config: Path) -> None:
    name = SearchedName(
        family_name="Kraeuterbaecker", first_name="Friedhelm", date_of_birth=date(1967, 1, 23)
    )
    request = CheckGoodReputeRequest(
        business_case_id="FI-2026-002046",
        originating_authority="Traficom",
        request_purpose=RequestPurpose.ISSUE,
        request_source=RequestSource.COMPETENT_AUTHORITY,
        searched_transport_manager=SearchByName(name=name),
    )
    with ErruClient.from_config(config) as erru:
        reply = erru.send(request, to=BROADCAST)
    for state in reply.body.member_states:
        for manager in state.found:
            given = manager.certificate.fitness
            print(state.member_state_code, given.fitness_status, given.unfit_start_date, given.unfit_end_date)
    if not reply.complete:
        print("Not cleared yet. No answer from:", *reply.missing)


def main() -> None:
    """Ask the hub of a sandbox. Latvia is late and Greece is down."""
    with Sandbox("FI", late=["LV"], down=["GR"], patience=2.0) as sandbox, TemporaryDirectory() as folder:
        check_good_repute(sandbox.write_config(Path(folder) / "hub.toml"))


if __name__ == "__main__":
    main()
