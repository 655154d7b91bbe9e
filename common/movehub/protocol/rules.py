"""Rules that no schema can hold: between fields, between messages, between a message and the law.

A system's rules are one table of `Rule`s. An *error* stops what we send. On what we receive both levels are
reported and nothing more: a notification that breaks a rule is a notification still, and must be stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from movehub.protocol.message import Body, Message


class Level(StrEnum):
    """What breaking a rule means for a message that is about to be sent."""

    #: The hub is known to refuse it, or the law is explicit. It is not sent.
    ERROR = "error"
    #: It looks wrong, and the Commission's own test messages do it, or nobody knows. It is sent.
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, what it says, where that comes from, and how to see that it is broken."""

    id: str
    says: str
    source: str
    level: Level
    applies_to: tuple[type[Body], ...]
    is_broken: Callable[[Message[Any]], bool]
    #: Holds for what a Member State sends, and not for what it receives: the hub may do it.
    sending_only: bool = False

    def __str__(self) -> str:
        """Return one line without anything of a message."""
        return f"{self.id}: {self.says} [{self.source}]"


def broken_rules(rules: Iterable[Rule], message: Message[Any], *, received: bool = False) -> tuple[Rule, ...]:
    """Return the rules that a message breaks, in the order of their table."""
    return tuple(
        rule
        for rule in rules
        if isinstance(message.body, rule.applies_to)
        and not (received and rule.sending_only)
        and rule.is_broken(message)
    )
