"""Rules that a schema cannot express: between fields, between messages, between a message and the law.

Each system has one table of `Rule`s. A message that breaks a rule of level *error* is not sent. In received
messages both levels are only reported: a notification that breaks a rule is still a notification, and must
be stored.

`header_rules` makes the rules that both systems share: the addresses in the header, the states that take
part, and the statuses and errors that only the hub may use. The header is the same in both regulations (Annex
III, appendix). Other sources and the participants differ, so each system passes its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from movehub.errors import InvalidConfiguration
from movehub.protocol.message import Body, ErrorNotification, ErrorStatus, Header, Message
from movehub.protocol.workflow import BROADCAST, HUB, WORKFLOWS, workflow_of


class Level(StrEnum):
    """The consequence of a broken rule for a message that you send."""

    #: The hub is known to refuse the message, or the law is explicit. It is not sent.
    ERROR = "error"
    #: The message looks wrong, but the Commission's own tests do the same, or its effect is unknown. It is
    #: sent.
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, its text, its source, and the test of a message."""

    id: str
    says: str
    source: str
    level: Level
    applies_to: tuple[type[Body], ...]
    is_broken: Callable[[Message[Any]], bool]
    #: Applies only to messages that a Member State sends: in a received message the hub may do it.
    sending_only: bool = False
    #: Whether you may send a message that breaks this error, if you name the rule (`despite`).
    waivable: bool = False
    #: What of a message the rule is about, such as the code of a state. Never data of a person.
    about: Callable[[Message[Any]], str] | None = None

    def __str__(self) -> str:
        """Return one line, without any data of a message."""
        return f"{self.id}: {self.says} [{self.source}]"

    def broken_by(self, message: Message[Any]) -> str:
        """Return one line as `str` does, with what the rule is about in this message."""
        about = self.about(message) if self.about is not None else ""
        return f"{self.id} ({about}): {self.says} [{self.source}]" if about else str(self)

    def way_out(self, system: str) -> str:
        """Return the sentence that says how to waive this rule. Empty if you cannot."""
        if not self.waivable:
            return ""
        return (
            f'. To send it all the same, give despite=["{self.id}"]: see "Waivers" in the rules of {system}'
        )


def broken_rules(rules: Iterable[Rule], message: Message[Any], *, received: bool = False) -> tuple[Rule, ...]:
    """Return the rules that a message breaks, in the order of their table."""
    return tuple(
        rule
        for rule in rules
        if isinstance(message.body, rule.applies_to)
        and not (received and rule.sending_only)
        and rule.is_broken(message)
    )


def waivers(system: str, rules: Iterable[Rule], despite: Iterable[str]) -> frozenset[str]:
    """Return the names of rules that messages may break. Raises InvalidConfiguration for any other name."""
    names, waivable = frozenset(despite), [rule.id for rule in rules if rule.waivable]
    wrong = sorted(names.difference(waivable))
    if wrong:
        known = ", ".join(waivable) or "no rule"
        raise InvalidConfiguration(f"{wrong[0]} cannot be waived. {system} lets you waive {known}")
    return names


def header_rules(
    system: str, request: type[Body], sources: Mapping[str, str], participants: frozenset[str]
) -> tuple[Rule, ...]:
    """Return a system's rules on addresses (`HDR-1` to `HDR-5`), and on statuses and errors of the hub.

    `request` is the base of all its requests. `sources` maps the name of each rule to its source.
    `participants` are the states for `HDR-5`.
    """
    broadcast = " and ".join(
        each.abbreviation for each in WORKFLOWS if each.system == system and each.broadcast
    )
    outside = _states_outside(participants | {HUB, BROADCAST})

    def error(name: str, says: str, on: type[Body], is_broken: Callable[[Message[Any]], bool]) -> Rule:
        return Rule(name, says, sources[name], Level.ERROR, (on,), is_broken, sending_only=name == "HDR-1")

    return (
        error("HDR-1", "only the hub writes timeoutValue", Body, _sets_the_timeout),
        error("HDR-2", "sender and receiver of a message are different", Body, _goes_to_its_sender),
        error("HDR-3", f"only {broadcast} requests may be broadcast", Body, _broadcasts_what_has_none),
        error("HDR-4", "a request is for a Member State, not for the hub", request, _goes_to_the_hub),
        Rule(
            "HDR-5",
            f"the sender and the state asked take part in {system}: see the setting participants",
            sources["HDR-5"],
            Level.ERROR,
            (Body,),
            lambda message: bool(outside(message)),
            about=lambda message: _codes(outside(message)),
        ),
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


_HUB_STATUSES: Final = {"Timeout", "NotAvailable"}
#: Errors that only the hub can detect (inferred from their names).
_HUB_ERRORS: Final = {
    ErrorStatus.TIMEOUT,
    ErrorStatus.RESPONSE_NOT_CORRELATED,
    ErrorStatus.DUPLICATE_RESPONSE,
}


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


def _states_outside(known: frozenset[str]) -> Callable[[Message[Any]], tuple[str, ...]]:
    """Return what tells the states of a message that do not take part.

    Only the message that opens a workflow chooses its receiver. The hub has let in the state that sent a
    request, so the answer to it is sent, even if the own list does not have that state yet.
    """

    def outside(message: Message[Any]) -> tuple[str, ...]:
        workflow = workflow_of(message.body.root)
        opens = workflow is not None and workflow.opening == message.body.root
        states = (message.header.from_, message.header.to) if opens else (message.header.from_,)
        return tuple(state for state in states if state not in known)

    return outside


def _codes(states: Iterable[str]) -> str:
    """Return states by their codes, as far as they look like codes."""
    return ", ".join(state for state in states if re.fullmatch("[A-Z]{2}", state))


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
