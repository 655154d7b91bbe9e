"""The access journal: who, when, which kind of access, which message. Each line is chained to the one before.

The French arrêté of 13 October 2004 on automated controls requires five kinds of access in a record: to
collect, change, consult, communicate and erase. Each has an author, a date and an hour, and stays for one
year. A line contains the identifiers of a message, but never the names of people in it. A heartbeat is about
no person, so it has no line.

The digest of a line covers its own fields and the digest of the line before. `check` finds the first line
that was removed, changed or inserted. A line that it cannot read was changed, whatever is in it. How much it
can prove depends on the key and on an `Anchor`, which is a line that you store in another place:

* Without a key, a person who can write to the database and knows this program can compute a new chain from
  any line on. An older anchor shows this.
* With a key, only its holder can compute a chain or its beginning.
* Only an anchor shows that lines were removed at the end. It also shows that lines were removed at the
  beginning too early, because it contains the instant of its line.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Integer, Table, delete, func, insert, select, type_coerce
from sqlalchemy.types import NullType

from movehub.errors import InvalidConfiguration, StoreFailed
from movehub.protocol.exchange import utc_now
from movehub.store import changes
from movehub.store.changes import Change, write
from movehub.store.periods import DEFAULTS, Period
from movehub.store.tables import AHEAD, JOURNAL, JOURNAL_START, Instant, Kind, instant_of, micros

#: The digest before the first line.
GENESIS: Final = "0" * 64

#: Distinguishes the digests of lines from those of beginnings, and versions both.
_LINE, _START = "movehub journal line 1", "movehub journal start 1"
#: The number of the PostgreSQL lock that a transaction holds from its first new line to its end.
_LOCK: Final = 68_480_2004
#: How long a holder of the lock may be idle. Normally its commit follows at once.
_MOST_IDLE: Final = "5s"
_SHORTEST_KEY: Final = 32
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_AS_JSON: Final = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_NEWEST: Final = "SELECT seq, digest, at FROM journal ORDER BY seq DESC LIMIT 1"


class Access(StrEnum):
    """The five kinds of access in the arrêté of 13 October 2004."""

    #: A message came in and was stored.
    COLLECTED = "collected"
    #: The register recorded an event, or an operator retried a message.
    CHANGED = "changed"
    #: The register answered a search, or somebody read a message or an answer.
    CONSULTED = "consulted"
    #: A message went out, or somebody gave it to the node to send.
    COMMUNICATED = "communicated"
    #: Retention removed personal data.
    ERASED = "erased"


#: The actor of accesses by a program, and of messages that came without a certificate of their own: on the
#: connection of our request, or from a program of this process.
REGISTER, COURIER, NODE = "register", "courier", "node"

#: The kind of access by the register to a message of each kind.
_BY_REGISTER: Final[Mapping[str, Access]] = {
    Kind.QUERY: Access.CONSULTED,
    Kind.NOTIFICATION: Access.CHANGED,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """The content of a line. `actor` is a program, an account, or the name on a certificate."""

    access: Access
    actor: str
    system: str = ""
    technical_id: str | None = None
    workflow_id: str | None = None

    def __post_init__(self) -> None:
        if not self.actor.strip():
            raise ValueError("a line of the journal needs an author")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The number and the digest of a line. Store it in another place, to detect removed or replaced lines.

    `at` is the instant of the line, from which its retention period runs. `None` if it is unknown.
    """

    seq: int
    digest: str
    at: datetime | None = field(default=None, compare=False)

    @classmethod
    def of(cls, text: str) -> Anchor:
        """Parse the text that `str` returns, with or without the instant. Raises ValueError."""
        seq, _, rest = text.strip().partition(" ")
        digest, _, instant = rest.partition(" ")
        if not _DIGEST.fullmatch(digest) or not seq.isdecimal():
            raise ValueError("an anchor must be the number of a line, its digest and its instant")
        at = datetime.fromisoformat(instant) if instant else None
        if at is not None and at.tzinfo is None:
            raise ValueError("the instant of an anchor must have a time zone")
        return cls(int(seq), digest, at)

    def __str__(self) -> str:
        """Return it as one line of text."""
        return f"{self.seq} {self.digest}" + (f" {self.at.isoformat()}" if self.at is not None else "")


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one store. All writers must use the same `key`, from the first line on."""

    now: Callable[[], datetime] = utc_now
    key: bytes | None = field(default=None, repr=False)

    def note(self, connection: Connection, *entries: Entry) -> Anchor:
        """Append lines, and return the last. Do it last: other writers wait until the transaction ends."""
        return self.append(connection, [self._row(entry) for entry in entries])

    def noted(self, entry: Entry) -> Change:
        """Return the change that appends a line at the end of a store's transaction."""
        return Change(JOURNAL, self._row(entry))

    def _row(self, entry: Entry) -> dict[str, Any]:
        return {"at": self.now(), **asdict(entry), "access": entry.access.value}

    def append(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> Anchor:
        """Chain rows to the last line and to each other, write them, and return the new last line."""
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
        """Return the last line. Store it in another place, to detect lines that are removed at the end."""
        row = changes.first(connection, _NEWEST)
        if row is None:
            return start_of(connection)[0]
        if not isinstance(row[0], int) or not isinstance(row[1], str):
            raise StoreFailed("the last line of the journal was changed: run `movehub node journal verify`")
        return Anchor(row[0], row[1], _instant(row[2]))

    def prune(self, connection: Connection, before: datetime) -> int:
        """Remove the oldest lines, with any from a wrong clock among them, and return how many went."""
        _lock(connection)
        young = (JOURNAL.c.at >= before) & (JOURNAL.c.at <= self.now() + AHEAD)
        first_young = connection.execute(select(func.min(JOURNAL.c.seq)).where(young)).scalar_one()
        old = select(JOURNAL.c.seq, JOURNAL.c.digest).where(JOURNAL.c.at < before)
        old = old if first_young is None else old.where(JOURNAL.c.seq < first_young)
        row = connection.execute(old.order_by(JOURNAL.c.seq.desc()).limit(1)).first()
        if row is None:
            return 0
        count = connection.execute(delete(JOURNAL).where(JOURNAL.c.seq <= row.seq)).rowcount
        start = {"seq": row.seq, "at": self.now(), "digest": row.digest}
        connection.execute(delete(JOURNAL_START))
        connection.execute(insert(JOURNAL_START), start | {"seal": self.seal_of(start)})
        return count

    def digest_of(self, row: Any) -> str:
        """Return the correct digest of a line."""
        ids = row["technical_id"], row["workflow_id"]
        who = row["actor"], row["access"], row["system"]
        return self._sealed(_LINE, row["seq"], _micros(row["at"]), *who, *ids, row["previous"])

    def seal_of(self, start: Any) -> str:
        """Return the correct seal of the record of the beginning."""
        return self._sealed(_START, start["seq"], _micros(start["at"]), start["digest"])

    def _sealed(self, *parts: str | int | None) -> str:
        """Return the digest of a list as JSON, so that two different lists never look the same."""
        data = _AS_JSON(parts).encode()
        return hmac.new(self.key, data, sha256).hexdigest() if self.key else sha256(data).hexdigest()


def collected(journal: Journal, message: Mapping[str, Any]) -> list[Change]:
    """Record that a message came in. `message` has the columns of the inbox."""
    return _accessed(journal, Access.COLLECTED, message["peer"] or NODE, message)


def worked_on(journal: Journal, message: Mapping[str, Any]) -> list[Change]:
    """Record that the register consulted or changed its data for a received message."""
    return _accessed(journal, _BY_REGISTER.get(message["kind"], Access.CONSULTED), REGISTER, message)


def delivered(journal: Journal, message: Mapping[str, Any]) -> list[Change]:
    """Record that a message went out. `message` has the columns of the outbox."""
    return _accessed(journal, Access.COMMUNICATED, COURIER, message)


def _accessed(journal: Journal, access: Access, actor: str, message: Mapping[str, Any]) -> list[Change]:
    if message["kind"] == Kind.HEARTBEAT:
        return []
    ids = message["technical_id"], message["workflow_id"]
    return [journal.noted(Entry(access, actor, message["system"], *ids))]


def _micros(instant: datetime | int) -> int:
    """Return an instant as the database stores it. A check reads it so."""
    return instant if isinstance(instant, int) else micros(instant)


def _instant(stored: Any) -> datetime | None:
    """Return a stored instant, or `None` if somebody has put something else in its place."""
    try:
        return instant_of(stored)
    except (TypeError, OverflowError):
        return None


def start_of(connection: Connection) -> tuple[Anchor, Any]:
    """Return the last line that retention removed, and its record, or `None` if there is no record."""
    newest = select(*_as_stored(JOURNAL_START)).order_by(JOURNAL_START.c.seq.desc())
    row = connection.execute(newest).mappings().first()
    if row is None:
        return Anchor(0, GENESIS), None
    return Anchor(row["seq"] if isinstance(row["seq"], int) else 0, str(row["digest"])), row


def _as_stored(table: Table) -> list[ColumnElement[Any]]:
    """Return the columns of a table, whose values are not converted: any value can be read."""
    return [type_coerce(column, NullType()).label(column.name) for column in table.columns]


def _has_types(table: Table, row: Any) -> bool:
    """Whether each value of a row, as it is stored, has the type of its column."""
    return all(
        isinstance(row[column.name], int if isinstance(column.type, (Integer, Instant)) else str)
        or (row[column.name] is None and column.nullable)
        for column in table.columns
    )


@contextmanager
def _any_text(connection: Connection) -> Iterator[None]:
    """Let SQLite return text that is not UTF-8, instead of an error for a whole page of rows."""
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str


def _overtaken() -> StoreFailed:
    return StoreFailed("another process has written this line of the journal")


def read_key(path: Path) -> bytes:
    """Read the key of a journal: at least 32 bytes. Raises InvalidConfiguration."""
    try:
        key = path.read_bytes().strip()
    except OSError:
        raise InvalidConfiguration("the journal's key file cannot be read") from None
    if len(key) < _SHORTEST_KEY:
        raise InvalidConfiguration(f"the journal's key must have at least {_SHORTEST_KEY} bytes")
    return key


def _lock(connection: Connection) -> None:
    """Let no other transaction append until this one ends. SQLite has only one writer at a time.

    All nodes wait for this lock. If a node freezes while it holds the lock, PostgreSQL ends its transaction.
    """
    if connection.dialect.name == "postgresql":
        idle = f"set_config('idle_in_transaction_session_timeout', '{_MOST_IDLE}', true)"
        changes.first(connection, f"SELECT {idle}, pg_advisory_xact_lock({_LOCK})")


class Fault(StrEnum):
    """The fault of a line."""

    MISSING = "missing"
    CHANGED = "changed"
    INSERTED = "inserted"
    #: This program did not write the record of the beginning, or not with this key.
    START = "the record of the beginning was changed"
    #: The journal ends before the line of the anchor.
    CUT = "cut off"
    #: The line of the anchor is missing, although its retention period is not over.
    REMOVED = "removed before the period was over"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first line with a fault, and the last one with the same fault, if the next lines have it, too."""

    seq: int
    fault: Fault
    last: int | None = None

    @classmethod
    def of(cls, fault: Fault, first: int, last: int) -> Finding:
        """Return the finding that all lines from the first to the last are missing."""
        return cls(first, fault, last if last > first else None)

    def __str__(self) -> str:
        """Return a sentence for the operator."""
        lines = f"line {self.seq}" if self.last is None else f"lines {self.seq} to {self.last}"
        return f"{lines}: {self.fault.value}"


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check. `anchored` is true if the line of the anchor could still be compared."""

    lines: int
    last: Anchor
    finding: Finding | None
    anchored: bool = False

    @property
    def whole(self) -> bool:
        """Whether the check found no fault."""
        return self.finding is None


def check(
    journal: Journal,
    connection: Connection,
    anchor: Anchor | None = None,
    period: Period = DEFAULTS.journal,
) -> Checked:
    """Read the journal from its beginning, and stop at the first line with a fault.

    If retention has removed the line of the anchor, because its `period` was over, it cannot be compared.
    """
    with _any_text(connection):
        return _checked(journal, connection, anchor, period)


def _checked(journal: Journal, connection: Connection, anchor: Anchor | None, period: Period) -> Checked:
    start, row = start_of(connection)
    if row is not None and not (_has_types(JOURNAL_START, row) and row["seal"] == journal.seal_of(row)):
        return Checked(0, start, Finding(start.seq, Fault.START))
    last, lines, anchored = start, 0, anchor == start
    in_order = select(*_as_stored(JOURNAL)).order_by(JOURNAL.c.seq).execution_options(yield_per=1000)
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
    if not isinstance(seq, int):
        return Finding(last.seq + 1, Fault.CHANGED)
    if seq <= start.seq:
        return Finding(seq, Fault.INSERTED)
    if seq != last.seq + 1:
        return Finding.of(Fault.MISSING, last.seq + 1, seq - 1)
    if not _has_types(JOURNAL, line) or line["digest"] != journal.digest_of(line):
        return Finding(seq, Fault.CHANGED)
    if line["previous"] != last.digest:
        # The digest of this line is correct, so the line before was replaced.
        return Finding(last.seq, Fault.CHANGED)
    return None


def _against(
    anchor: Anchor | None, start: Anchor, last: Anchor, journal: Journal, period: Period
) -> Finding | None:
    if anchor is None:
        return None
    if anchor.seq > last.seq:
        return Finding.of(Fault.CUT, last.seq + 1, anchor.seq)
    if anchor.seq == start.seq and anchor.digest != start.digest:
        return Finding(start.seq, Fault.CHANGED)
    now = journal.now()
    if 0 < anchor.seq <= start.seq and anchor.at is not None and period.before(now) <= anchor.at <= now:
        return Finding.of(Fault.REMOVED, anchor.seq, start.seq)
    return None


def compare(journal: Journal, connection: Connection, anchor: Anchor, period: Period) -> Finding | None:
    """Compare one line with an anchor, without the lines before and after it: fast enough for every hour."""
    with _any_text(connection):
        of_it = select(*_as_stored(JOURNAL)).where(JOURNAL.c.seq == anchor.seq)
        line = connection.execute(of_it).mappings().first()
        if line is not None:
            return None if line["digest"] == anchor.digest else Finding(anchor.seq, Fault.CHANGED)
        start, _ = start_of(connection)
        last = journal.anchor(connection)
    found = _against(anchor, start, last, journal, period)
    return Finding(anchor.seq, Fault.MISSING) if found is None and anchor.seq > start.seq else found
