"""What a node is told: the sections that its configuration file has beside those of a client.

See `movehub.config` for the rest.

[node]
database = "sqlite:///node.db"         # or "postgresql://user@host/name"; a path is relative to the file
listen = "0.0.0.0:8443"
interface = "asynchronous"             # or "synchronous" (Annex III, 1.1)
let_in = ["CN=hub,O=European Commission"]
proxy_addresses = ["10.0.0.1"]         # only behind a proxy that does TLS: who it is,
proxy_header = "X-Client-Subject"      # and where it says whose certificate it saw
metrics_port = 9464                    # only where there is to be one; see `movehub.store.metrics`
metrics_address = "127.0.0.1"          # the default

[node.erru]
path = "/erru"
register = "package.module:factory"    # called without arguments
authority = "Traficom"                 # respondingAuthority of the answers
answers_url = "https://hub.example/r"  # where answers go, if not to the url of requests
answers_to = "EU"                      # the receiver of answers, if not the requester
on_answer = "package.module:function"  # told of each answer to a request of ours

Why a database cannot be opened, with its setting and its address.

What a node keeps, how long, and under which key. Read from the file that it is configured by.

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
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from movehub import settings_file
from movehub.config import Config
from movehub.errors import InvalidConfiguration, MovehubError, StoreFailed, StoreNotOpened
from movehub.http.proxy import Proxy
from movehub.node.access import subject
from movehub.protocol.exchange import utc_now
from movehub.settings_file import address, number, refuse_unknown, text, text_or_none, texts
from movehub.store import Store
from movehub.store.journal import read_key
from movehub.store.periods import BY_LAW, Period, Periods

_KNOWN: Final = {"documents", "journal", "journal_key_file", "heartbeat_every"}


_NUMBERS: Final = {
    "threads": 16,
    "query_workers": 4,
    "notification_workers": 2,
    "couriers": 4,
    "request_couriers": 8,
}
_OF_THE_NODE: Final = {
    "database",
    "listen",
    "interface",
    "let_in",
    "proxy_addresses",
    "proxy_header",
    "metrics_address",
    "metrics_port",
    *_NUMBERS,
}
_OF_A_SYSTEM: Final = {"path", "register", "authority", "answers_url", "answers_to", "on_answer"}
_MOST_THREADS: Final = 256
_LAST_PORT: Final = 65535
#: Where metrics are shown by default: whoever asks for them is not asked who he is.
_LOOPBACK: Final = "127.0.0.1"
#: Where an address is all of this machine's.
_EVERYWHERE: Final = {"0.0.0.0", "::", "[::]"}  # noqa: S104 - they are compared with, and not listened on
_INTERFACES: Final = {"asynchronous", "synchronous"}

#: The package of each system; it is imported when a node serves it.
PACKAGES: Final = {"erru": "erru_client", "tachonet": "tachonet_client"}


#: What an address of a database looks like.
NO_DATABASE: Final = "the database must be sqlite:///file or postgresql://…"


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


@dataclass(frozen=True, slots=True)
class Served:
    """One system that a node serves. `name` is that of its section, `system` that of its messages."""

    name: str
    system: str
    config: Config
    path: str
    register: str
    authority: str
    answers_url: str
    answers_to: str | None
    on_answer: str | None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a node needs to know."""

    database: str
    host: str
    port: int
    synchronous: bool
    let_in: tuple[str, ...]
    proxy: Proxy | None
    numbers: dict[str, int]
    systems: tuple[Served, ...]
    records: Records
    #: Where `GET /metrics` is answered, if anywhere.
    metrics: tuple[str, int] | None

    @classmethod
    def read(cls, path: str | Path) -> Settings:
        """Read the configuration file of a node. Raises InvalidConfiguration that names the setting."""
        path = Path(path)
        node = settings_file.section(settings_file.content(path), "node")
        systems = {name: section for name, section in node.items() if isinstance(section, dict)}
        plain = {name: value for name, value in node.items() if name not in systems}
        refuse_unknown(plain, _OF_THE_NODE, "node.")
        refuse_unknown(systems, set(PACKAGES), "node.")
        if not systems:
            raise InvalidConfiguration("a node needs [node.erru] or [node.tachonet]")
        records = Records.read(path)
        host, port = _address(text(plain, "listen", "node."))
        interface = plain.get("interface", "asynchronous")
        if interface not in _INTERFACES:
            raise InvalidConfiguration("node.interface must be asynchronous or synchronous")
        served = tuple(_served(path, name, section) for name, section in systems.items())
        _refuse_alike(served)
        return cls(
            database=records.database,
            host=host,
            port=port,
            synchronous=interface == "synchronous",
            let_in=_let_in(texts(plain, "let_in", "node.")),
            proxy=_proxy(plain),
            numbers={name: _number(plain, name, default) for name, default in _NUMBERS.items()},
            systems=served,
            records=records,
            metrics=_metrics(plain, host, port),
        )


def _served(path: Path, name: str, section: dict[str, Any]) -> Served:
    prefix = f"node.{name}."
    refuse_unknown(section, _OF_A_SYSTEM, prefix)
    config = Config.read(path, name)
    answers_url = text_or_none(section, "answers_url", prefix)
    return Served(
        name=name,
        system=import_module(PACKAGES[name]).CODEC.system,
        config=config,
        path=_path(text_or_none(section, "path", prefix) or f"/{name}", f"{prefix}path"),
        register=text(section, "register", prefix),
        authority=text(section, "authority", prefix),
        answers_url=address(answers_url, f"{prefix}answers_url") if answers_url else config.url,
        answers_to=text_or_none(section, "answers_to", prefix),
        on_answer=text_or_none(section, "on_answer", prefix),
    )


def _let_in(given: tuple[str, ...]) -> tuple[str, ...]:
    try:
        for each in given:
            subject(each)
    except InvalidConfiguration as error:
        raise InvalidConfiguration(f"node.let_in: {error.reason}") from None
    return given


def _path(given: str, named: str) -> str:
    """Return a path as a request has it. Raises InvalidConfiguration for one that no request could have."""
    if (
        not given.startswith("/")
        or not given.isascii()
        or not given.isprintable()
        or set(given) & set(" ?#%")
    ):
        raise InvalidConfiguration(f"{named} must begin with / and have no blank, ?, # or %")
    return given


def _refuse_alike(systems: tuple[Served, ...]) -> None:
    """Refuse one path for two systems: each message of the one would be taken for one of the other."""
    taken: dict[str, str] = {}
    for each in systems:
        if each.path in taken:
            names = f"node.{taken[each.path]}.path and node.{each.name}.path"
            raise InvalidConfiguration(f"{names} are the same: each system needs its own")
        taken[each.path] = each.name


def _proxy(given: dict[str, Any]) -> Proxy | None:
    if not given.keys() & {"proxy_addresses", "proxy_header"}:
        return None
    return Proxy(frozenset(texts(given, "proxy_addresses", "node.")), text(given, "proxy_header", "node."))


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal() and int(port) <= _LAST_PORT):
        raise InvalidConfiguration("node.listen must be address:port")
    return host, int(port)


def _metrics(given: dict[str, Any], host: str, listen: int) -> tuple[str, int] | None:
    if "metrics_port" not in given and "metrics_address" not in given:
        return None
    port = number(given, "metrics_port", most=_LAST_PORT, named="node.metrics_port")
    shown = text_or_none(given, "metrics_address", "node.") or _LOOPBACK
    if port == listen and (shown == host or _EVERYWHERE & {shown, host}):
        raise InvalidConfiguration("node.metrics_port must be another port than that of node.listen")
    return shown, port


def _number(given: dict[str, Any], name: str, default: int) -> int:
    return number({name: default, **given}, name, most=_MOST_THREADS, named=f"node.{name}")


def not_opened(url: str, failed: StoreFailed) -> StoreNotOpened:
    """Return what to say where a database was not opened; `failed` came of what its driver said."""
    told = failed.cause or failed.reason
    return StoreNotOpened(f"node.database: {without_password(url)} cannot be opened: {told}")


def without_password(url: str) -> str:
    """Return an address of a database without its password and its options, which may hold one."""
    try:
        parsed = make_url(url)
        return parsed.difference_update_query(parsed.query)._replace(password=None).render_as_string()
    except (ArgumentError, ValueError):
        return "what is given"
