"""The whole sandbox over real mutual TLS, and what a person sees of it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from movehub.cli.main import app as movehub_app
from movehub.errors import CertificateRefused, InvalidConfiguration, InvalidOutgoing
from movehub.protocol.outcome import Outcome, SearchStatus
from movehub.sandbox.network import Sandbox
from movehub.sandbox.registers.rows import rows
from typer.testing import CliRunner

import erru_client
import tachonet_client
from erru_client import cli as erru_cli
from tachonet_client import cli as tachonet_cli
from tests.support.examples import cgr_request, cic_request


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("FI", late=["LV"], down=["GR"], patience=4.0) as running:
        yield running


@pytest.fixture
def config(sandbox: Sandbox, tmp_path: Path) -> Path:
    return sandbox.write_config(tmp_path / "hub.toml")


def cards(
    family: str, first: str, born: date, config: Path, to: str
) -> tachonet_client.Reply[tachonet_client.CheckIssuedCardsResponse]:
    driver = tachonet_client.SearchedDriver(family_name=family, first_name=first, date_of_birth=born)
    with tachonet_client.TachonetClient.from_config(config) as client:
        return client.send(replace(cic_request(), searched_driver=driver), to=to)


def test_a_broadcast_over_https_keeps_found_not_found_and_no_answer_apart(config: Path) -> None:
    """The register has Brückenthaler in two states; the applicant writes it without the umlaut."""
    row = next(row for row in rows("applicants") if row["family_name"].startswith("Brueck"))
    reply = cards(
        row["family_name"], row["first_name"], date.fromisoformat(row["date_of_birth"]), config, "ZZ"
    )
    outcomes = {state.member_state_code: state.outcome for state in reply.body.member_states}
    assert set(outcomes) == tachonet_client.CODEC.participants - {"FI"}
    assert {code for code, outcome in outcomes.items() if outcome is Outcome.FOUND} == {"AT", "DE"}
    assert reply.missing == ("GR", "LV")


def test_a_late_state_is_a_timeout_and_one_that_is_down_is_not_available(config: Path) -> None:
    with erru_client.ErruClient.from_config(config) as client:
        for code, status in (("LV", SearchStatus.TIMEOUT), ("GR", SearchStatus.NOT_AVAILABLE)):
            (row,) = client.send(cgr_request(), to=code).body.member_states
            assert (row.status_code, row.found) == (status, ())


#: One driver of every state that is not scripted to stay silent.
DRIVERS = {row["state"]: row for row in rows("drivers") if row["state"] not in {"GR", "LV"}}


@pytest.mark.parametrize("applicant", DRIVERS.values(), ids=DRIVERS)
def test_a_registered_driver_is_found_in_the_own_alphabet(config: Path, applicant: dict[str, str]) -> None:
    born = date.fromisoformat(applicant["date_of_birth"])
    answer = cards(applicant["family_name"], applicant["first_name"], born, config, applicant["state"]).body
    numbers = {driver.card.card_number for driver in answer.member_states[0].found}
    assert applicant["card_number"] in numbers


def test_the_hub_refuses_an_expired_certificate(sandbox: Sandbox) -> None:
    expired = sandbox.authority.issue("FI-old", ends_in=timedelta(hours=-1))
    client = tachonet_client.TachonetClient("FI", sandbox.transport("tachonet", expired))
    with pytest.raises(CertificateRefused, match="has expired"):
        client.send(cic_request(), to="DK")


def test_a_sandbox_has_the_participants_that_you_list(tmp_path: Path) -> None:
    """Türkiye takes part in TACHOnet by 2016/68, Article 3a, and does not take part in ERRU."""
    listed = {"tachonet": ["DE", "FI", "TR"], "erru": ["DE", "FI"]}
    with Sandbox("TR", participants=listed) as small:
        config = small.write_config(tmp_path / "hub.toml")
        with tachonet_client.TachonetClient.from_config(config) as turkey:
            reply = turkey.send(cic_request(), to="ZZ")
            assert reply.complete
            assert [row.member_state_code for row in reply.body.member_states] == ["DE", "FI"]
            with pytest.raises(InvalidOutgoing, match="HDR-5"):
                turkey.send(cic_request(), to="SE")
        with pytest.raises(InvalidConfiguration, match=r"section \[erru\] is missing"):
            erru_client.ErruClient.from_config(config)
    with pytest.raises(InvalidConfiguration, match="SE takes part in no system"):
        Sandbox("SE", participants=listed)


def run(app: object, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))  # type: ignore[arg-type]
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


CASE = ("--business-case-id", "1", "--originating-authority", "Traficom")


def test_tachonet_cic_prints_the_card_and_exits_with_0(config: Path) -> None:
    row = next(row for row in rows("drivers") if row["state"] == "PL")
    code, text = run(
        tachonet_cli.app,
        *("cic", "--config", str(config), "--to", "PL", *CASE),
        *("--family-name", row["family_name"], "--first-name", row["first_name"]),
        *("--date-of-birth", row["date_of_birth"]),
    )
    assert code == 0
    assert row["card_number"] in "".join(text.split())
    assert "Every state that was asked has answered" in text


def test_tachonet_cic_exits_with_3_where_an_answer_is_missing(config: Path) -> None:
    code, text = run(
        tachonet_cli.app,
        *("cic", "--config", str(config), *CASE, "--family-name", "X", "--date-of-birth", "1970-01-01"),
    )
    assert code == 3
    assert "no answer from GR, LV" in text


def test_erru_cgr_prints_whether_the_manager_is_fit(config: Path) -> None:
    row = next(row for row in rows("managers") if row["state"] == "DE" and row["fitness_status"] == "Unfit")
    code, text = run(
        erru_cli.app,
        *("cgr", "--config", str(config), "--to", "DE", *CASE),
        *("--certificate-number", row["certificate_number"]),
        *("--certificate-issue-date", row["certificate_issue_date"]),
        *("--certificate-issue-country", row["certificate_issue_country"]),
    )
    assert code == 0
    assert "Unfit" in text
    assert "CPC" in text


def test_erru_cgr_exits_with_4_and_one_line_if_the_receiver_is_ourselves(config: Path) -> None:
    manager = ("--family-name", "X", "--first-name", "Y", "--date-of-birth", "1970-01-01")
    code, text = run(erru_cli.app, "cgr", "--config", str(config), *CASE, "--to", "FI", *manager)
    assert code == 4
    assert "Traceback" not in text


@pytest.mark.parametrize("arguments", [("--family-name", "X"), ("--certificate-number", "1"), ()])
def test_erru_cgr_exits_with_2_if_its_options_make_no_request(
    config: Path, arguments: tuple[str, ...]
) -> None:
    code, text = run(erru_cli.app, "cgr", "--config", str(config), *CASE, *arguments)
    assert code == 2
    assert "Traceback" not in text


def test_the_demo_says_at_its_end_how_many_were_asked_and_how_many_did_not_answer() -> None:
    """On a machine that is busy more states than the two can be late, and then it has to name them, too."""
    before = threading.active_count()
    code, text = run(movehub_app, "demo", "--patience", "1")
    last = text.rstrip().splitlines()[-1]
    assert code == 0
    named = re.search("No answer from (.*): nobody is cleared there", " ".join(text.split()))
    assert named is not None
    silent = re.findall(r"([A-Z]{2}) \(", named[1])
    assert {"GR", "LV"}.issubset(silent)
    assert last == (
        f"demo ok: 16 applications, 10 transport managers, 31 states asked, {len(silent)} without an answer"
    )
    assert threading.active_count() <= before + 1
