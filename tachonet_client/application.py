"""An application for a driver card, as an authority knows it and as the table of `procedures` reads it.

Regulation (EU) 2016/68, Annex VIII.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from movehub.protocol.member_states import country_of
from movehub.records.personal import PersonalDate, PersonalText
from movehub.records.record import record

from .policy import Policy


class Event(StrEnum):
    """The event that a case is about."""

    #: Somebody applies for a first card here.
    ISSUE = "issue"
    #: Somebody applies to have a card of this state renewed: its validity ends.
    RENEWAL = "renewal"
    #: Somebody applies to have a lost, stolen or defective card of this state replaced.
    REPLACEMENT = "replacement"
    #: Somebody applies to exchange a card of another state for one of this state.
    EXCHANGE = "exchange"
    #: A card of another state was withdrawn, suspended or declared stolen here.
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    STOLEN = "stolen"


@record
class RecordedNotification:
    """An ICDL notification that the own state has recorded: its sender, and the card that it told of."""

    notified_by: str
    card_number: PersonalText | None = None


@record
class Application:
    """The facts of a case. States are ISO 3166-1 alpha-2 codes. `GB` and `EL` are understood too."""

    case_id: str
    event: Event
    received_on: date
    #: The state that issued the driving licence.
    licence_state: str | None = None
    #: What the own register is searched by (Annex VIII, 1.3): see `search_notifications`.
    driving_licence_number: PersonalText | None = None
    family_name: PersonalText | None = None
    first_name: PersonalText | None = None
    date_of_birth: PersonalDate | None = None
    #: Search keys by the Commission's library, if you have it. Without them the library makes its own.
    family_name_search_key: PersonalText | None = None
    first_name_search_key: PersonalText | None = None
    #: Whether the own register was searched for notifications, and what was found.
    own_register_searched: bool = False
    notifications: tuple[RecordedNotification, ...] = ()
    #: The state that issued the card in question, and the card's number if known.
    card_issued_by: str | None = None
    card_number: PersonalText | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """An application as the table reads it: under a policy, its states by the codes of the header."""

    application: Application
    policy: Policy
    licence: str
    #: The sender of each recorded notification, and whether the number of its card is known.
    notifiers: tuple[tuple[str, bool], ...]
    issuer: str

    @property
    def domestic(self) -> bool:
        """Whether the driving licence is of the own state."""
        return self.licence == self.policy.state

    @property
    def foreign(self) -> bool:
        """Whether the driving licence is of another state that takes part."""
        return self.policy.takes_part(self.licence) and not self.domestic

    @property
    def recording(self) -> bool:
        """Whether the own state was recording notifications when the application came in."""
        return self.policy.records_on(self.application.received_on)

    @property
    def searched(self) -> bool:
        """Whether the own register was searched for notifications."""
        return self.application.own_register_searched or self.notifiers != ()

    @property
    def notified(self) -> bool:
        """Whether the licence is domestic and an ICDL notification is recorded for it."""
        return self.domestic and self.recording and self.notifiers != ()

    @property
    def asked_by_ccs(self) -> tuple[str, ...]:
        """The senders that 1.3 asks by CCS: by choice, and if the number of the notified card is known."""
        return self._senders(by_ccs=True)

    @property
    def asked_by_cic(self) -> tuple[str, ...]:
        """The senders that 1.3 asks by a singlecast CIC: the others."""
        return self._senders(by_ccs=False)

    @property
    def asked_elsewhere(self) -> tuple[str, ...]:
        """The senders that TACHOnet cannot ask: each has left it, or is no other state."""
        found = (code for code, _ in self.notifiers if not self._can_be_asked(code))
        return tuple(dict.fromkeys(found))

    @property
    def checks_all(self) -> bool:
        """Whether the five years of 1.8 and 1.9 were running when the application came in."""
        return self.policy.checks_all_on(self.application.received_on)

    @property
    def drawn(self) -> bool:
        """Whether the case is in the sample of 1.5."""
        return self.policy.sample.drawn(self.application.case_id)

    @property
    def of_another_state(self) -> bool:
        """Whether the card in question was issued by another state."""
        return self.issuer not in {"", self.policy.state}

    @classmethod
    def of(cls, application: Application, policy: Policy) -> Case:
        """Read an application. Raises ValueError that names a missing or contradictory fact."""
        missing = [name for name in NEEDED[application.event] if getattr(application, name) is None]
        if missing:
            raise ValueError(f"an application of the kind {application.event} needs {', '.join(missing)}")
        case = cls(
            application,
            policy,
            licence=_code(application.licence_state),
            notifiers=tuple(
                (_code(each.notified_by), each.card_number is not None) for each in application.notifications
            ),
            issuer=_code(application.card_issued_by),
        )
        case._check()
        return case

    def _senders(self, *, by_ccs: bool) -> tuple[str, ...]:
        prefers = self.policy.prefers_ccs
        found = (
            code
            for code, has_number in self.notifiers
            if self._can_be_asked(code) and (prefers and has_number) is by_ccs
        )
        return tuple(dict.fromkeys(found))

    def _can_be_asked(self, code: str) -> bool:
        return code != self.policy.state and self.policy.takes_part(code)

    def _check(self) -> None:
        event, home = self.application.event, self.policy.state
        if self.issuer and not self.policy.takes_part(self.issuer):
            raise ValueError("card_issued_by must be a state that takes part: no other can be asked")
        if event is Event.EXCHANGE and self.issuer == home:
            raise ValueError("a card of the own state is renewed, not exchanged")
        if event in {Event.RENEWAL, Event.REPLACEMENT} and self.issuer not in {"", home}:
            raise ValueError("a card of another state is exchanged, not renewed or replaced")


_TAKEN: Final = ("card_issued_by",)

#: The facts that must be known before a message can be due.
NEEDED: Final = {
    Event.ISSUE: ("licence_state",),
    Event.RENEWAL: ("licence_state",),
    Event.REPLACEMENT: ("licence_state",),
    Event.EXCHANGE: ("licence_state", "card_issued_by", "card_number"),
    Event.WITHDRAWN: _TAKEN,
    Event.SUSPENDED: _TAKEN,
    Event.STOLEN: _TAKEN,
}


def _code(state: str | None) -> str:
    """Return the header's code of a state, of any in the world: a licence may come from anywhere."""
    if state is None:
        return ""
    country = country_of(state)
    if country is None and not (len(state) == 2 and state.isascii() and state.isalpha() and state.isupper()):
        raise ValueError("a state is named by its ISO 3166-1 alpha-2 code")
    return state if country is None else country.code
