"""Names that are in every message of an exchange are in the messages alone, whatever is logged, told or kept.

Everything that goes wrong goes wrong here with a name in it: documents, errors, what a register raises. Then
all is searched that a node says or writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from movehub.cli.main import app
from movehub.errors import HttpRefused, MovehubError, OutcomeUnknown
from movehub.protocol.exchange import Exchange
from movehub.protocol.workflow import HUB
from movehub.store import Store
from typer.testing import CliRunner

import erru_client as erru
from tests.support.canary_search import (
    BODIES,
    DOCUMENTS,
    Failing,
    Told,
    broken,
    everything_logged,
    kept_and_logged,
    of_documents,
    posted,
)
from tests.support.databases import Hands
from tests.support.erru_examples import nu_request
from tests.support.examples import CANARY, cgr_request, found_manager
from tests.support.nodes import Parts, answer_of_the_hub, from_denmark, written

COMMANDS: Final = (
    ("escalations",),
    ("escalations", "--json"),
    ("statistics",),
    ("statistics", "--json"),
    ("metrics",),
    ("journal", "anchor"),
    ("journal", "verify"),
    ("prune", "--json"),
)


@pytest.fixture
def node(address: str, clock: Hands, caplog: pytest.LogCaptureFixture) -> Iterator[Parts]:
    """A node that is started where everything is logged."""
    everything_logged(caplog)
    with Store.open(address, now=clock) as store:
        yield Parts(store, clock)


def _exchanged(node: Parts, told: Told) -> None:
    """Let all go wrong that can."""
    node.register.found = (found_manager(),)
    for fails in (None, Failing()):
        node.register.fails = fails
        for body in BODIES:
            message = from_denmark(body, node.clock())
            posted(node.receiver.accept, told, written(message))
            posted(node.receiver.accept, told, written(message) + b"\n")  # other bytes under its identifier
        for wait in (0, 5, 15, 45, 60):
            node.clock.forward(wait)
            node.all_steps()
    for document in broken(written(from_denmark(nu_request(), node.clock()))):
        posted(node.receiver.accept, told, document)
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
        posted(node.receiver.accept, told, document)
        node.all_steps()
    node.clock.forward(20)
    node.all_steps()


def test_a_name_stands_in_the_documents_and_nowhere_else(
    node: Parts, address: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told()
    _exchanged(node, told)
    assert len(set(node.attention())) >= 6, "not enough went wrong"
    _commands(told, address, tmp_path)
    assert kept_and_logged(node.store, node.clock, told, caplog) == DOCUMENTS == of_documents()
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
