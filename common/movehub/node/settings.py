"""What a node is told: the sections that its configuration file has beside those of a client.

See `movehub.config` for the rest.

[node]
database = "sqlite:///node.db"         # or "postgresql://user@host/name"; a path is relative to the file
listen = "0.0.0.0:8443"
interface = "asynchronous"             # or "synchronous" (Annex III, 1.1)
let_in = ["CN=hub,O=European Commission"]
proxy_addresses = ["10.0.0.1"]         # only behind a proxy that does TLS: who it is,
proxy_header = "X-Client-Subject"      # and where it says whose certificate it saw

[node.erru]
path = "/erru"
register = "package.module:factory"    # called without arguments
authority = "Traficom"                 # respondingAuthority of the answers
answers_url = "https://hub.example/r"  # where answers go, if not to the url of requests
answers_to = "EU"                      # the receiver of answers, if not the requester
on_answer = "package.module:function"  # told of each answer to a request of ours
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from ..config import Config
from ..errors import InvalidConfiguration
from .doors import Proxy
from .records import Records

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
    *_NUMBERS,
}
_OF_A_SYSTEM: Final = {"path", "register", "authority", "answers_url", "answers_to", "on_answer"}
_INTERFACES: Final = {"asynchronous", "synchronous"}

#: The package of each system; it is imported when a node serves it.
PACKAGES: Final = {"erru": "erru_client", "tachonet": "tachonet_client"}


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

    @classmethod
    def read(cls, path: str | Path) -> Settings:
        """Read the configuration file of a node. Raises InvalidConfiguration that names the setting."""
        path = Path(path)
        node = _section(path)
        systems = {name: section for name, section in node.items() if isinstance(section, dict)}
        plain = {name: value for name, value in node.items() if name not in systems}
        _refuse_unknown(plain, _OF_THE_NODE, "node.")
        _refuse_unknown(systems, set(PACKAGES), "node.")
        if not systems:
            raise InvalidConfiguration("a node needs [node.erru] or [node.tachonet]")
        host, port = _address(_text(plain, "listen"))
        interface = plain.get("interface", "asynchronous")
        if interface not in _INTERFACES:
            raise InvalidConfiguration("node.interface must be asynchronous or synchronous")
        return cls(
            database=_database(_text(plain, "database"), path.parent),
            host=host,
            port=port,
            synchronous=interface == "synchronous",
            let_in=_texts(plain, "let_in"),
            proxy=_proxy(plain),
            numbers={name: _number(plain, name, default) for name, default in _NUMBERS.items()},
            systems=tuple(_served(path, name, section) for name, section in systems.items()),
            records=Records.read(path),
        )


def load(reference: str) -> Any:
    """Return what `package.module:name` stands for. Raises InvalidConfiguration where it is not there."""
    module, _, name = reference.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        raise InvalidConfiguration(f"{reference} cannot be imported: write package.module:name") from None


def _section(path: Path) -> dict[str, Any]:
    try:
        node = tomllib.loads(path.read_text("utf-8")).get("node")
    except FileNotFoundError:
        raise InvalidConfiguration(f"there is no configuration file {path}") from None
    except (OSError, ValueError, RecursionError):
        raise InvalidConfiguration("the configuration file cannot be read as TOML") from None
    if not isinstance(node, dict):
        raise InvalidConfiguration("the section [node] is missing")
    return node


def _served(path: Path, name: str, section: dict[str, Any]) -> Served:
    _refuse_unknown(section, _OF_A_SYSTEM, f"node.{name}.")
    config = Config.read(path, name)
    return Served(
        name=name,
        system=import_module(PACKAGES[name]).CODEC.system,
        config=config,
        path=_text(section, "path") if "path" in section else f"/{name}",
        register=_text(section, "register"),
        authority=_text(section, "authority"),
        answers_url=_text(section, "answers_url") if "answers_url" in section else config.url,
        answers_to=_text(section, "answers_to") if "answers_to" in section else None,
        on_answer=_text(section, "on_answer") if "on_answer" in section else None,
    )


def _database(url: str, folder: Path) -> str:
    """Make the path of an SQLite file relative to the configuration."""
    scheme, _, file = url.partition(":///")
    return f"{scheme}:///{folder.absolute() / file}" if scheme == "sqlite" and file else url


def _proxy(given: dict[str, Any]) -> Proxy | None:
    if not given.keys() & {"proxy_addresses", "proxy_header"}:
        return None
    return Proxy(frozenset(_texts(given, "proxy_addresses")), _text(given, "proxy_header"))


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal() and int(port) < 65536):
        raise InvalidConfiguration("node.listen must be address:port")
    return host, int(port)


def _refuse_unknown(given: dict[str, Any], known: set[str], prefix: str) -> None:
    unknown = sorted(given.keys() - known)
    if unknown:
        raise InvalidConfiguration(f"unknown setting: {prefix}{unknown[0]}")


def _text(given: dict[str, Any], key: str) -> str:
    value = given.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidConfiguration(f"{key} must be given, as text")
    return value


def _texts(given: dict[str, Any], key: str) -> tuple[str, ...]:
    values = given.get(key)
    if not isinstance(values, list) or not values or not all(isinstance(each, str) for each in values):
        raise InvalidConfiguration(f"{key} must be given, as a list of texts")
    return tuple(values)


def _number(given: dict[str, Any], key: str, default: int) -> int:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 256:
        raise InvalidConfiguration(f"node.{key} must be a number from 1 to 256")
    return value
