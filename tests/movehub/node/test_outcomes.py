"""Every workflow × every outcome of the hub: the table of `tools.outcomes_page`, played row by row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from movehub.errors import OutcomeUnknown
from movehub.node import Correlator, Reaper, Receiver, RequestCourier, Route, Sender, WorkQueue
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorStatus, Message
from movehub.protocol.plain_data import to_dict
from movehub.protocol.rate_limit import RateLimit
from movehub.protocol.workflow import BROADCAST, HUB, HUB_AUTHORITY, WORKFLOWS
from movehub.store import Kind, Store, inbox
from movehub.store.escalations import open_escalations
from movehub.store.metrics import metrics
from movehub.store.statistics import rows as statistic_rows
from typer.testing import CliRunner

import erru_client as erru
import tachonet_client as tachonet
from erru_client.cli import app as erru_app
from tachonet_client.cli import app as tachonet_app
from tests.support.cards import ccs_request, checked_card, icdl_request, mcs_request
from tests.support.clock import Clock
from tests.support.databases import Hands
from tests.support.erru_examples import ncr_request, nu_request
from tests.support.erru_messages import (
    ctud_request,
    found_undertaking,
    ncr_response,
    rsi_request,
)
from tests.support.examples import CANARY, cgr_request, cic_request, found_driver, found_manager
from tests.support.nodes import Hub
from tools.outcomes_page import BROADCASTS, KINDS, NOTIFICATIONS, SEARCHES, Row

AUTHORITY = "Färjestyrelsen"
#: The state that the outcome happens to. In a broadcast Denmark is asked, too, and answers well.
ODD = "SE"
PARTICIPANTS = ("DK", "FI", "SE")
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """One message of ours that the hub answers: its system, its body, and the records that are found."""

    system: ModuleType
    body: Any
    found: Any = ()
    #: The request of the other state, if it is the later response to it.
    received: Any = None

    @property
    def name(self) -> str:
        return str(self.system.CODEC.system)


CARD = mcs_request()
NCR = ncr_request()
_OF_MCS = CARD.respond(AUTHORITY, tachonet.ModificationStatus.OK, tachonet.CardStatus.STOLEN)
CASES = {
    "CIC": Case(tachonet, cic_request(), (found_driver(),)),
    "CCS": Case(tachonet, ccs_request(), checked_card()),
    "MCS": Case(tachonet, CARD),
    "MCS response": Case(tachonet, _OF_MCS, received=CARD),
    "ICDL": Case(tachonet, icdl_request()),
    "CGR": Case(erru, cgr_request(), (found_manager(),)),
    "NCR": Case(erru, NCR),
    "NCR response": Case(erru, ncr_response(), received=NCR),
    "CTUD": Case(erru, ctud_request(), (found_undertaking(),)),
    "NU": Case(erru, nu_request()),
    "RSI": Case(erru, rsi_request()),
}
COMMANDS = {"TACHOnet": tachonet_app, "ERRU": erru_app}
CLIENTS = {"TACHOnet": tachonet.TachonetClient, "ERRU": erru.ErruClient}

ALL = [
    (name, row)
    for _, names, rows in KINDS
    for name, row in product(names, rows)
    if not row.only or name in row.only
]
of_every_row = pytest.mark.parametrize(("name", "row"), ALL, ids=[f"{name}-{row.plays}" for name, row in ALL])


def case_of(name: str) -> tuple[Case, str]:
    """Return a case, and whom it is sent to."""
    return CASES[name.removesuffix(" to all")], BROADCAST if name in BROADCASTS else ODD


def test_every_workflow_is_in_the_table_alone_and_to_all_if_the_law_allows_it() -> None:
    wanted = {workflow.abbreviation for workflow in WORKFLOWS}
    wanted |= {f"{workflow.abbreviation} to all" for workflow in WORKFLOWS if workflow.broadcast}
    wanted |= {f"{each.abbreviation} response" for each in WORKFLOWS if each.later_response}
    assert {*SEARCHES, *NOTIFICATIONS} == wanted


# The hub.


def answer_body(case: Case, request: Message[Any], plays: str) -> Any:
    """Return what the hub answers."""
    body = request.body
    if not hasattr(body, "answered_with"):
        return _spoken(case, body, plays, ODD)
    others = () if request.header.to == ODD else (_spoken(case, body, "good", "DK"),)
    odd = () if plays == "no row" else (_spoken(case, body, plays, ODD),)
    return body.answered_with(*others, *odd)


def _spoken(case: Case, body: Any, plays: str, code: str) -> Any:
    """Return the row of a state, or the answer that has no rows."""
    has_rows = hasattr(body, "answered_with")
    if plays in {"Timeout", "NotAvailable"}:
        silent = body.statuses(plays)
        return body.unanswered(code, silent) if has_rows else body.unanswered(silent)
    what, _, text = plays.partition(", ")
    spoken = _well(case, body, code, found=what != "not found")
    if plays.endswith(("text of a state", "text of the hub")):
        text = "Ask the office of Ystad, too"
    if plays == "text of the hub":
        spoken = replace(spoken, responding_authority=HUB_AUTHORITY)
    return replace(spoken, status_message=text or None)


_RECORDED = {
    True: tachonet.RecordingStatus.OK,
    False: tachonet.RecordingStatus.DRIVING_LICENCE_NUMBER_NOT_FOUND,
}
#: How a state answers, for each request but those that it only acknowledges.
ANSWERS: dict[Any, Callable[[Any, str, Any, bool], Any]] = {
    tachonet.CheckIssuedCardsRequest: lambda body, code, found, _: body.answer(code, found).member_states[0],
    tachonet.CheckCardStatusRequest: lambda body, _, found, __: body.answer(AUTHORITY, found or None),
    tachonet.IssuedCardDrivingLicenceRequest: lambda body, _, __, found: body.answer(
        AUTHORITY, _RECORDED[found]
    ),
    erru.CheckGoodReputeRequest: lambda body, code, found, _: body.answer(code, found).member_states[0],
    erru.CheckTransportUndertakingDataRequest: lambda body, _, found, __: body.answer(AUTHORITY, found),
    erru.NotifyUnfitnessRequest: lambda body, code, *_: body.acknowledge(code, AUTHORITY).member_states[0],
    erru.RoadSideInspectionRequest: lambda body, _, __, found: body.answer(AUTHORITY, found=found),
}


def _well(case: Case, body: Any, code: str, *, found: bool) -> Any:
    """Return what a state itself answers."""
    for cls, answered in ANSWERS.items():
        if isinstance(body, cls):
            return answered(body, code, case.found if found else (), found)
    return body.acknowledge(AUTHORITY)


def documents(case: Case, request: Message[Any], plays: str, now: Callable[[], Any]) -> Iterator[bytes]:
    """Yield what the hub sends: none, one, or an error and then an answer."""
    exchange = Exchange(HUB, case.system.CODEC.edition(request.header.version), now)
    if plays.startswith("error"):
        error = exchange.error(request, ErrorStatus.INVALID_DATA, "no", b"", to="FI")
        yield case.system.CODEC.write(error)
    if plays not in {"error", "nothing"}:
        well = "good" if plays in {"late", "error, then answer"} else plays
        yield case.system.CODEC.write(exchange.answer(request, answer_body(case, request, well)))


# The node.


class Node:
    """Finland's node for one system, as far as it asks."""

    def __init__(self, case: Case, store: Store, clock: Hands) -> None:
        self.case, self.store, self.clock, self.hub = case, store, clock, Hub()
        codec = case.system.CODEC.among(PARTICIPANTS)
        exchange = Exchange("FI", codec.edition(CLIENTS[case.name].version), clock)
        responders: Any = {case.name: SimpleNamespace(codec=codec, exchange=exchange)}
        self.receiver, ticking = Receiver(store, codec), Clock()
        answers = WorkQueue(store, inbox.work((Kind.ANSWER, Kind.ERROR)))
        routes = {case.name: Route(self.hub, self.receiver)}
        limits = {case.name: RateLimit(clock=ticking, sleep=ticking.sleep)}
        self.sender = Sender(store, codec, exchange)
        self._parts = (
            Correlator(store, responders, answers),
            RequestCourier(store, routes, limits, sleep=ticking.sleep),
            Reaper(store),
        )

    def steps(self) -> None:
        while sum(part.step() for part in self._parts):
            pass

    def post(self, to: str) -> Any:
        if self.case.received is None:
            return self.sender.post(self.case.body, to)
        theirs = Exchange(ODD, self.sender._exchange.edition, self.clock)
        return self.sender.post_response(theirs.request(self.case.received, "FI"), self.case.body)


@of_every_row
def test_a_node_that_posts(name: str, row: Row, tmp_path: Path, clock: Hands) -> None:
    case, to = case_of(name)
    with Store.open(f"sqlite:///{tmp_path / 'node.db'}", now=clock) as store:
        node = Node(case, store, clock)
        ticket = node.post(to)
        node.steps()
        request = case.system.decode(node.hub.given[0])
        if row.plays in {"nothing", "late"}:
            clock.forward(60)
            node.steps()
        for document in documents(case, request, row.plays, clock):
            node.receiver.accept(document)
            node.steps()
        states = () if row.result.value in {"answered", "delivered", "unknown"} else _states(row, to)
        assert (ticket.state, ticket.outcome.result, ticket.outcome.states) == (row.state, row.result, states)
        assert _complete(ticket, row) == (row.complete, row.says)
        with store.reading() as connection:
            found = open_escalations(connection)
            assert [each.reason for each in found] == ([row.escalation] if row.escalation else [])
            assert all(CANARY not in each.detail for each in found)
            counted = [line for line in metrics(connection, clock()).splitlines() if _counts(line)]
            assert counted == [f'movehub_requests{{outcome="{row.result}"}} 1']
            rows = statistic_rows(connection, clock() - A_DAY, clock() + A_DAY, clock() + A_DAY)
            statistic = {each.to_code: each.status for each in rows}
        assert statistic.get(ODD, statistic.get(BROADCAST, "")) == row.statistic


def _states(row: Row, to: str) -> tuple[str, ...]:
    """Return the states that the outcome names. An error is of every state that was asked."""
    return ("DK", ODD) if row.plays == "error" and to == BROADCAST else (ODD,)


def _complete(ticket: Any, row: Row) -> tuple[bool | None, str]:
    """Return whether the answer is complete, and what the row of the odd state says."""
    if row.complete is None:
        return None, ""
    reply = ticket.answer
    spoken = dict(reply.rows).get(ODD)
    if spoken is None:
        return reply.complete, ""
    if hasattr(spoken, "delivered"):
        return reply.complete, "delivered" if spoken.delivered else "not delivered"
    return reply.complete, spoken.outcome.value


def _counts(line: str) -> bool:
    return line.startswith("movehub_requests{") and not line.endswith(" 0")


# The commands.

ASKED_BY_COMMAND = [
    (name, row) for name, row in ALL if row.code is not None and not name.endswith("response")
]


@pytest.mark.parametrize(
    ("name", "row"),
    ASKED_BY_COMMAND,
    ids=[f"{name}-{row.plays}" for name, row in ASKED_BY_COMMAND],
)
def test_a_command(name: str, row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    case, to = case_of(name)
    command = name.removesuffix(" to all").lower()

    class Transport:
        def post(self, data: bytes) -> bytes:
            request = case.system.decode(data)
            for document in documents(case, request, row.plays, Hands()):
                return document
            raise OutcomeUnknown("no answer came in time")

    client = CLIENTS[case.name]
    monkeypatch.setattr(
        client, "from_config", lambda _, **__: client("FI", Transport(), participants=PARTICIPANTS)
    )
    words = [command, "-", "--config", "hub.toml", "--to", to]
    done = CliRunner().invoke(COMMANDS[case.name], words, input=json.dumps(to_dict(case.body)))
    assert done.exit_code == row.code, done.output
    if to == BROADCAST and row.code == 3:
        assert ODD in done.output
