"""The client: it sends a request and returns the answer.

with TachonetClient.from_config("hub.toml") as tachonet:
    reply = tachonet.send(CheckIssuedCardsRequest(...), to=BROADCAST)

With a store, it can also post a request for a node to send: see `movehub.node.tickets`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

from movehub.actor import actor
from movehub.codec.codec import Codec
from movehub.errors import InvalidConfiguration
from movehub.protocol.edition import Edition
from movehub.protocol.exchange import Exchange, unchanged
from movehub.protocol.message import Body, Message, Request
from movehub.protocol.rate_limit import MOST_PER_SECOND, RateLimit, Turn, check_rate, rate_limit_of
from movehub.protocol.repetition import RESPELT
from movehub.protocol.reply import Reply, states_asked
from movehub.protocol.workflow import workflow_of

if TYPE_CHECKING:  # the store needs the extra `server`
    from movehub.config import Config
    from movehub.http.transport import Timeouts, Transport
    from movehub.node import Sender, Ticket
    from movehub.store import Store
    from movehub.store.authors import Author

Answer = TypeVar("Answer", bound=Body)

#: The law's longest wait for an answer in seconds, for a transport without timeouts (2016/68, Annex VI, 1.5;
#: 2016/480, Annex VI, 1.5.2).
_TOTAL: Final = 20.0
#: The part of the deadline that a request may wait for its turn: 12 of 20 seconds. The answer has the rest.
_WAITED: Final = 0.6


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
        requests_per_second: float = MOST_PER_SECOND,
        store: Store | None = None,
        by: str | None = None,
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
        #: The author of what this client does, if a call names no other: see `movehub.actor.actor`.
        self._by = None if by is None else actor(by)
        self._opened: Store | None = None
        #: The law's rate limit, or your slower one. All clients of the process share it.
        self.rate_limit = self._rate_limit(requests_per_second)

    @classmethod
    def from_config(
        cls,
        path: str | Path,
        *,
        requests_per_second: float = MOST_PER_SECOND,
        store: Store | None = None,
        by: str | None = None,
        complete: Callable[[Message[Any]], Message[Any]] = unchanged,
    ) -> Self:
        """Make a client from a TOML file. Raises InvalidConfiguration.

        `store` is the database of `post` and of the journal. Without it, the client opens the database of the
        section `[node]`, if the file has one, and raises StoreNotOpened if it cannot. The slower of
        `requests_per_second` and the setting of this name counts.
        """
        # Only here: with your own transport, or only to read documents, you need no HTTP.
        from movehub.config import Config
        from movehub.http.transport import HttpsTransport

        config = Config.read(path, cls.codec.system.lower())
        configured = config.requests_per_second or MOST_PER_SECOND
        transport = HttpsTransport(config.url, config.credentials, timeouts=config.timeouts)
        opened = _configured_store(path) if store is None else None
        made = cls(
            config.member_state,
            transport,
            version=config.version,
            edition=config.edition,
            participants=config.participants,
            requests_per_second=min(check_rate(requests_per_second), configured),
            store=store or opened,
            by=by,
            complete=complete,
        )
        made._opened = opened
        made._read_more(config)
        return made

    def _read_more(self, config: Config) -> None:
        """Take up the settings of one system alone."""

    def _rate_limit(self, per_second: float) -> RateLimit:
        name = self.codec.system, self.exchange.code
        if self._store is None:
            return rate_limit_of(*name, per_second)
        from movehub.store.rate_limit import shared_rate_limit_of

        return shared_rate_limit_of(self._store, *name, per_second)

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
        """Close the transport, if it can be closed, and the database that the client has opened itself."""
        close = getattr(self._transport, "close", None)
        if close is not None:
            close()
        if self._opened is not None:
            self._opened.close()

    def send(
        self,
        request: Request[Answer],
        to: str,
        *,
        test_id: str | None = None,
        despite: Collection[str] = (),
        by: str | None = None,
    ) -> Reply[Answer]:
        """Send a request to one Member State, or to all of them (`to=BROADCAST`), and return the answer.

        `complete` of the answer tells whether every state that was asked has answered.

        `despite` names rules that the request may break, such as `NU-1`: see `Codec.encode`.

        The request waits for its turn, as a state may send two requests a second: all clients of the process
        share this limit, and all processes that share the store. The deadline of the transport, by default 20
        seconds, includes the wait. Raises TurnNotReached if too little of it would be left for the answer.

        If the client has a store, its journal records `by` as the author who sends the request and reads the
        answer: see `movehub.actor.actor`. Raises StoreFailed if it cannot record it, before anything is sent.
        If it can only not record who reads an answer to a search, it raises as well: ask again.

        Raises OurFault before the request is sent. Raises TransportError if the transport fails: you may
        retry after `NotSent`, but not after `OutcomeUnknown`. Raises TheirFault, such as `ErrorNotified`, if
        the answer cannot be used. No error means "not found".

        If the answer repeats the search in other letter case or with other blanks, the log names the fields.
        `movehub.protocol.respelt_fields` returns them.
        """
        return self.send_message(self.exchange.request(request, to, test_id=test_id), despite=despite, by=by)

    def send_message(
        self, message: Message[Request[Answer]], *, despite: Collection[str] = (), by: str | None = None
    ) -> Reply[Answer]:
        """Send a message that `exchange.request` has made, and return the answer.

        For a caller that must store its identifiers before it leaves, as a batch does. Send each message
        once. Raises as `send` does.
        """
        return self._sent(message, by, despite)

    def respond(
        self,
        received: Message[Request[Any]],
        response: Request[Answer],
        *,
        to: str | None = None,
        by: str | None = None,
    ) -> Reply[Answer]:
        """Send the later response in a workflow that another state opened, and return its receipt.

        It goes out in the edition of the received message, whatever the edition of the client. `to` is the
        state that opened it, unless your national practice wants `EU`. Raises as `send` does.
        """
        exchange = self.codec.answering(self.exchange, received)
        return self._sent(exchange.answer(received, response, to=to), by)

    def post(
        self,
        request: Request[Answer],
        to: str,
        *,
        test_id: str | None = None,
        despite: Collection[str] = (),
        by: str | None = None,
    ) -> Ticket[Answer]:
        """Store a request for a node to send, and return its ticket at once. `despite` is as in `send`.

        The journal records `by` as its author, and as the reader of the ticket's answer.
        Raises OurFault if it may not be sent or there is no store, StoreFailed if it was not stored.
        """
        return self._sender().post(request, to, test_id=test_id, despite=despite, by=self._name(by))

    def post_response(
        self,
        received: Message[Request[Any]],
        response: Request[Answer],
        *,
        to: str | None = None,
        by: str | None = None,
    ) -> Ticket[Answer]:
        """Store the later response in a workflow that another state opened, as `respond` sends it.

        Raises as `post` does.
        """
        return self._sender().post_response(received, response, to=to, by=self._name(by))

    def ticket(self, technical_id: str, *, by: str | None = None) -> Ticket[Any]:
        """Return the ticket of a posted request. Raises MessageNotFound if there is none.

        The journal records `by` as the reader of its answer.
        """
        return self._sender().ticket(technical_id, by=self._name(by))

    def _sender(self) -> Sender:
        if self._store is None:
            raise InvalidConfiguration("post needs a store: give one to the client, or use send")
        from movehub.node import Sender

        return Sender(self._store, self.codec, self.exchange)

    def _name(self, by: str | None) -> str:
        return actor(self._by if by is None else by)

    def _sent(
        self, message: Message[Any], by: str | None = None, despite: Collection[str] = ()
    ) -> Reply[Any]:
        document = self.codec.encode(message, despite=despite)
        author = self._author_of(by)
        if author is not None:
            author.sends(message)
        with self._turn():
            answer = self._transport.post(document)
        reply = self.codec.decode(answer)
        if author is not None:
            workflow = workflow_of(message.body.root)
            author.reads(reply, searched=workflow is not None and not workflow.notifies)
        for rule in self.codec.reported(reply):
            _warn("a received message breaks %s", rule)
        respelt = self.exchange.check_answer(message, reply)
        if respelt:
            _warn(RESPELT, message.header.technical_id, ", ".join(respelt))
        return Reply.of(reply, self.asked(message.header.to))

    def _author_of(self, by: str | None) -> Author | None:
        """Return who writes to the journal, None without a store."""
        if self._store is None:
            return None
        from movehub.store.authors import Author

        return Author(self._store, self.codec.system, self._name(by))

    def _turn(self) -> Turn:
        """Wait for the turn of a request. Raises TurnNotReached."""
        timeouts: Timeouts | None = getattr(self._transport, "timeouts", None)
        total = _TOTAL if timeouts is None else timeouts.total
        return self.rate_limit.wait(_WAITED * total, total=total)


def _configured_store(path: str | Path) -> Store | None:
    """Open the database of the section `[node]`, None if the file has none.

    Raises InvalidConfiguration, and StoreNotOpened.
    """
    from movehub.config import Section

    if not {"node", "records"} & set(Section.top_of(path).sections):
        return None
    try:
        from movehub.node.settings import Records
    except ImportError:
        missing = "[node] names a database, which needs the extra: pip install 'movehub-client[server]'"
        raise InvalidConfiguration(f"{path}: {missing}") from None
    return Records.read(path).open()


def _warn(text: str, *values: object) -> None:
    import logging  # rarely needed, and reading documents does not need it

    logging.getLogger(__name__).warning(text, *values)
