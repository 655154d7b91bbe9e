"""What a node keeps, how long, and under which key. Read from the file that it is configured by.

member_state = "FI"

[node]
database = "sqlite:///node.db"

[records]                          # may be left out
documents = "6 months"             # how long personal data stay after a transaction; the default
journal = "1 year"                 # how long the record of accesses is kept; the default
journal_key_file = "journal.key"   # 32 bytes or more, from the first line on
heartbeat_every = 300              # seconds between two heartbeats of the hub, where that is known
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from movehub import settings_file
from movehub.errors import InvalidConfiguration, MovehubError, StoreFailed
from movehub.node.opening import NO_DATABASE, not_opened
from movehub.protocol.exchange import utc_now
from movehub.settings_file import refuse_unknown, text, text_or_none
from movehub.store import Store
from movehub.store.journal import read_key
from movehub.store.periods import BY_LAW, Period, Periods

_KNOWN: Final = {"documents", "journal", "journal_key_file", "heartbeat_every"}


@dataclass(frozen=True, slots=True)
class Records:
    """One node's records: which database, which state, which periods."""

    database: str
    member_state: str
    periods: Periods = BY_LAW
    journal_key_file: Path | None = None
    heartbeat_every: timedelta | None = None

    @classmethod
    def read(cls, path: str | Path) -> Records:
        """Read the file. Raises InvalidConfiguration that names the setting."""
        path = Path(path)
        content = settings_file.content(path)
        given = settings_file.section({"records": {}, **content}, "records")
        refuse_unknown(given, _KNOWN, "records.")
        key_file = text_or_none(given, "journal_key_file", "records.")
        return cls(
            database=_database(
                text(settings_file.section(content, "node"), "database", "node."), path.parent
            ),
            member_state=text(content, "member_state"),
            periods=_periods(given),
            journal_key_file=path.parent / key_file if key_file else None,
            heartbeat_every=_seconds(given, "heartbeat_every"),
        )

    def open(self, now: Callable[[], datetime] = utc_now, *, create: bool = True) -> Store:
        """Open the database, and where it may, `create` it.

        Raises InvalidConfiguration and StoreNotOpened, which name the setting.
        """
        key = self._key()
        try:
            return Store.open(self.database, now=now, journal_key=key, create=create)
        except InvalidConfiguration as error:
            refused: MovehubError = InvalidConfiguration(f"node.database: {error.reason}")
        except ValueError:  # a port that is no number
            refused = InvalidConfiguration(f"node.database: {NO_DATABASE}")
        except StoreFailed as error:
            refused = not_opened(self.database, error)
        raise refused

    def _key(self) -> bytes | None:
        if self.journal_key_file is None:
            return None
        try:
            return read_key(self.journal_key_file)
        except InvalidConfiguration as error:
            named = f"records.journal_key_file, {self.journal_key_file}"
            raise InvalidConfiguration(f"{named}: {error.reason}") from None


def _periods(given: dict[str, Any]) -> Periods:
    found = {}
    for name in sorted(given.keys() & {"documents", "journal"}):
        said = text(given, name, "records.")
        try:
            found[name] = Period.of(said)
            Periods(**found)
        except InvalidConfiguration as error:
            raise InvalidConfiguration(f"records.{name}: {error.reason}") from None
    return Periods(**found)


def _database(url: str, folder: Path) -> str:
    """Make the path of an SQLite file relative to the configuration."""
    scheme, _, file = url.partition(":///")
    return f"{scheme}:///{folder.absolute() / file}" if scheme == "sqlite" and file else url


def _seconds(given: dict[str, Any], key: str) -> timedelta | None:
    value = given.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 86400:
        raise InvalidConfiguration(f"records.{key} must be a number of seconds, a day at most")
    return timedelta(seconds=value)
