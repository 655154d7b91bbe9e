"""An ERRU register for a node. Its table is in the node's database, so each effect happens exactly once."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from movehub.http import HttpsTransport
from movehub.node import Node, Records, Settings
from movehub.protocol import Exchange, Message
from movehub.sandbox import Authority
from movehub.store import transaction
from sqlalchemy import text

from erru_client import (
    CODEC,
    ERRU_3_5,
    FoundTransportManager,
    FoundUndertaking,
    ManagerName,
    NotifiedTransportManager,
    NotifyCheckResultRequest,
    NotifyCheckResultResponse,
    NotifyUnfitnessRequest,
    RequestPurpose,
    RequestSource,
    RoadSideInspectionRequest,
    SearchByCertificate,
    SearchByName,
    SearchedCompany,
    TransportManagerNameDetails,
    UnfitnessReading,
)

TABLE = "CREATE TABLE notified (technical_id TEXT PRIMARY KEY, workflow TEXT, document TEXT, to_do TEXT)"
INSERT = "INSERT INTO notified VALUES (:id, :workflow, :document, :to_do)"


class OwnRegister:
    """Your register: one method for each workflow. Several threads call it at the same time."""

    def check_good_repute(
        self, search: SearchByName | SearchByCertificate
    ) -> tuple[FoundTransportManager, ...]:
        """Return the matching managers. An empty tuple means *not found*. Raise if you cannot tell."""
        return ()

    def check_transport_undertaking_data(self, company: SearchedCompany) -> tuple[FoundUndertaking, ...]:
        """Return the matching undertakings."""
        return ()

    def notify_unfitness(self, notification: Message[NotifyUnfitnessRequest]) -> None:
        """Store that another state declared a manager unfit. Without a date, ask before you act on it."""
        if notification.body.reading is UnfitnessReading.UNFIT_FROM:
            self._store(notification, "mark the manager as unfit from the start date on")
        else:
            self._store(notification, "ask the originating authority: unfit, or reinstated?")

    def notify_check_result(self, notification: Message[NotifyCheckResultRequest]) -> None:
        """Store the result of a check in another state."""
        self._store(notification)

    def receive_check_result_response(self, response: Message[NotifyCheckResultResponse]) -> None:
        """Store which of your requested penalties were imposed."""
        self._store(response)

    def road_side_inspection(self, inspection: Message[RoadSideInspectionRequest]) -> bool:
        """Store an inspection. Return True if your register knows the operator or holder."""
        self._store(inspection)
        return False

    def _store(self, message: Message, to_do: str = "") -> None:
        """Write in the transaction that marks the message as processed. Both are stored, or neither."""
        header = message.header
        row = {"id": str(header.technical_id).lower(), "workflow": str(header.workflow_id).lower()}
        transaction().execute(
            text(INSERT), {**row, "document": CODEC.write(message).decode(), "to_do": to_do}
        )


def register() -> OwnRegister:
    """Return the register. You name this function in [node.erru]: `register = "own_register:register"`."""
    return OwnRegister()


CONFIGURATION = """
member_state = "FI"
certificate = "FI.pem"
key = "FI.key"
authority = "authority.pem"

[erru]
url = "https://localhost:9/erru"

[node]
database = "sqlite:///node.db"
listen = "127.0.0.1:0"
interface = "synchronous"
allowed_subjects = ["CN=hub"]

[node.erru]
register = "own_register:register"
authority = "Traficom"
acknowledge = "when recorded"  # the receipt leaves after your register: this example looks right after it
"""

UNFIT = NotifyUnfitnessRequest(
    business_case_id="DK-2026-000031",
    originating_authority="Trafikstyrelsen",
    request_purpose=RequestPurpose.CONTROL,
    request_source=RequestSource.COMPETENT_AUTHORITY,
    transport_manager=NotifiedTransportManager(
        unfit_start_date=date(2026, 11, 2),
        details=TransportManagerNameDetails(
            transport_manager=ManagerName(
                family_name="Overgaard", first_name="Kirsten", date_of_birth=date(1971, 2, 3)
            )
        ),
    ),
)


def main() -> None:
    """Serve the register, and send it one notification twice, as the hub may do."""
    sys.path.append(str(Path(__file__).parent))  # for `movehub serve`, set PYTHONPATH instead
    with TemporaryDirectory() as folder:
        authority = Authority.create(Path(folder))
        hub = authority.issue("hub")
        authority.issue("FI")
        config = Path(folder) / "node.toml"
        config.write_text(CONFIGURATION, "utf-8")
        document = CODEC.encode(Exchange("DK", ERRU_3_5).request(UNFIT, "FI"))
        with Records.read(config).open() as store, store.writing() as connection:
            connection.execute(text(TABLE))  # once, before the node first starts
        with Node(Settings.read(config)) as node:
            with HttpsTransport(f"https://localhost:{node.port}/erru", hub) as transport:
                first, second = transport.post(document), transport.post(document)
            with node.store.reading() as connection:
                rows = connection.execute(text("SELECT to_do FROM notified")).scalars().all()
    answer = CODEC.decode(first).body.member_states[0]
    print(answer.member_state_code, answer.status_code.value)
    print("The same answer twice:", first == second)
    print("To do:", *rows)


if __name__ == "__main__":
    main()
