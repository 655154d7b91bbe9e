"""A broken disk of ours is never called a failure of the register, nor its own database one of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest
from movehub.errors import MovehubError, StoreFailed
from movehub.protocol.message import Message
from movehub.store import transaction
from movehub.store.changes import Change
from movehub.store.tables import SLOT
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

import erru_client as erru
from tests.support.erru_examples import nu_request
from tests.support.examples import cgr_request
from tests.support.nodes import Parts, answer_of_the_hub, from_denmark, written

#: Seconds that a claim lasts whose worker could store nothing.
LEASE: Final = 60
#: Statements of which the last one fails as on a full disk, by the kind of database.
FULL: Final = {
    "sqlite": ("PRAGMA max_page_count=1", "INSERT INTO effect VALUES (zeroblob(200000))"),
    "postgresql": ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$",),
}


def store_much(node: Parts) -> None:
    for statement in FULL[node.store.engine.dialect.name]:
        transaction().execute(text(statement))


def plain(node: Parts) -> None:
    store_much(node)


def caught(node: Parts) -> None:
    with suppress(Exception):
        store_much(node)


def wrapped(node: Parts) -> None:
    try:
        store_much(node)
    except SQLAlchemyError as error:
        raise RuntimeError("my own words") from error


def caught_and_written(node: Parts) -> None:
    connection = transaction()
    caught(node)
    with suppress(Exception):
        connection.execute(text("INSERT INTO effect VALUES ('stored alone')"))


def caught_from_the_store(node: Parts) -> None:
    """It uses the store itself, as `post` of a client does."""
    connection, much = transaction(), Change(SLOT, {"name": "x" * 200_000, "next_at": 0})
    if node.store.shared:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with node.store.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    else:
        connection.execute(text("PRAGMA max_page_count=1"))
    with suppress(Exception):
        node.store.record(much)


REGISTERS: Final[dict[str, Callable[[Parts], None]]] = {
    "that lets the error through": plain,
    "that catches it and goes on": caught,
    "that catches it and writes": caught_and_written,
    "that catches it from the store": caught_from_the_store,
    "that raises an error of its own": wrapped,
}


def came(node: Parts) -> str:
    message = from_denmark(nu_request(), node.clock())
    node.receiver.accept(written(message))
    return str(message.header.technical_id)


def does(node: Parts, monkeypatch: pytest.MonkeyPatch, work: Callable[[Parts], None]) -> None:
    kept = node.register.notify_unfitness

    def notify_unfitness(message: Message[Any]) -> None:
        kept(message)
        work(node)

    monkeypatch.setattr(node.register, "notify_unfitness", notify_unfitness)


@pytest.mark.parametrize("register", REGISTERS)
def test_a_full_disk_of_ours_is_no_failure_of_a_register(
    node: Parts, register: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = came(node)
    with monkeypatch.context() as broken:
        does(node, broken, REGISTERS[register])
        with pytest.raises(StoreFailed) as raised:
            node.worker.step()
    assert "full. Make room" in raised.value.cause or register == "that catches it from the store"
    node.store.engine.dispose()  # there is room again
    (row,) = node.inbox()
    assert (row["state"], row["reason"]) == ("processing", None)
    assert node.effects() == []
    assert node.attention() == []
    node.clock.forward(LEASE + 1)
    node.all_steps()
    assert node.effects() == [sent]
    assert node.attention() == ["too late"]  # the receipt, after the lease


def test_a_register_that_catches_that_no_transaction_begins_has_not_failed(
    node: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(message: Message[Any]) -> None:
        with suppress(MovehubError):
            transaction()

    came(node)
    monkeypatch.setattr(node.register, "notify_unfitness", begin)

    @contextmanager
    def broken() -> Iterator[Connection]:
        raise StoreFailed("the database failed", cause="its disk is broken")
        yield

    with monkeypatch.context() as failing:
        failing.setattr(node.store, "writing", broken)
        with pytest.raises(StoreFailed, match="the database failed"):
            node.worker.step()
    (row,) = node.inbox()
    assert (row["state"], row["reason"]) == ("processing", None)


def test_a_full_disk_of_ours_is_no_failure_of_on_answer(node: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = node.sender.post(cgr_request(), "DK")
    node.all_steps()
    request = erru.decode(node.hub.given[-1])
    node.receiver.accept(answer_of_the_hub(request, request.body.answer("DK", ()), node.clock()))
    with monkeypatch.context() as broken:
        broken.setattr(node.correlator, "_on_answer", lambda *_: wrapped(node))
        with pytest.raises(StoreFailed):
            node.correlator.step()
    node.store.engine.dispose()
    assert [row["reason"] for row in node.inbox()] == [None]
    node.clock.forward(LEASE + 1)
    node.all_steps()
    assert ticket.answer is not None
    assert node.attention() == []


def own_database(path: Path) -> Callable[[Parts], None]:
    """A register with a database of its own, which is damaged."""
    path.write_bytes(b"not a database " * 100)

    def work(_: Parts) -> None:
        engine = create_engine(f"sqlite:///{path}")
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT * FROM company"))
        finally:
            engine.dispose()

    return work


def own_table(_: Parts) -> None:
    transaction().execute(text("INSERT INTO no_table_of_this_name VALUES (1)"))


def own_mistake(_: Parts) -> None:
    transaction().execute(text("INSERT INTO effect (no_column) VALUES (1)"))


@pytest.mark.parametrize("work", ["a database of its own", own_table, own_mistake])
def test_the_registers_own_database_table_and_mistake_are_the_registers(
    node: Parts, work: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    came(node)
    does(node, monkeypatch, own_database(tmp_path / "own.db") if isinstance(work, str) else work)
    node.all_steps()
    (row,) = node.inbox()
    assert row["reason"].startswith("the register failed with ")
    assert row["attempts"] == 1
    assert node.effects() == []
