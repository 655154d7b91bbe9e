"""The access journal: who, when, what kind of access, which message; each line bound to the one before.

The five kinds of access are those that the French arrêté of 13 October 2004 on automated controls wants
recorded: collecting, changing, consulting, communicating, erasing, each with author, date and hour, and kept
for one year. No line says whom a message is about: it has identifiers, never names of people in messages.

A line's digest covers its own fields and the digest before it. With a key that only this program has, nobody
who can merely write to the database can make a chain that holds. What is cut off at the end shows against an
`Anchor` that was kept elsewhere. `journal_check` looks.

Whether the journal is whole: the first line that is missing, changed or put in.

Without a key, whoever can write to the database and knows this program can make the chain anew from any
line on; an anchor from before that shows it. Nor does it help to remove all lines up to there: an anchor says
until when its line has to be there. With a key, only the key's holder can make a chain, or its beginning.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select

from movehub.errors import InvalidConfiguration, StoreFailed
from movehub.protocol.exchange import utc_now
from movehub.store import changes
from movehub.store.changes import Change, write
from movehub.store.periods import BY_LAW, Period
from movehub.store.tables import AHEAD, JOURNAL, JOURNAL_START, instant_of, micros

#: Stands before the first line.
GENESIS: Final = "0" * 64

#: What the digests of lines and of beginnings are told apart by, and the form of both.
_LINE, _START = "movehub journal line 1", "movehub journal start 1"
#: Any number, but that of no other lock: whoever appends on PostgreSQL holds it until the transaction ends.
_LOCK: Final = 68_480_2004
#: How long who holds it may do nothing. The commit follows at once.
_MOST_IDLE: Final = "5s"
_SHORTEST_KEY: Final = 32
_AS_JSON: Final = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_NEWEST: Final = "SELECT seq, digest, at FROM journal ORDER BY seq DESC LIMIT 1"


class Access(StrEnum):
    """What kind of access it was: the five of the arrêté of 13 October 2004."""

    #: A message came in and was stored.
    COLLECTED = "collected"
    CHANGED = "changed"
    #: The register was asked, or a person has looked at a message.
    CONSULTED = "consulted"
    #: A message went out.
    COMMUNICATED = "communicated"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one line tells. `actor` is a program, an account, or the name on a certificate."""

    access: Access
    actor: str
    system: str = ""
    technical_id: str | None = None
    workflow_id: str | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A line by its number and its digest. Kept elsewhere, it shows what was cut off or replaced.

    `at` is when the line was written: until when it has to be there. None if that is not known.
    """

    seq: int
    digest: str
    at: datetime | None = field(default=None, compare=False)

    @classmethod
    def of(cls, text: str) -> Anchor:
        """Read what `str` writes, with or without the instant. Raises ValueError."""
        seq, _, rest = text.strip().partition(" ")
        digest, _, instant = rest.partition(" ")
        if len(digest) != len(GENESIS) or not seq.isdecimal():
            raise ValueError("an anchor is the number of a line, its digest and its instant")
        at = datetime.fromisoformat(instant) if instant else None
        if at is not None and at.tzinfo is None:
            raise ValueError("the instant of an anchor has a time zone")
        return cls(int(seq), digest, at)

    def __str__(self) -> str:
        """Return it as one line of text."""
        return f"{self.seq} {self.digest}" + (f" {self.at.isoformat()}" if self.at is not None else "")


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one store. `key` is the same for everybody who writes it, and from the first line on."""

    now: Callable[[], datetime] = utc_now
    key: bytes | None = field(default=None, repr=False)

    def note(self, connection: Connection, *entries: Entry) -> Anchor:
        """Append lines in the transaction given, and return the last one.

        Call it last in a transaction: on PostgreSQL all others that append wait until this has ended.
        """
        return self.append(connection, [self._row(entry) for entry in entries])

    def noted(self, entry: Entry) -> Change:
        """Return what has a line appended at the end of a transaction of the store's."""
        return Change(JOURNAL, self._row(entry))

    def _row(self, entry: Entry) -> dict[str, Any]:
        return {
            "at": self.now(),
            "actor": entry.actor,
            "access": entry.access.value,
            "system": entry.system,
            "technical_id": entry.technical_id,
            "workflow_id": entry.workflow_id,
        }

    def append(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> Anchor:
        """Bind rows to the last line and to each other, write them, and return what is the last line now."""
        _lock(connection)
        last = self.anchor(connection)
        lines: list[Change] = []
        for row in rows:
            line = {**row, "seq": last.seq + 1, "previous": last.digest}
            last = Anchor(last.seq + 1, self.digest_of(line), row["at"])
            lines.append(Change(JOURNAL, {**line, "digest": last.digest}, unless=_overtaken))
        write(connection, lines)
        return last

    def anchor(self, connection: Connection) -> Anchor:
        """Return the last line: what to keep elsewhere, so that a cut shows."""
        row = changes.first(connection, _NEWEST)
        return Anchor(row[0], row[1], instant_of(row[2])) if row else start_of(connection)[0]

    def prune(self, connection: Connection, before: datetime) -> int:
        """Remove the oldest lines, remember where the journal begins now, and return how many they were.

        A line that was written while a clock was ahead of now keeps nothing, and goes with those around it.
        """
        _lock(connection)
        young = (JOURNAL.c.at >= before) & (JOURNAL.c.at <= self.now() + AHEAD)
        first_kept = connection.execute(select(func.min(JOURNAL.c.seq)).where(young)).scalar_one()
        old = select(JOURNAL.c.seq, JOURNAL.c.digest).where(JOURNAL.c.at < before)
        old = old if first_kept is None else old.where(JOURNAL.c.seq < first_kept)
        row = connection.execute(old.order_by(JOURNAL.c.seq.desc()).limit(1)).first()
        if row is None:
            return 0
        count = connection.execute(delete(JOURNAL).where(JOURNAL.c.seq <= row.seq)).rowcount
        start = {"seq": row.seq, "at": self.now(), "digest": row.digest}
        connection.execute(delete(JOURNAL_START))
        connection.execute(insert(JOURNAL_START), start | {"seal": self.seal_of(start)})
        return count

    def digest_of(self, row: Any) -> str:
        """Return the digest that a line has to have."""
        ids = row["technical_id"], row["workflow_id"]
        who = row["actor"], row["access"], row["system"]
        return self._sealed(_LINE, row["seq"], micros(row["at"]), *who, *ids, row["previous"])

    def seal_of(self, start: Any) -> str:
        """Return the digest that the record of the beginning has to have."""
        return self._sealed(_START, start["seq"], micros(start["at"]), start["digest"])

    def _sealed(self, *parts: str | int | None) -> str:
        """Digest a list as JSON, which no two lists have alike."""
        data = _AS_JSON(parts).encode()
        return hmac.new(self.key, data, sha256).hexdigest() if self.key else sha256(data).hexdigest()


def start_of(connection: Connection) -> tuple[Anchor, Any]:
    """Return the line before the first one that is kept, and the row that says so, if there is one."""
    row = connection.execute(select(JOURNAL_START).order_by(JOURNAL_START.c.seq.desc())).mappings().first()
    return (Anchor(row["seq"], row["digest"]), row) if row else (Anchor(0, GENESIS), None)


def _overtaken() -> StoreFailed:
    return StoreFailed("somebody else has written this line of the journal")


def read_key(path: Path) -> bytes:
    """Read the key of a journal: any 32 bytes or more. Raises InvalidConfiguration."""
    try:
        key = path.read_bytes().strip()
    except OSError:
        raise InvalidConfiguration("the journal's key file cannot be read") from None
    if len(key) < _SHORTEST_KEY:
        raise InvalidConfiguration(f"the journal's key must have {_SHORTEST_KEY} bytes at least")
    return key


def _lock(connection: Connection) -> None:
    """Keep others from appending until this transaction ends. SQLite has one writer at a time anyhow.

    All nodes wait for it, so that one that freezes loses it: PostgreSQL ends its transaction.
    """
    if connection.dialect.name == "postgresql":
        idle = f"set_config('idle_in_transaction_session_timeout', '{_MOST_IDLE}', true)"
        connection.exec_driver_sql(f"SELECT {idle}, pg_advisory_xact_lock({_LOCK})")


class Fault(StrEnum):
    """What is wrong with a line."""

    MISSING = "missing"
    CHANGED = "changed"
    INSERTED = "inserted"
    #: The record of where the journal begins is not one that this program made, or not with this key.
    START = "the record of the beginning was changed"
    #: The journal ends before the line of the anchor.
    CUT = "cut off"
    #: The line of the anchor is gone, and those who remove lines by their period would have kept it.
    REMOVED = "removed before its period was over"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first line at fault."""

    seq: int
    fault: Fault

    def __str__(self) -> str:
        """Return it in words."""
        return f"line {self.seq}: {self.fault.value}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found. `anchored` says whether the anchor given could still be compared."""

    lines: int
    last: Anchor
    finding: Finding | None
    anchored: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing is missing, changed or put in, as far as this can show."""
        return self.finding is None


def check(
    journal: Journal,
    connection: Connection,
    anchor: Anchor | None = None,
    period: Period = BY_LAW.journal,
) -> Checked:
    """Read the journal from its beginning, and stop at the first line at fault.

    An anchor of a line that was removed since, as its `period` was over, can no longer be compared.
    """
    start, row = start_of(connection)
    if row is not None and not compare_digest(row["seal"], journal.seal_of(row)):
        return Checked(0, start, Finding(start.seq, Fault.START))
    last, lines, anchored = start, 0, anchor == start
    in_order = select(JOURNAL).order_by(JOURNAL.c.seq).execution_options(yield_per=1000)
    with connection.execute(in_order) as rows:
        for line in rows.mappings():
            found = _fault(journal, line, last, start)
            if found is not None:
                return Checked(lines, last, found, anchored)
            last, lines = Anchor(line["seq"], line["digest"]), lines + 1
            if anchor is not None and last.seq == anchor.seq:
                anchored = True
                if last.digest != anchor.digest:
                    return Checked(lines, last, Finding(last.seq, Fault.CHANGED), anchored)
    return Checked(lines, last, _against(anchor, start, last, journal, period), anchored)


def _fault(journal: Journal, line: Any, last: Anchor, start: Anchor) -> Finding | None:
    seq = line["seq"]
    if seq <= start.seq:
        return Finding(seq, Fault.INSERTED)
    if seq != last.seq + 1:
        return Finding(last.seq + 1, Fault.MISSING)
    if not compare_digest(line["digest"], journal.digest_of(line)):
        return Finding(seq, Fault.CHANGED)
    if line["previous"] != last.digest:
        # This line is as it was written, so it is the one before that was made anew.
        return Finding(last.seq, Fault.CHANGED)
    return None


def _against(
    anchor: Anchor | None, start: Anchor, last: Anchor, journal: Journal, period: Period
) -> Finding | None:
    if anchor is None:
        return None
    if anchor.seq > last.seq:
        return Finding(last.seq + 1, Fault.CUT)
    if anchor.seq == start.seq and anchor.digest != start.digest:
        return Finding(start.seq, Fault.CHANGED)
    now = journal.now()
    if 0 < anchor.seq <= start.seq and anchor.at is not None and period.before(now) <= anchor.at <= now:
        return Finding(anchor.seq, Fault.REMOVED)
    return None
