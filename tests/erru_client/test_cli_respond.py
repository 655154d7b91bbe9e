"""`erru ncr respond` and `tachonet mcs respond`: a response from a stored request, posted for the node."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from movehub.cli.responding import Posting, post_response
from movehub.errors import OutcomeUnknown
from movehub.node.settings import Records
from movehub.protocol.message import Message
from movehub.protocol.plain_data import to_dict
from movehub.store import OUTBOX, Store, open_responses
from sqlalchemy import select
from typer import Exit
from typer.testing import CliRunner, Result

import erru_client as erru
from erru_client.cli import app
from tests.support.databases import Hands
from tests.support.erru_messages import ncr_request, registered
from tests.support.nodes import Parts, answer_of_the_hub, from_denmark, written

CONFIG = """
member_state = "FI"
[node]
database = "sqlite:///node.db"
[node.erru]
authority = "Traficom"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "node.toml"
    path.write_text(CONFIG, "utf-8")

    def without_a_transport(_: Path, *, store: Store) -> erru.ErruClient:
        return erru.ErruClient("FI", None, store=store)  # type: ignore[arg-type]

    monkeypatch.setattr(erru.ErruClient, "from_config", without_a_transport)
    return path


@pytest.fixture
def node(config: Path) -> Iterator[Parts]:
    clock = Hands()
    with Records.read(config).open(clock) as opened:
        yield Parts(opened, clock)


def run(config: Path, *words: str, entered: str = "") -> Result:
    given = ["ncr", "respond", *words, "--config", str(config), "--by", "service 7"]
    return CliRunner().invoke(app, given, input=entered)


def notified(node: Parts, body: Any = None) -> Message[Any]:
    message = from_denmark(body or ncr_request(), node.clock())
    node.receiver.accept(written(message))
    node.all_steps()
    return message


def decided() -> str:
    """The body that an operator writes: what the response repeats is filled in."""
    decisions = [to_dict(each.imposed("GITD")) for each in ncr_request().penalties_requested]
    return json.dumps({"transport_undertaking": to_dict(registered()), "penalties_imposed": decisions})


def posted(node: Parts) -> list[Message[Any]]:
    with node.store.reading() as connection:
        rows = select(OUTBOX.c.document).where(OUTBOX.c.root == "NotifyCheckResult_Response")
        return [erru.decode(document) for document in connection.execute(rows).scalars()]


def owed(node: Parts) -> int:
    with node.store.reading() as connection:
        return len(open_responses(connection))


@pytest.mark.parametrize("by_workflow", [True, False])
def test_a_response_is_posted_from_the_stored_request_and_closed_by_its_receipt(
    config: Path, node: Parts, by_workflow: bool
) -> None:
    header = notified(node).header
    identifier = str(header.workflow_id if by_workflow else header.technical_id)
    done = run(config, identifier, "-", entered=decided())
    assert done.exit_code == 0, done.output
    (response,) = posted(node)
    assert response.body.responding_authority == "Traficom"
    assert response.body.business_case_id == ncr_request().business_case_id
    assert (str(response.header.workflow_id), response.header.to) == (str(header.workflow_id), "DK")
    assert f"Stored for the node to send to DK: {response.header.technical_id}" in done.output
    assert owed(node) == 1, "it has not arrived"
    node.requester.step()
    receipt = response.body.acknowledge("Færdselsstyrelsen")
    node.receiver.accept(answer_of_the_hub(response, receipt, node.clock()))
    node.all_steps()
    assert owed(node) == 0


def test_the_ticket_as_json(config: Path, node: Parts) -> None:
    header = notified(node).header
    told = json.loads(run(config, str(header.workflow_id), "--not-found", "--json").output)
    (response,) = posted(node)
    assert response.body.status_code is erru.CheckResultResponseStatus.NOT_FOUND
    ticket = str(response.header.technical_id)
    assert told == {
        "technical_id": ticket,
        "workflow_id": str(header.workflow_id),
        "to": "DK",
        "delivered": None,
    }


def test_waiting_without_a_receipt_is_3(config: Path, node: Parts) -> None:
    done = run(config, str(notified(node).header.workflow_id), "--not-found", "--wait", "0.01")
    assert done.exit_code == 3
    assert "No receipt has come yet." in done.output


def test_a_second_response_needs_a_word_to_it(config: Path, node: Parts) -> None:
    identifier = str(notified(node).header.workflow_id)
    assert run(config, identifier, "--not-found").exit_code == 0
    again = run(config, identifier, "--not-found")
    assert again.exit_code == 4
    assert "give --again" in " ".join(again.output.split())
    assert len(posted(node)) == 1
    assert run(config, identifier, "--not-found", "--again").exit_code == 0
    assert len(posted(node)) == 2


def test_after_an_unknown_outcome_a_second_response_needs_a_word_to_it(config: Path, node: Parts) -> None:
    """The first one may have arrived. If it did not, its sender must have asked."""
    identifier = str(notified(node).header.workflow_id)
    assert run(config, identifier, "--not-found").exit_code == 0
    node.hub.replies = [OutcomeUnknown("the connection ended")]
    node.requester.step()
    assert run(config, identifier, "--not-found").exit_code == 4
    assert len(posted(node)) == 1
    assert run(config, identifier, "--not-found", "--again").exit_code == 0


def test_of_two_operators_who_respond_at_once_one_responds(config: Path, node: Parts) -> None:
    identifier = str(notified(node).header.workflow_id)
    how = Posting(config, "service 7", "Traficom", "", again=False, wait=0, as_json=True)

    def respond(while_answering: Callable[[], object]) -> None:
        def answering(request: Message[Any], authority: str) -> Any:
            while_answering()
            return request.body.respond(authority, registered())

        with suppress(Exit):
            post_response(erru.ErruClient, "NotifyCheckResult_Request", identifier, answering, how)

    other = Thread(target=respond, args=(lambda: None,))

    def meanwhile() -> None:
        other.start()
        other.join(0.5)  # longer than it needs, unless it has to wait

    respond(meanwhile)
    other.join()
    assert len(posted(node)) == 1


def test_no_response_is_posted_where_none_is_owed(config: Path, node: Parts) -> None:
    clean = notified(node, ncr_request(erru.CheckResult.CLEAN_CHECK))
    node.sender.post(ncr_request(), "DK")
    ours = str(node.outbox()[-1]["technical_id"])
    for identifier in (str(clean.header.workflow_id), ours, "6a3d6c8e-0000-4000-8000-000000000000"):
        assert run(config, identifier, "--not-found").exit_code == 4
    assert posted(node) == []


def test_a_decision_about_no_requested_penalty_is_refused(config: Path, node: Parts) -> None:
    body = json.loads(decided())
    body["penalties_imposed"][0]["penalty_requested_identifier"] = 9
    done = run(config, str(notified(node).header.workflow_id), "-", entered=json.dumps(body))
    assert done.exit_code == 4
    assert posted(node) == []


@pytest.mark.parametrize("words", [(), ("-", "--not-found"), ("-", "--status-message", "x")])
def test_wrong_options_are_refused(config: Path, node: Parts, words: tuple[str, ...]) -> None:
    assert run(config, str(notified(node).header.workflow_id), *words, entered="{}").exit_code == 2


def test_the_word_notify_may_be_left_out() -> None:
    for words in (
        ["ncr", "missing.json"],
        ["ncr", "notify", "missing.json"],
        ["ncr", "--to", "PL", "x.json"],
    ):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 2
        assert "Usage: root ncr notify" in done.output
