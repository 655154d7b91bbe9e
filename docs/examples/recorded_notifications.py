"""Record a notification in a node, find it again by a misspelt name, and list the steps that follow."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from movehub.http import HttpsTransport
from movehub.node import Node, Records, Settings
from movehub.protocol import Exchange
from movehub.sandbox import Authority, DriverRegister

from tachonet_client import (
    CODEC,
    TACHONET_3_0,
    Application,
    Event,
    IssuedCardDrivingLicenceRequest,
    NotifiedCard,
    Policy,
    Sample,
    due,
    search_notifications,
)

CONFIGURATION = """
member_state = "AT"
certificate = "AT.pem"
key = "AT.key"
authority = "authority.pem"

[tachonet]
url = "https://localhost:9/tachonet"

[node]
database = "sqlite:///node.db"
listen = "127.0.0.1:0"
interface = "synchronous"
allowed_subjects = ["CN=hub"]

[node.tachonet]
register = "recorded_notifications:register"
authority = "Kartenausgabestelle"
"""

NOTIFICATION = IssuedCardDrivingLicenceRequest(
    business_case_id="DK-2026-000032",
    originating_authority="Færdselsstyrelsen",
    issued_card=NotifiedCard(
        card_number="DK00000000012300",
        driving_licence_number="70316296",
        family_name="Grünwaldner",
        first_name="Leopoldine",
        date_of_birth=date(1959, 3, 3),
    ),
)

APPLICATION = Application(
    case_id="AT-2026-000033",
    event=Event.ISSUE,
    received_on=date(2026, 11, 23),
    licence_state="AT",
    driving_licence_number="88210004",
    family_name="Grunwalldner",
    first_name="Leopoldine",
    date_of_birth=date(1959, 3, 3),
)

POLICY = Policy(state="AT", records_icdl_since=date(2024, 1, 1), sample=Sample("Wien 2026"))


def register() -> DriverRegister:
    """Return the register of the sandbox for Austria. It has issued the licence of the notification."""
    return DriverRegister("AT")


def search(records: Records) -> None:
    with records.open() as store:
        application, found = search_notifications(APPLICATION, store, by="service 7")
    for each in found:
        print(each.notified_by, each.card_number, "found by", each.found_by.value)
    for step in due(application, POLICY):
        print(step.step, step.when.value)


def main() -> None:
    """Serve the register, send it a notification as the hub does, and search for an applicant."""
    sys.path.append(str(Path(__file__).parent))  # for `movehub serve`, set PYTHONPATH instead
    with TemporaryDirectory() as folder:
        authority = Authority.create(Path(folder))
        hub = authority.issue("hub")
        authority.issue("AT")
        config = Path(folder) / "node.toml"
        config.write_text(CONFIGURATION, "utf-8")
        document = CODEC.encode(Exchange("DK", TACHONET_3_0).request(NOTIFICATION, "AT"))
        with (
            Node(Settings.read(config)) as node,
            HttpsTransport(f"https://localhost:{node.port}/tachonet", hub) as transport,
        ):
            print("AT", CODEC.decode(transport.post(document)).body.status_code.value)
        search(Records.read(config))


if __name__ == "__main__":
    main()
