"""The settings of a node: the sections that its configuration file has besides those of a client.

::

    [node]
    database = "sqlite:///node.db"
    listen = "0.0.0.0:8443"
    allowed_subjects = ["CN=hub,O=European Commission"]

    [node.erru]
    register = "package.module:factory"
    authority = "Traficom"

Each class declares the settings of one section, with their defaults: see `movehub.config`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from movehub import law
from movehub.config import (
    PATH,
    TEXT,
    TEXTS,
    URL,
    Config,
    Identity,
    Kind,
    Section,
    each_checked,
    one_of,
    setting,
    settings,
    whole_number,
)
from movehub.errors import InvalidConfiguration, MovehubError, StoreFailed, StoreNotOpened
from movehub.http.proxy import Proxy, network
from movehub.node.access import mark
from movehub.protocol.exchange import utc_now
from movehub.protocol.rules import waivers
from movehub.store import Store
from movehub.store.databases import ADDRESS_FORM
from movehub.store.journal import read_key
from movehub.store.periods import Period, Periods

#: A notification is acknowledged when it is on the disk, whether or not the register works.
WHEN_STORED: Final = "when stored"

#: The package of each system. It is imported when a node serves the system.
PACKAGES: Final = {"erru": "erru_client", "tachonet": "tachonet_client"}

_LAST_PORT: Final = 65535
#: The default of a setting that is filled in from others when it is read: it is never None after that.
_FILLED_IN: Final = cast("str", None)
#: Addresses that stand for all addresses of this machine.
_EVERYWHERE: Final = {"0.0.0.0", "::", "[::]"}  # noqa: S104 - only compared, never listened on
_COUNTS: Final = ("threads", "query_workers", "notification_workers", "couriers", "request_couriers")


def _database_in(url: str, folder: Path) -> str:
    """Make the path of an SQLite file relative to the configuration."""
    scheme, _, file = url.partition(":///")
    return f"{scheme}:///{folder.absolute() / file}" if scheme == "sqlite" and file else url


def _host_and_port(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal() and int(port) <= _LAST_PORT):
        raise ValueError
    return host, int(port)


def _subjects(given: tuple[str, ...]) -> tuple[str, ...]:
    return each_checked(given, mark)


def _addresses(given: tuple[str, ...]) -> tuple[str, ...]:
    return each_checked(given, network)


def _header(name: str) -> str:
    Proxy(frozenset(), name)
    return name


def _url_path(given: str) -> str:
    if (
        not given.startswith("/")
        or not given.isascii()
        or not given.isprintable()
        or set(given) & set(" ?#%")
    ):
        raise ValueError
    return given


_DATABASE: Final = Kind(
    "text, an address", (str,), lambda url, folder: _database_in(TEXT.read(url, folder), folder)
)
_LISTEN: Final = TEXT.that_is("address:port", _host_and_port)
_SUBJECTS: Final = TEXTS.that_is("a list of certificate subjects", _subjects)
_ADDRESSES: Final = TEXTS.that_is("a list of addresses", _addresses)
_HEADER: Final = TEXT.that_is("the name of a header", _header)
_URL_PATH: Final = TEXT.that_is("text that begins with / and has no blank, ?, # or %", _url_path)
_COUNT: Final = whole_number(1, 256)
_PERIOD: Final = "a period such as '30 days', '6 months' or '1 year'"
_HEARTBEAT: Final = Kind(
    "a whole number of seconds, at most 86400 (one day)",
    (int,),
    lambda seconds, folder: timedelta(seconds=whole_number(1, 86400).read(seconds, folder)),
)


@settings
class Records:
    """The section `[records]`: how long a node stores its records. It may be left out."""

    database: str
    member_state: str
    documents: Period = setting(
        TEXT.that_is(_PERIOD, lambda text: Periods(documents=Period.of(text)).documents),
        "How long personal data are stored after a transaction: at least 60 days.",
        default="6 months",
    )
    journal: Period = setting(
        TEXT.that_is(_PERIOD, Period.of),
        "How long the journal of accesses and the identifiers of messages are stored.",
        default="1 year",
    )
    notified_licences: Period = setting(
        TEXT.that_is(_PERIOD, Period.of),
        f"How long a recorded ICDL notification is stored, for the search of {law.RECORDED_NOTIFICATIONS}.",
        default="6 years",
    )
    journal_key_file: Path | None = setting(
        PATH, "A file with the key of the journal: 32 bytes or more.", default=None
    )
    heartbeat_every: timedelta | None = setting(
        _HEARTBEAT, "Seconds between two heartbeats of the hub, if you know them.", default=None
    )

    @classmethod
    def read(cls, path: str | Path) -> Records:
        """Read the file. Raises InvalidConfiguration that names the setting."""
        top = Section.top_of(path)
        values = top.section("records", optional=True).values(cls)
        return cls(
            database=top.section("node").value(Settings, "database"),
            member_state=top.value(Identity, "member_state"),
            **values,
        )

    @property
    def periods(self) -> Periods:
        """How long each kind of record is stored."""
        return Periods(self.documents, self.journal, self.notified_licences)

    def open(self, now: Callable[[], datetime] = utc_now, *, create: bool = True) -> Store:
        """Open the database. Raises InvalidConfiguration and StoreNotOpened, which name the setting."""
        key = self._key()
        try:
            return Store.open(self.database, now=now, journal_key=key, create=create)
        except InvalidConfiguration as error:
            refused: MovehubError = InvalidConfiguration(f"node.database: {error.reason}")
        except ValueError:  # the port is not a number
            refused = InvalidConfiguration(f"node.database: {ADDRESS_FORM}")
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


@settings
class Served:
    """The section of a system, such as `[node.erru]`. `name` is its name, `system` the one in messages."""

    name: str
    system: str
    config: Config
    path: str = setting(
        _URL_PATH, "The path at which the hub calls. Default: /erru or /tachonet.", default=_FILLED_IN
    )
    register: str = setting(
        TEXT, "The function that makes your register, as package.module:name. It gets no arguments."
    )
    authority: str = setting(TEXT, "The responding authority that your answers name.")
    answers_url: str = setting(
        URL, "The address for your answers. Default: the url for requests.", default=_FILLED_IN
    )
    answers_to: str | None = setting(
        TEXT, "The receiver of answers, such as EU. Default: the state that asks.", default=None
    )
    acknowledge: str = setting(
        one_of(WHEN_STORED, "when recorded"),
        "When the node acknowledges an NCR, NU or MCS: when it is on disk, or when your register has it. See "
        "[the receipt](node.md#the-receipt).",
        default=WHEN_STORED,
    )
    on_answer: str | None = setting(
        TEXT,
        "A function that is called with each answer to your own requests, as package.module:name. "
        "It gets the system, the request and the answer.",
        default=None,
    )
    despite: tuple[str, ...] | None = setting(
        TEXTS,
        'Rules that your answers may break, such as ["CGR-4"]: see [the rules of ERRU](erru/rules.md).',
        default=None,
    )

    @classmethod
    def read(cls, section: Section, name: str) -> Served:
        """Read the section of one system. Raises InvalidConfiguration."""
        values = section.values(cls)
        config = Config.read(section.file, name)
        values["path"] = values["path"] or f"/{name}"
        values["answers_url"] = values["answers_url"] or config.url
        codec = import_module(PACKAGES[name]).CODEC
        try:
            waivers(codec.system, codec.rules, values["despite"] or ())
        except InvalidConfiguration as error:
            raise section.error("despite", reason=error.reason) from None
        return cls(name=name, system=codec.system, config=config, **values)


@settings
class Settings:
    """The section `[node]`, with the systems and the records of the node."""

    database: str = setting(
        _DATABASE,
        "sqlite:///file or postgresql://user@host/name. The path of an SQLite file is relative to this file.",
    )
    listen: tuple[str, int] = setting(_LISTEN, "The address and port to listen on, such as 0.0.0.0:8443.")
    interface: str = setting(
        one_of("asynchronous", "synchronous"),
        f"Whether answers are posted to the hub later, or returned at once ({law.INTERFACES}).",
        default="asynchronous",
    )
    allowed_subjects: tuple[str, ...] = setting(
        _SUBJECTS,
        "The subjects of the certificates that may call, as `openssl x509 -subject -nameopt rfc2253` prints "
        "them, or their SHA-256 fingerprints.",
        old_key="let_in",
    )
    proxy_addresses: tuple[str, ...] | None = setting(
        _ADDRESSES,
        "The addresses of a proxy that does TLS for the node, or their networks, such as 10.0.0.0/24.",
        default=None,
        needs="proxy_header",
    )
    proxy_header: str | None = setting(
        _HEADER,
        "The header in which the proxy names the caller's certificate: its subject or SHA-256 fingerprint.",
        default=None,
        needs="proxy_addresses",
    )
    metrics_port: int | None = setting(
        whole_number(1, _LAST_PORT), "The port of `GET /metrics`. Without it there is none.", default=None
    )
    metrics_address: str = setting(
        TEXT,
        "The address of `GET /metrics`. Any caller there may read the metrics.",
        default="127.0.0.1",
        needs="metrics_port",
    )
    threads: int = setting(_COUNT, "How many requests are received at a time.", default=16)
    query_workers: int = setting(_COUNT, "How many queries your register answers at a time.", default=4)
    notification_workers: int = setting(
        _COUNT, "How many notifications your register stores at a time.", default=2
    )
    couriers: int = setting(_COUNT, "How many answers are delivered at a time.", default=4)
    request_couriers: int = setting(_COUNT, "How many requests are sent at a time.", default=8)
    systems: tuple[Served, ...]
    records: Records

    @classmethod
    def read(cls, path: str | Path) -> Settings:
        """Read the configuration file of a node. Raises InvalidConfiguration that names the setting."""
        node = Section.top_of(path).section("node")
        values = node.values(cls, sections=PACKAGES)
        if not node.sections:
            raise InvalidConfiguration(f"{node.file}: the section [node.erru] or [node.tachonet] is missing")
        read = cls(
            **values,
            systems=tuple(Served.read(node.section(name), name) for name in node.sections),
            records=Records.read(path),
        )
        read._check(node)
        return read

    def _check(self, node: Section) -> None:
        """Check the settings that depend on each other. Raises InvalidConfiguration."""
        if self.metrics is not None and self.metrics[1] == self.port:
            shown = self.metrics[0]
            if shown == self.host or _EVERYWHERE & {shown, self.host}:
                raise node.error("metrics_port", reason="it must be another port than that of node.listen")
        by_path: dict[str, str] = {}
        for each in self.systems:
            if each.path in by_path:  # a message of one system would go to the other
                both = (f"{by_path[each.path]}.path", f"{each.name}.path")
                raise node.error(*both, reason="they are the same, and each system needs its own path")
            by_path[each.path] = each.name

    @property
    def host(self) -> str:
        """The address to listen on."""
        return self.listen[0]

    @property
    def port(self) -> int:
        """The port to listen on."""
        return self.listen[1]

    @property
    def synchronous(self) -> bool:
        """Whether the answer to a request is returned at once."""
        return self.interface == "synchronous"

    @property
    def proxy(self) -> Proxy | None:
        """The proxy that does TLS for the node, if there is one."""
        if self.proxy_addresses is None or self.proxy_header is None:
            return None
        return Proxy(frozenset(self.proxy_addresses), self.proxy_header)

    @property
    def metrics(self) -> tuple[str, int] | None:
        """The address and port of `GET /metrics`, if there is one."""
        return None if self.metrics_port is None else (self.metrics_address, self.metrics_port)

    @property
    def numbers(self) -> dict[str, int]:
        """How many threads do each kind of work."""
        return {name: getattr(self, name) for name in _COUNTS}


def not_opened(url: str, failed: StoreFailed) -> StoreNotOpened:
    """Return the error for a database that cannot be opened; `failed` is the error of its driver."""
    reason = failed.cause or failed.reason
    return StoreNotOpened(f"node.database: {without_password(url)} cannot be opened: {reason}")


def without_password(url: str) -> str:
    """Return the address of a database without its password and its options, which may hold one."""
    try:
        parsed = make_url(url)
        return parsed.difference_update_query(parsed.query)._replace(password=None).render_as_string()
    except (ArgumentError, ValueError):
        return "the given address"
