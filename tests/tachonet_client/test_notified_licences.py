"""What a node records of an ICDL, and the search that 1.3 asks for before a card is issued."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from movehub.names import BuiltinSearchKeys, SearchKeys, UntransliterableCharacter
from movehub.node.receiver import Receiver, SynchronousReceiver
from movehub.node.work_queue import WorkQueue
from movehub.node.worker import RETRIES, Worker
from movehub.protocol import NotifiedLicence
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorStatus
from movehub.sandbox.registers.drivers import DriverRegister
from movehub.store import FoundBy, Store, inbox
from movehub.store.tables import NOTIFIED_LICENCE, Kind
from sqlalchemy import select

import tachonet_client as tachonet
from tachonet_client import Application, Event, RecordedNotification, RecordingStatus, search_notifications
from tachonet_client.notified_licences import to_record
from tests.support.cards import icdl_request, mcs_request
from tests.support.databases import Hands, address, clock, postgres_server, store
from tests.support.examples import CANARY, DK_TACHONET

__all__ = ["address", "clock", "postgres_server", "store"]

KEYS = BuiltinSearchKeys()
#: A licence of Austria's in the data of the sandbox, and who holds it.
LICENCE, BORN = "70316296", date(1959, 3, 3)


def notification(**changes: Any) -> Any:
    issued = replace(
        icdl_request().issued_card,
        driving_licence_number=LICENCE,
        family_name="Grünwaldner",
        first_name="Leopoldine",
        date_of_birth=BORN,
    )
    return replace(icdl_request(), issued_card=replace(issued, **changes))


def applied(name: str = "Grunwalldner", **changes: Any) -> Application:
    facts: dict[str, Any] = {
        "case_id": "AT-1",
        "event": Event.ISSUE,
        "received_on": date(2026, 11, 23),
        "licence_state": "AT",
        "driving_licence_number": "1",
        "family_name": name,
        "first_name": "Leopoldine",
        "date_of_birth": BORN,
    }
    return Application(**{**facts, **changes})


def _message(**changes: Any) -> Any:
    return DK_TACHONET.request(notification(**changes), "AT")


class Node:
    """Austria's node with its register, stepped by hand."""

    def __init__(self, store: Store, clock: Hands, register: Any, **worker: Any) -> None:
        self.clock, self.responder = clock, tachonet.responder(register, "AT", "Kartenausgabestelle")
        queue = WorkQueue(store, inbox.work((Kind.QUERY, Kind.NOTIFICATION, Kind.HEARTBEAT)))
        self.receiver = Receiver(store, self.responder.codec, **worker)
        self.worker = Worker(store, {"TACHOnet": self.responder}, queue, **worker)
        self.synchronous = SynchronousReceiver(self.receiver, store, self.worker.work_on)
        self.store = store

    def came(self, body: Any, sender: str = "DK") -> bytes:
        """Return a message as the hub forwards it, received."""
        message = Exchange(sender, tachonet.TACHONET_3_0, self.clock).request(body, "AT")
        until = self.clock() + timedelta(seconds=10)
        document = tachonet.CODEC.write(replace(message, header=replace(message.header, timeout_value=until)))
        self.receiver.accept(document)
        return document

    def records(self) -> list[Any]:
        with self.store.reading() as connection:
            return list(connection.execute(select(NOTIFIED_LICENCE)).mappings())


@pytest.fixture
def register() -> Iterator[DriverRegister]:
    with closing(DriverRegister("AT")) as opened:
        yield opened


@pytest.fixture
def node(store: Store, clock: Hands, register: DriverRegister) -> Node:
    return Node(store, clock, register)


def test_a_notification_that_the_register_has_recorded_is_recorded_by_the_node(node: Node) -> None:
    """Annex VIII, 1.4. The row has what the search needs, and no name."""
    keys = KEYS.keys("Grünwaldner", "Leopoldine")
    node.came(notification())
    node.worker.step()
    (row,) = node.records()
    assert {name: row[name] for name in row if name not in {"technical_id", "recorded_at"}} == {
        "notified_by": "DK",
        "card_number": "FI00000000000100",
        "licence_number": LICENCE,
        "family_name_key": keys.family_name,
        "first_name_key": keys.first_name,
        "date_of_birth": "1959-03-03",
    }


def test_one_with_a_mistyped_licence_number_is_recorded_and_found_by_keys(
    node: Node, register: DriverRegister
) -> None:
    """Annex VIII, 1.4: every notification. The register does not find the licence of this number."""
    assert register.issued_card_driving_licence(_message(driving_licence_number="1")) is (
        RecordingStatus.DRIVING_LICENCE_NUMBER_NOT_FOUND
    )
    node.came(notification(driving_licence_number="1"))
    node.worker.step()
    _, (found,) = search_notifications(applied(driving_licence_number=LICENCE), node.store, by="service 7")
    assert (found.notified_by, found.found_by) == ("DK", FoundBy.SEARCH_KEYS)


@pytest.mark.parametrize("status", RecordingStatus)
def test_all_that_was_processed_is_recorded(status: RecordingStatus) -> None:
    message = _message()
    found = to_record(message, message.body.answer("x", status))
    assert (found is None) is (status is RecordingStatus.NOT_PROCESSED)


@pytest.mark.parametrize("status", ErrorStatus)
def test_an_error_leaves_no_record(status: ErrorStatus) -> None:
    message = _message()
    assert to_record(message, DK_TACHONET.error(message, status, "x", b"<x/>").body) is None


def test_a_heartbeat_is_not_recorded(node: Node) -> None:
    node.came(replace(notification(), request_purpose=tachonet.RequestPurpose.HEARTBEAT), "EU")
    node.worker.step()
    assert node.records() == []


def test_another_notification_is_not_recorded(node: Node) -> None:
    node.came(mcs_request())
    node.worker.step()
    assert node.records() == []


def test_a_register_that_fails_leaves_no_record_until_it_has_recorded(
    store: Store, clock: Hands, register: DriverRegister
) -> None:
    class Failing:
        fails = True

        def issued_card_driving_licence(self, notification: Any) -> Any:
            if self.fails:
                raise OSError(CANARY)
            return register.issued_card_driving_licence(notification)

    failing = Failing()
    node = Node(store, clock, failing)
    node.came(notification())
    node.worker.step()
    assert node.records() == []
    failing.fails = False
    clock.forward(RETRIES[0].total_seconds())
    node.worker.step()
    assert len(node.records()) == 1


def test_the_synchronous_interface_records_too_and_a_repeated_message_once(
    store: Store, clock: Hands, register: DriverRegister
) -> None:
    node = Node(store, clock, register, synchronous=True)
    document = node.came(notification())
    first, second = node.synchronous.accept(document), node.synchronous.accept(document)
    assert first == second
    assert len(node.records()) == 1


def recorded(**changes: Any) -> NotifiedLicence:
    message = _message(**changes)
    with closing(DriverRegister("AT")) as register:
        answer = tachonet.decode(
            tachonet.responder(register, "AT", "x").handle(tachonet.CODEC.write(message))
        )
    found = to_record(message, answer.body)
    assert found is not None
    return found


def test_the_keys_of_the_hub_are_recorded() -> None:
    """Annex IV, 5. Without them, the state's own are made."""
    hub = SearchKeys("GRANVALDNAR", "LAPALDAN")
    found = recorded(
        family_name_search_key=hub.family_name, first_name_search_key=hub.first_name, family_name=CANARY
    )
    assert (found.family_name_search_key, found.first_name_search_key) == ("GRANVALDNAR", "LAPALDAN")


def test_a_name_that_no_key_can_be_made_of_does_not_lose_the_notification() -> None:
    with pytest.raises(UntransliterableCharacter):
        KEYS.keys("張", None)
    found = recorded(family_name="張", first_name=None)
    assert (found.family_name_search_key, found.driving_licence_number) == (None, LICENCE)


def test_an_applicant_is_found_by_a_misspelt_name_through_keys(node: Node) -> None:
    node.came(notification())
    node.worker.step()
    case, (found,) = search_notifications(applied(), node.store, by="service 7")
    assert case.own_register_searched
    assert case.notifications == (RecordedNotification(notified_by="DK", card_number="FI00000000000100"),)
    assert found.found_by is FoundBy.SEARCH_KEYS
    other, none = search_notifications(applied("Brückenthaler"), node.store, by="service 7")
    assert (other.own_register_searched, other.notifications, none) == (True, (), ())


def test_the_notifications_that_an_application_had_stay_and_none_is_there_twice(node: Node) -> None:
    node.came(notification())
    node.worker.step()
    elsewhere = RecordedNotification(notified_by="SE", card_number="SE00000000000100")
    known = RecordedNotification(notified_by="DK", card_number="FI00000000000100")
    before = applied(notifications=(elsewhere,))
    case, _ = search_notifications(before, node.store, by="service 7")
    assert case.notifications == (elsewhere, known)
    again, _ = search_notifications(case, node.store, by="service 7")
    assert again.notifications == (elsewhere, known)


def test_an_applicant_is_found_by_the_number_of_the_licence(node: Node) -> None:
    node.came(notification())
    node.worker.step()
    _, (found,) = search_notifications(
        applied(CANARY, driving_licence_number=LICENCE), node.store, by="service 7"
    )
    assert found.found_by is FoundBy.LICENCE_NUMBER


def test_the_search_keys_of_an_application_count(node: Node) -> None:
    keys = KEYS.keys("Grünwaldner", "Leopoldine")
    node.came(notification())
    node.worker.step()
    case = applied(CANARY, family_name_search_key=keys.family_name, first_name_search_key=keys.first_name)
    assert len(search_notifications(case, node.store, by="service 7")[1]) == 1


def test_the_commissions_keys_can_be_used(node: Node) -> None:
    class Commission:
        def keys(self, family_name: str, first_name: str | None) -> SearchKeys:
            return KEYS.keys("Grünwaldner", "Leopoldine")

    node.came(notification())
    node.worker.step()
    assert (
        len(search_notifications(applied(CANARY), node.store, by="service 7", provider=Commission())[1]) == 1
    )


@pytest.mark.parametrize("lacking", ["driving_licence_number", "family_name", "date_of_birth"])
def test_a_search_that_would_miss_a_notification_is_refused(store: Store, lacking: str) -> None:
    with pytest.raises(ValueError, match=f"needs {lacking}$"):
        search_notifications(applied(**{lacking: None}), store, by="service 7")


def test_all_that_is_missing_is_named(store: Store) -> None:
    with pytest.raises(ValueError, match="needs driving_licence_number, family_name, date_of_birth$"):
        search_notifications(
            applied(driving_licence_number=None, family_name=None, date_of_birth=None), store, by="x"
        )
