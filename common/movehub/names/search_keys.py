"""Search keys: the NYSIIS keys of a person's names.

A register is searched first by two keys: Regulation (EU) 2016/68, Annex IV, 2 and 5; Regulation (EU)
2016/480, Annex IV, 2.

**In production the hub's keys count.** The Commission asks Member States to use the NYSIIS of its own library
or service, and not to write another (Move Hub Transliteration and NYSIIS Package, section 4). The hub adds
its keys to the messages that it forwards. So leave them out of a request, and search with the keys that you
receive. If you have the Commission's library, put it behind a `SearchKeyProvider`, with `HttpSearchKeys` or
`CommandSearchKeys`. `BuiltinSearchKeys` is for the sandbox, tests, and your own additional ("custom")
searches.

The same section says which part of a name counts: the whole family name, and the first of the first names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from movehub.names.nysiis import encode
from movehub.names.punctuation import with_plain_punctuation
from movehub.names.transliteration import to_ascii
from movehub.records.personal import PersonalText


@dataclass(frozen=True, slots=True)
class SearchKeys:
    """The keys of one person. A key reveals part of the name, so `repr` does not show it.

    A family name without a letter has an empty key. All such names share it, so do not search by it alone.
    """

    family_name: PersonalText = field(repr=False)
    first_name: PersonalText | None = field(default=None, repr=False)


class SearchKeyProvider(Protocol):
    """Makes search keys: the Commission's library or service, or `BuiltinSearchKeys`."""

    def keys(self, family_name: str, first_name: str | None) -> SearchKeys:
        """Make the keys of a person's names, as the register spells them."""
        ...


@dataclass(frozen=True, slots=True)
class BuiltinSearchKeys:
    """Keys by this library's own tables and rules, not the Commission's: see above.

    `state` is the state whose law reads the Cyrillic letters of the names. The hub does not receive a state,
    so leave it out if keys from different states must be equal.
    """

    state: str | None = None

    def keys(self, family_name: str, first_name: str | None) -> SearchKeys:
        """Make both keys. The second is None if the first name is absent or has no letter."""
        first = first_name_key(first_name, self.state) if first_name else ""
        return SearchKeys(family_name_key(family_name, self.state), first or None)


class Named(Protocol):
    """A record with a person's names and the hub's keys: a search, or a notification to record."""

    @property
    def family_name(self) -> str | None:
        """The family name; None if the record has no name."""
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
    """Return the keys to search or to record by: the hub's keys if present, else the state's own.

    None if there are neither keys nor a name. `provider` makes the state's own keys, by default
    `BuiltinSearchKeys`. Raises the errors of the provider.
    """
    if named.family_name_search_key is not None:
        return SearchKeys(named.family_name_search_key, named.first_name_search_key)
    if named.family_name is None:
        return None
    return (provider or BuiltinSearchKeys()).keys(named.family_name, named.first_name)


def family_name_key(name: str, state: str | None = None) -> str:
    """Make the key of a family name: the complete string, without blanks and hyphens."""
    return encode(to_ascii(with_plain_punctuation(name), state))


def first_name_key(name: str, state: str | None = None) -> str:
    """Make the key of the first of the first names, up to the first blank. A hyphen does not end it."""
    return encode(to_ascii(with_plain_punctuation(name), state).strip().partition(" ")[0])
