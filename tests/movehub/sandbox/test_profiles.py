"""States of the sandbox that are late, down or old, for all workflows or for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from movehub.errors import ErrorNotified, InvalidConfiguration
from movehub.protocol.outcome import SearchStatus
from movehub.sandbox.network import Sandbox
from movehub.sandbox.profiles import ALL, Profile, by_state

import erru_client as erru
import tachonet_client as tachonet
from tests.support.cards import ccs_request, mcs_request
from tests.support.erru_messages import ncr_request, nu_request
from tests.support.examples import cgr_request, cic_request

FEW = ("FI", "FR", "PL", "DE")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        "FI",
        late=["FR:CGR", "FR:CCS"],
        down=["PL:NU", "PL:MCS"],
        version_2=["DE:NU"],
        participants={"tachonet": FEW, "erru": FEW},
        patience=2.0,
    ) as running:
        yield running


def test_one_entry_is_a_state_or_one_workflow_of_it() -> None:
    read = by_state(["LV", "FR:CGR", "FR:NU", "EL:CIC"], {"LV", "FR", "GR"})
    assert read == {"LV": ALL, "FR": frozenset({"CGR", "NU"}), "GR": frozenset({"CIC"})}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("XX", "XX takes part in no system"),
        ("XX:CGR", "XX takes part in no system"),
        ("FR:XYZ", "XYZ is no workflow"),
        ("FR:", " is no workflow"),
        ("FR:cgr", "cgr is no workflow"),
    ],
)
def test_an_entry_that_means_nothing_is_refused(entry: str, said: str) -> None:
    with pytest.raises(InvalidConfiguration, match=said):
        by_state([entry], {"FR"})
    with pytest.raises(InvalidConfiguration, match=said):
        Sandbox("FI", late=[entry])


def test_a_state_of_version_2_takes_part_in_neither_nu_nor_rsi() -> None:
    old = Profile(version_2=ALL)
    assert {each for each in ALL if not old.takes_part_in(each)} == {"NU", "RSI"}
    assert Profile(lacks=frozenset({"CGR"})).takes_part_in("NU")


def test_a_state_is_late_in_one_workflow_alone(sandbox: Sandbox) -> None:
    finland = erru.ErruClient("FI", sandbox.transport("erru"))
    (row,) = finland.send(cgr_request(), to="FR").body.member_states
    assert row.status_code is SearchStatus.TIMEOUT
    assert finland.send(ncr_request(), to="FR").body.delivered
    cards = tachonet.TachonetClient("FI", sandbox.transport("tachonet"))
    assert cards.send(ccs_request(), to="FR").body.status_code is SearchStatus.TIMEOUT
    assert cards.send(cic_request(), to="FR").complete


def test_a_state_is_down_in_one_workflow_alone(sandbox: Sandbox) -> None:
    finland = erru.ErruClient("FI", sandbox.transport("erru"))
    receipt = finland.send(nu_request(), to=erru.BROADCAST).body
    rows = {row.member_state_code: row.status_code.value for row in receipt.member_states}
    assert rows == {"DE": "NotAvailable", "FR": "OK", "PL": "NotAvailable"}
    assert finland.send(ncr_request(), to="PL").body.delivered
    assert sandbox.undertakings["PL"].notified != []
    cards = tachonet.TachonetClient("FI", sandbox.transport("tachonet"))
    assert cards.send(mcs_request(), to="PL").body.status_code.value == "NotAvailable"
    assert cards.send(cic_request(), to="PL").complete


def test_a_state_uses_version_2_in_one_workflow_alone(sandbox: Sandbox) -> None:
    finland = erru.ErruClient("FI", sandbox.transport("erru"))
    with pytest.raises(ErrorNotified, match="InvalidData"):
        finland.send(nu_request(), to="DE")
    assert finland.send(ncr_request(), to="DE").body.delivered
