"""The rule about names that the hub cannot write in ASCII, for both systems.

The Commission's package refuses what is outside its tables, such as the apostrophe of O’Neil (U+2019) or
Georgian letters. It is not known whether the hub then refuses the message, or forwards it without keys. So
the rule is a warning. Correct the name, or make sure that the other state finds the person without keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from movehub import law
from movehub.names.transliteration import UntransliterableCharacter, to_ascii
from movehub.protocol.message import Body, Message
from movehub.protocol.rules import Level, Rule

#: Returns the names in a body of which the hub makes keys.
NamesOf = Callable[[Any], Iterable[str | None]]


def name_rule(names_of: Mapping[type[Body], NamesOf]) -> Rule:
    """Return the rule NAME-1 for the messages of a system."""

    def is_broken(message: Message[Any]) -> bool:
        return not all(is_readable(name) for name in names_of[type(message.body)](message.body))

    return Rule(
        "NAME-1",
        "the hub can write the names in ASCII, to make their search keys",
        f"{law.SEARCH_KEYS}; Move Hub Transliteration and NYSIIS Package, whose tables are not public",
        Level.WARNING,
        tuple(names_of),
        is_broken,
        sending_only=True,
    )


def is_readable(name: str | None) -> bool:
    """Whether the hub can write a name in ASCII, by the tables of this library. No name is readable."""
    try:
        to_ascii(name or "")
    except UntransliterableCharacter:
        return False
    return True
