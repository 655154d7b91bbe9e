"""Names: transliteration to ASCII, NYSIIS search keys, and the search for other spellings.

`BuiltinSearchKeys` makes keys by this library's own tables. `HttpSearchKeys` and `CommandSearchKeys` take
them from a service or a command, such as one around the Commission's library. All three are a
`SearchKeyProvider`. `search` finds the same person under another spelling in your register. Regulation (EU)
2016/68 and (EU) 2016/480, Annex IV.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from movehub import on_demand
from movehub.names.search_keys import (
    BuiltinSearchKeys,
    SearchKeyProvider,
    SearchKeys,
    family_name_key,
    first_name_key,
    search_keys_of,
)
from movehub.names.transliteration import UntransliterableCharacter, to_ascii

if TYPE_CHECKING:
    from .custom_search import FoundBy, Hit, Holder, Register, Wanted, search
    from .key_service_command import CommandSearchKeys
    from .key_service_http import HttpSearchKeys

#: A key needs neither jellyfish nor HTTP nor a subprocess: these modules are loaded at first use.
__getattr__, __dir__ = on_demand(
    __name__,
    {
        "custom_search": "FoundBy Hit Holder Register Wanted search",
        "key_service_command": "CommandSearchKeys",
        "key_service_http": "HttpSearchKeys",
    },
)

__all__ = [
    "BuiltinSearchKeys",
    "CommandSearchKeys",
    "FoundBy",
    "Hit",
    "Holder",
    "HttpSearchKeys",
    "Register",
    "SearchKeyProvider",
    "SearchKeys",
    "UntransliterableCharacter",
    "Wanted",
    "family_name_key",
    "first_name_key",
    "search",
    "search_keys_of",
    "to_ascii",
]
