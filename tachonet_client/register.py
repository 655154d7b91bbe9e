"""The answering side: what a national register must be able to say, and the responder that asks it.

Regulation (EU) 2016/68, Annex I, 1.2, Annex II, 1 and Annex IV.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

from movehub.protocol.edition import Edition
from movehub.protocol.exchange import Exchange, unchanged
from movehub.protocol.message import ErrorNotification, Message
from movehub.protocol.outcome import NotificationStatus
from movehub.responder import Handler, Responder, expected, stored

from .ccs import CheckCardStatusRequest, CheckedCard, SearchedCard
from .cic import CheckIssuedCardsRequest, FoundDriver, SearchedDriver
from .editions import CODEC, TACHONET_3_0
from .icdl import IssuedCardDrivingLicenceRequest, RecordingStatus
from .mcs import (
    AcknowledgementType,
    ModifyCardStatusAcknowledgement,
    ModifyCardStatusRequest,
    ModifyCardStatusResponse,
)
from .notified_licences import to_record

#: What the answer to a heartbeat about a licence says besides its status.
NOTHING_RECORDED: Final = "Heartbeat: the register was not asked and nothing was recorded."


class DriverCardRegister(Protocol):
    """A register of tachograph cards, one method a workflow.

    If a method cannot answer or cannot store, it must raise. The other state then gets an ErrorNotification
    `ServerError`. An empty answer means "not found" and clears a person, and a silent failure to store leaves
    a stolen card in use. Leave out data that the register does not have. Never invent them. The methods are
    called, not awaited.

    A node calls the optional method `use_statuses(translation)` before the first message, with the
    `StatusTranslation` of its configuration: so you can store a received status as the value of your own
    procedure (Annex II, 4).
    """

    @abstractmethod
    def check_issued_cards(self, driver: SearchedDriver) -> tuple[FoundDriver, ...]:
        """Return the cards that may be the driver's: by NYSIIS keys first, then by own means.

        Each says in `search_mechanism` how it was found (Annex IV, 2 to 4), and in `valid_for_driving` the
        state's own word, never worked out from the status (Annex II, 5). A driver card has its driving
        licence, a workshop card its workshop.
        """
        ...

    @abstractmethod
    def check_card_status(self, card: SearchedCard) -> CheckedCard | None:
        """Return the card with this number, or None if the register has not issued it.

        `valid_for_driving` is the state's own word, never worked out from the status (Annex II, 5).
        """
        ...

    @abstractmethod
    def modify_card_status(self, notification: Message[ModifyCardStatusRequest]) -> None:
        """Store that the status of a card changed elsewhere, header and all, whatever it is (Annex II, 4).

        The acknowledgement only says that the message arrived. Send the result of the update, and the status
        that the card then has, with `TachonetClient.respond` to this message, also if the card is unknown. It
        is due as soon as the register was updated or the notification rejected (Annex II, 1.3).
        """
        ...

    @abstractmethod
    def receive_card_status_response(self, response: Message[ModifyCardStatusResponse]) -> None:
        """Store what became of a change that was notified earlier, in the same workflow.

        `response.body.contradicts(request)` tells whether it has another card number than your notification.
        """
        ...

    @abstractmethod
    def issued_card_driving_licence(
        self, notification: Message[IssuedCardDrivingLicenceRequest]
    ) -> RecordingStatus:
        """Record that a card was issued abroad on a licence of this state. Return `OK`, or why you did not.

        Record it with its search keys, `search_keys_of(notification.body.issued_card)` (Annex IV, 5), to find
        later applicants by them (5.1). The answer has no data of a person.
        """
        ...


def responder(
    register: DriverCardRegister,
    member_state: str,
    authority: str,
    *,
    answers_to: str | None = None,
    on_error: Callable[[Message[ErrorNotification]], None] | None = None,
    edition: Edition | None = None,
    participants: Iterable[str] | None = None,
    complete: Callable[[Message[Any]], Message[Any]] = unchanged,
) -> Responder:
    """Return what answers TACHOnet messages for a Member State, `bytes` in and `bytes` out.

    `authority` is the name that answers give as respondingAuthority, at most 50 characters. `answers_to` is
    the receiver of answers if your national practice wants another one than the requester, such as `EU`.
    `on_error` is called with each ErrorNotification that arrives (Annex VI, 2.2). `edition` is an edition
    from official schemas (`Edition.from_directory`), and `complete` fills in its extra fields: see
    `Exchange.complete`. `participants` are the states that take part, if they differ from the default. A
    request from another state is answered too, with a warning in the log.

    Raises InvalidConfiguration where a schema does not take one of these settings.
    """
    codec = CODEC if edition is None else CODEC.speaking(edition)
    made = Responder(
        codec if participants is None else codec.among(participants),
        Exchange(member_state, edition or TACHONET_3_0, complete=complete),
        handlers=_handlers(register, authority),
        heartbeats=_heartbeats(authority),
        specimen=lambda: _specimen(authority),
        answers_to=answers_to,
        on_error=on_error,
        notified=to_record,
    )
    return made.acknowledging(_receipts(authority))


def _handlers(register: DriverCardRegister, authority: str) -> dict[type, Handler]:
    receipts = _receipts(authority)

    def modified(request: Message[ModifyCardStatusRequest], code: str) -> Any:
        stored(register.modify_card_status(request))
        return receipts[ModifyCardStatusRequest](request, code)

    def responded(response: Message[ModifyCardStatusResponse], code: str) -> Any:
        stored(register.receive_card_status_response(response))
        return receipts[ModifyCardStatusResponse](response, code)

    return {
        CheckIssuedCardsRequest: lambda request, code: request.body.answer(
            code, expected(register.check_issued_cards(request.body.searched_driver), tuple)
        ),
        CheckCardStatusRequest: lambda request, _: request.body.answer(
            authority,
            expected(register.check_card_status(request.body.searched_card), CheckedCard, type(None)),
        ),
        ModifyCardStatusRequest: modified,
        ModifyCardStatusResponse: responded,
        IssuedCardDrivingLicenceRequest: lambda request, _: request.body.answer(
            authority, expected(register.issued_card_driving_licence(request), RecordingStatus)
        ),
    }


def _receipts(authority: str) -> dict[type, Handler]:
    """Return what acknowledges an MCS. The answer to an ICDL is no receipt: it says what was recorded."""
    return {
        ModifyCardStatusRequest: lambda request, _: request.body.acknowledge(authority),
        ModifyCardStatusResponse: lambda response, _: response.body.acknowledge(authority),
    }


def _specimen(authority: str) -> ModifyCardStatusAcknowledgement:
    return ModifyCardStatusAcknowledgement(
        business_case_id="specimen",
        originating_authority="specimen",
        responding_authority=authority,
        acknowledgement_type=AcknowledgementType.NOTIFICATION,
        status_code=NotificationStatus.OK,
    )


def _heartbeats(authority: str) -> dict[type, Handler]:
    """Return the handlers for heartbeats of the hub. They neither ask the register nor store data.

    A search answers "not found", and a receipt says that the message arrived. For an ICDL, `OK` would promise
    a record, and "licence not found" would claim that the register was searched. So `NotProcessed` is the
    only true status.
    """
    return {
        CheckIssuedCardsRequest: lambda request, code: request.body.answer(code, ()),
        CheckCardStatusRequest: lambda request, _: request.body.answer(authority, None),
        **_receipts(authority),
        IssuedCardDrivingLicenceRequest: lambda request, _: request.body.answer(
            authority, RecordingStatus.NOT_PROCESSED, NOTHING_RECORDED
        ),
    }
