"""Find the workflows about a business case, a licence or a card: in the stored documents of both systems.

A person may ask which of their data you hold: Regulation (EU) 2016/679 (GDPR), Article 15. The search reads
every document that retention has not removed, and the recorded ICDL notifications. The journal records
who has searched, and each message that was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Table, select

from movehub.errors import TheirFault
from movehub.protocol.message import Message
from movehub.protocol.plain_data import to_dict
from movehub.store.engine import Store
from movehub.store.journal import Access, Entry
from movehub.store.tables import INBOX, NOTIFIED_LICENCE, OUTBOX
from movehub.store.workflows import is_known

#: Documents that are read in one transaction.
_AT_ONCE: Final = 200


def _as_case(text: str) -> str:
    return text.strip().casefold()


def _as_number(text: str) -> str:
    """Return letters and digits alone: blanks, signs and letter case make no other number (inferred)."""
    return "".join(filter(str.isalnum, text.casefold())) or text


@dataclass(frozen=True, slots=True)
class Searched:
    """What to look for. A message is found if it has one of the given values."""

    business_case: str = ""
    #: Of a driving licence, or of a Community licence.
    licence: str = ""
    card: str = ""

    def fits(self, message: Message[Any]) -> bool:
        """Return whether a message has one of the values."""
        return any(self._is(name, value) for name, value in _texts(to_dict(message.body)))

    def _is(self, field: str, value: str) -> bool:
        if field == "business_case_id":
            return bool(self.business_case) and _as_case(value) == _as_case(self.business_case)
        if field.endswith("licence_number"):
            return bool(self.licence) and _as_number(value) == _as_number(self.licence)
        if field.endswith("card_number"):
            return bool(self.card) and _as_number(value) == _as_number(self.card)
        return False


@dataclass(frozen=True, slots=True)
class Found:
    """The workflows that were found, as system and identifier, the newest first."""

    workflows: tuple[tuple[str, str], ...]
    #: The messages of recorded ICDL notifications (2016/68, Annex VIII, 1.3).
    recorded: tuple[str, ...]
    #: The messages that were found and belong to no workflow: dead letters and heartbeats.
    others: tuple[str, ...]
    #: Documents in an edition that this configuration does not have. They may be about the same person.
    unreadable: int


def find_workflows(
    store: Store, searched: Searched, decoders: Mapping[str, Callable[[bytes], Message[Any]]], *, by: str
) -> Found:
    """Return the workflows with a document that fits. `decoders` has a function for each system."""
    found: dict[tuple[str, str], Any] = {}
    seen: list[Entry] = []
    unreadable = 0
    for table in (INBOX, OUTBOX):
        for row in _documents(store, table):
            try:
                message = decoders[row["system"]](row["document"])
            except (KeyError, TheirFault):
                unreadable += 1
                continue
            if searched.fits(message):
                found.setdefault((row["system"], row["workflow_id"]), row["sent_at"])
                seen.append(_consulted(by, row["system"], row["technical_id"], row["workflow_id"]))
    recorded = _recorded(store, searched)
    seen += [_consulted(by, "TACHOnet", each) for each in recorded]
    store.write(lambda connection: store.journal.note(connection, *(seen or [Entry(Access.CONSULTED, by)])))
    with store.reading() as connection:
        known = [each for each in found if is_known(connection, *each)]
    newest_first = sorted(known, key=lambda each: (found[each], each), reverse=True)
    others = [
        each.technical_id or "" for each in seen if (each.system, each.workflow_id) in found.keys() - known
    ]
    return Found(tuple(newest_first), recorded, tuple(others), unreadable)


def _consulted(by: str, system: str, technical_id: str, workflow_id: str | None = None) -> Entry:
    return Entry(Access.CONSULTED, by, system, technical_id, workflow_id)


def _documents(store: Store, table: Table) -> Iterator[Mapping[str, Any]]:
    """Yield the messages with a document. Between two transactions other processes have their turn."""
    columns, after = table.c, ""
    names = ("technical_id", "workflow_id", "system", "sent_at", "document")
    while True:
        wanted = select(*(columns[name] for name in names)).where(
            columns.document.is_not(None), columns.technical_id > after
        )
        with store.reading() as connection:
            page = wanted.order_by(columns.technical_id).limit(_AT_ONCE)
            rows = connection.execute(page).mappings().all()
        yield from (dict(row) for row in rows)
        if not rows:
            return
        after = rows[-1]["technical_id"]


def _recorded(store: Store, searched: Searched) -> tuple[str, ...]:
    columns = NOTIFIED_LICENCE.c
    wanted = select(columns.technical_id, columns.licence_number, columns.card_number)
    licence, card = searched.licence, searched.card
    with store.reading() as connection:
        return tuple(
            technical_id
            for technical_id, licence_number, card_number in connection.execute(wanted)
            if (licence and _as_number(licence_number) == _as_number(licence))
            or (card and _as_number(card_number) == _as_number(card))
        )


def _texts(plain: Any) -> Iterator[tuple[str, str]]:
    """Yield each text of plain data with the name of its field."""
    for name, value in plain.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from _texts(item)
            elif isinstance(item, str):
                yield name, item
