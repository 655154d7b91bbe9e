"""The client: it sends a request and returns the answer.

with TachonetClient.from_config("hub.toml") as tachonet:
    reply = tachonet.send(CheckIssuedCardsRequest(...), to=BROADCAST)

With a store, it can also post a request for a node to send: see `movehub.node.tickets`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from movehub.codec.codec import Codec
from movehub.errors import InvalidConfiguration
from movehub.protocol.edition import Edition
from movehub.protocol.exchange import Exchange, unchanged
from movehub.protocol.message import Body, Message, Request
from movehub.protocol.repetition import RESPELT
from movehub.protocol.reply import Reply, states_asked

if TYPE_CHECKING:  # the store needs the extra `server`
    from movehub.config import Config
    from movehub.http.transport import Transport
    from movehub.node import Sender, Ticket
    from movehub.store import Store

Answer = TypeVar("Answer", bound=Body)


class Client:
    """The client of one Member State for one system. Use `TachonetClient` or `ErruClient`."""

    #: The editions of the system. An instance with an `edition` of its own has that as well.
    codec: Codec
    #: The default version of messages.
    version: ClassVar[str]

    def __init__(
        self,
        member_state: str,
        transport: Transport,
        *,
        version: str | None = None,
        edition: Edition | None = None,
        participants: Iterable[str] | None = None,
        store: Store | None = None,
        complete: Callable[[Message[Any]], Message[Any]] = unchanged,
    ) -> None:
        if edition is not None:
            self.codec = self.codec.speaking(edition)
        if participants is not None:
            self.codec = self.codec.among(participants)
        chosen = version or (edition.version if edition else self.version)
        if chosen not in {edition.version for edition in self.codec.editions}:
            raise InvalidConfiguration(f"{self.codec.system} {chosen} is not supported")
        self.exchange = Exchange(member_state, self.codec.edition(chosen), complete=complete)
        self.codec.check_participant(member_state)
        self._transport = transport
        self._store = store

    @classmethod
    def from_config(
        cls,
        path: str | Path,
        *,
        store: Store | None = None,
        complete: Callable[[Message[Any]], Message[Any]] = unchanged,
    ) -> Self:
        """Make a client from a TOML file. `post` stores in `store`. Raises InvalidConfiguration."""
        # Only here: with your own transport, or only to read documents, you need no HTTP.
        from movehub.config import Config
        from movehub.http.transport import HttpsTransport

        config = Config.read(path, cls.codec.system.lower())
        transport = HttpsTransport(config.url, config.credentials, timeouts=config.timeouts)
        made = cls(
            config.member_state,
            transport,
            version=config.version,
            edition=config.edition,
            participants=config.participants,
            store=store,
            complete=complete,
        )
        made._read_more(config)
        return made

    def _read_more(self, config: Config) -> None:
        """Take up the settings of one system alone."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """The address of the transport. Empty if it has none."""
        return str(getattr(self._transport, "url", ""))

    @property
    def others(self) -> tuple[str, ...]:
        """The other participants, which a broadcast asks."""
        return tuple(sorted(self.codec.participants - {self.exchange.code}))

    def asked(self, to: str) -> tuple[str, ...]:
        """Return the states that a request asks: all others if `to` is `BROADCAST`."""
        return states_asked(to, self.exchange.code, self.codec.participants)

    def close(self) -> None:
        """Close the transport, if it can be closed."""
        close = getattr(self._transport, "close", None)
        if close is not None:
            close()

    def send(
        self,
        request: Request[Answer],
        to: str,
        *,
        test_id: str | None = None,
        despite: Collection[str] = (),
    ) -> Reply[Answer]:
        """Send a request to one Member State, or to all of them (`to=BROADCAST`), and return the answer.

        `complete` of the answer tells whether every state that was asked has answered.

        `despite` names rules that the request may break, such as `NU-1`: see `Codec.encode`.

        Raises OurFault before the request is sent. Raises TransportError if the transport fails: you may
        retry after `NotSent`, but not after `OutcomeUnknown`. Raises TheirFault, such as `ErrorNotified`, if
        the answer cannot be used. No error means "not found".

        If the answer repeats the search in other letter case or with other blanks, the log names the fields.
        `movehub.protocol.respelt_fields` returns them.
        """
        return self._sent(self.exchange.request(request, to, test_id=test_id), despite)

    def respond(
        self, received: Message[Request[Any]], response: Request[Answer], *, to: str | None = None
    ) -> Reply[Answer]:
        """Send the later response in a workflow that another state opened, and return its receipt.

        It goes out in the edition of the received message, whatever the edition of the client. `to` is the
        state that opened it, unless your national practice wants `EU`. Raises as `send` does.
        """
        exchange = self.codec.answering(self.exchange, received)
        return self._sent(exchange.answer(received, response, to=to))

    def post(
        self,
        request: Request[Answer],
        to: str,
        *,
        test_id: str | None = None,
        despite: Collection[str] = (),
    ) -> Ticket[Answer]:
        """Store a request for a node to send, and return its ticket at once. `despite` is as in `send`.

        Raises OurFault if it may not be sent or there is no store, StoreFailed if it was not stored.
        """
        return self._sender().post(request, to, test_id=test_id, despite=despite)

    def post_response(
        self, received: Message[Request[Any]], response: Request[Answer], *, to: str | None = None
    ) -> Ticket[Answer]:
        """Store the later response in a workflow that another state opened, as `respond` sends it.

        Raises as `post` does.
        """
        return self._sender().post_response(received, response, to=to)

    def ticket(self, technical_id: str) -> Ticket[Any]:
        """Return the ticket of a posted request. Raises MessageNotFound if there is none."""
        return self._sender().ticket(technical_id)

    def _sender(self) -> Sender:
        if self._store is None:
            raise InvalidConfiguration("post needs a store: give one to the client, or use send")
        from movehub.node import Sender

        return Sender(self._store, self.codec, self.exchange)

    def _sent(self, message: Message[Any], despite: Collection[str] = ()) -> Reply[Any]:
        reply = self.codec.decode(self._transport.post(self.codec.encode(message, despite=despite)))
        for rule in self.codec.reported(reply):
            _warn("a received message breaks %s", rule)
        respelt = self.exchange.check_answer(message, reply)
        if respelt:
            _warn(RESPELT, message.header.technical_id, ", ".join(respelt))
        return Reply.of(reply, self.asked(message.header.to))


def _warn(text: str, *values: object) -> None:
    import logging  # rarely needed, and reading documents does not need it

    logging.getLogger(__name__).warning(text, *values)
