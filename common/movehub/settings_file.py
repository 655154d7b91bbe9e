"""Reading a configuration file: what is not there, not known or not right is told by its name.

TOML. `config` (clients), `node.settings` and `node.records` read their sections with these.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from movehub.errors import InvalidConfiguration


def content(path: Path) -> dict[str, Any]:
    """Return what stands in a file. Raises InvalidConfiguration where it is not there or no TOML."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InvalidConfiguration(f"there is no configuration file {path}") from None
    except (OSError, ValueError, RecursionError):
        raise InvalidConfiguration("the configuration file cannot be read as TOML") from None


def section(given: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a section. Raises InvalidConfiguration where it is missing, or no section."""
    if name not in given:
        raise InvalidConfiguration(f"the section [{name}] is missing")
    found = given[name]
    if not isinstance(found, dict):
        raise InvalidConfiguration(f"[{name}] must be a section")
    return found


def refuse_unknown(given: dict[str, Any], known: Collection[str], prefix: str) -> None:
    """Raise InvalidConfiguration for the first setting, by the alphabet, that nobody reads."""
    unknown = sorted(given.keys() - set(known))
    if unknown:
        raise InvalidConfiguration(f"unknown setting: {prefix}{unknown[0]}")


def text(given: dict[str, Any], key: str, prefix: str = "") -> str:
    """Return a text that is not empty. Raises InvalidConfiguration that names `prefix` and key."""
    value = given.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidConfiguration(f"{prefix}{key} must be given, as text")
    return value


def text_or_none(given: dict[str, Any], key: str, prefix: str = "") -> str | None:
    """Return a text that may be left out. Raises as `text` does."""
    return text(given, key, prefix) if key in given else None


def texts(given: dict[str, Any], key: str, prefix: str = "") -> tuple[str, ...]:
    """Return one text or more. Raises as `text` does."""
    values = given.get(key)
    if not isinstance(values, list) or not values or not all(isinstance(each, str) for each in values):
        raise InvalidConfiguration(f"{prefix}{key} must be given, as a list of texts")
    return tuple(values)


def number(given: dict[str, Any], key: str, *, most: int, named: str) -> int:
    """Return a whole number from 1 on. Raises InvalidConfiguration that calls it what it is `named`."""
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= most:
        raise InvalidConfiguration(f"{named} must be a number from 1 to {most}")
    return value


def address(url: str, named: str) -> str:
    """Return an address to post to. Raises InvalidConfiguration that calls it what it is `named`."""
    from movehub.http.address import is_address  # who only reads a database's settings waits for no HTTP

    if not is_address(url):
        raise InvalidConfiguration(f"{named} must be https://host/path, without a name or password")
    return url
