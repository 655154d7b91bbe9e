"""Search keys from a service: the base of `HttpSearchKeys` and `CommandSearchKeys`.

The Commission asks Member States to take the keys from its own library or service (Move Hub Transliteration
and NYSIIS Package, section 4). Both run outside this process: `HttpSearchKeys` posts a name to a service, and
`CommandSearchKeys` writes a line to a command. A name is sent composed (NFC), since the decomposed form may
give another key.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Self

from movehub.errors import IllegalCharacter, SearchKeyServiceFailed
from movehub.names.punctuation import with_plain_punctuation
from movehub.names.search_keys import SearchKeys

#: How many keys are cached by default. A name and its key need about 200 bytes.
CACHED: Final = 10_000
#: The longest name that is sent. The schemas of both systems allow 100 characters.
LONGEST_NAME: Final = 1000
#: The longest key that is accepted: the limit of `familyNameSearchKey` in the schemas of both systems.
LONGEST_KEY: Final = 100
#: Unicode categories that are never sent: control characters could break a line, surrogates have no UTF-8.
_NEVER: Final = ("Cc", "Cs")


class KeyCache:
    """The most recent keys, by name. In memory only, of limited size, and not shown by `repr`.

    Names are personal data, so call `clear` after a batch.
    """

    def __init__(self, size: int, ask: Callable[[str, bool], str]) -> None:
        self.key = lru_cache(size)(ask)
        self.clear = self.key.cache_clear

    def __len__(self) -> int:
        return self.key.cache_info().currsize


class SearchKeyService(ABC):
    """A `SearchKeyProvider` that asks another program. Use it as a context manager, or `close` it."""

    def __init__(self, cached: int = CACHED) -> None:
        self.cache = KeyCache(cached, self._checked)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def keys(self, family_name: str, first_name: str | None) -> SearchKeys:
        """Make both keys. Raises IllegalCharacter, or SearchKeyServiceFailed if there is no answer.

        The service gets the names with plain punctuation, since it would refuse the typographic one.
        """
        family, first = (with_plain_punctuation(name or "") for name in (family_name, first_name))
        first_key = self.key(first, use_full_name=False)
        return SearchKeys(self.key(family, use_full_name=True), first_key or None)

    def key(self, name: str, *, use_full_name: bool) -> str:
        """Make one key: of the whole name, or of the first of several names. The name goes as it is."""
        name = unicodedata.normalize("NFC", name).strip()
        if not name:
            return ""
        if len(name) > LONGEST_NAME:
            raise SearchKeyServiceFailed(f"the name is longer than {LONGEST_NAME} characters")
        if any(unicodedata.category(char) in _NEVER for char in name):
            raise IllegalCharacter("the name has a control character or half a character")
        return self.cache.key(name, use_full_name)

    def _checked(self, name: str, use_full_name: bool) -> str:
        key = self._ask(name, use_full_name)
        if not (key.isascii() and key.isprintable() and len(key) <= LONGEST_KEY):
            raise SearchKeyServiceFailed("the answer is no key: ASCII, printable, at most 100 characters")
        return key

    def close(self) -> None:
        """Disconnect from the service, and clear the cache."""
        self.cache.clear()

    @abstractmethod
    def _ask(self, name: str, use_full_name: bool) -> str:
        """Ask the service. Raises SearchKeyServiceFailed or a subclass."""
