"""`movehub node show` and `retry`: who looks at a message stands in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from movehub.node.settings import Records
from movehub.store import Store, inbox
from movehub.store.changes import make
from movehub.store.tables import INBOX, JOURNAL, Received
from sqlalchemy import select, update

from tests.support.databases import Hands
from tests.support.examples import CANARY, cgr_request
from tests.support.node_commands import configured, run
from tests.support.nodes import from_denmark, written


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return configured(tmp_path)


@pytest.fixture
def store(config: Path) -> Iterator[Store]:
    with Records.read(config).open() as opened:
        yield opened


def came(store: Store, state: Received = Received.FAILED) -> str:
    """Keep a message in a state, and return its identifier."""
    now = Hands()()
    message = from_denmark(cgr_request(), now)
    document = written(message)
    row, changes = inbox.new_message("ERRU", message, document, now=now, answer_by=None, peer="CN=hub")
    with store.writing() as connection:
        make(connection, changes)
        connection.execute(update(INBOX).values(state=state, reason="the register failed"))
    return str(row["technical_id"])


def journal(store: Store) -> list[tuple[str, str, str]]:
    with store.reading() as connection:
        columns = JOURNAL.c
        return [
            tuple(row)
            for row in connection.execute(select(columns.access, columns.actor, columns.technical_id))
        ]


def test_a_message_is_shown_and_the_journal_says_to_whom(config: Path, store: Store) -> None:
    identifier = came(store)
    shown = run(config, "show", identifier.upper(), "--by", "service 7")
    assert shown.exit_code == 0
    assert CANARY in shown.stdout
    assert "CheckGoodRepute_Request from DK to FI" in shown.stderr
    assert "failed, the register failed" in shown.stderr
    assert journal(store) == [("consulted", "service 7", identifier)]


def test_of_a_message_whose_period_is_over_only_the_rest_is_shown(config: Path, store: Store) -> None:
    identifier = came(store)
    with store.writing() as connection:
        connection.execute(update(INBOX).values(document=None))
    shown = run(config, "show", identifier, "--by", "service 7")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "was removed when its period was over" in shown.stderr


@pytest.mark.parametrize("command", ["show", "retry"])
def test_a_message_that_is_not_here_is_told(config: Path, store: Store, command: str) -> None:
    told = run(config, command, "11111111-1111-4111-8111-111111111111", "--by", "service 7")
    assert told.exit_code == 4
    assert "MessageNotFound" in told.stderr
    assert journal(store) == []


@pytest.mark.parametrize("command", ["show", "retry"])
def test_nobody_is_shown_nothing(config: Path, store: Store, command: str) -> None:
    assert run(config, command, came(store), "--by", " ").exit_code == 2
    assert journal(store) == []


def test_a_message_that_failed_is_worked_on_again(config: Path, store: Store) -> None:
    identifier = came(store)
    assert run(config, "retry", identifier, "--by", "service 7").exit_code == 0
    with store.reading() as connection:
        assert connection.execute(select(INBOX.c.state)).scalar_one() == Received.RECEIVED
    assert journal(store) == [("changed", "service 7", identifier)]


@pytest.mark.parametrize("state", [Received.PROCESSED, Received.PROCESSING, Received.EXPIRED])
def test_what_has_not_failed_is_left_as_it_is(config: Path, store: Store, state: Received) -> None:
    told = run(config, "retry", came(store, state), "--by", "service 7")
    assert told.exit_code == 4
    with store.reading() as connection:
        assert connection.execute(select(INBOX.c.state)).scalar_one() == state
    assert journal(store) == []


@pytest.mark.parametrize("command", [["escalations"], ["metrics"], ["journal", "verify"], ["prune"]])
def test_no_command_makes_a_database_where_there_is_none(config: Path, command: list[str]) -> None:
    """An empty one would look like a node where nothing needs anybody."""
    told = run(config, *command)
    assert told.exit_code == 4
    assert "no node has served it yet, or the setting names another" in told.stderr
    assert not (config.parent / "node.db").exists()


def test_an_empty_file_is_no_database_of_a_node(config: Path) -> None:
    (config.parent / "node.db").touch(0o600)
    told = run(config, "escalations")
    assert told.exit_code == 4
    assert "the database is empty: no node has served it yet" in told.stderr
