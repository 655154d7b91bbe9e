"""The commands keep the journal of the database that their configuration names, with an author."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from movehub.actor import actor
from movehub.cli.node import app as node_app
from movehub.errors import InvalidConfiguration
from movehub.http.endpoint import Endpoint
from movehub.http.server import HttpsServer
from movehub.protocol.plain_data import to_dict
from movehub.store import Store
from movehub.store.tables import JOURNAL
from movehub.tls.credentials import Credentials
from sqlalchemy import select
from typer.testing import CliRunner

import erru_client as erru
from erru_client.cli import app as erru_app
from tachonet_client.cli import app as tachonet_app
from tests.support.erru_examples import ncr_request, penalty
from tests.support.examples import cgr_request


class Register:
    """A register that knows nobody and takes every notification."""

    def check_good_repute(self, search: object) -> tuple[erru.FoundTransportManager, ...]:
        return ()

    def notify_check_result(self, notification: object) -> None:
        """Record nothing."""


@pytest.fixture
def config(tmp_path: Path, hub: Credentials, state: Credentials) -> Iterator[Path]:
    """A client whose file names a database. It has no node, which would need much more."""
    denmark = erru.responder(Register(), "DK", "Færdselsstyrelsen")  # type: ignore[arg-type]
    path = tmp_path / "hub.toml"
    with HttpsServer(Endpoint(denmark.handle), hub, threads=2) as server:
        path.write_text(
            f"""
member_state = "FI"
certificate = "{state.certificate}"
key = "{state.key}"
authority = "{state.authority}"
[erru]
url = "https://localhost:{server.port}/"
[node]
database = "sqlite:///journal.db"
""",
            "utf-8",
        )
        yield path


def run(config: Path, command: str, body: Any, *options: str) -> int:
    given = config.with_name("body.json")
    given.write_text(json.dumps(to_dict(body)), "utf-8")
    done = CliRunner().invoke(
        erru_app, [command, str(given), "--config", str(config), "--to", "DK", *options]
    )
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code


def authors(config: Path) -> list[tuple[str, str]]:
    with Store.open(f"sqlite:///{config.parent}/journal.db") as store, store.reading() as connection:
        wanted = select(JOURNAL.c.access, JOURNAL.c.actor).order_by(JOURNAL.c.seq)
        return [tuple(row) for row in connection.execute(wanted)]


def test_a_command_records_its_author_by_default_the_user_of_the_system(config: Path) -> None:
    assert run(config, "cgr", cgr_request()) == 0
    assert run(config, "ncr", ncr_request(penalty(1)), "--by", "service 7") == 0
    accesses = ("communicated", "consulted")
    assert authors(config) == [(access, who) for who in (actor(), "service 7") for access in accesses]


def test_a_client_that_is_configured_so_records_without_more(config: Path) -> None:
    with erru.ErruClient.from_config(config, by="service 7") as client:
        client.send(cgr_request(), "DK")
    assert authors(config) == [("communicated", "service 7"), ("consulted", "service 7")]


def test_a_store_that_is_given_counts_before_the_configured_one(config: Path, tmp_path: Path) -> None:
    with (
        Store.open(f"sqlite:///{tmp_path}/other.db") as store,
        erru.ErruClient.from_config(config, store=store) as client,
    ):
        client.send(cgr_request(), "DK")
    assert not (tmp_path / "journal.db").exists()


def test_a_database_without_the_extra_for_it_is_refused(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name == "movehub.node.settings":
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InvalidConfiguration, match=r"movehub-client\[server\]"):
        erru.ErruClient.from_config(config)


def test_records_without_a_database_are_refused(config: Path) -> None:
    config.write_text(config.read_text("utf-8").replace("[node]\ndatabase", "[records]\n#"), "utf-8")
    with pytest.raises(InvalidConfiguration, match=r"section \[node\] is missing"):
        erru.ErruClient.from_config(config)


#: Commands that take a configuration and reach no message and no hub, or only count and list.
_ANONYMOUS = {"escalations", "statistics", "metrics", "anchor", "verify"}


def _commands(command: Any) -> Iterator[Any]:
    """Yield a command, or those of a group and of the groups in it."""
    if not hasattr(command, "commands"):
        yield command
        return
    for each in command.commands.values():
        yield from _commands(each)


def test_every_command_that_reaches_a_message_has_an_author() -> None:
    lacking = set()
    for app in (erru_app, tachonet_app, node_app):
        for command in _commands(typer.main.get_command(app)):
            options = {option.opts[0] for option in command.params}
            if "--config" in options and "--by" not in options:
                lacking.add(command.name)
    assert lacking <= _ANONYMOUS


@pytest.mark.parametrize("by", ["", "  ", "x" * 65])
def test_an_author_that_is_no_name_is_refused_before_anything_is_sent(config: Path, by: str) -> None:
    assert run(config, "cgr", cgr_request(), "--by", by) == 2
    assert not config.with_name("journal.db").exists()
