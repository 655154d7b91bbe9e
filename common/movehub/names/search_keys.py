"""Search keys: where a name meets NYSIIS.

A register is searched first by two keys of the person's names. Regulation (EU) 2016/68, Annex IV, 2 and 5;
Regulation (EU) 2016/480, Annex IV, 2.

**In production the hub's keys count.** The Commission asks Member States to use the NYSIIS that its own
library or service provides, and not to write another (Move Hub Transliteration and NYSIIS Package, section
4). The hub adds its keys to what it forwards, so a request leaves them out, and a responding state searches
with those it was sent. A state that has the Commission's library puts it behind `SearchKeyProvider`; see
`movehub.names.key_service_http` and `movehub.names.key_service_command`.
`BuiltinSearchKeys` serves the sandbox, tests, and a state's own additional ("custom") searches.

Which part of a name counts is known from the same section: the whole string of the family name, and the
first of the first names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from movehub.names.nysiis import encode
from movehub.names.transliteration import to_ascii, to_ascii_all
from movehub.records.personal import PersonalText


@dataclass(frozen=True, slots=True)
class SearchKeys:
    """The keys of one person. They still tell something of the name, so a `repr` does not show them.

    A family name without a letter has an empty key, which all such names share: it finds nobody by itself.
    """

    family_name: PersonalText = field(repr=False)
    first_name: PersonalText | None = field(default=None, repr=False)


class SearchKeyProvider(Protocol):
    """Whoever makes search keys: the Commission's library or service, or `BuiltinSearchKeys`."""

    def keys(self, family_name: str, first_name: str | None) -> SearchKeys:
        """Make the keys of a person's names, as they stand in the register."""
        ...


@dataclass(frozen=True, slots=True)
class BuiltinSearchKeys:
    """Keys by this library's own tables and rules; not the Commission's, see above.

    `state` is the state whose law reads the Cyrillic letters of the names. The hub is not told one, so it
    is left out wherever two keys from different states have to meet.
    """

    state: str | None = None

    def keys(self, family_name: str, first_name: str | None) -> SearchKeys:
        """Make both keys; without a first name, or without a letter in it, there is no key for it."""
        first = first_name_key(first_name, self.state) if first_name else ""
        return SearchKeys(family_name_key(family_name, self.state), first or None)


class Named(Protocol):
    """What names a person and has room for the hub's keys: a search, or a notification to be recorded."""

    @property
    def family_name(self) -> str | None:
        """The family name; None where nobody is named."""
        ...

    @property
    def first_name(self) -> str | None:
        """The first names."""
        ...

    @property
    def family_name_search_key(self) -> str | None:
        """The hub's key of the family name."""
        ...

    @property
    def first_name_search_key(self) -> str | None:
        """The hub's key of the first first name."""
        ...


def search_keys_of(named: Named, provider: SearchKeyProvider | None = None) -> SearchKeys | None:
    """Return the keys to search or to record by: the hub's where it has given them, else the state's own.

    None where there are neither keys nor a name. `provider` makes the state's own keys, `BuiltinSearchKeys`
    by default. Raises what the provider raises.
    """
    if named.family_name_search_key is not None:
        return SearchKeys(named.family_name_search_key, named.first_name_search_key)
    if named.family_name is None:
        return None
    return (provider or BuiltinSearchKeys()).keys(named.family_name, named.first_name)


def family_name_key(name: str, state: str | None = None) -> str:
    """Make the key of a family name: of the complete string, blanks and hyphens left aside."""
    return encode(to_ascii(name, state))


def first_name_key(name: str, state: str | None = None) -> str:
    """Make the key of the first first name: what stands before the first blank. A hyphen does not end it."""
    return encode(_first(to_ascii(name, state)))


def family_name_keys(names: Sequence[str], state: str | None = None) -> list[str]:
    """Make the keys of many family names, in their order: for a whole register.

    Raises `UntransliterableCharacter` for the first that cannot be written in ASCII.
    """
    return [encode(name) for name in to_ascii_all(names, state)]


def first_name_keys(names: Sequence[str], state: str | None = None) -> list[str]:
    """Make the keys of many persons' first names, in their order; raises as `family_name_keys` does."""
    return [encode(_first(name)) for name in to_ascii_all(names, state)]


def _first(ascii_names: str) -> str:
    return ascii_names.strip().partition(" ")[0]
