"""Rules that no schema can hold: between fields, between messages, between a message and the law.

A system's rules are one table of `Rule`s. An *error* stops what we send. On what we receive both levels are
reported and nothing more: a notification that breaks a rule is a notification still, and must be stored.

Rules about the common header, and about what the hub alone may say: alike in both systems.

The header is the same in both regulations (Annex III, appendix); where else a rule comes from differs, so
each system gives its own sources. See `rules` for what a rule is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from movehub.protocol.message import Body, ErrorNotification, ErrorStatus, Header, Message
from movehub.protocol.workflow import BROADCAST, HUB, WORKFLOWS, workflow_of

_HUB_STATUSES: Final = {"Timeout", "NotAvailable"}
#: Error codes that speak of the hub's own bookkeeping (inferred from their names).
_HUB_ERRORS: Final = {
    ErrorStatus.TIMEOUT,
    ErrorStatus.RESPONSE_NOT_CORRELATED,
    ErrorStatus.DUPLICATE_RESPONSE,
}


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


def _of_a_state(message: Message[Any]) -> bool:
    header: Header = message.header
    return header.from_ != HUB


def _sets_the_timeout(message: Message[Any]) -> bool:
    return message.header.timeout_value is not None and _of_a_state(message)


def _goes_to_its_sender(message: Message[Any]) -> bool:
    return bool(message.header.to == message.header.from_)


def _broadcasts_what_has_none(message: Message[Any]) -> bool:
    if message.header.to != BROADCAST:
        return False
    workflow = workflow_of(message.body.root)
    return workflow is None or not workflow.broadcast or workflow.opening != message.body.root


def _goes_to_the_hub(message: Message[Any]) -> bool:
    return bool(message.header.to == HUB)


def _says_what_is_the_hubs(message: Message[Any]) -> bool:
    body = message.body
    if isinstance(body, ErrorNotification) or not _of_a_state(message):
        return False
    if getattr(body, "status_code", None) in _HUB_STATUSES:
        return True
    rows = getattr(body, "member_states", ())
    return bool(rows) and any(getattr(row, "status_code", None) in _HUB_STATUSES for row in rows)


def _reports_what_is_the_hubs(message: Message[Any]) -> bool:
    return message.body.status_code in _HUB_ERRORS and _of_a_state(message)


def header_rules(
    system: str, request: type[Body], sources: Mapping[str, str]
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Return the rules of a system on addressing (`HDR-1` to `HDR-4`), and on what the hub alone says.

    `request` is the base of all its requests; `sources` says for each rule by its name where it comes from.
    """
    broadcast = " and ".join(
        each.abbreviation for each in WORKFLOWS if each.system == system and each.broadcast
    )

    def error(name: str, says: str, on: type[Body], is_broken: Callable[[Message[Any]], bool]) -> Rule:
        return Rule(name, says, sources[name], Level.ERROR, (on,), is_broken, sending_only=name == "HDR-1")

    addressing = (
        error("HDR-1", "only the hub writes timeoutValue", Body, _sets_the_timeout),
        error("HDR-2", "sender and receiver of a message are different", Body, _goes_to_its_sender),
        error("HDR-3", f"only {broadcast} requests may be broadcast", Body, _broadcasts_what_has_none),
        error("HDR-4", "a request is for a Member State, not for the hub", request, _goes_to_the_hub),
    )
    saying = (
        error("HDR-6", "only the hub uses Timeout and NotAvailable", Body, _says_what_is_the_hubs),
        Rule(
            "EN-1",
            "only the hub reports Timeout, ResponseNotCorrelated and DuplicateResponse",
            sources["EN-1"],
            Level.WARNING,
            (ErrorNotification,),
            _reports_what_is_the_hubs,
        ),
    )
    return addressing, saying
