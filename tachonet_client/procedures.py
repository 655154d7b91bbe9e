"""What the law asks of an authority, from an application to the messages that are due, and why.

Regulation (EU) 2016/68, Annex VIII, as one decision table, `PROCEDURES`: a row a duty, with its article. No
I/O: `due` reads the table and says what to ask of whom and when, and somebody else does it.

Two points of Annex VIII are not rows. Point 1.4 asks the register to record every notification that it
receives. Point 1.7 asks each state to inform the Commission once of its choice. Section 1 applies to first
issues, and sections 2 and 3 to the events that they name. We infer that a renewal or an exchange needs no
additional check by section 1.
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


class When(StrEnum):
    """When a message is due. What `due` returns stands in the order in which it is done."""

    BEFORE_ISSUE = "before the card is issued"
    BEFORE_CCS = "before the card's status is checked"
    BEFORE_MCS = "before the card's new status is notified"
    AFTER_CCS = "after the answer about the card's status"
    IF_VALID_FOR_EXCHANGE = "once the answer shows the card to be valid for exchange"
    AT_ONCE_AFTER_ISSUE = "at once after the card is issued"


@dataclass(frozen=True, slots=True)
class Due:
    """One message that is due. `why` is for people. `inferred` means that the law does not say so."""

    workflow: str
    to: str
    when: When
    article: str
    why: str
    new_status: CardStatus | None = None
    inferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One row of the table: the events, the condition, and the message that is due."""

    article: str
    events: tuple[Event, ...]
    applies: Callable[[Case], bool] = lambda _: True
    workflow: str
    to: Callable[[Case], str]
    when: When
    why: str
    new_status: Mapping[Event, CardStatus] = field(default_factory=dict)
    inferred: bool = False


def _everybody(_: Case) -> str:
    return BROADCAST


_ISSUE, _EXCHANGE, _TAKEN = (
    (Event.ISSUE,),
    (Event.EXCHANGE,),
    (Event.WITHDRAWN, Event.SUSPENDED, Event.STOLEN),
)

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
        applies=lambda case: case.notified and case.asks_by_ccs,
        workflow="CCS",
        to=lambda case: case.notifier,
        when=When.BEFORE_ISSUE,
        why="A notification is recorded for the licence: its sender issued a card on it.",
    ),
    Procedure(
        article="1.3",
        events=_ISSUE,
        applies=lambda case: case.notified and not case.asks_by_ccs,
        workflow="CIC",
        to=lambda case: case.notifier,
        when=When.BEFORE_ISSUE,
        why="A notification is recorded for the licence: its sender issued a card on it.",
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
        why="The state records no notifications, so every application is checked everywhere. (The French text"
        ' lacks the "not"; 1.7 and the sense require it.)',
        inferred=True,
    ),
    Procedure(
        article="1.8 and 1.9",
        events=_ISSUE,
        applies=lambda case: case.domestic and case.checks_all and not case.notified,
        workflow="CIC",
        to=_everybody,
        when=When.BEFORE_ISSUE,
        why="The state has recorded notifications for less than five years, and none is recorded here.",
    ),
    Procedure(
        article="1.2",
        events=_ISSUE,
        applies=lambda case: case.foreign,
        workflow="ICDL",
        to=lambda case: case.licence,
        when=When.AT_ONCE_AFTER_ISSUE,
        why="The state that issued the licence is informed immediately that a card was issued on it.",
    ),
    Procedure(
        article="2.1 (a)",
        events=_TAKEN,
        applies=lambda case: case.of_another_state and case.application.card_number is None,
        workflow="CIC",
        to=lambda case: case.issuer,
        when=When.BEFORE_CCS,
        why="The number of the card is unknown, and the check of its status needs it.",
    ),
    Procedure(
        article="2.1 (a)",
        events=_TAKEN,
        applies=lambda case: case.of_another_state,
        workflow="CCS",
        to=lambda case: case.issuer,
        when=When.BEFORE_MCS,
        why="The actual status of the card is verified with the state that issued it.",
    ),
    Procedure(
        article="2.1 (b)",
        events=_TAKEN,
        applies=lambda case: case.of_another_state,
        workflow="MCS",
        to=lambda case: case.issuer,
        when=When.AFTER_CCS,
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
        to=lambda case: case.issuer,
        when=When.BEFORE_MCS,
        why="The actual status of the card is verified with the state that issued it.",
    ),
    Procedure(
        article="3.2",
        events=_EXCHANGE,
        workflow="MCS",
        to=lambda case: case.issuer,
        when=When.IF_VALID_FOR_EXCHANGE,
        why="The state that issued the card learns that its exchange has begun.",
        new_status={Event.EXCHANGE: CardStatus.IN_EXCHANGE},
    ),
    Procedure(
        article="3.2",
        events=_EXCHANGE,
        workflow="MCS",
        to=lambda case: case.issuer,
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
        to=lambda case: case.licence,
        when=When.AT_ONCE_AFTER_ISSUE,
        why="The state that issued the licence is informed immediately that the card on it is a new one.",
    ),
)


def due(application: Application, policy: Policy) -> tuple[Due, ...]:
    """Return the messages that are due, in their order. Empty if the law asks for none.

    Raises ValueError that names what an application of its kind must say, and what contradicts itself.
    """
    case = Case.of(application, policy)
    return tuple(
        Due(
            workflow=row.workflow,
            to=row.to(case),
            when=row.when,
            article=f"Regulation (EU) 2016/68, Annex VIII, {row.article}",
            why=row.why,
            new_status=row.new_status.get(application.event),
            inferred=row.inferred,
        )
        for row in PROCEDURES
        if application.event in row.events and row.applies(case)
    )
