"""An ICDL over HTTPS: through the hub to a node, recorded there, and found again by a misspelt name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from movehub.http.endpoint import Endpoint
from movehub.http.server import HttpsServer
from movehub.http.transport import HttpsTransport
from movehub.names import BuiltinSearchKeys
from movehub.node import Settings
from movehub.node.node import Node
from movehub.sandbox.hub import Hub
from movehub.sandbox.pki import Authority
from movehub.tls.credentials import Credentials

import tachonet_client as tachonet
from tests.support.cards import icdl_request
from tests.support.hub import run

POLICY = 'state = "AT"\nrecords_icdl_since = 2024-01-01\n[sample]\nsalt = "x"\n'
#: A licence of Austria's in the data of the sandbox.
ISSUED = replace(
    icdl_request().issued_card,
    card_number="DK00000000012300",
    driving_licence_number="70316296",
    family_name="Grünwaldner",
    first_name="Leopoldine",
    date_of_birth=date(1959, 3, 3),
)
APPLICATION = {
    "case_id": "AT-1",
    "event": "issue",
    "received_on": "2026-11-23",
    "licence_state": "AT",
    "driving_licence_number": "99999999",
    "family_name": "Grunwalldner",
    "first_name": "Leopoldine",
    "date_of_birth": "1959-03-03",
}


@pytest.fixture
def config(tmp_path: Path, authority: Authority, address: str) -> Path:
    own = authority.issue("AT")
    path = tmp_path / "node.toml"
    path.write_text(
        f"""
member_state = "AT"
certificate = "{own.certificate}"
key = "{own.key}"
authority = "{own.authority}"

[tachonet]
url = "https://localhost:9/"

[node]
database = "{address}"
listen = "127.0.0.1:0"
interface = "synchronous"
allowed_subjects = ["CN=hub"]

[node.tachonet]
register = "tests.support.registers:austrian_drivers"
authority = "Kartenausgabestelle"
acknowledge = "when recorded"
""",
        "utf-8",
    )
    return path


@pytest.fixture
def denmark(config: Path, authority: Authority, hub: Credentials) -> Iterator[tachonet.TachonetClient]:
    """Denmark's client of a hub that has Austria's node behind it."""
    with Node(Settings.read(config)) as node:
        with HttpsTransport(f"https://localhost:{node.port}/tachonet", hub) as austria:
            with closing(Hub(tachonet.CODEC, {"AT": austria}, BuiltinSearchKeys())) as central:
                with HttpsServer(Endpoint(central.handle), hub, threads=2) as server:
                    url = f"https://localhost:{server.port}/"
                    with HttpsTransport(url, authority.issue("DK")) as transport:
                        yield tachonet.TachonetClient("DK", transport)


def test_an_icdl_is_recorded_and_found_again_by_a_misspelt_name_through_keys(
    denmark: tachonet.TachonetClient, config: Path, tmp_path: Path
) -> None:
    answer = denmark.send(replace(icdl_request(), issued_card=ISSUED), to="AT").body
    assert answer.status_code == "OK"
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY, "utf-8")
    files = ("--policy", str(policy), "--config", str(config), "--by", "service 7")

    code, said = run("due", "-", *files, entered=json.dumps(APPLICATION))
    assert code == 0
    assert said.startswith(
        "Notifications found in your own register: 1 DK, card DK00000000012300, recorded 20"
    )
    assert "found by search keys and date of birth Warning: the application has no search keys" in said
    assert "1. CCS to DK: before the card is issued" in said
    assert "1.8" not in said, "the notification frees this application from the broadcast"

    keys = BuiltinSearchKeys().keys("Brückenthaler", "Leopoldine")
    theirs = {"family_name_search_key": keys.family_name, "first_name_search_key": keys.first_name}
    other = json.dumps({**APPLICATION, **theirs, "family_name": "Brückenthaler"})
    code, said = run("due", "-", *files, entered=other)
    assert code == 0
    assert said.startswith("Notifications found in your own register: 0 1. CIC to all states (ZZ)")
    assert "2016/68, Annex VIII, 1.8 and 1.9" in said

    told = json.loads(run("due", "-", *files, "--json", entered=json.dumps(APPLICATION))[1])
    assert [(each["notified_by"], each["card_number"]) for each in told["notifications"]] == [
        ("DK", "DK00000000012300")
    ]
    assert [(each["workflow"], each["to"]) for each in told["due"]] == [("CCS", "DK")]
    assert "the recorded ones" in told["warning"]


def test_the_card_is_shown_if_its_sender_takes_part_no_more(
    denmark: tachonet.TachonetClient, config: Path, tmp_path: Path
) -> None:
    """The clerk sees the card, and that TACHOnet cannot ask about it."""
    denmark.send(replace(icdl_request(), issued_card=ISSUED), to="AT")
    policy, without = tmp_path / "policy.toml", tmp_path / "without.toml"
    policy.write_text(POLICY, "utf-8")
    listed = '[tachonet]\nparticipants = ["AT", "SE"]\n'
    without.write_text(config.read_text("utf-8").replace("[tachonet]\n", listed), "utf-8")
    files = ("--policy", str(policy), "--config", str(without), "--by", "service 7")

    code, said = run("due", "-", *files, entered=json.dumps(APPLICATION))
    assert code == 0
    assert said.startswith("Notifications found in your own register: 1 DK, card DK00000000012300")
    assert "1. question to DK, not possible through TACHOnet: before the card is issued" in said

    told = json.loads(run("due", "-", *files, "--json", entered=json.dumps(APPLICATION))[1])
    assert [each["card_number"] for each in told["notifications"]] == ["DK00000000012300"]
    assert [(each["workflow"], each["to"]) for each in told["due"]] == [("other channel", "DK")]
