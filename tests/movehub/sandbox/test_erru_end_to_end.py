"""Every ERRU workflow through the HTTPS sandbox, in both roles and both editions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from movehub.errors import ErrorNotified
from movehub.names.search_keys import BuiltinSearchKeys
from movehub.protocol.exchange import Exchange
from movehub.protocol.outcome import Outcome, SearchStatus
from movehub.protocol.plain_data import to_dict
from movehub.sandbox.hub import Hub
from movehub.sandbox.network import Sandbox
from movehub.sandbox.profiles import Profile
from movehub.sandbox.registers.rows import rows
from typer.testing import CliRunner

import erru_client as erru
from erru_client.cli import app
from erru_client.penalties import PenaltyAtEstablishment
from tests.support.erru_messages import infringement, item, ncr_request, nu_request, rsi_request
from tests.support.examples import CANARY, cgr_request, found_manager

NO_NU = "TO MemberState does not implement the NotifyUnfitness workflow"
PROFILES = {
    "SK": Profile(edition="3.4"),
    "MT": Profile(lacks=frozenset({"NU"})),
}


@pytest.fixture(
    scope="module",
    params=[pytest.param(False, id="rfc"), pytest.param(True, id="biztalk", marks=pytest.mark.slow)],
)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(
        "FI",
        late=["LV"],
        down=["GR"],
        version_2=["HR"],
        profiles=PROFILES,
        patience=1.0,
        biztalk=request.param,
    ) as running:
        yield running


@pytest.fixture(params=["3.4", "3.5"])
def finland(sandbox: Sandbox, request: pytest.FixtureRequest) -> erru.ErruClient:
    return erru.ErruClient("FI", sandbox.transport("erru"), version=request.param)


def client_of(sandbox: Sandbox, code: str) -> erru.ErruClient:
    return erru.ErruClient(code, sandbox.transport("erru", sandbox.issued[code]))


def undertaking(state: str) -> dict[str, str]:
    return next(row for row in rows("undertakings") if row["state"] == state)


def search(state: str, **changes: Any) -> erru.CheckTransportUndertakingDataRequest:
    row = undertaking(state)
    vehicle = erru.Vehicle(
        vehicle_registration_number=row["plates"].split(";")[0].replace("-", " "),
        vehicle_registration_country=state,
    )
    licence = f"[{row['licence_number'].lower()}]"
    found = erru.SearchByLicenceAndVehicle(community_licence_number=licence, vehicle=vehicle)
    return erru.CheckTransportUndertakingDataRequest(
        business_case_id="FI-1",
        originating_authority="Traficom",
        request_purpose=erru.RequestPurpose.CONTROL,
        request_source=erru.RequestSource.COMPETENT_AUTHORITY,
        searched_company=erru.SearchedCompany(request_all_vehicles=True, search=found),
    )


def test_cgr_asks_every_register_and_keeps_three_outcomes_apart(finland: erru.ErruClient) -> None:
    row = next(row for row in rows("managers") if row["state"] == "DE" and row["fitness_status"] == "Unfit")
    name = erru.SearchedName(
        family_name=row["family_name"],
        first_name=row["first_name"],
        date_of_birth=date.fromisoformat(row["date_of_birth"]),
    )
    request = replace(cgr_request(), searched_transport_manager=erru.SearchByName(name=name))
    answer = finland.send(request, to=erru.BROADCAST)
    outcomes = {state.member_state_code: state.outcome for state in answer.body.member_states}
    assert answer.header.version == finland.exchange.edition.version
    assert outcomes.pop("DE") is Outcome.FOUND
    assert {code for code, outcome in outcomes.items() if outcome is Outcome.NO_ANSWER} == {"GR", "LV"}
    assert set(outcomes) == erru.CODEC.participants - {"FI", "DE"}


def test_ctud_finds_an_undertaking_however_its_numbers_are_written(finland: erru.ErruClient) -> None:
    answer = finland.send(search("PL"), to="PL").body
    (found,) = answer.undertakings
    assert answer.outcome is Outcome.FOUND
    assert found.transport_undertaking_name == undertaking("PL")["name"]
    assert found.search_method is erru.UndertakingSearchMethod.LICENCE
    assert len(found.vehicles) == found.number_of_vehicles


def test_ctud_finds_an_undertaking_by_the_number_of_a_certified_true_copy(finland: erru.ErruClient) -> None:
    """Annex VIII, 3.3: the number of any of the certified true copies."""
    copy = next(row for row in rows("true_copies") if row["state"] == "PL")
    written = copy["true_copy_number"].replace("/", " ").replace("-", "").lower()
    vehicle = erru.Vehicle(vehicle_registration_number="no such plate", vehicle_registration_country="PL")
    by_copy = erru.SearchByLicenceAndVehicle(community_licence_number=written, vehicle=vehicle)
    request = replace(
        search("PL"), searched_company=erru.SearchedCompany(request_all_vehicles=True, search=by_copy)
    )
    (found,) = finland.send(request, to="PL").body.undertakings
    assert [each.community_licence_number for each in found.licences] == [copy["licence_number"]]
    assert copy["true_copy_number"] in {each.true_copy_number for each in found.true_copies}


def test_every_undertaking_of_the_sandbox_breaks_no_rule_about_its_data(sandbox: Sandbox) -> None:
    """Certified true copies, vehicles, and a band that fits the rating."""
    finland = client_of(sandbox, "FI")
    for state in ("DE", "NO", "SE"):
        assert erru.CODEC.reported(finland.send(search(state), to=state)) == ()


def test_ctud_of_an_unknown_undertaking_is_not_found(finland: erru.ErruClient) -> None:
    assert finland.send(search("PL"), to="SE").body.outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("state", "status"), [("LV", SearchStatus.TIMEOUT), ("GR", SearchStatus.NOT_AVAILABLE)]
)
def test_ctud_without_an_answer_is_the_hubs_word_and_never_not_found(
    finland: erru.ErruClient, state: str, status: SearchStatus
) -> None:
    answer = finland.send(search("PL"), to=state).body
    assert (answer.status_code, answer.outcome) == (status, Outcome.NO_ANSWER)
    assert answer.responding_authority == "European Commission"


def test_ncr_goes_through_all_four_legs(sandbox: Sandbox) -> None:
    """Finland notifies, Poland acknowledges; Poland responds later, Finland acknowledges."""
    finland, poland = client_of(sandbox, "FI"), client_of(sandbox, "PL")
    request = ncr_request()
    receipt = finland.send(request, to="PL")
    assert receipt.body.delivered
    assert receipt.body.acknowledgement_type is erru.AcknowledgementType.NOTIFICATION

    received = sandbox.undertakings["PL"].notified[-1]
    assert received.body == request
    decisions = tuple(
        penalty.imposed("GITD", PenaltyAtEstablishment.WARNING)
        for penalty in received.body.penalties_requested
    )
    response = received.body.respond("GITD", _registered(), decisions)
    second = poland.respond(received, response)
    assert second.body.delivered
    assert second.body.acknowledgement_type is erru.AcknowledgementType.RESPONSE
    assert second.header.workflow_id == receipt.header.workflow_id
    assert sandbox.undertakings["FI"].notified[-1].body == response


def _registered() -> erru.RegisteredUndertaking:
    return erru.RegisteredUndertaking(
        transport_undertaking_name="Transport",
        number_of_vehicles=1,
        community_licence_number="PL-0042",
        community_licence_status=erru.LicenceStatus.ACTIVE,
        address=erru.Address(address="x", post_code="0", city="Łódź", country="PL"),
    )


def test_a_check_result_for_a_state_of_version_2_is_ok_and_yet_not_delivered(
    finland: erru.ErruClient,
) -> None:
    """Test case NCR_11: the status alone would lose a sanction."""
    receipt = finland.send(ncr_request(erru.CheckResult.CLEAN_CHECK), to="HR").body
    assert receipt.status_code.value == "OK"
    assert not receipt.delivered
    assert "not been forwarded" in str(receipt.status_message)


@pytest.mark.parametrize("state", ["LV", "GR"])
def test_a_check_result_without_a_receipt_is_not_delivered(finland: erru.ErruClient, state: str) -> None:
    assert not finland.send(ncr_request(), to=state).body.delivered


def test_nu_tells_everybody_and_says_who_does_not_have_it(finland: erru.ErruClient, sandbox: Sandbox) -> None:
    reply = finland.send(nu_request(), to=erru.BROADCAST)
    messages = {row.member_state_code: row.status_message for row in reply.body.member_states}
    assert set(reply.missing) == {"GR", "HR", "LV", "MT"}
    assert messages["MT"] == messages["HR"] == NO_NU
    told = sandbox.undertakings["SE"].notified[-1].body
    assert isinstance(told, erru.NotifyUnfitnessRequest)
    assert told.name_searched is not None
    assert told.name_searched.family_name_search_key == "CANARANVAGAL"
    assert told.reading is erru.UnfitnessReading.UNFIT_FROM


def test_nu_to_a_state_without_the_workflow_is_refused(finland: erru.ErruClient) -> None:
    """Test case NU_01."""
    with pytest.raises(ErrorNotified) as caught:
        finland.send(nu_request(), to="MT")
    assert caught.value.notification.status_message == NO_NU


def test_rsi_is_ok_where_the_undertaking_is_known_and_received_elsewhere_too(
    finland: erru.ErruClient, sandbox: Sandbox
) -> None:
    known = undertaking("PL")
    operator = erru.TransportUndertakingDetails(
        transport_undertaking_name=known["name"],
        community_licence_number=known["licence_number"],
        address=erru.Address(address="x", post_code="0", city="Łódź", country="PL"),
    )
    request = rsi_request()
    details = replace(request.identification_details, operator=operator)
    request = replace(request, identification_details=details)
    assert finland.send(request, to="PL").body.delivered
    elsewhere = finland.send(request, to="SE").body
    assert elsewhere.delivered
    assert elsewhere.outcome is Outcome.NOT_FOUND
    assert sandbox.undertakings["SE"].notified[-1].body == request


def test_rsi_of_one_case_may_have_an_initial_and_a_detailed_message(sandbox: Sandbox) -> None:
    """Regulation (EU) 2017/2205, Annex, point 2: the business case links them."""
    finland = client_of(sandbox, "FI")
    initial = rsi_request()
    detailed = replace(initial, checked_items=initial.checked_items * 2)
    assert finland.send(initial, to="DK").body.delivered
    assert finland.send(detailed, to="DK").body.delivered
    assert [each.body for each in sandbox.undertakings["DK"].notified[-2:]] == [initial, detailed]


REFUSED = {
    "NCR_07": ncr_request(
        erru.CheckResult.FAIL, infringement(), infringement(date_of_infringement=date(2026, 10, 19))
    ),
    "RSI_06": rsi_request(item(erru.InspectionItem.BRAKING, True)),
    "RSI_08": rsi_request(item(erru.InspectionItem.BRAKING, False, "1.1.1.a")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_hub_refuses_although_the_schema_accepts_it_comes_back_as_invalid_data(
    sandbox: Sandbox, case: str
) -> None:
    """The rules stop it before it leaves; here it is sent past them, as another client would."""
    finland = client_of(sandbox, "FI")
    message = finland.exchange.request(REFUSED[case], to="PL")
    with sandbox.transport("erru") as transport:
        answer = erru.decode(transport.post(erru.CODEC.write(message)))
    with pytest.raises(ErrorNotified, match="InvalidData"):
        finland.exchange.check_answer(message, answer)


def test_a_state_of_the_older_edition_answers_a_newer_asker(sandbox: Sandbox) -> None:
    """The hub puts request and answer into the edition of each side."""
    finland = erru.ErruClient("FI", sandbox.transport("erru"), version="3.5")
    answer = finland.send(search("SK"), to="SK")
    assert (answer.header.version, answer.body.outcome) == ("3.5", Outcome.FOUND)


class Older:
    """A state of edition 3.4 that leaves out the validity of a certificate, as its schema lets it."""

    def post(self, data: bytes) -> bytes:
        request = erru.decode(data)
        manager = found_manager()
        manager = replace(manager, certificate=replace(manager.certificate, certificate_validity=None))
        answer = request.body.answer("SK", (manager,))
        return erru.CODEC.write(Exchange("SK", erru.ERRU_3_4).answer(request, answer))


def test_where_the_hub_cannot_translate_an_answer_it_says_so() -> None:
    """An answer of 3.4 may lack the validity of the certificate; 3.5 demands it, and nobody invents it."""
    hub = Hub(erru.CODEC, {"SK": Older()}, BuiltinSearchKeys(), profiles={"SK": Profile(edition="3.4")})
    with closing(hub):
        older, newer = (
            erru.ErruClient("FI", hub, version=version).send(cgr_request(), to="SK").body
            for version in ("3.4", "3.5")
        )
    assert older.member_states[0].outcome is Outcome.FOUND
    assert newer.member_states[0].outcome is Outcome.NO_ANSWER
    assert "cannot be put into the edition" in str(newer.member_states[0].status_message)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture
def config(sandbox: Sandbox, tmp_path: Path) -> str:
    return str(sandbox.write_config(tmp_path / "hub.toml"))


CASE = ("--business-case-id", "1", "--originating-authority", "Traficom")


def test_erru_ctud_prints_the_undertaking(config: str) -> None:
    row = undertaking("SE")
    code, text = run(
        *("ctud", "--config", config, "--to", "SE", *CASE, "--all-vehicles"),
        *("--licence", row["licence_number"], "--name", row["name"]),
    )
    assert code == 0
    assert row["licence_number"] in text
    assert row["plates"].split(";")[0] in " ".join(text.split())


@pytest.mark.parametrize(
    ("state", "licence", "shown"),
    [
        ("PL", "TP-532339", "TP-532339/001, TP-532339/002"),
        ("DE", "D8203466", "D8203466/001 (withdrawn 2026-06-15)"),
        ("IT", "ITAAHC03285", "ITAAHC03285/001 (suspended from 2026-09-01 until 2027-02-28)"),
    ],
)
def test_erru_ctud_prints_the_certified_true_copies_and_how_they_stand(
    config: str, state: str, licence: str, shown: str
) -> None:
    code, text = run("ctud", "--config", config, "--to", state, *CASE, "--licence", licence, "--name", "x")
    assert code == 0
    assert shown in " ".join(text.split())


def test_erru_ctud_wants_two_criteria(config: str) -> None:
    code, text = run("ctud", "--config", config, "--to", "SE", *CASE, "--name", "x")
    assert code == 2
    assert "give two of" in text


def test_erru_ctud_prints_json(config: str) -> None:
    code, text = run(
        *("ctud", "--config", config, "--to", "GR", *CASE, "--name", "x", "--licence", "y", "--json")
    )
    assert code == 3
    assert "no answer from GR" in text
    assert json.loads(text[: text.rindex("}") + 1])["status_code"] == "NotAvailable"


@pytest.mark.parametrize(
    ("command", "body", "to"),
    [("ncr", ncr_request(erru.CheckResult.CLEAN_CHECK), "HR"), ("rsi", rsi_request(), "GR")],
)
def test_a_notification_is_sent_from_a_json_file(
    config: str, tmp_path: Path, command: str, body: Any, to: str
) -> None:
    path = tmp_path / "body.json"
    path.write_text(json.dumps(to_dict(body)), "utf-8")
    code, text = run(command, str(path), "--config", config, "--to", to)
    assert code == 3
    assert "not delivered" in text
    path.write_text("{}", "utf-8")
    assert run(command, str(path), "--config", config, "--to", "PL")[0] == 4


def test_erru_rsi_is_delivered_to_a_state_that_does_not_know_the_vehicle(config: str, tmp_path: Path) -> None:
    """Regulation (EU) 2017/2205, Annex, point 2: the receipt shall not be refused."""
    path = tmp_path / "body.json"
    path.write_text(json.dumps(to_dict(rsi_request())), "utf-8")
    code, text = run("rsi", str(path), "--config", config, "--to", "SE")
    assert code == 0
    assert "SE does not know the vehicle or the undertaking." in text
    assert "SE delivered (NotFound)" in text
    code, text = run("rsi", str(path), "--config", config, "--to", "SE", "--json")
    assert (code, json.loads(text)["delivered"]) == (0, True)


def test_erru_nu_tells_who_has_the_notification(config: str) -> None:
    person = ("--family-name", CANARY, "--first-name", "Z", "--date-of-birth", "1970-01-02")
    code, text = run("nu", "--config", config, *CASE, *person, "--unfit-start-date", "2026-10-01")
    assert code == 3
    assert "SE delivered" in text
    assert "MT not delivered" in text


def test_erru_nu_never_leaves_the_start_out_by_accident(config: str) -> None:
    """It is mandatory, and without it the notification has two readings."""
    person = ("--certificate-number", "1", "--certificate-issue-date", "2000-01-01")
    country = ("--certificate-issue-country", "FI")
    code, text = run("nu", "--config", config, "--to", "SE", *CASE, *person, *country)
    assert code == 2
    assert "--undated" in text
    code, text = run("nu", "--config", config, "--to", "SE", *CASE, *person, *country, "--undated")
    assert code == 0
    assert "warning breaks NU-1" in text


def test_erru_nu_from_a_file_leaves_the_start_out_only_if_told_to(
    config: str, tmp_path: Path, sandbox: Sandbox
) -> None:
    body = tmp_path / "body.json"
    body.write_text(json.dumps(to_dict(nu_request(None))), "utf-8")
    arguments = "nu", str(body), "--config", config, "--to", "SE"
    before = len(sandbox.undertakings["SE"].notified)
    code, text = run(*arguments)
    assert (code, len(sandbox.undertakings["SE"].notified)) == (4, before)
    assert "NU-1" in text
    assert run(*arguments, "--undated")[0] == 0
    assert sandbox.undertakings["SE"].notified[-1].body.reading is erru.UnfitnessReading.UNDATED


def test_a_notification_without_a_date_is_stored_and_the_log_names_both_readings(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    receipt = client_of(sandbox, "FI").send(nu_request(None), to="SE", despite=["NU-1"])
    assert receipt.complete
    assert sandbox.undertakings["SE"].notified[-1].body == nu_request(None).with_search_keys(
        BuiltinSearchKeys().keys(CANARY, "Zofia")
    )
    (line,) = [each.getMessage() for each in caplog.records if "NU-1" in each.getMessage()]
    assert erru.UnfitnessReading.UNDATED.value in line
    assert CANARY not in caplog.text


def test_erru_show_prints_a_message_and_the_rules_it_breaks(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "message.xml"
    undated = client_of(sandbox, "FI").exchange.request(nu_request(None), to="ZZ")
    path.write_bytes(erru.encode(undated, despite=["NU-1"]))
    code, text = run("show", str(path))
    assert code == 0
    assert "family_name: Kanarienvogel" in text
    assert "NU-1" in text
    assert "unfit from the day of reception" in text
    assert "reinstatement" in text
    shown = run("show", "--json", str(path))[1].split("error breaks NU-1")[0]
    assert json.loads(shown)["root"].startswith("Notify")


def test_erru_rules_lists_the_table() -> None:
    code, text = run("rules")
    assert code == 0
    assert "NCRR-1" in text
