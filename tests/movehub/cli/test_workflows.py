"""`movehub node workflows`: what is due, who is in the documents, and all that happened in one workflow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from movehub.node.settings import Records
from movehub.protocol import NotifiedLicence
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Message
from movehub.store import JOURNAL, Store
from movehub.store.changes import make
from movehub.store.notified_licences import recorded
from sqlalchemy import select

import erru_client as erru
from tests.support.cards import CARD, mcs_request
from tests.support.databases import Hands
from tests.support.erru_messages import ncr_request, registered
from tests.support.examples import CANARY
from tests.support.node_commands import configured, run
from tests.support.nodes import Parts, answer_of_the_hub, from_denmark, written
from tests.support.stored import received

WEEK = 7 * 24 * 3600.0
BY = ("--by", "service 7")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return configured(tmp_path)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def store(config: Path, clock: Hands) -> Iterator[Store]:
    with Records.read(config).open(clock) as opened:
        yield opened


@pytest.fixture
def node(store: Store, clock: Hands) -> Parts:
    return Parts(store, clock)


def notified(node: Parts) -> Message[Any]:
    message = from_denmark(ncr_request(), node.clock())
    node.receiver.accept(written(message))
    node.all_steps()
    return message


def told(config: Path, *words: str) -> Any:
    return json.loads(run(config, "workflows", *words, "--json").output)


def consulted(store: Store) -> list[tuple[str, str | None]]:
    """Return who has consulted which message."""
    with store.reading() as connection:
        rows = select(JOURNAL.c.actor, JOURNAL.c.technical_id).where(JOURNAL.c.access == "consulted")
        return [(actor, technical_id) for actor, technical_id in connection.execute(rows)]


def test_without_a_response_that_is_due_it_says_so(config: Path, node: Parts) -> None:
    done = run(config, "workflows")
    assert (done.exit_code, done.output) == (0, "No response is owed or awaited.\n")


def test_the_open_ones_are_listed_with_their_last_day_and_side(config: Path, node: Parts) -> None:
    """Its clock is of 2026, so `overdue` depends on today."""
    message = notified(node)
    (row,) = told(config)["open"]
    assert (row["last_day"], row["side"], row["partner"]) == ("2026-12-13", "owed", "DK")
    assert row["due"] == "2026-12-14T00:00:00Z"
    assert row["request"] == str(message.header.technical_id)
    listed = run(config, "workflows")
    assert "2026-12-13 owed DK    ERRU NotifyCheckResult_Request" in listed.output
    assert listed.exit_code == int(row["overdue"])


def test_one_workflow_is_told_from_its_first_message_to_its_last_escalation(
    config: Path, node: Parts
) -> None:
    message = notified(node)
    sent = node.sender.post_response(message, message.body.respond("Traficom", registered()))
    node.requester.step()
    response = node.hub.messages[-1]
    receipt = response.body.unanswered(erru.NotificationStatus.NOT_AVAILABLE)
    node.receiver.accept(answer_of_the_hub(response, receipt, node.clock()))
    node.all_steps()
    for identifier in (message.header.workflow_id, message.header.technical_id, sent.technical_id.upper()):
        told_of = told(config, str(identifier))
        assert [(each["root"], each["received"]) for each in told_of["messages"]].count(
            ("NotifyCheckResult_Response", False)
        ) == 1
        assert len(told_of["messages"]) == 4
        assert told_of["response"]["state"] == "due"
        assert [each["reason"] for each in told_of["escalations"]] == ["not delivered"]
    shown = run(config, "workflows", str(message.header.workflow_id)).output
    assert "Response owed, last day 2026-12-13: due" in shown
    assert "out NotifyCheckResult_Response FI to DK: answered, not delivered: DK" in shown
    assert "escalated: not delivered: NotifyCheckResult_Response: DK, open" in shown
    assert CANARY not in shown
    assert consulted(node.store) == [], "it shows no document"


def test_a_response_that_came_although_none_was_due_is_told(config: Path, node: Parts) -> None:
    """A clean check needs none. An older database does not know of every response either."""
    node.sender.post(ncr_request(erru.CheckResult.CLEAN_CHECK), "DK")
    node.requester.step()
    ours = node.hub.messages[-1]
    node.receiver.accept(answer_of_the_hub(ours, ours.body.acknowledge("Politi"), node.clock()))
    response = ours.body.respond("Politi", registered())
    node.receiver.accept(written(Exchange("DK", erru.ERRU_3_5, node.clock).answer(ours, response)))
    node.all_steps()
    workflow_id = str(ours.header.workflow_id)
    told_of = told(config, workflow_id)["response"]
    assert (told_of["state"], told_of["due"], told_of["last_day"]) == ("given", None, None)
    assert "Response awaited, although none was due: given" in run(config, "workflows", workflow_id).output


def test_documents_are_shown_on_demand_and_the_journal_says_to_whom(config: Path, node: Parts) -> None:
    message = notified(node)
    workflow_id = str(message.header.workflow_id)
    shown = run(config, "workflows", workflow_id, "--documents", *BY)
    assert CANARY in shown.output
    assert {actor for actor, _ in consulted(node.store)} == {"service 7"}
    assert len(consulted(node.store)) == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--case", " fi-4"), True),
        (("--card", CARD.lower()), True),
        (("--card", f"{CARD[:2]} {CARD[2:]}"), True),
        (("--licence", CARD), False),
        (("--case", "FI-40"), False),
    ],
)
def test_a_search_reads_the_stored_documents_and_is_recorded(
    config: Path, store: Store, words: tuple[str, ...], found: bool
) -> None:
    technical_id = received(store, "processed", mcs_request())
    told_of = told(config, *words, *BY)
    assert [row["system"] for row in told_of["workflows"]] == ["TACHOnet"] * found
    assert consulted(store) == [("service 7", technical_id if found else None)]


def test_a_community_licence_is_found_in_erru(config: Path, node: Parts) -> None:
    message = notified(node)
    (row,) = told(config, "--licence", "pl 0042", *BY)["workflows"]
    assert row["workflow_id"] == str(message.header.workflow_id)
    assert "documents" not in json.dumps(row)


def test_a_recorded_notification_is_found_too(config: Path, store: Store, clock: Hands) -> None:
    """It stays for years after the document of its message was removed."""
    licence = NotifiedLicence(card_number=CARD, driving_licence_number="12-345")
    with store.writing() as connection:
        make(connection, [recorded({"technical_id": "t-1", "from_code": "DK"}, licence, clock())])
    assert told(config, "--licence", "12345", *BY)["recorded_notifications"] == ["t-1"]
    assert "t-1" in run(config, "workflows", "--card", CARD, *BY).output


def test_a_dead_letter_is_found_too(config: Path, node: Parts) -> None:
    """Its document is stored, so it belongs to what a person may ask for, though it is in no workflow."""
    nobodys = Exchange("FI", erru.ERRU_3_5, node.clock).request(ncr_request(), "DK")
    letter = answer_of_the_hub(nobodys, nobodys.body.acknowledge("Politi"), node.clock())
    node.receiver.accept(letter)
    node.all_steps()
    technical_id = str(erru.decode(letter).header.technical_id)
    ours = notified(node)
    assert node.attention() == ["unsolicited"]
    found = told(config, "--case", nobodys.body.business_case_id, *BY)
    assert found["other_messages"] == [technical_id]
    assert [each["workflow_id"] for each in found["workflows"]] == [str(ours.header.workflow_id)]
    assert technical_id in run(config, "workflows", "--case", ours.body.business_case_id, *BY).output


def test_a_document_that_cannot_be_read_is_counted_and_never_skipped_in_silence(
    config: Path, store: Store
) -> None:
    from movehub.store import INBOX
    from sqlalchemy import update

    received(store, "processed", mcs_request())
    with store.writing() as connection:
        connection.execute(update(INBOX).values(document=b"<x/>"))
    done = run(config, "workflows", "--card", CARD, *BY)
    assert done.exit_code == 1
    assert "Not searched: 1 documents" in done.output


@pytest.mark.parametrize(
    "words",
    [("--card", CARD, "--by", " "), ("x", "--case", "FI-4", *BY), ("--documents", *BY)],
)
def test_wrong_options_are_refused(config: Path, store: Store, words: tuple[str, ...]) -> None:
    assert run(config, "workflows", *words).exit_code == 2


def test_an_unknown_workflow_is_4(config: Path, store: Store) -> None:
    done = run(config, "workflows", "6a3d6c8e-0000-4000-8000-000000000000")
    assert done.exit_code == 4
    assert "MessageNotFound" in done.output
