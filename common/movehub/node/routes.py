"""The way to a hub and back, for documents that are delivered and for what comes back on the connection."""

from __future__ import annotations

import logging
from typing import Protocol

from movehub.errors import TheirFault
from movehub.node.receiver import Receiver

_LOG = logging.getLogger(__name__)


class Carrier(Protocol):
    """What hands a document over: `HttpsTransport` does."""

    def deliver(self, data: bytes) -> bytes:
        """Return what came back, if anything. Raises TransportError."""
        ...


class Route:
    """The way to one system's hub and back: what carries there, and what takes in what comes back."""

    def __init__(self, carrier: Carrier, receiver: Receiver) -> None:
        self._carrier = carrier
        self._receiver = receiver

    def deliver(self, document: bytes) -> bytes:
        """Hand a document over. Raises TransportError."""
        return self._carrier.deliver(document)

    def take_in(self, back: bytes) -> None:
        """Keep what came back on the same connection, where it is a message. Raises StoreFailed."""
        if not back.strip():
            return
        try:
            self._receiver.receive(back)
        except TheirFault as error:
            _LOG.warning("what came back on delivery is no message: %s", error)
