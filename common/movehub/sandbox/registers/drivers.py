"""A register of tachograph cards for the sandbox, over `drivers.csv` and `workshop_cards.csv`.

Read it as an example. The reference register finds drivers by keys and by custom search. A notified status
changes the card. A notified licence is recorded with its keys. The decisions that the law leaves to a state
are invented here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from threading import Lock
from typing import Final

from movehub.names.custom_search import Holder, Wanted, search
from movehub.names.search_keys import SearchKeys, search_keys_of
from movehub.names.transliteration import UntransliterableCharacter
from movehub.protocol.message import Message
from movehub.records.values import Uuid
from movehub.sandbox.registers.reference import ReferenceRegister
from movehub.sandbox.registers.rows import Row, record_of, rows, rows_of
from tachonet_client import (
    CardStatus,
    CheckedCard,
    DrivingLicence,
    FoundDriver,
    HolderDetails,
    IssuedCard,
    IssuedCardDrivingLicenceRequest,
    ModificationStatus,
    ModifiedCard,
    ModifyCardStatusRequest,
    ModifyCardStatusResponse,
    NotifiedCard,
    RecordingStatus,
    SearchedCard,
    SearchedDriver,
    SearchMechanism,
    WorkshopDetails,
)

Notified = Message[ModifyCardStatusRequest | ModifyCardStatusResponse | IssuedCardDrivingLicenceRequest]

#: Statuses that never change again. The law leaves that choice to the issuer: these are invented.
FINAL: Final = frozenset(
    {
        CardStatus.REJECTED,
        CardStatus.WITHDRAWN,
        CardStatus.SURRENDERED,
        CardStatus.EXPIRED,
        CardStatus.REPLACED,
        CardStatus.RENEWED,
        CardStatus.EXCHANGED,
    }
)


@dataclass(frozen=True, slots=True)
class RecordedLicence:
    """A notification that a card was issued on a licence, with its search keys (2016/68, Annex IV, 5)."""

    notification: Message[IssuedCardDrivingLicenceRequest] = field(repr=False)
    keys: SearchKeys | None


class DriverRegister:
    """One state's register of driver and workshop cards. It stores every notification. Close it."""

    def __init__(self, member_state: str) -> None:
        #: Every notification, in the order of arrival.
        self.notified: list[Notified] = []
        #: The notifications that were recorded, with their search keys.
        self.recorded: list[RecordedLicence] = []
        self._lock = Lock()
        self._results: dict[Uuid, ModificationStatus] = {}
        self._changed: dict[str, datetime] = {}
        drivers = rows_of("drivers", member_state)
        workshops = rows_of("workshop_cards", member_state)
        self._cards = {row["card_number"]: row for row in (*drivers, *workshops)}
        people = [row for row in (*drivers, *workshops) if row["family_name"]]
        self._numbers = [row["card_number"] for row in people]
        self._by_licence: dict[tuple[str | None, date], list[str]] = defaultdict(list)
        for row in drivers:
            born = date.fromisoformat(row["date_of_birth"])
            self._by_licence[row["driving_licence_number"], born].append(row["card_number"])
        self._licences = {
            row["driving_licence_number"]
            for row in rows("drivers")
            if row["driving_licence_issuing_country"] == member_state
        }
        self._holders = ReferenceRegister()
        self._holders.add(_holders(people))

    def close(self) -> None:
        """Close the database. The stored notifications stay."""
        self._holders.close()

    def check_issued_cards(self, driver: SearchedDriver) -> tuple[FoundDriver, ...]:
        """Search by keys, then by custom search and by licence number (Annex IV, 2 and 3)."""
        wanted = Wanted(
            family_name=driver.family_name,
            first_name=driver.first_name,
            date_of_birth=driver.date_of_birth,
            keys=search_keys_of(driver),
        )
        found = {
            self._numbers[hit.holder.number]: SearchMechanism(hit.found_by.value)
            for hit in search(self._holders, wanted)
        }
        for number in self._by_licence.get((driver.driving_licence_number, driver.date_of_birth), ()):
            found.setdefault(number, SearchMechanism.CUSTOM)
        return tuple(_found_driver(self._cards[number], mechanism) for number, mechanism in found.items())

    def check_card_status(self, card: SearchedCard) -> CheckedCard | None:
        """Look the card up by its exact number."""
        row = self._cards.get(card.card_number)
        return None if row is None else _checked_card(row)

    def modify_card_status(self, notification: Message[ModifyCardStatusRequest]) -> None:
        """Store the notification, and change the card if it is known and its status is not final.

        A duplicate changes nothing. Neither does a change that is older than the card's present status: its
        result is `CardStatusInvalid`.
        """
        workflow = notification.header.workflow_id
        with self._lock:
            self.notified.append(notification)
            if workflow not in self._results:
                self._results[workflow] = self._modify(notification.body.modified_card)

    def result_of(
        self, notification: Message[ModifyCardStatusRequest]
    ) -> tuple[ModificationStatus, CardStatus | None]:
        """Return the result of a change and the present status of the card, None for an unknown one.

        `ModifyCardStatusRequest.respond` takes both. Raises KeyError if there was no such change.
        """
        row = self._cards.get(notification.body.modified_card.card_number)
        status = None if row is None else CardStatus(row["card_status"])
        return self._results[notification.header.workflow_id], status

    def receive_card_status_response(self, response: Message[ModifyCardStatusResponse]) -> None:
        """Store the response."""
        self.notified.append(response)

    def issued_card_driving_licence(
        self, notification: Message[IssuedCardDrivingLicenceRequest]
    ) -> RecordingStatus:
        """Record the notification with its keys, if this state has issued a licence of that number."""
        self.notified.append(notification)
        issued = notification.body.issued_card
        if issued.driving_licence_number not in self._licences:
            return RecordingStatus.DRIVING_LICENCE_NUMBER_NOT_FOUND
        self.recorded.append(RecordedLicence(notification, _keys(issued)))
        return RecordingStatus.OK

    def _modify(self, modified: ModifiedCard) -> ModificationStatus:
        row = self._cards.get(modified.card_number)
        if row is None:
            return ModificationStatus.CARD_NUMBER_NOT_FOUND
        at = modified.status_modified_at
        if CardStatus(row["card_status"]) in FINAL or at < self._changed.get(
            modified.card_number, _start(row)
        ):
            return ModificationStatus.CARD_STATUS_INVALID
        self._changed[modified.card_number] = at
        self._cards[modified.card_number] = row | {
            "card_status": modified.new_card_status.value,
            "status_modified_date": at.date().isoformat(),
            "valid_for_driving": _decided(modified.new_card_status, row["valid_for_driving"]),
        }
        return ModificationStatus.OK


def _start(row: Row) -> datetime:
    """Return when a status in the data began: at midnight, since the data has only the day."""
    return datetime.combine(date.fromisoformat(row["status_modified_date"]), time(), UTC)


def _keys(issued: NotifiedCard) -> SearchKeys | None:
    """Return the keys to record by; None if there is no name, or a name that cannot be transliterated.

    The notification is recorded even without keys, or it would be lost.
    """
    try:
        return search_keys_of(issued)
    except UntransliterableCharacter:
        return None


def _decided(status: CardStatus, before: str) -> str:
    """Decide whether a card is valid for driving after its status changed, as an issuer must.

    The decision is invented: a card handed over is valid, a card in exchange stays as it was, and any other
    status ends its validity.
    """
    if status is CardStatus.IN_EXCHANGE:
        return before
    return "true" if status is CardStatus.HANDED_OVER else "false"


def _holders(people: list[Row]) -> Iterator[Holder]:
    for number, row in enumerate(people):
        yield Holder(
            number=number,
            family_name=row["family_name"],
            first_name=row["first_name"],
            date_of_birth=date.fromisoformat(row["date_of_birth"]),
        )


def _found_driver(row: Row, mechanism: SearchMechanism) -> FoundDriver:
    """Return the record of a card for CIC, with its driving licence or its workshop."""
    card = record_of(IssuedCard, row)
    return record_of(FoundDriver, row, search_mechanism=mechanism, card=card, **_issued_for(row))


def _checked_card(row: Row) -> CheckedCard:
    """Return the record of a card for CCS, with its holder if the register knows one."""
    holder = record_of(HolderDetails, row) if row["family_name"] else None
    return record_of(CheckedCard, row, holder=holder, **_issued_for(row))


def _issued_for(row: Row) -> dict[str, DrivingLicence | WorkshopDetails]:
    """Return the driving licence of a driver card, or the workshop of a workshop card."""
    if "workshop_name" not in row:
        return {"driving_licence": record_of(DrivingLicence, row)}
    name, address = row["workshop_name"], row["workshop_address"]
    return {"workshop": WorkshopDetails(workshop_name=name, workshop_address=address)}
