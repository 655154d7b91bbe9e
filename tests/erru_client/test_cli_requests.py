"""`erru cgr`, `ctud` and `nu` with a body as JSON, against a hub in this process."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from movehub.names.search_keys import BuiltinSearchKeys
from movehub.protocol.message import Body
from movehub.protocol.plain_data import to_dict
from movehub.sandbox.hub import Hub
from movehub.sandbox.registers.undertakings import UndertakingRegister
from typer.testing import CliRunner

from erru_client import CODEC, ErruClient, responder
from erru_client.cli import app
from tests.support.erru_messages import ctud_request, nu_request
from tests.support.examples import CANARY, cgr_request


class Answering:
    def __init__(self, handle: Callable[[bytes], bytes]) -> None:
        self.post = handle


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    denmark = Answering(responder(UndertakingRegister("DK"), "DK", "Authority of DK").handle)
    hub = Hub(CODEC, {"DK": denmark}, BuiltinSearchKeys())
    monkeypatch.setattr(ErruClient, "from_config", lambda _, **__: ErruClient("FI", Answering(hub.post)))
    yield hub
    hub.close()


@pytest.mark.parametrize(
    ("command", "request_", "said"),
    [
        ("cgr", cgr_request(), "DK not found"),
        ("ctud", ctud_request(), "DK not found, says Authority of DK"),
        ("nu", nu_request(), "DK delivered (OK)"),
    ],
)
def test_a_body_is_read_from_standard_input(command: str, request_: Body, said: str) -> None:
    body = json.dumps(to_dict(request_))
    done = CliRunner().invoke(app, [command, "-", "--config", "hub.toml", "--to", "DK"], input=body)
    assert done.exit_code == 0
    assert said in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("cgr", "Incomplete: 2 asked, 1 has a row, 1 missing: IS."),
        ("nu", "Not delivered: 2 asked, 1 has a row, 1 missing: IS."),
    ],
)
def test_a_broadcast_names_the_participants_that_the_answer_leaves_out(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, command: str, said: str
) -> None:
    body = json.dumps(to_dict(cgr_request() if command == "cgr" else nu_request()))
    words = [command, "-", "--config", "hub.toml"]
    for participants, code in ((["FI", "DK", "IS"], 3), (["FI", "DK"], 0)):
        client = partial(ErruClient, "FI", Answering(hub.post), participants=participants)
        monkeypatch.setattr(ErruClient, "from_config", lambda _, client=client, **__: client())
        done = CliRunner().invoke(app, words, input=body)
        assert done.exit_code == code
        assert (said in " ".join(done.output.split())) is (code == 3)


@pytest.mark.parametrize(
    ("command", "request_", "rules"),
    [("cgr", cgr_request(), {"CGR-1"}), ("nu", nu_request(), set()), ("ctud", ctud_request(), set())],
)
def test_each_command_prints_the_rules_that_stop_nothing_and_sends(
    command: str, request_: Body, rules: set[str]
) -> None:
    body = json.dumps(to_dict(request_))
    done = CliRunner().invoke(app, [command, "-", "--config", "hub.toml", "--to", "DK"], input=body)
    assert done.exit_code == 0
    assert set(re.findall(r"warning breaks ([A-Z]+-\d+)", done.output)) == rules
    assert CANARY not in done.output


def test_options_make_the_same_request_still() -> None:
    given = ["--config", "hub.toml", "--business-case-id", "FI-1", "--originating-authority", "Traficom"]
    named = ["--family-name", CANARY, "--first-name", "X", "--date-of-birth", "1970-01-02"]
    for command in (["cgr"], ["nu", "--unfit-start-date", "2026-11-02"]):
        done = CliRunner().invoke(app, [*command, *given, *named, "--to", "DK"])
        assert done.exit_code == 0, done.output


def test_ctud_names_the_state_that_has_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(data: bytes) -> bytes:
        raise OSError

    hub = Hub(CODEC, {"GR": Answering(unreachable)}, BuiltinSearchKeys())
    client = ErruClient("FI", Answering(hub.post), participants=["FI", "GR"])
    monkeypatch.setattr(ErruClient, "from_config", lambda _, **__: client)
    body, words = json.dumps(to_dict(ctud_request())), ["ctud", "-", "--config", "hub.toml", "--to", "EL"]
    done = CliRunner().invoke(app, words, input=body)
    assert done.exit_code == 3
    assert "GR no answer, says European Commission" in done.output
    assert "Incomplete: no answer from GR. Nothing is known of the undertaking yet." in done.output
    done = CliRunner().invoke(app, [*words, "--json"], input=body)
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["asked"], answer["missing"]) == (3, ["GR"], ["GR"])


DANE = ("--family-name", "X", "--date-of-birth", "1970-01-01")
CERTIFIED = ("--certificate-number", "1", "--certificate-issue-date", "2000-01-01")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cgr",), "give the name of a manager, or a certificate"),
        (("cgr", *DANE[:2]), "a name needs --family-name and --date-of-birth"),
        (("cgr", "--first-name", "X", *DANE[2:]), "a name needs --family-name and --date-of-birth"),
        (("cgr", *CERTIFIED), "--certificate-issue-country"),
        (("cgr", *DANE, "--source", "Hub"), "only the hub sends --source Hub"),
        (("cgr", *DANE, "--purpose", "Heartbeat"), "only the hub sends --purpose Heartbeat"),
        (("ctud", "--licence", "1"), "give two of --name, --licence and --plate"),
        (("ctud", "--licence", "1", "--plate", "X 1"), "a vehicle needs --plate and --plate-country"),
        (("nu", *DANE), "give --unfit-start-date"),
        (("nu", *DANE, "--undated", "--unfit-start-date", "2026-11-01"), "not both"),
    ],
)
def test_options_that_do_not_make_a_request_are_wrong_options(words: tuple[str, ...], said: str) -> None:
    case = ("--config", "hub.toml", "--to", "DK", "--business-case-id", "1", "--originating-authority", "X")
    done = CliRunner().invoke(app, [*words, *case])
    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())
