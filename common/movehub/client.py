"""The asking side: a request in, the answer to it out.

with TachonetClient.from_config("hub.toml") as tachonet:
    reply = tachonet.send(CheckIssuedCardsRequest(...), to=BROADCAST)

With a store it also posts, which waits for nothing and loses nothing: see `movehub.node.tickets`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from movehub.codec.codec import Codec
from movehub.errors import InvalidConfiguration
from movehub.protocol.edition import Edition
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Body, Message, Request

if TYPE_CHECKING:  # the store needs the extra `server`, which who only asks can do without
    from movehub.http.transport import Transport
    from movehub.node import Sender, Ticket
    from movehub.store import Store

Answer = TypeVar("Answer", bound=Body)


class Client:
    """One Member State's client of one system. Make `TachonetClient` or `ErruClient`, not this one."""

    #: What the system speaks. An instance that is given an `edition` speaks that as well.
    codec: Codec
    #: The edition spoken where the configuration names none.
    version: ClassVar[str]

    def __init__(
        self,
        member_state: str,
        transport: Transport,
        *,
        version: str | None = None,
        edition: Edition | None = None,
        store: Store | None = None,
    ) -> None:
        if edition is not None:
            self.codec = self.codec.speaking(edition)
        chosen = version or (edition.version if edition else self.version)
        if chosen not in {edition.version for edition in self.codec.editions}:
            raise InvalidConfiguration(f"{self.codec.system} {chosen} is not spoken here")
        self.exchange = Exchange(member_state, self.codec.edition(chosen))
        self._transport = transport
        self._store = store

    @classmethod
    def from_config(cls, path: str | Path, *, store: Store | None = None) -> Self:
        """Make a client from a TOML file: see `movehub.config`. Raises InvalidConfiguration.

        `store` is what `post` keeps its requests in.
        """
        # Only here: whoever brings a transport of his own, or only reads documents, needs no HTTP.
        from movehub.config import Config
        from movehub.http.transport import HttpsTransport

        config = Config.read(path, cls.codec.system.lower())
        transport = HttpsTransport(config.url, config.credentials, timeouts=config.timeouts)
        return cls(
            config.member_state, transport, version=config.version, edition=config.edition, store=store
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """Where its messages go; empty where the transport has no address."""
        return str(getattr(self._transport, "url", ""))

    def close(self) -> None:
        """Close the transport, where it can be closed."""
        close = getattr(self._transport, "close", None)
        if close is not None:
            close()

    def send(self, request: Request[Answer], to: str, *, test_id: str | None = None) -> Message[Answer]:
        """Ask one Member State, or all of them (`to=BROADCAST`), and return the answer.

        Raises OurFault before anything is sent; TransportError where the way failed (`NotSent` may be tried
        again, `OutcomeUnknown` must not be); TheirFault where the answer cannot be used, among them
        `ErrorNotified`. None of them means "not found".
        """
        return self._sent(self.exchange.request(request, to, test_id=test_id))

    def respond(
        self, received: Message[Request[Any]], response: Request[Answer], *, to: str | None = None
    ) -> Message[Answer]:
        """Send what is due later in a workflow that another state opened, and return its receipt.

        `to` is the state that opened it unless national practice wants `EU` there. Raises as `send` does.
        """
        return self._sent(self.exchange.answer(received, response, to=to))

    def post(self, request: Request[Answer], to: str, *, test_id: str | None = None) -> Ticket[Answer]:
        """Keep a request in the store, for a node to send, and return its ticket at once.

        Raises OurFault where it may not be sent or there is no store, StoreFailed where it was not kept.
        """
        return self._sender().post(request, to, test_id=test_id)

    def post_response(
        self, received: Message[Request[Any]], response: Request[Answer], *, to: str | None = None
    ) -> Ticket[Answer]:
        """Keep what is due later in a workflow that another state opened. Raises as `post` does."""
        return self._sender().post_response(received, response, to=to)

    def ticket(self, technical_id: str) -> Ticket[Any]:
        """Return the ticket of a request that was posted. Raises MessageNotFound where none was."""
        return self._sender().ticket(technical_id)

    def _sender(self) -> Sender:
        if self._store is None:
            raise InvalidConfiguration("to post needs a store: give the client one, or use send")
        from movehub.node import Sender

        return Sender(self._store, self.codec, self.exchange)

    def _sent(self, message: Message[Any]) -> Message[Any]:
        reply = self.codec.decode(self._transport.post(self.codec.encode(message)))
        self.exchange.check_answer(message, reply)
        return reply
