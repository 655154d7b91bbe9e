"""`tachonet mcs respond`: what became of the update of the register, from a stored request."""

from __future__ import annotations

from pathlib import Path

import pytest
from movehub.node.settings import Records
from movehub.store import OUTBOX, Store
from sqlalchemy import select
from typer.testing import CliRunner, Result

import tachonet_client as tachonet
from tachonet_client.cli import app
from tests.support.cards import CARD, mcs_request
from tests.support.stored import received

CONFIG = """
member_state = "FI"
[node]
database = "sqlite:///node.db"
[node.tachonet]
authority = "Traficom"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "node.toml"
    path.write_text(CONFIG, "utf-8")

    def without_a_transport(_: Path, *, store: Store) -> tachonet.TachonetClient:
        return tachonet.TachonetClient("FI", None, store=store)  # type: ignore[arg-type]

    monkeypatch.setattr(tachonet.TachonetClient, "from_config", without_a_transport)
    return path


def respond(config: Path, *words: str) -> tuple[Result, list[bytes]]:
    """Respond to a stored request, and return the posted responses."""
    with Records.read(config).open() as store:
        technical_id = received(store, "processed", mcs_request())
        given = ["mcs", "respond", technical_id, *words, "--config", str(config), "--by", "service 7"]
        done = CliRunner().invoke(app, given)
        with store.reading() as connection:
            return done, list(connection.execute(select(OUTBOX.c.document)).scalars())


def test_a_response_has_the_card_of_its_request_and_the_status_that_the_register_has(config: Path) -> None:
    done, (document,) = respond(config, "--status", "CardStatusInvalid", "--recorded-status", "Withdrawn")
    assert done.exit_code == 0, done.output
    response = tachonet.decode(document)
    assert response.header.to == "DK"
    assert response.body.responding_authority == "Traficom"
    assert (response.body.card_number, response.body.card_status.value) == (CARD, "Withdrawn")


@pytest.mark.parametrize(
    "words", [("--status", "OK"), ("--status", "CardNumberNotFound", "--recorded-status", "Withdrawn")]
)
def test_a_status_and_a_recorded_status_that_contradict_each_other_are_refused(
    config: Path, words: tuple[str, ...]
) -> None:
    done, posted = respond(config, *words)
    assert (done.exit_code, posted) == (4, [])
