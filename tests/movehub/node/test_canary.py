"""Names that are in every message of an exchange are in the messages alone, whatever is logged, told or kept.

Everything that goes wrong goes wrong here with a name in it: documents, errors, what a register raises. Then
all is searched that a node says or writes.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from movehub.cli import app
from movehub.errors import HttpRefused, MovehubError, OutcomeUnknown
from movehub.exchange import Exchange
from movehub.node.doors import Doors, Proxy
from movehub.store import Store
from movehub.store.metrics import metrics
from movehub.store.retention import prune
from movehub.store.tables import METADATA
from movehub.workflow import HUB
from sqlalchemy import LargeBinary, MetaData, select
from typer.testing import CliRunner

import erru_client as erru
from tests.support.databases import Hands
from tests.support.erru_examples import ctud_request, ncr_request, nu_request, penalty, rsi_request
from tests.support.examples import CANARY, cgr_request, found_manager
from tests.support.nodes import Parts, answer_of_the_hub, from_denmark, written

#: The names in the messages of `tests.support`. Case is no difference.
NAMES: Final = (CANARY, "Žofia", "Jonas")
#: The columns that hold a message's own document: these and no other may have a name in them.
DOCUMENTS: Final = {("inbox", "document"), ("outbox", "document")}
COMMANDS: Final = (
    ("attention",),
    ("attention", "--json"),
    ("statistics",),
    ("statistics", "--json"),
    ("metrics",),
    ("journal", "anchor"),
    ("journal", "verify"),
    ("prune", "--json"),
)
_BODIES: Final = (cgr_request(), ctud_request(), nu_request(), ncr_request(penalty(1)), rsi_request())


class Failing(Exception):
    """What a register raises: it quotes whom it is about, as those of others do."""

    def __init__(self) -> None:
        super().__init__(f"no such person: {NAMES}")


@dataclass
class Told:
    """All that was said, by who said it."""

    said: list[tuple[str, object]] = field(default_factory=list)

    def by(self, who: str, what: object) -> None:
        self.said.append((who, what))

    def raised_by(self, who: str, does: Callable[[], object]) -> None:
        """Note what an error says, and what its causes say."""
        try:
            does()
        except MovehubError as error:
            self.by(who, "".join(traceback.format_exception(error)) + repr(error))
        else:
            raise AssertionError(f"{who} raised nothing")

    def named(self) -> list[str]:
        """Return who named somebody."""
        return [who for who, what in self.said if _names_somebody(what)]


def _names_somebody(what: object) -> bool:
    text = what.decode("utf-8", "replace") if isinstance(what, bytes) else str(what)
    return any(name.casefold() in text.casefold() for name in NAMES)


@pytest.fixture
def node(address: str, clock: Hands, caplog: pytest.LogCaptureFixture) -> Iterator[Parts]:
    """A node that is started where everything is logged: some libraries look at their level only then."""
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    with Store.open(address, now=clock) as store:
        yield Parts(store, clock)


def _posted(node: Parts, told: Told, document: bytes) -> None:
    """Have the hub post something, and note the reply."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": str(len(document)),
        "wsgi.input": BytesIO(document),
        "REMOTE_ADDR": "10.0.0.1",
        "HTTP_X_CLIENT_SUBJECT": "CN=hub",
    }
    doors = Doors(node.receiver.accept, ["CN=hub"], proxy=Proxy(frozenset({"10.0.0.1"}), "X-Client-Subject"))
    told.by("a reply", b"".join(doors(environ, lambda *head: told.by("a reply's head", head))))


def _broken(document: bytes) -> Iterator[bytes]:
    """Documents that are none, a name in each."""
    name = CANARY.encode()
    yield document[: len(document) // 2]
    yield document.replace(b"<Body", b"<" + name, 1)
    yield document.replace(b"<Body", b'<Body %s="%s"' % (name, name), 1)
    yield document.replace(b"workflowId=", name + b"=", 1)
    yield b"<!DOCTYPE %s>" % name + document
    yield document.replace(b'from="', b'from="' + name, 1)
    yield document.replace(b'technicalId="', b'technicalId="' + name, 1)
    yield name


def _exchanged(node: Parts, told: Told) -> None:
    """Let all go wrong that can."""
    node.register.found = (found_manager(),)
    for fails in (None, Failing()):
        node.register.fails = fails
        for body in _BODIES:
            message = from_denmark(body, node.clock())
            _posted(node, told, written(message))
            _posted(node, told, written(message) + b"\n")  # other bytes under its identifier
        for wait in (0, 5, 15, 45, 60):
            node.clock.forward(wait)
            node.all_steps()
    for document in _broken(written(from_denmark(nu_request(), node.clock()))):
        _posted(node, told, document)
        told.raised_by("the receiver", lambda data=document: node.receiver.accept(data))  # type: ignore[misc]
    node.hub.replies = [CANARY.encode(), HttpRefused(404), OutcomeUnknown("gone"), b""]
    tickets = [node.sender.post(cgr_request(), "DK") for _ in range(6)]
    node.all_steps()
    _answered(node, told)
    node.clock.forward(3600)
    node.all_steps()
    for ticket in tickets:
        with suppress(MovehubError):
            told.by("a ticket", ticket.state)
            answer = ticket.wait(0)
            told.by("the answer as it is shown", repr(answer))
            continue
        told.raised_by("a ticket", lambda ticket=ticket: ticket.wait(0))  # type: ignore[misc]


def _answered(node: Parts, told: Told) -> None:
    """Answer what was asked: rightly, with an error that quotes, and twice; `on_answer` fails once."""
    hub = Exchange(HUB, erru.ERRU_3_5, node.clock)
    *_, wrong, right, _ = node.hub.messages
    answer = answer_of_the_hub(right, right.body.answer("DK", (found_manager(),)), node.clock())
    error = hub.error(wrong, erru.ErrorStatus.INVALID_DATA, CANARY, CANARY.encode(), to="FI")
    again = answer_of_the_hub(right, right.body.answer("DK", (found_manager(),)), node.clock())
    fails = iter((True,))
    taken = node.on_answer

    def on_answer(*given: Any) -> None:
        if next(fails, False):
            raise Failing
        taken(*given)

    node.correlator._on_answer = on_answer
    for document in (written(error), answer, again):
        _posted(node, told, document)
        node.all_steps()
    node.clock.forward(20)
    node.all_steps()


def _columns(store: Store) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield each column that there really is, with all that stands in it."""
    found = MetaData()
    found.reflect(store.engine)
    with store.reading() as connection:
        for table in found.sorted_tables:
            for column in table.c:
                yield table.name, column.name, list(connection.execute(select(column)).scalars())


def _of_documents() -> set[tuple[str, str]]:
    """Return the columns that the schema has for bytes."""
    return {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.c
        if isinstance(column.type, LargeBinary)
    }


def test_a_name_stands_in_the_documents_and_nowhere_else(
    node: Parts, address: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told()
    _exchanged(node, told)
    assert len(set(node.attention())) >= 6, "not enough went wrong"
    with node.store.reading() as connection:
        told.by("metrics", metrics(connection, node.clock()))
    _commands(told, address, tmp_path)
    kept = {}
    for table, column, values in _columns(node.store):
        kept[table, column] = any(_names_somebody(value) for value in values)
    told.by("prune", prune(node.store, node.store.journal))
    for record in caplog.records:
        told.by(f"the logger {record.name}", f"{record.getMessage()} {record.__dict__}")
        told.by(f"the logger {record.name}", caplog.handler.format(record))
    assert {where for where, names in kept.items() if names} == DOCUMENTS == _of_documents()
    assert sorted(set(told.named())) == []
    assert {"a ticket", "the receiver", "a reply", "metrics"} <= {who for who, _ in told.said}


def _commands(told: Told, address: str, folder: Path) -> None:
    config = folder / "node.toml"
    config.write_text(f'member_state = "FI"\n[node]\ndatabase = "{address}"\n', "utf-8")
    for words in COMMANDS:
        done = CliRunner().invoke(app, ["node", *words, "--config", str(config)])
        assert done.exit_code in {0, 1}, words
        assert done.output
        told.by(f"movehub node {' '.join(words)}", done.output)


@pytest.mark.names_somebody
def test_what_names_somebody_is_found() -> None:
    """Else the search would prove nothing."""
    told = Told()
    told.by("nobody", ("FI", b"DK", 1))
    told.by("a text", f"of {CANARY.upper()}")
    told.by("bytes", "Žofia".encode())
    told.raised_by("an error", lambda: (_ for _ in ()).throw(OutcomeUnknown(CANARY)))
    assert told.named() == ["a text", "bytes", "an error"]
