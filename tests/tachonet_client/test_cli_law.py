"""`tachonet due` and `tachonet status`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tachonet_client import CardStatus
from tests.support.hub import run

POLICY = 'state = "FI"\nrecords_icdl_since = 2016-01-01\n[sample]\nsalt = "x"\n'
FIRST = {"case_id": "FI-1", "event": "issue", "received_on": "2026-11-23", "licence_state": "SE"}
#: An application on an own licence that is not drawn for 1.5.
OWN = {"case_id": "FI-3", "licence_state": "FI"}


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY, "utf-8")
    return str(path)


def due(policy: str, *options: str, **application: object) -> tuple[int, str]:
    return run("due", "-", "--policy", policy, *options, entered=json.dumps(application))


def test_due_prints_what_is_due_in_order_with_its_article(policy: str) -> None:
    code, said = due(policy, **FIRST)
    assert code == 0
    first, second = (
        said.index("1. CIC to all states (ZZ): before the card"),
        said.index("2. ICDL to SE: at once"),
    )
    assert first < said.index("Regulation (EU) 2016/68, Annex VIII, 1.1") < second
    assert said.endswith("Annex VIII, 1.2")


def test_due_says_what_is_inferred_and_which_status_is_new(policy: str) -> None:
    exchange = {**FIRST, "event": "exchange", "card_issued_by": "SE", "card_number": "SE00000000000100"}
    _, said = due(policy, **exchange)
    assert "2. MCS to SE, new status InExchange: once the answer shows the card to be valid" in said
    assert "Annex VIII, 3.2 (inferred: the law does not say so in words)" in said


def test_due_asks_the_participants_of_the_configuration(policy: str, tmp_path: Path) -> None:
    config = tmp_path / "hub.toml"
    turkish = {**FIRST, "licence_state": "TR"}
    assert "ICDL to TR" not in due(policy, **turkish)[1]
    config.write_text('[tachonet]\nparticipants = ["FI", "TR"]\n', "utf-8")
    assert "2. ICDL to TR: at once" in due(policy, "--config", str(config), **turkish)[1]
    config.write_text('[tachonet]\nparticipants = ["FI", "TX"]\n', "utf-8")
    code, said = due(policy, "--config", str(config), **turkish)
    assert code == 4
    assert "tachonet.participants: TX is no code of a state that may take part" in said


def test_due_as_json_is_a_list_of_steps(policy: str) -> None:
    code, said = due(policy, "--json", **FIRST)
    assert code == 0
    assert [(each["workflow"], each["to"], each["inferred"]) for each in json.loads(said)["due"]] == [
        ("CIC", "ZZ", False),
        ("ICDL", "SE", False),
    ]


def test_due_says_so_where_nothing_is(policy: str) -> None:
    code, said = due(policy, **{**FIRST, **OWN, "own_register_searched": True})
    assert (code, said) == (0, "Nothing is due: Annex VIII asks for no message in this case.")
    code, said = due(policy, "--json", **{**FIRST, "event": "renewal", "licence_state": "FI"})
    told = json.loads(said)
    assert (code, told["due"], told["notifications"]) == (0, [], [])
    assert "(inferred: " in told["reading"]


def test_due_begins_with_the_search_of_the_own_register(policy: str) -> None:
    code, said = due(policy, **{**FIRST, **OWN})
    assert code == 0
    assert said.startswith("1. search of your own register: before all other steps")
    assert said.endswith("Annex VIII, 1.3")


@pytest.mark.parametrize("event", ["renewal", "replacement"])
def test_due_says_that_it_is_inferred_that_a_renewal_needs_no_check(policy: str, event: str) -> None:
    code, said = due(policy, **{**FIRST, "event": event, "licence_state": "FI"})
    assert code == 0
    assert said.startswith(
        "Nothing is due: Annex VIII asks for no message in this case. Section 1 asks for no"
    )
    assert "(inferred: " in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"event": "exchange"}, "needs card_issued_by, card_number"),
        ({"event": "holiday"}, "Application.event: must be one of issue, renewal, "),
        ({"surname": "Kanarienvogel"}, "1 unknown field"),
        ({"received_on": "Kanarienvogel"}, "InvalidConfiguration Application.received_on: must be a day as"),
    ],
)
def test_an_application_that_cannot_be_judged_is_4(policy: str, changed: dict[str, str], said: str) -> None:
    code, told = due(policy, **{**FIRST, **changed})
    assert code == 4
    assert said in told
    assert "Kanarienvogel" not in told


def test_a_status_is_told_with_its_source_and_its_value_at_home() -> None:
    code, said = run("status", "handed over")
    assert code == 0
    assert said.startswith("HandedOver: The driver has been given the card.")
    assert '"Handed Over" in Regulation (EU) 2016/68, Annex II, appendix' in said
    assert "In the national procedure: held" in said
    assert "(Annex II, 5)" in said


def test_all_18_are_listed_without_one() -> None:
    code, said = run("status")
    assert code == 0
    assert all(status.value in said for status in CardStatus)
    listed = json.loads(run("status", "--json")[1])
    assert [each["status"] for each in listed] == [status.value for status in CardStatus]
    assert {each["declared"] for each in listed} == {"yes", "disputed", "no"}


def test_an_authority_supplies_its_own_translation(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'local = ["avoin", "muu"]\n[translation]\n'
        + "".join(
            f'{status.value} = "{"avoin" if status is CardStatus.LOST else "muu"}"\n' for status in CardStatus
        ),
        "utf-8",
    )
    assert "In the national procedure: avoin" in run("status", "Lost", "--table", str(path))[1]
    path.write_text('local = ["muu"]\n[translation]\nLost = "muu"\n', "utf-8")
    code, said = run("status", "Lost", "--table", str(path))
    assert code == 4
    assert "no value for Application, Approved" in said


def test_a_word_that_is_no_status_is_refused_with_those_that_are() -> None:
    code, said = run("status", "Vanished")
    assert code == 4
    assert "it has Application, Approved, Rejected" in said


def test_due_needs_the_configuration_of_a_node_to_search_it(policy: str) -> None:
    code, said = due(policy, "--by", "service 7", **{**FIRST, **OWN})
    assert code == 2
    assert "--config" in said


def test_due_opens_no_node_if_the_case_asks_for_no_search(policy: str, tmp_path: Path) -> None:
    """A search of personal data that nobody needs is not done."""
    without_a_node = tmp_path / "hub.toml"
    without_a_node.write_text('[tachonet]\nparticipants = ["FI", "SE"]\n', "utf-8")
    options = ("--config", str(without_a_node), "--by", "service 7")
    assert due(policy, *options, **FIRST)[0] == 0
    code, said = due(policy, *options, **{**FIRST, **OWN})
    assert code == 4
    assert "node" in said
