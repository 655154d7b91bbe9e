"""Both registers of the node that is killed: each effect is a row in the node's own database.

No key makes it unique, so that what is done twice is there twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from movehub.protocol.message import Message
from movehub.store import transaction
from sqlalchemy import text

import tachonet_client as tachonet

#: What harness and registers agree upon. No key: an effect that happens twice must show.
TABLE = "CREATE TABLE effect (technical_id TEXT NOT NULL, what TEXT NOT NULL)"


def effect(message: Message[Any], what: str) -> None:
    """Write an effect, in the transaction that marks the message processed."""
    said = text("INSERT INTO effect (technical_id, what) VALUES (:id, :what)")
    transaction().execute(said, {"id": str(message.header.technical_id).lower(), "what": what})


Effect = Callable[[Message[Any], str], None]


class Undertakings:
    """ERRU's. With `fails` the first roadside inspection fails, after it was written."""

    def __init__(self, effect: Effect, *, fails: bool = False) -> None:
        self._effect = effect
        self._fails = fails

    def check_good_repute(self, search: object) -> tuple[()]:
        return ()

    def check_transport_undertaking_data(self, company: object) -> tuple[()]:
        return ()

    def notify_check_result(self, notification: Message[Any]) -> None:
        self._effect(notification, "recorded")

    def receive_check_result_response(self, response: Message[Any]) -> None:
        self._effect(response, "recorded")

    def notify_unfitness(self, notification: Message[Any]) -> None:
        self._effect(notification, "recorded")

    def road_side_inspection(self, inspection: Message[Any]) -> bool:
        self._effect(inspection, "recorded")
        fails, self._fails = self._fails, False
        if fails:
            raise OSError
        return True


class Cards:
    """TACHOnet's."""

    def __init__(self, effect: Effect) -> None:
        self._effect = effect

    def check_issued_cards(self, driver: object) -> tuple[()]:
        return ()

    def check_card_status(self, card: object) -> None:
        return None

    def modify_card_status(self, notification: Message[Any]) -> None:
        self._effect(notification, "recorded")

    def receive_card_status_response(self, response: Message[Any]) -> None:
        self._effect(response, "recorded")

    def issued_card_driving_licence(self, notification: Message[Any]) -> tachonet.RecordingStatus:
        self._effect(notification, "recorded")
        return tachonet.RecordingStatus.OK


def undertakings() -> Undertakings:
    """Named in the node's configuration, like the next two."""
    return Undertakings(effect)


def failing_undertakings() -> Undertakings:
    """Named in its place for the first process of a run: a death counts as an attempt, and there are four."""
    return Undertakings(effect, fails=True)


def cards() -> Cards:
    return Cards(effect)


def told(system: str, request: Message[Any], answer: Message[Any]) -> None:
    """The application, told of an answer to a request of ours."""
    effect(answer, "told")
