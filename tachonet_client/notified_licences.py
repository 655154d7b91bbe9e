"""Recorded ICDL notifications: what a node records of one, and the search before a card is issued.

Regulation (EU) 2016/68, Annex VIII, 1.3 and 1.4, and Annex IV, 5 and 5.1. `movehub.store` has the table.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from movehub.names import search_keys_of
from movehub.names.transliteration import UntransliterableCharacter
from movehub.protocol import Body, Message, NotifiedLicence, SearchedLicence

from .application import Application, RecordedNotification
from .icdl import (
    IssuedCardDrivingLicenceRequest,
    IssuedCardDrivingLicenceResponse,
    IssuedCardDrivingLicenceStatus,
)

if TYPE_CHECKING:
    from movehub.names.search_keys import Named, SearchKeyProvider, SearchKeys
    from movehub.store import FoundNotification, Store


def to_record(request: Message[IssuedCardDrivingLicenceRequest], answer: Body) -> NotifiedLicence | None:
    """Return what a node records of a message: of every ICDL that was processed, else None.

    Annex VIII, 1.4. A notification of a licence that the register does not find is recorded too: the number
    may be mistyped, and the search by keys of 1.3 then finds it. `NotProcessed` is the answer of a state that
    records none (1.6), and to a heartbeat.
    """
    if not isinstance(answer, IssuedCardDrivingLicenceResponse):
        return None
    if answer.status_code is IssuedCardDrivingLicenceStatus.NOT_PROCESSED:
        return None
    card = request.body.issued_card
    keys = _keys(card)
    return NotifiedLicence(
        driving_licence_number=card.driving_licence_number,
        card_number=card.card_number,
        family_name_search_key=None if keys is None else keys.family_name,
        first_name_search_key=None if keys is None else keys.first_name,
        date_of_birth=card.date_of_birth,
    )


def search_notifications(
    application: Application, store: Store, *, by: str, provider: SearchKeyProvider | None = None
) -> tuple[Application, tuple[FoundNotification, ...]]:
    """Search a node's records for notifications, and return the application with them, and the details.

    The application keeps the notifications that it had, such as those of another register.
    `by` says who searches: the journal records it. `provider` makes the search keys if the application has
    none. In production use the Commission's, as the hub does.

    Raises ValueError that names what the application lacks, StoreFailed, and the errors of the provider.
    """
    from movehub.store import find_notifications

    searched = _searched(application, provider)
    found = store.write(lambda connection: find_notifications(connection, store.journal, searched, by=by))
    recorded = (
        RecordedNotification(notified_by=each.notified_by, card_number=each.card_number) for each in found
    )
    notifications = tuple(dict.fromkeys((*application.notifications, *recorded)))
    return replace(application, own_register_searched=True, notifications=notifications), found


def _searched(application: Application, provider: SearchKeyProvider | None) -> SearchedLicence:
    """Return what 1.3 searches by. Without a part of it a notification could be missed."""
    number, born = application.driving_licence_number, application.date_of_birth
    keys = search_keys_of(application, provider)
    if number is None or born is None or keys is None:
        found = {"driving_licence_number": number, "family_name": keys, "date_of_birth": born}
        missing = ", ".join(name for name, value in found.items() if value is None)
        raise ValueError(f"the search of the own register needs {missing}")
    return SearchedLicence(
        driving_licence_number=number,
        family_name_search_key=keys.family_name,
        first_name_search_key=keys.first_name,
        date_of_birth=born,
    )


def _keys(card: Named) -> SearchKeys | None:
    """Return the keys to record by; None if there is no name, or one that cannot be transliterated.

    The notification is recorded even without keys, or it would be lost.
    """
    try:
        return search_keys_of(card)
    except UntransliterableCharacter:
        return None
