"""The process that is killed: a real node, with nothing changed but the waits that would only take time.

It is forked from one that has everything imported and compiled (`warmed`), so that a start takes a moment.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event
from typing import Any, Final

from movehub.http import server as http_server
from movehub.node import (
    correlator as correlating,
)
from movehub.node import (
    couriers as delivering,
)
from movehub.node import (
    node as serving,
)
from movehub.node import (
    reaper as sweeping,
)
from movehub.node import (
    threads as loops,
)
from movehub.node import (
    worker as working,
)
from movehub.node.node import Node
from movehub.node.settings import Settings
from movehub.node.tickets import Sender
from movehub.protocol import rate_limit
from movehub.protocol.exchange import Exchange
from movehub.store import Store
from movehub.store.tables import INBOX, OUTBOX, Received, Sending, Sent
from sqlalchemy import ColumnElement, func, select

import erru_client as erru
import tachonet_client as tachonet

from .breakages import BREAKAGES
from .points import Point, Points
from .traffic import CODECS, POSTS, later_response

_MOMENT: Final = timedelta(milliseconds=30)
_EDITIONS: Final = {"erru": erru.ERRU_3_5, "tachonet": tachonet.TACHONET_3_0}

#: Messages that came and are not settled; that go out and are not; and requests of ours without their answer.
_IN_HAND: Final = INBOX.c.state.in_((Received.RECEIVED, Received.PROCESSING))
_ON_ITS_WAY: Final = OUTBOX.c.state.in_((Sent.PREPARED, Sent.SENDING))
_UNANSWERED: Final = (OUTBOX.c.kind == Sending.REQUEST) & (OUTBOX.c.state == Sent.DELIVERED)
#: Seconds between two looks.
_LOOK: Final = 0.005


def serve(pipe: Connection, config: Path, at: Point | None, seed: int, broken: str | None) -> None:
    """Run a node until it is killed, and do what comes through the pipe meanwhile."""
    warnings.simplefilter("ignore")
    logging.disable()
    points = Points(at, seed)
    points.install()
    _hurry()
    if broken is not None:
        BREAKAGES[broken]()
    with Node(Settings.read(config)) as node:
        commands: dict[str, Callable[[Any], Any]] = {
            "post": lambda name: _post(node.store, name),
            "respond": lambda received: _respond(node.store, *received),
            "settled": lambda seconds: _settled(node.store, seconds, _ON_ITS_WAY),
            "ended": lambda seconds: _settled(node.store, seconds, _ON_ITS_WAY | _UNANSWERED),
            "points": lambda _: points.passed(),
        }
        pipe.send(node.port)
        while True:
            name, argument = pipe.recv()
            pipe.send(commands[name](argument))


def _hurry() -> None:
    """Shorten waits. No order of events changes by it."""
    delivering.FIRST_WAIT = _MOMENT  # type: ignore[misc]
    working.RETRIES = (_MOMENT,) * 3  # type: ignore[misc, assignment]
    correlating._RETRY_AFTER = _MOMENT
    sweeping.ANSWER_AFTER = 20 * _MOMENT  # type: ignore[misc]
    serving._REAP = _MOMENT.total_seconds()  # type: ignore[misc]
    # The law's rate has tests of its own, and a run would take half a second a request.
    rate_limit._seconds_apart = lambda _: 0.0  # type: ignore[assignment]
    assert loops.Threads.add.__kwdefaults__ is not None
    loops.Threads.add.__kwdefaults__["every"] = _MOMENT.total_seconds()
    http_server.Server.expiration_interval = 0.005


def _post(store: Store, name: str) -> str:
    """Post a request as an application of this process does, and return its ticket's identifier."""
    post = POSTS[name]
    sender = Sender(store, CODECS[post.system], Exchange("FI", _EDITIONS[post.system]))
    return sender.post(post.body, "DK").technical_id


def _respond(store: Store, system: str, received: bytes) -> str:
    """Post the later response to a received message, and return its ticket's identifier."""
    sender = Sender(store, CODECS[system], Exchange("FI", _EDITIONS[system]))
    notification = CODECS[system].decode(received)
    return sender.post_response(notification, later_response(notification)).technical_id


def _settled(store: Store, seconds: float, awaited: ColumnElement[bool]) -> bool:
    """Wait until no message is in hand any more, and return whether that was in time."""
    moment = Event()
    came, goes = (select(func.count()).where(each) for each in (_IN_HAND, awaited))
    for _ in range(int(seconds / _LOOK)):
        with store.reading() as connection:
            if connection.execute(came).scalar_one() + connection.execute(goes).scalar_one() == 0:
                return True
        moment.wait(_LOOK)
    return False
