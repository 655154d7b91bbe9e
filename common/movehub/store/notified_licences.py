"""Driving licences of the own state on which another state has issued a card: record, search and delete.

Regulation (EU) 2016/68, Annex VIII, 1.3 and 1.4, and Annex IV, 5 and 5.1. The node records a notification in
the transaction that marks it as processed, even if the register does not know the licence. A row is personal
data: the journal says who has searched, and retention deletes the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from movehub.protocol import NotifiedLicence, SearchedLicence
from movehub.records import PersonalText
from movehub.store.changes import Change
from movehub.store.journal import Access, Entry, Journal
from movehub.store.tables import NOTIFIED_LICENCE

_COLUMNS: Final = NOTIFIED_LICENCE.c


class FoundBy(StrEnum):
    """The two searches of 2016/68, Annex VIII, 1.3, in their order."""

    LICENCE_NUMBER = "driving licence number"
    SEARCH_KEYS = "search keys and date of birth"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundNotification:
    """A recorded notification: who sent it, about which card, and how it was found."""

    notified_by: str
    card_number: PersonalText = field(repr=False)
    recorded_at: datetime
    found_by: FoundBy
    #: The message that brought it. Retention may have removed its document.
    technical_id: str


def recorded(message: Mapping[str, Any], licence: NotifiedLicence, now: datetime) -> Change:
    """Return the change that records a licence. `message` has the columns of the inbox.

    A message that is processed a second time changes nothing.
    """
    born = licence.date_of_birth
    values = {
        "technical_id": message["technical_id"],
        "notified_by": message["from_code"],
        "card_number": licence.card_number,
        "licence_number": _compared(licence.driving_licence_number),
        "family_name_key": licence.family_name_search_key or None,
        "first_name_key": licence.first_name_search_key or None,
        "date_of_birth": None if born is None else born.isoformat(),
        "recorded_at": now,
    }
    return Change(NOTIFIED_LICENCE, values)


def find_notifications(
    connection: Connection, journal: Journal, searched: SearchedLicence, *, by: str
) -> tuple[FoundNotification, ...]:
    """Return the recorded notifications about a licence or its holder, those by number first.

    The journal records who has searched: a line for each notification found, or one line if there is none.
    """
    found: dict[str, FoundNotification] = {}
    for how, condition in _searches(searched):
        rows = select(NOTIFIED_LICENCE).where(condition).order_by(_COLUMNS.recorded_at, _COLUMNS.technical_id)
        for row in connection.execute(rows).mappings():
            names = ("notified_by", "card_number", "recorded_at", "technical_id")
            each = FoundNotification(found_by=how, **{name: row[name] for name in names})
            found.setdefault(each.technical_id, each)
    seen: list[str | None] = [*found] or [None]
    journal.note(connection, *(Entry(Access.CONSULTED, by, "TACHOnet", each) for each in seen))
    return tuple(found.values())


def _searches(searched: SearchedLicence) -> Iterator[tuple[FoundBy, ColumnElement[bool]]]:
    """Yield each search with its condition. A first name is compared only if both sides have a key of it."""
    yield FoundBy.LICENCE_NUMBER, _COLUMNS.licence_number == _compared(searched.driving_licence_number)
    family, first = searched.family_name_search_key, searched.first_name_search_key
    if family and searched.date_of_birth is not None:
        same = (_COLUMNS.date_of_birth == searched.date_of_birth.isoformat()) & (
            _COLUMNS.family_name_key == family
        )
        if first:
            same &= or_(_COLUMNS.first_name_key == first, _COLUMNS.first_name_key.is_(None))
        yield FoundBy.SEARCH_KEYS, same


def _compared(number: str) -> str:
    """Return a licence number as it is compared: letters and digits alone, in capitals.

    It is inferred that blanks, signs and letter case do not tell two licences of one state apart.
    """
    return "".join(filter(str.isalnum, number.upper())) or number


def erase(connection: Connection, before: datetime, future: datetime, now: datetime, most: int) -> list[str]:
    """Delete up to `most` rows that were recorded before an instant, and return their identifiers.

    A row from a clock that was ahead of `future` counts as recorded now.
    """
    connection.execute(update(NOTIFIED_LICENCE).where(_COLUMNS.recorded_at > future).values(recorded_at=now))
    old = select(_COLUMNS.technical_id).where(_COLUMNS.recorded_at < before).limit(most)
    ids = list(connection.execute(old.with_for_update(skip_locked=True)).scalars())
    connection.execute(delete(NOTIFIED_LICENCE).where(_COLUMNS.technical_id.in_(ids)))
    return ids
