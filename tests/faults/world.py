"""Who takes part: a node on a database, the hub at the other end, the register, and one clock for all."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from functools import partial
from typing import Any, ClassVar, Final

from movehub.errors import IdentifierReused, TheirFault
from movehub.protocol.message import Message
from movehub.protocol.workflow import answer_to
from movehub.store import Store, inbox, leases, retry_message, transaction
from movehub.store.late_responses import escalate_late_responses
from movehub.store.outages import LONGEST_PAUSE
from movehub.store.tables import INBOX, OUTBOX, Received, Sending, Sent
from sqlalchemy import select, text

import erru_client as erru
from tests.support.databases import Hands
from tests.support.nodes import Parts

from .documents import Arrival, Document, answer_of, later_response, request_of
from .troubles import NONE, Trouble


class PowerCut(KeyboardInterrupt):
    """The process ends here. Whoever catches it gets no further than to the next commit or delivery."""


#: The root of a message that a response follows weeks later.
NOTIFICATION: Final = "NotifyCheckResult_Request"
#: Where the power can be cut.
CUTS: Final = ("commit: before", "commit: after", "delivery: before", "delivery: after", "register: asked")
#: One of them, and how often it is come to until then.
Cut = tuple[str, int]


class Node(Parts):
    """The parts of a node; who is told of an answer notes it in the node's database."""

    def on_answer(self, system: str, request: Message[Any], answer: Message[Any]) -> None:
        said = "INSERT INTO effect (technical_id) VALUES (:id)"
        transaction().execute(text(said), {"id": str(answer.header.technical_id)})


class World:
    """Everybody, and what each of them has seen."""

    #: How often what happened, in all worlds of this process.
    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self, address: str, *, when_stored: bool = True) -> None:
        self.address = address
        #: Whether the node acknowledges a notification when it is stored, as it does by default.
        self.when_stored = when_stored
        self.clock = Hands()
        #: What the hub has tried to send, and what it saw a 202 for.
        self.tried: dict[str, Document] = {}
        self.accepted: dict[str, Document] = {}
        self.reused: set[str] = set()
        self.arrivals: list[Arrival] = []
        self.troubles: deque[Trouble] = deque()
        #: Requests of ours that the hub has taken.
        self.owed: dict[str, Message[Any]] = {}
        self.tickets: list[str] = []
        self.cut: Cut | None = None
        #: Whether the power is off.
        self.dark = False
        self.lame = False
        #: How often the register began to fail.
        self.outages = 0
        #: Whether the register takes so long for the next message that another worker takes that up.
        self.slow = False
        self.node: Node
        self._start()

    def _start(self) -> None:
        store = Store.open(self.address, now=self.clock)
        commit = store.engine.dialect.do_commit

        def commit_or_not(connection: Any) -> None:
            self._come_to("commit: before")
            commit(connection)
            self._come_to("commit: after")

        store.engine.dialect.do_commit = commit_or_not  # type: ignore[method-assign]
        self.node = Node(store, self.clock, when_stored=self.when_stored)
        self.node.hub.before = self._arrives
        self._watch_the_register(self.node.register)

    def _watch_the_register(self, register: Any) -> None:
        asked, kept = register._asked, register._kept

        def asked_or_not() -> None:
            self._come_to("register: asked")
            asked()

        def kept_in_time_or_not(message: Message[Any]) -> None:
            if self.slow:
                self.slow = False
                self.clock.forward(inbox.LEASE.total_seconds() + 1)
                Context().run(self.node.worker.step)  # as another thread does it
            kept(message)

        register._asked, register._kept = asked_or_not, kept_in_time_or_not
        register.fails = OSError() if self.lame else None

    def restart(self, *, alone: bool = True) -> None:
        """Begin anew on the same database. `alone`: as on SQLite, where what was claimed is taken back."""
        self.cut, self.dark = None, False  # the harness's own looks are none of the node's
        self.node.store.close()
        self._start()
        if alone:
            store = self.node.store
            store.write(lambda connection: leases.release_all(connection, store.now()))

    def close(self) -> None:
        self.node.store.close()

    def fail(self, lame: bool) -> None:
        """Have the register fail, or no longer."""
        self.outages += lame and not self.lame
        self.lame = lame
        self.node.register.fails = OSError() if lame else None

    def _come_to(self, place: str) -> None:
        if self.cut is not None and self.cut[0] == place:
            self.cut = (place, self.cut[1] - 1) if self.cut[1] > 1 else None
            self.dark = self.cut is None
        if self.dark:
            raise PowerCut

    @contextmanager
    def powered(self, cut: Cut | None = None) -> Iterator[None]:
        """Do something that the power may be cut in, and start again where it was."""
        self.cut = cut
        try:
            yield
        except BaseException:
            if not self.dark:
                raise
        finally:
            self.cut = None
        if self.dark:
            self.seen["power cuts"] += 1
            self.restart()

    # The hub.

    def send(self, document: Document, cut: Cut | None = None) -> None:
        """Have the hub send a document, for the first time or again."""
        self.tried[document.technical_id] = document
        with self.powered(cut):
            assert self.node.receiver.accept(document.data) == b""
            self.accepted[document.technical_id] = document

    def send_other_bytes(self, document: Document) -> None:
        """Have the hub send something else under an identifier that it had a 202 for."""
        with suppress(IdentifierReused):
            self.node.receiver.accept(document.data + b"\n")
            raise AssertionError("other bytes were accepted")
        self.reused.add(document.technical_id)

    def send_garbage(self, data: bytes) -> None:
        """Have the hub send what is no message."""
        with suppress(TheirFault):
            self.node.receiver.accept(data)
            raise AssertionError("garbage was accepted")

    def _arrives(self, data: bytes) -> None:
        trouble = self.troubles.popleft() if self.troubles else NONE
        message = erru.decode(data)
        identifier = str(message.header.technical_id).lower()
        self.seen["deliveries"] += 1
        self.seen["troubled deliveries"] += trouble is not NONE
        self._come_to("delivery: before")
        if trouble.arrives:
            self.arrivals.append(Arrival(identifier, data, self.clock(), trouble.taken))
        if trouble.taken and answer_to(message.body.root) is not None:
            self.owed[identifier] = message
        self.clock.forward(trouble.seconds)
        self._come_to("delivery: after")
        self.node.hub.replies = []
        if trouble.error is not None:
            raise trouble.error()
        if trouble.at_once and identifier in self.owed:
            self.node.hub.replies = [answer_of(message, self.clock())]

    # The applications.

    def post(self, body: Any, cut: Cut | None = None) -> None:
        """Post a request; with no ticket in hand, nobody knows whether it was."""
        with self.powered(cut):
            self.tickets.append(self.node.sender.post(body, "DK").technical_id)

    def respond(self, received: Message[Any], cut: Cut | None = None) -> None:
        """Post the later response to a check result that the register has recorded."""
        with self.powered(cut):
            ticket = self.node.sender.post_response(received, later_response(received))
            self.tickets.append(ticket.technical_id)

    def recorded(self) -> list[Message[Any]]:
        """Return the check results that the register has recorded."""
        effects = set(self.node.effects())
        return [
            each.message
            for key, each in self.accepted.items()
            if key in effects and each.message.body.root == NOTIFICATION
        ]

    def notified(self) -> list[Message[Any]]:
        """Return the check results of ours that the hub has taken."""
        return [each for each in self.owed.values() if each.body.root == NOTIFICATION]

    # The node.

    def look_at_the_calendar(self, cut: Cut | None = None) -> None:
        """Escalate later responses that are due soon, as a node does every hour."""
        with self.powered(cut):
            escalate_late_responses(self.node.store)

    def retry(self, cut: Cut | None = None) -> None:
        """Have an operator retry all that has failed."""
        failed = [row["technical_id"] for row in self.node.inbox() if row["state"] == Received.FAILED]
        with self.powered(cut):
            for identifier in failed:
                self.node.store.write(partial(self._retried, identifier))

    def _retried(self, identifier: str, connection: Any) -> None:
        journal = self.node.store.journal
        retry_message(connection, journal, identifier, by="person", now=self.clock())

    def step(self, part: str, *troubles: Trouble, cut: Cut | None = None) -> None:
        """Have one part do one step, or all that they can do; deliveries meet with the troubles, in order."""
        self.troubles = deque(troubles)
        with self.powered(cut):
            if part == "all":
                self.node.all_steps()
            else:
                getattr(self.node, part).step()
        self.troubles.clear()

    # What stands in the database.

    def in_hand(self) -> list[str]:
        """Return what is not settled yet, requests of ours that may still become unknown among them."""
        of_ours = (OUTBOX.c.kind == Sending.REQUEST) & (OUTBOX.c.state == Sent.DELIVERED)
        in_hand = INBOX.c.state.in_((Received.RECEIVED, Received.PROCESSING))
        out = OUTBOX.c.state.in_((Sent.PREPARED, Sent.SENDING)) | of_ours
        with self.node.store.reading() as connection:
            return [
                f"{row.root} {row.kind} {row.state}"
                for table, awaited in ((INBOX, in_hand), (OUTBOX, out))
                for row in connection.execute(select(table).where(awaited))
            ]

    def settle(self, *, answered: bool = False) -> None:
        """Mend everything, send again what was not accepted, and let time pass until all is done.

        If `answered`, the hub gives what is still to be answered a good answer.
        """
        self.slow = False
        self.fail(False)
        if self.outages and not answered:
            self._try_the_register()
        for identifier, document in self.tried.items():
            if identifier not in self.accepted:
                self.send(document)
        for _ in range(200):
            self.node.all_steps()
            if answered:
                self._answer_all()
            if not self.in_hand():
                return
            self.clock.forward(10)
        raise AssertionError(f"{self.in_hand()} stays in hand")

    def _try_the_register(self) -> None:
        """Have one message of each type come: a node knows no other way that the register works again."""
        self.clock.forward(2 * LONGEST_PAUSE.total_seconds())
        for name in ("CGR", "NU", "NCR", "RSI"):
            self.send(request_of(name, self.clock()))
        self.node.all_steps()

    def _answer_all(self) -> None:
        waiting = {row["technical_id"] for row in self.node.outbox() if row["state"] == Sent.DELIVERED}
        for identifier, request in self.owed.items():
            if identifier in waiting:
                data = answer_of(request, self.clock())
                self.send(Document("answer", erru.decode(data), data))
        self.node.all_steps()
