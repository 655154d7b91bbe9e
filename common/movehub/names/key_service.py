"""Search keys from a service: what the HTTP service and the command have in common.

The Commission asks Member States to take the keys from its own library or service (Move Hub Transliteration
and NYSIIS Package, section 4). Either stands outside this process: `HttpSearchKeys` posts a name to it,
`CommandSearchKeys` writes it a line. A name goes out composed (NFC), as it may give another key decomposed.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections import OrderedDict
from threading import Lock
from types import TracebackType
from typing import Final, Self

from movehub.errors import IllegalCharacter, SearchKeyServiceFailed
from movehub.names.search_keys import SearchKeys

#: How many keys are kept by default. A name and its key take about 200 bytes.
CACHED: Final = 10_000
#: The longest name that is passed on; the schemas of both systems end at 100 characters.
LONGEST_NAME: Final = 1000
#: The longest key that is believed: `familyNameSearchKey` in the schemas of both systems.
LONGEST_KEY: Final = 100
#: Unicode's categories of control characters, which could break a line, and of surrogates, without UTF-8.
_NEVER: Final = ("Cc", "Cs")


class KeyCache:
    """The last keys that were made, by name. In memory only, of a bounded size, and not in its `repr`.

    Names are personal data: whoever has done a batch should `clear` it.
    """

    def __init__(self, size: int) -> None:
        self._size = max(0, size)
        self._keys: OrderedDict[tuple[str, bool], str] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, name: str, use_full_name: bool) -> str | None:
        """Return a key that is known, and count it as used."""
        with self._lock:
            key = self._keys.get((name, use_full_name))
            if key is not None:
                self._keys.move_to_end((name, use_full_name))
            return key

    def put(self, name: str, use_full_name: bool, key: str) -> None:
        """Keep a key, and forget the one that was not used for longest."""
        with self._lock:
            self._keys[name, use_full_name] = key
            if len(self._keys) > self._size:
                self._keys.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._keys.clear()


class SearchKeyService(ABC):
    """A `SearchKeyProvider` that asks somebody else. Use it as a context manager, or `close` it."""

    def __init__(self, cached: int = CACHED) -> None:
        self.cache = KeyCache(cached)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def keys(self, family_name: str, first_name: str | None) -> SearchKeys:
        """Make both keys. Raises IllegalCharacter, or SearchKeyServiceFailed where there is no answer."""
        first = self.key(first_name, use_full_name=False) if first_name else ""
        return SearchKeys(self.key(family_name, use_full_name=True), first or None)

    def key(self, name: str, *, use_full_name: bool) -> str:
        """Make one key: of the whole name, or of the first of several names."""
        name = unicodedata.normalize("NFC", name).strip()
        if not name:
            return ""
        if len(name) > LONGEST_NAME:
            raise SearchKeyServiceFailed(f"the name is longer than {LONGEST_NAME} characters")
        if any(unicodedata.category(char) in _NEVER for char in name):
            raise IllegalCharacter("there is a control character or half a character in the name")
        known = self.cache.get(name, use_full_name)
        if known is not None:
            return known
        key = self._ask(name, use_full_name)
        if not (key.isascii() and key.isprintable() and len(key) <= LONGEST_KEY):
            raise SearchKeyServiceFailed("the service answered with what can be no key")
        self.cache.put(name, use_full_name, key)
        return key

    def close(self) -> None:
        """Let go of the service, and forget the names."""
        self.cache.clear()

    @abstractmethod
    def _ask(self, name: str, use_full_name: bool) -> str:
        """Ask the service. Raises SearchKeyServiceFailed and its kinds."""
