"""A name in any field of any message, in a value of any length, is in no log, error, reply, metric or column.

The values are refused, or they break a rule, or the register fails on them. The words of a validator, and
characters that act on a terminal, stand around the name.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Final

import pytest
from lxml import etree
from movehub.node.receiver import Receiver, SynchronousReceiver
from movehub.node.work_queue import WorkQueue
from movehub.node.worker import Worker
from movehub.store import Store, inbox
from movehub.store.tables import Kind

from tests.movehub.node.test_canary_interfaces import _SYSTEMS, Quoting
from tests.support.canary_search import DOCUMENTS, Told, everything_logged, kept_and_logged, posted
from tests.support.databases import Hands
from tests.support.examples import CANARY
from tests.support.official import specimens

#: Bytes of a value. libxml2 cuts off its own text at 64,000.
SIZES: Final = (
    1,
    len(CANARY),
    64_100,
    pytest.param(63_990, marks=pytest.mark.slow),
    pytest.param(2_000_000, marks=pytest.mark.slow),
)
#: What stands around the name. `{}` is the name.
WORDS: Final = (
    "{}",
    "[facet 'enumeration'] The value '{}' is not an element of the set {{'{}'}}.",
    "attribute '{}': The value has a length of '1'; this exceeds the allowed maximum length of '{}'.",
    "\x85{}\x9b31m\u202e{}\u2028 is not an element of the set {{",
)


#: A name of one byte, which nothing else here has in it.
ONE_BYTE: Final = "~"


def value(words: str, size: int) -> str:
    """Return a value of a size in bytes, as far as the words leave room."""
    if size == 1:
        return ONE_BYTE
    text = words.replace("{}", CANARY).replace("{{", "{").replace("}}", "}")
    return text if size == len(CANARY) else text + "x" * (size - len(text.encode()))


def altered(document: bytes, size: int, words: Iterator[str]) -> Iterator[bytes]:
    """Yield the document once for each of its values, replaced by one that names somebody."""
    root = etree.fromstring(document)
    for element in root.iter(etree.Element):
        for name, old in list(element.attrib.items()):
            element.set(name, value(next(words), size))
            yield etree.tostring(root, encoding="utf-8", xml_declaration=True)
            element.set(name, old)
        old_text, element.text = element.text, value(next(words), size)
        yield etree.tostring(root, encoding="utf-8", xml_declaration=True)
        element.text = old_text


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("synchronous", [False, True], ids=["asynchronous", "synchronous"])
@pytest.mark.parametrize("system", _SYSTEMS)
def test_a_name_stands_in_the_documents_and_nowhere_else(
    system: str, synchronous: bool, size: int, tmp_path: Path, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    everything_logged(caplog)
    respond, bodies, denmark = _SYSTEMS[system]
    told, words, responder = Told(), cycle(WORDS), respond(Quoting())
    with Store.open(f"sqlite:///{tmp_path}/store.db", now=clock) as store:
        work = inbox.work((Kind.QUERY, Kind.NOTIFICATION))
        worker = Worker(
            store, {responder.codec.system: responder}, WorkQueue(store, work), synchronous=synchronous
        )
        receiver = Receiver(store, responder.codec, synchronous=synchronous)
        accept = (
            SynchronousReceiver(receiver, store, worker.work_on).accept if synchronous else receiver.accept
        )
        documents = [responder.codec.write(denmark.request(body, "FI")) for body in bodies]
        documents += [each.replace(b'to="FI"', b'to="DK"', 1) for each in documents]  # breaks a rule
        if size > 60_000 and not synchronous:  # answers, too, and messages with every field
            documents += specimens(system, responder.codec.editions[0].version).values()
        for document in documents:
            for bad in altered(document, size, words):
                posted(accept, told, bad)
        for seconds in (0, 8, 60, 60):  # a search fails within its deadline, too
            clock.forward(seconds)
            while worker.step():
                pass
        assert kept_and_logged(store, clock, told, caplog) <= DOCUMENTS
    assert sorted(set(told.named())) == []
    said_here = [
        str(what)
        for who, what in told.said
        if who in {"a reply", "metrics"} or who.startswith("the logger movehub")
    ]
    assert not any(ONE_BYTE in said for said in said_here)
    replies = [what for who, what in told.said if who == "a reply" and isinstance(what, bytes)]
    assert replies
    assert all(reply.decode().rstrip("\n").isprintable() for reply in replies)
