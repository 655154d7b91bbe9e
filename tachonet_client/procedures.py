"""What the law asks of an authority, from an application to the messages that are due, and why.

Regulation (EU) 2016/68, Annex VIII, as one decision table, `PROCEDURES`: a row a duty, with its article. No
I/O: `due` reads the table and says what to ask of whom and when, and somebody else does it.

Two points of Annex VIII are not rows. Point 1.4 asks the register to record every notification that it
receives (`notified_licences`). Point 1.7 asked each state to inform the Commission of its choice by 2 March
2018. `READINGS` has what we infer about events for which no row says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from movehub.protocol.workflow import BROADCAST

from .application import Application, Case, Event
from .policy import Policy
from .vocabulary import CardStatus

#: `Due.workflow` of a step that is no message: you search your own register.
OWN_REGISTER: Final = "own register"
#: `Due.workflow` of a question that is not possible through TACHOnet.
OTHER_CHANNEL: Final = "other channel"


class When(StrEnum):
    """When a step is due. What `due` returns stands in the order in which it is done."""

    FIRST = "before all other steps"
    BEFORE_ISSUE = "before the card is issued"
    BEFORE_MCS = "before the card's new status is notified"
    AFTER_CHECK = "after the answer about the card's status"
    IF_VALID_FOR_EXCHANGE = "once the answer shows the card to be valid for exchange"
    AT_ONCE_AFTER_ISSUE = "at once after the card is issued"


@dataclass(frozen=True, slots=True)
class Due:
    """One step that is due: a message, or a step without one (`OWN_REGISTER`, `OTHER_CHANNEL`).

    `why` is for people. `inferred` means that the law does not say so in words.
    """

    workflow: str
    to: str
    when: When
    article: str
    why: str
    new_status: CardStatus | None = None
    inferred: bool = False

    @property
    def step(self) -> str:
        """The step in words, such as `CCS to PL`."""
        if self.workflow == OWN_REGISTER:
            return "search of your own register"
        if self.workflow == OTHER_CHANNEL:
            return f"question to {self.to}, not possible through TACHOnet"
        return f"{self.workflow} to {'all states (ZZ)' if self.to == BROADCAST else self.to}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One row of the table: the events, the condition, and the step that is due at each receiver."""

    article: str
    events: tuple[Event, ...]
    applies: Callable[[Case], bool] = lambda _: True
    workflow: str
    to: Callable[[Case], tuple[str, ...]]
    when: When
    why: str
    new_status: Mapping[Event, CardStatus] = field(default_factory=dict)
    inferred: bool = False


def _everybody(_: Case) -> tuple[str, ...]:
    return (BROADCAST,)


def _issuer(case: Case) -> tuple[str, ...]:
    return (case.issuer,)


def _state_of_the_licence(case: Case) -> tuple[str, ...]:
    return (case.licence,)


_ISSUE, _EXCHANGE, _TAKEN = (
    (Event.ISSUE,),
    (Event.EXCHANGE,),
    (Event.WITHDRAWN, Event.SUSPENDED, Event.STOLEN),
)

_NO_CHECK: Final = "Section 1 asks for no check here: it is about the issue of a first card (inferred: "

#: What we infer about an event beyond its rows, for people.
READINGS: Final[Mapping[Event, str]] = {
    Event.RENEWAL: f"{_NO_CHECK}3.3 names a renewal apart from an issue).",
    Event.EXCHANGE: f"{_NO_CHECK}3.3 names an exchange apart from an issue).",
    Event.REPLACEMENT: f"{_NO_CHECK}no point names a replacement, and we read it like a renewal).",
}

#: Source of each row: the point of Annex VIII that stands in it.
PROCEDURES: Final = (
    Procedure(
        article="1.1",
        events=_ISSUE,
        applies=lambda case: case.foreign,
        workflow="CIC",
        to=_everybody,
        when=When.BEFORE_ISSUE,
        why="The applicant's driving licence was issued by another Member State.",
    ),
    Procedure(
        article="1.1",
        events=_ISSUE,
        applies=lambda case: not case.foreign and not case.domestic,
        workflow="CIC",
        to=_everybody,
        when=When.BEFORE_ISSUE,
        why="The licence is of a state outside the network: the law is silent, and to ask is safe.",
        inferred=True,
    ),
    Procedure(
        article="1.3",
        events=_ISSUE,
        applies=lambda case: case.domestic and case.recording and not case.searched,
        workflow=OWN_REGISTER,
        to=lambda case: (case.policy.state,),
        when=When.FIRST,
        why="Search the recorded ICDL notifications, first by the number of the driving licence, then by"
        " search keys and date of birth. What else is due depends on the result.",
    ),
    Procedure(
        article="1.3",
        events=_ISSUE,
        applies=lambda case: case.notified,
        workflow="CCS",
        to=lambda case: case.asked_by_ccs,
        when=When.BEFORE_ISSUE,
        why="This state has notified a card. Ask about each card that it notified.",
    ),
    Procedure(
        article="1.3",
        events=_ISSUE,
        applies=lambda case: case.notified,
        workflow="CIC",
        to=lambda case: case.asked_by_cic,
        when=When.BEFORE_ISSUE,
        why="This state has notified a card.",
    ),
    Procedure(
        article="1.3",
        events=_ISSUE,
        applies=lambda case: case.notified,
        workflow=OTHER_CHANNEL,
        to=lambda case: case.asked_elsewhere,
        when=When.BEFORE_ISSUE,
        why="This sender has notified a card, and is not another state that takes part in TACHOnet. Ask about"
        " the card by another channel.",
        inferred=True,
    ),
    # Every application on a domestic licence is in the draw, one with a notification too: 1.3 comes first.
    Procedure(
        article="1.5",
        events=_ISSUE,
        applies=lambda case: case.domestic and case.recording and not case.checks_all and case.drawn,
        workflow="CIC",
        to=_everybody,
        when=When.BEFORE_ISSUE,
        why="The case is drawn for the share of domestic licences that are checked everywhere.",
    ),
    Procedure(
        article="1.6",
        events=_ISSUE,
        applies=lambda case: case.domestic and not case.recording,
        workflow="CIC",
        to=_everybody,
        when=When.BEFORE_ISSUE,
        why="The state records no notifications, so every application is checked everywhere.",
    ),
    Procedure(
        article="1.8 and 1.9",
        events=_ISSUE,
        applies=lambda case: case.domestic and case.checks_all and case.searched and not case.notified,
        workflow="CIC",
        to=_everybody,
        when=When.BEFORE_ISSUE,
        why="The state has recorded notifications for less than five years, and none was found.",
    ),
    Procedure(
        article="1.2",
        events=_ISSUE,
        applies=lambda case: case.foreign,
        workflow="ICDL",
        to=_state_of_the_licence,
        when=When.AT_ONCE_AFTER_ISSUE,
        why="The state that issued the licence is informed immediately that a card was issued on it.",
    ),
    Procedure(
        article="2.1 (a)",
        events=_TAKEN,
        applies=lambda case: case.of_another_state and case.application.card_number is not None,
        workflow="CCS",
        to=_issuer,
        when=When.BEFORE_MCS,
        why="The actual status of the card is checked with the state that issued it.",
    ),
    Procedure(
        article="2.1 (a)",
        events=_TAKEN,
        applies=lambda case: case.of_another_state and case.application.card_number is None,
        workflow="CIC",
        to=_issuer,
        when=When.BEFORE_MCS,
        why="The number of the card is unknown, so the state that issued it is asked about the driver"
        " instead. The answer has the number, which the notification needs.",
    ),
    Procedure(
        article="2.1 (b)",
        events=_TAKEN,
        applies=lambda case: case.of_another_state,
        workflow="MCS",
        to=_issuer,
        when=When.AFTER_CHECK,
        why="The state that issued the card is notified of what happened to it.",
        new_status={
            Event.WITHDRAWN: CardStatus.WITHDRAWN,
            Event.SUSPENDED: CardStatus.SUSPENDED,
            Event.STOLEN: CardStatus.STOLEN,
        },
    ),
    Procedure(
        article="3.1",
        events=_EXCHANGE,
        workflow="CCS",
        to=_issuer,
        when=When.BEFORE_MCS,
        why="The actual status of the card is checked with the state that issued it.",
    ),
    Procedure(
        article="3.2",
        events=_EXCHANGE,
        workflow="MCS",
        to=_issuer,
        when=When.IF_VALID_FOR_EXCHANGE,
        why="The state that issued the card learns that its exchange has begun.",
        new_status={Event.EXCHANGE: CardStatus.IN_EXCHANGE},
    ),
    Procedure(
        article="3.2",
        events=_EXCHANGE,
        workflow="MCS",
        to=_issuer,
        when=When.AT_ONCE_AFTER_ISSUE,
        why='The state that issued the card learns that its exchange has ended: "Exchanged" in Annex II,'
        " appendix, comes from such a notification.",
        new_status={Event.EXCHANGE: CardStatus.EXCHANGED},
        inferred=True,
    ),
    Procedure(
        article="3.3",
        events=(Event.RENEWAL, Event.EXCHANGE),
        applies=lambda case: case.foreign,
        workflow="ICDL",
        to=_state_of_the_licence,
        when=When.AT_ONCE_AFTER_ISSUE,
        why="The state that issued the licence is informed immediately that the card on it is a new one.",
    ),
    Procedure(
        article="1.2 and 3.3",
        events=(Event.REPLACEMENT,),
        applies=lambda case: case.foreign,
        workflow="ICDL",
        to=_state_of_the_licence,
        when=When.AT_ONCE_AFTER_ISSUE,
        why="The card on the licence has a new number. 1.2 names an issue, and 3.3 a renewal or an exchange;"
        " no point names a replacement.",
        inferred=True,
    ),
)


def due(application: Application, policy: Policy) -> tuple[Due, ...]:
    """Return the steps that are due, in their order. Empty if the law asks for none.

    Raises ValueError that names what an application of its kind must say, and what contradicts itself.
    """
    case = Case.of(application, policy)
    return tuple(
        Due(
            workflow=row.workflow,
            to=to,
            when=row.when,
            article=f"Regulation (EU) 2016/68, Annex VIII, {row.article}",
            why=row.why,
            new_status=row.new_status.get(application.event),
            inferred=row.inferred,
        )
        for row in PROCEDURES
        if application.event in row.events and row.applies(case)
        for to in row.to(case)
    )
