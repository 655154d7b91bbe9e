"""The search for names: all that a node says and keeps, and whether somebody is named in it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

import pytest
from movehub.errors import MovehubError
from movehub.http.proxy import Proxy
from movehub.node.access import AccessControl
from movehub.store import Store
from movehub.store.metrics import metrics
from movehub.store.retention import prune
from movehub.store.tables import METADATA
from sqlalchemy import LargeBinary, MetaData, select

from tests.support.databases import Hands
from tests.support.erru_examples import ctud_request, ncr_request, nu_request, penalty, rsi_request
from tests.support.examples import CANARY, cgr_request

Accept = Callable[[bytes, str], bytes]

#: The names in the messages of `tests.support`. Case is no difference.
NAMES: Final = (CANARY, "Žofia", "Jonas", "Ελένη")
#: The columns that hold a message's own document: these and no other may have a name in them.
DOCUMENTS: Final = {("inbox", "document"), ("outbox", "document")}

#: A request of each workflow of ERRU.
BODIES: Final = (cgr_request(), ctud_request(), nu_request(), ncr_request(penalty(1)), rsi_request())


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
        return [who for who, what in self.said if names_somebody(what)]


def names_somebody(what: object) -> bool:
    text = what.decode("utf-8", "replace") if isinstance(what, bytes) else str(what)
    return any(name.casefold() in text.casefold() for name in NAMES)


def everything_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Have all be logged, by libraries too, of which some look at their level only as they begin."""
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)


def posted(accept: Accept, told: Told, document: bytes) -> None:
    """Have the hub post something, and note the reply, unless it is a document itself."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": str(len(document)),
        "wsgi.input": BytesIO(document),
        "REMOTE_ADDR": "10.0.0.1",
        "HTTP_X_CLIENT_SUBJECT": "CN=hub",
    }
    doors = AccessControl(accept, ["CN=hub"], proxy=Proxy(frozenset({"10.0.0.1"}), "X-Client-Subject"))
    heads: list[tuple[Any, ...]] = []
    reply = b"".join(doors(environ, lambda *head: heads.append(head)))
    [head] = heads
    told.by("a reply's head", head)
    if not (head[0].startswith("200 ") and reply.startswith(b"<?xml ")):
        told.by("a reply", reply)


def broken(document: bytes) -> Iterator[bytes]:
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


def _columns(store: Store) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield each column that there really is, with all that stands in it."""
    found = MetaData()
    found.reflect(store.engine)
    with store.reading() as connection:
        for table in found.sorted_tables:
            for column in table.c:
                yield table.name, column.name, list(connection.execute(select(column)).scalars())


def of_documents() -> set[tuple[str, str]]:
    """Return the columns that the schema has for bytes."""
    return {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.c
        if isinstance(column.type, LargeBinary)
    }


def kept_and_logged(
    store: Store, clock: Hands, told: Told, caplog: pytest.LogCaptureFixture
) -> set[tuple[str, str]]:
    """Note what was logged and is measured, and return the columns in which somebody is named."""
    with store.reading() as connection:
        told.by("metrics", metrics(connection, clock()))
    kept = {(table, column) for table, column, values in _columns(store) if any(map(names_somebody, values))}
    told.by("prune", prune(store, store.journal))
    for record in caplog.records:
        told.by(f"the logger {record.name}", f"{record.getMessage()} {record.__dict__}")
        told.by(f"the logger {record.name}", caplog.handler.format(record))
    return kept
