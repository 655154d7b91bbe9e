"""Thousands of escalations and failed messages, as an outage leaves them: listed by cause, done at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from movehub.node.settings import Records
from movehub.protocol.message import Body
from movehub.store import Store
from movehub.store.escalations import Reason, escalate, open_escalations
from movehub.store.tables import ESCALATIONS, INBOX, JOURNAL, Received
from sqlalchemy import func, select, update

from tests.support.cards import mcs_request
from tests.support.examples import cic_request
from tests.support.node_commands import configured, run
from tests.support.stored import received

BEGAN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MANY = 600


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return configured(tmp_path)


@pytest.fixture
def store(config: Path) -> Iterator[Store]:
    with Records.read(config).open() as opened:
        yield opened


def failed(store: Store, body: Body, at: datetime = BEGAN, *, detail: str = "OSError") -> str:
    """Store a failed message with its escalation, and return its identifier."""
    technical_id = received(store, Received.FAILED, body, at=at)
    with store.writing() as connection:
        connection.execute(
            update(INBOX)
            .where(INBOX.c.technical_id == technical_id)
            .values(kind="notification" if body == mcs_request() else "query", received_at=at)
        )
        escalate(
            connection, Reason.REGISTER_FAILED, detail, now=at, system="TACHOnet", technical_id=technical_id
        )
    return technical_id


def waiting(store: Store) -> list[str]:
    with store.reading() as connection:
        retried = select(INBOX.c.technical_id).where(INBOX.c.state == Received.RECEIVED)
        return list(connection.execute(retried).scalars())


def entries(store: Store, count: int = MANY) -> None:
    with store.writing() as connection:
        for number in range(count):
            at = BEGAN + timedelta(seconds=number)
            escalate(
                connection, Reason.REFUSED, "status 404", now=at, system="ERRU", technical_id=str(number)
            )
        escalate(connection, Reason.CLOCK, "40 s ahead", now=BEGAN, system="TACHOnet")


def test_entries_with_one_cause_are_one_in_the_list(config: Path, store: Store) -> None:
    entries(store)
    done = run(config, "escalations")
    assert done.exit_code == 1
    assert "600 times refused: status 404\n" in done.output
    assert "since 2026-11-23T10:00:00Z, 600 times, last 2026-11-23T10:09:59Z. ERRU" in done.output
    assert "Numbers 1, 2, 3, 4, 5 and 595 more: see --each" in done.output
    assert len(done.output.splitlines()) == 7


def test_each_can_be_listed_and_the_list_says_what_it_leaves_out(config: Path, store: Store) -> None:
    entries(store, 30)
    done = run(config, "escalations", "--each", "--limit", "2", "--reason", "refused")
    assert [line for line in done.output.splitlines() if line[0].isdigit()] == [
        "1 refused: status 404",
        "2 refused: status 404",
    ]
    assert done.output.endswith("... and 28 more: see --limit\n")
    assert "more" not in run(config, "escalations", "--each", "--limit", "0").output


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--reason", "Refused"], 30),
        (["--system", "tachonet"], 1),
        (["--since", "2026-11-23T10:00:20"], 10),
        (["--before", "2026-11-23T10:00:20Z", "--reason", "refused"], 20),
        (["--since", "2026-11-24"], 0),
        (["--kind", "query"], 0),
    ],
)
def test_the_list_is_limited_by_options(config: Path, store: Store, options: list[str], count: int) -> None:
    entries(store, 30)
    done = run(config, "escalations", "--json", *options)
    assert len(json.loads(done.output)["escalations"]) == count
    assert done.exit_code == (1 if count else 0)


def test_all_that_fit_are_resolved_at_once_after_they_were_counted(config: Path, store: Store) -> None:
    entries(store)
    options = ["resolve", "--reason", "refused", "--by", "service 7"]
    counted = run(config, *options)
    assert (counted.exit_code, counted.output) == (1, "600 escalations fit. To resolve them, add --all.\n")
    done = run(config, *options, "--all")
    assert (done.exit_code, done.output) == (0, "Resolved: 600\n")
    with store.reading() as connection:
        assert [item.reason for item in open_escalations(connection)] == [Reason.CLOCK]
        who = select(ESCALATIONS.c.done_by, func.count()).where(ESCALATIONS.c.done_at.is_not(None))
        assert connection.execute(who.group_by(ESCALATIONS.c.done_by)).all() == [("service 7", 600)]
    again = run(config, *options)
    assert (again.exit_code, again.output) == (0, "0 escalations fit.\n")


def test_all_failed_messages_that_fit_are_retried_at_once_with_a_line_of_the_journal_each(
    config: Path, store: Store
) -> None:
    wanted = [failed(store, mcs_request()) for _ in range(3)]
    failed(store, cic_request())
    failed(store, mcs_request(), BEGAN + timedelta(hours=1))
    options = ["retry", "--reason", "register failed", "--kind", "notification", "--system", "TACHOnet"]
    options += ["--since", "2026-11-23T10:00", "--before", "2026-11-23T11:00", "--by", "anna"]
    counted = run(config, *options)
    assert (counted.exit_code, counted.output) == (1, "3 failed messages fit. To retry them, add --all.\n")
    assert waiting(store) == []
    done = run(config, *options, "--all")
    assert (done.exit_code, done.output) == (0, "The node will retry: 3\n")
    assert sorted(waiting(store)) == sorted(wanted)
    with store.reading() as connection:
        lines: Any = connection.execute(
            select(JOURNAL.c.access, JOURNAL.c.actor, JOURNAL.c.technical_id)
        ).all()
    assert sorted(lines) == sorted(("changed", "anna", each) for each in wanted)


def test_several_messages_are_retried_by_their_identifiers(config: Path, store: Store) -> None:
    one, two = failed(store, mcs_request()), received(store, Received.PROCESSED)
    done = run(config, "retry", one, two, "--by", "anna")
    assert done.exit_code == 4
    assert done.output.splitlines() == [
        f"{one}: The node will retry it.",
        f"{two}: There is nothing to retry: it has not failed here.",
    ]


@pytest.mark.parametrize("command", ["retry", "resolve"])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "name what you mean"),
        (["1", "--all"], "not both"),
        (["1", "--kind", "query"], "not both"),
        (["--reason", "bad luck"], "register failed"),
        (["--kind", "letter"], "notification"),
        (["--system", "EERU"], "TACHOnet"),
        (["--since", "yesterday"], "2026-11-23T10:00"),
    ],
)
def test_options_that_are_wrong_change_nothing(
    config: Path, store: Store, command: str, options: list[str], said: str
) -> None:
    failed(store, mcs_request())
    done = run(config, command, *options, "--by", "anna")
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert waiting(store) == []
    with store.reading() as connection:
        assert len(open_escalations(connection)) == 1


@pytest.mark.parametrize("reason", [Reason.RESPONSE_DUE, Reason.KEPT_TOO_LONG])
@pytest.mark.parametrize("options", [["--all"], ["--all", "--system", "TACHOnet"]])
def test_what_gives_up_a_response_or_removes_data_is_resolved_by_its_reason_only(
    config: Path, store: Store, reason: Reason, options: list[str]
) -> None:
    """Otherwise one command for many would end a duty that nobody has looked at."""
    with store.writing() as connection:
        for each in (Reason.CLOCK, reason):
            escalate(connection, each, "some detail", now=BEGAN, system="TACHOnet", technical_id="1")
    done = run(config, "resolve", "--by", "anna", *options)
    assert done.output == f"Left out: 1, which need --reason '{reason}'.\nResolved: 1\n"
    with store.reading() as connection:
        assert [item.reason for item in open_escalations(connection)] == [reason]
    done = run(config, "resolve", "--by", "anna", "--reason", reason, *options)
    assert done.output == "Resolved: 1\n"


def test_a_list_that_is_limited_does_not_say_that_all_is_well(config: Path, store: Store) -> None:
    entries(store, 1)
    done = run(config, "escalations", "--reason", "no answer")
    assert (done.exit_code, done.output) == (0, "No open escalation fits.\n")
    assert run(config, "escalations", "--system", "EERU").exit_code == 2
