"""The parts of Finland's node for ERRU, put together by hand: no threads, no sockets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from movehub.node import (
    AnswerCourier,
    Correlator,
    Reaper,
    Receiver,
    RequestCourier,
    Route,
    Sender,
    Worker,
    WorkQueue,
)
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Body, ErrorNotification, Message
from movehub.protocol.rate_limit import RateLimit
from movehub.protocol.workflow import HUB
from movehub.store import ESCALATIONS, INBOX, OUTBOX, Kind, Store, inbox, outbox, transaction
from sqlalchemy import select, text

import erru_client as erru
from tests.support.clock import Clock
from tests.support.databases import Hands


class Register:
    """A register whose table is in the node's database. `fails` is raised as long as it is set."""

    def __init__(self) -> None:
        self.fails: BaseException | None = None
        self.asked = 0
        self.found: tuple[erru.FoundTransportManager, ...] = ()

    def check_good_repute(self, search: object) -> tuple[erru.FoundTransportManager, ...]:
        self._asked()
        return self.found

    def notify_check_result(self, notification: Message[Any]) -> None:
        self._kept(notification)

    def receive_check_result_response(self, response: Message[Any]) -> None:
        self._kept(response)

    def notify_unfitness(self, notification: Message[Any]) -> None:
        self._kept(notification)

    def road_side_inspection(self, inspection: Message[Any]) -> bool:
        self._kept(inspection)
        return True

    def check_transport_undertaking_data(self, company: object) -> tuple[erru.FoundUndertaking, ...]:
        self._asked()
        return ()

    def _kept(self, message: Message[Any]) -> None:
        said = "INSERT INTO effect (technical_id) VALUES (:id)"
        transaction().execute(text(said), {"id": str(message.header.technical_id)})
        self._asked()

    def _asked(self) -> None:
        self.asked += 1
        if self.fails is not None:
            raise self.fails


class Hub:
    """What stands at the other end of the wire: it keeps what it is given, and replies as it is told."""

    def __init__(self) -> None:
        self.given: list[bytes] = []
        self.replies: list[bytes | Exception] = []
        self.before: Callable[[bytes], None] = lambda _: None

    def deliver(self, data: bytes) -> bytes:
        self.before(data)
        self.given.append(data)
        reply = self.replies.pop(0) if self.replies else b""
        if isinstance(reply, Exception):
            raise reply
        return reply

    @property
    def messages(self) -> list[Message[Any]]:
        return [erru.decode(each) for each in self.given]


class Parts:
    """Finland's node, each part of it stepped by hand."""

    def __init__(self, store: Store, clock: Hands, *, when_stored: bool = False, **worker: Any) -> None:
        self.store, self.clock = store, clock
        self.register, self.hub = Register(), Hub()
        self.told: list[tuple[Message[Any], Message[Any]]] = []
        responder = erru.responder(self.register, "FI", "Traficom")  # type: ignore[arg-type]
        self.responders = {"ERRU": responder}
        everything = (Kind.QUERY, Kind.NOTIFICATION, Kind.HEARTBEAT)
        requests = WorkQueue(store, inbox.work(everything), capacity=2)
        answers = WorkQueue(store, inbox.work((Kind.ANSWER, Kind.ERROR)))
        delivery = WorkQueue(store, outbox.answers_to_deliver(), capacity=2)
        self.receiver = Receiver(store, responder.codec, receipts=responder if when_stored else None)
        self.worker = Worker(store, self.responders, requests, **worker)
        self.correlator = Correlator(store, self.responders, answers, on_answer=self.on_answer)
        self.routes, ticking = {"ERRU": Route(self.hub, self.receiver)}, Clock()
        self.courier = AnswerCourier(store, self.routes, delivery, sleep=ticking.sleep)
        rate_limits = {"ERRU": RateLimit(clock=ticking, sleep=ticking.sleep)}
        self.requester = RequestCourier(store, self.routes, rate_limits, sleep=ticking.sleep)
        self.reaper = Reaper(store)
        self.sender = Sender(store, erru.CODEC, Exchange("FI", erru.ERRU_3_5, clock))
        with store.writing() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS effect (technical_id TEXT)"))

    def on_answer(self, system: str, request: Message[Any], answer: Message[Any]) -> None:
        self.told.append((request, answer))

    def effects(self) -> list[str]:
        with self.store.reading() as connection:
            return list(connection.execute(text("SELECT technical_id FROM effect")).scalars())

    def inbox(self) -> list[Any]:
        return self._rows(INBOX, INBOX.c.received_at)

    def outbox(self) -> list[Any]:
        return self._rows(OUTBOX, OUTBOX.c.prepared_at)

    def attention(self) -> list[str]:
        """The reasons of what waits for a person."""
        return [row["reason"] for row in self._rows(ESCALATIONS, ESCALATIONS.c.id)]

    def _rows(self, table: Any, order: Any) -> list[Any]:
        with self.store.reading() as connection:
            return list(connection.execute(select(table).order_by(order)).mappings())

    def all_steps(self) -> None:
        """Let every part do all that it has to do now."""
        parts = (self.worker, self.correlator, self.courier, self.requester, self.reaper)
        while sum(part.step() for part in parts):
            pass


def from_denmark(
    body: Body, now: datetime, *, timeout: timedelta | None = timedelta(seconds=10), to: str = "FI"
) -> Message[Any]:
    """A request of Denmark's as the hub forwards it."""
    message = Exchange("DK", erru.ERRU_3_5, lambda: now).request(body, to)
    return replace(message, header=replace(message.header, timeout_value=timeout and now + timeout))


def written(message: Message[Any]) -> bytes:
    """A document as the hub writes it."""
    return erru.CODEC.write(message)


def answer_of_the_hub(request: Message[Any], body: Body, now: datetime) -> bytes:
    """The consolidated answer to a request of Finland's."""
    return written(Exchange(HUB, erru.ERRU_3_5, lambda: now).answer(request, body))


def error_of_the_hub(request: Message[Any], status: erru.ErrorStatus, now: datetime) -> bytes:
    hub = Exchange(HUB, erru.ERRU_3_5, lambda: now)
    error: Message[ErrorNotification] = hub.error(request, status, "no", b"", to=request.header.from_)
    return written(error)
