"""CONTRIBUTING, "Add a field": a field that is missing in a place which the recipe names fails here.

The maximal specimens are held to the schema in `tests/xsd/test_editions.py`, the classes in
`tests/xsd/test_paths.py`, and TACHOnet's rows of the documentation in `tests/conformance/test_annex_iii.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

import pytest
import typer
from movehub.batch import Kind, lists_of
from movehub.batch.rows import columns
from movehub.cli.responding import NOTIFY
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Body
from movehub.protocol.plain_data import to_dict
from movehub.records import plan_of
from movehub.sandbox.registers.drivers import DriverRegister
from movehub.sandbox.registers.rows import rows_of
from movehub.sandbox.registers.undertakings import UndertakingRegister
from typer.testing import CliRunner

import erru_client as erru
import erru_client.cli
import tachonet_client as tachonet
import tachonet_client.cli
from erru_client.batch_cgr import CGR
from erru_client.batch_ctud import CTUD
from erru_client.batch_ncr import NCR
from tachonet_client.batch_cic import CIC
from tests.fields.exceptions import NO_COLUMN, NO_OPTION, NOT_IN_THE_SANDBOX
from tests.support.cards import ccs_request, icdl_request
from tests.support.erru_examples import ctud_request
from tests.support.examples import cgr_request, cic_request
from tests.support.official import specimens
from tests.support.paths import document_paths, schema_paths

CASE = ("--business-case-id", "FI-1", "--originating-authority", "Traficom")
SOURCE = ("--purpose", "Issue", "--source")
NAME = ("--family-name", "Virtanen", "--first-name", "Aino", "--date-of-birth", "1984-03-17")
BORN = ("--place-of-birth", "Oulu")
CERTIFICATE = (
    *("--certificate-number", "1", "--certificate-issue-date", "2010-01-31"),
    *("--certificate-issue-country", "FI"),
)
COMPANY = ("--name", "Oy Yhtiö Ab", "--licence", "LT-7-118")
VEHICLE = ("--plate", "KRV 118", "--plate-country", "LT")
CARD = ("--card-number", "A000006173265901")
LICENCE = ("--driving-licence-number", "70316296")

#: Calls of each command that asks or notifies, with all of its options between them.
CALLS: dict[str, list[tuple[str, ...]]] = {
    "erru cgr": [
        (*CASE, *SOURCE, "CA", *NAME, *CERTIFICATE),
        (*CASE, *SOURCE, "CA", *CERTIFICATE),
    ],
    "erru ctud": [
        (*CASE, *SOURCE, "CA", *COMPANY, *VEHICLE, "--all-vehicles"),
        (*CASE, *SOURCE, "CA", *COMPANY),
        (*CASE, *SOURCE, "CA", "--name", "Oy Yhtiö Ab", *VEHICLE),
    ],
    "erru nu": [
        (*CASE, "--unfit-start-date", "2026-01-31", *NAME, *CERTIFICATE),
        (*CASE, "--undated", *CERTIFICATE),
    ],
    "erru ncr": [],
    "erru rsi": [],
    "tachonet cic": [
        (*CASE, *SOURCE, "CIA", *NAME, *BORN, *LICENCE, "--driving-licence-issuing-country", "AT"),
    ],
    "tachonet ccs": [(*CASE, *SOURCE, "CIA", *CARD)],
    "tachonet mcs": [
        (
            *(*CASE, *SOURCE, "CIA", *CARD, "--new-status", "Stolen", "--declared-by", "Police"),
            *("--authority-address", "Street 1"),
            *("--modified-at", "2026-11-22T10:30:00+02:00"),
        ),
    ],
    "tachonet icdl": [(*CASE, *CARD, *LICENCE, *NAME, *BORN)],
}
#: The root that a command sends.
ROOTS = {
    "erru cgr": "CheckGoodRepute_Request",
    "erru ctud": "CheckTransportUndertakingData_Request",
    "erru nu": "NotifyUnfitness_Request",
    "erru ncr": "NotifyCheckResult_Request",
    "erru rsi": "RoadSideInspection_Request",
    "tachonet cic": "CheckIssuedCards_Request",
    "tachonet ccs": "CheckCardStatus_Request",
    "tachonet mcs": "ModifyCardStatus_Request",
    "tachonet icdl": "IssuedCardDrivingLicence_Request",
}
#: Options that are not about the body.
NOT_OF_THE_BODY = {"by", "config", "to", "json", "body", "help"}
SYSTEMS: dict[str, Any] = {"erru": erru, "tachonet": tachonet}
APPS: dict[str, Any] = {"erru": erru_client.cli.app, "tachonet": tachonet_client.cli.app}
EDITIONS = {"erru": erru.ERRU_3_5, "tachonet": tachonet.TACHONET_3_0}
CLIENTS = {"erru": erru.ErruClient, "tachonet": tachonet.TachonetClient}


class Line:
    """A transport that keeps what it is given and answers nothing."""

    url = "https://test.example/"

    def __init__(self) -> None:
        self.documents: list[bytes] = []

    def post(self, data: bytes) -> bytes:
        self.documents.append(data)
        raise OSError("nobody is there")


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    """Have each client that a command opens write to this line."""
    opened = Line()
    for client in CLIENTS.values():
        monkeypatch.setattr(client, "from_config", lambda *_, client=client, **__: client("FI", opened))
    return opened


def called(command: str, line: Line, *arguments: str, entered: str = "") -> bytes:
    """Return the document that a command has sent."""
    system, name = command.split()
    done = CliRunner().invoke(APPS[system], [name, "--config", "hub.toml", *arguments], input=entered)
    assert line.documents, done.output
    return line.documents[-1]


def leaves(command: str) -> set[str]:
    """Return each attribute of the body that a command sends."""
    system, _ = command.split()
    root = ROOTS[command]
    return {
        path
        for path in schema_paths(EDITIONS[system], root)
        if path.startswith(f"{root}/Body") and "@" in path
    }


def without_a_reason(missing: set[str], table: dict[str, str]) -> set[str]:
    """Return what fits no pattern of a table of exceptions."""
    return {each for each in missing if not any(fnmatchcase(each, pattern) for pattern in table)}


def out_of_date(missing: set[str], table: dict[str, str]) -> set[str]:
    """Return the patterns of a table that nothing needs."""
    return {pattern for pattern in table if not any(fnmatchcase(each, pattern) for each in missing)}


def test_every_request_has_its_command() -> None:
    """But for a response that is a message of its own: `movehub serve` and a responder send those."""
    roots = {body.root for system in SYSTEMS.values() for body in system.CODEC.bodies}
    assert {root for root in roots if root.endswith("_Request")} == set(ROOTS.values())


@pytest.mark.parametrize("command", CALLS)
def test_every_field_of_a_request_can_be_given_as_json(command: str, line: Line) -> None:
    """All that a maximal specimen holds comes through `show --json` and BODY, but for the hub's words."""
    system, _ = command.split()
    client = SYSTEMS[system]
    for name, document in specimens(system, EDITIONS[system].version).items():
        message = client.decode(document)
        if "_maximal" in name and message.body.root == ROOTS[command]:
            given = to_dict(message.body)
            sent = called(command, line, "--to", "LT", "-", entered=json.dumps(given, ensure_ascii=False))
            assert to_dict(client.decode(sent).body) == given


def test_every_field_of_a_request_has_an_option_or_a_reason(line: Line) -> None:
    """`erru ncr` and `erru rsi` have no options: what they send is too large, and comes as JSON alone."""
    missing: set[str] = set()
    for command, calls in CALLS.items():
        if calls:
            sent = {
                path for call in calls for path in document_paths(called(command, line, "--to", "LT", *call))
            }
            missing |= leaves(command) - sent
    assert without_a_reason(missing, NO_OPTION) == set()
    assert out_of_date(missing, NO_OPTION) == set()


@pytest.mark.parametrize("command", CALLS)
def test_every_option_is_called_here(command: str) -> None:
    system, name = command.split()
    found: Any = typer.main.get_command(APPS[system])
    found = found.commands[name]
    found = getattr(found, "commands", {NOTIFY: found})[NOTIFY]
    named = {option.opts[0] for option in found.params if option.name not in NOT_OF_THE_BODY}
    assert named == {word for call in CALLS[command] for word in call if word.startswith("--")}


def leaf_names(record: type) -> set[str]:
    """Return the names of the values of a record and of all records inside it."""
    plan = plan_of(record)
    inner = {name for child in plan.children for cls in child.classes for name in leaf_names(cls)}
    return {value.field for value in plan.values} | inner


@pytest.mark.parametrize("kind", [CIC, CGR, CTUD, NCR], ids=lambda kind: kind.name)
def test_every_field_of_the_request_of_a_batch_has_a_column_or_a_reason(kind: Kind) -> None:
    requests = {
        CIC.name: tachonet.SearchedDriver,
        CGR.name: erru.CheckGoodReputeRequest,
        CTUD.name: erru.CheckTransportUndertakingDataRequest,
        NCR.name: erru.NotifyCheckResultRequest,
    }
    asked = leaf_names(requests[kind.name]) - {*kind.required, *kind.optional}
    reasons = NO_COLUMN[kind.name]
    assert without_a_reason(asked, reasons) == set()
    assert out_of_date(asked, reasons) == set()


@pytest.mark.parametrize("kind", [CIC, CGR, CTUD, NCR], ids=lambda kind: kind.name)
def test_every_field_of_an_answer_has_a_column_in_the_results_of_a_batch(kind: Kind) -> None:
    """Only what repeats the question has none."""
    answers = {
        CIC.name: tachonet.CardsInState,
        CGR.name: erru.GoodReputeInState,
        CTUD.name: erru.FoundUndertaking,
        NCR.name: erru.NotifyCheckResultAcknowledgement,
    }
    answer = answers[kind.name]
    columns_ = {*columns(kind), "member_state_code", "status_message", "originating_authority"}
    assert leaf_names(answer) <= columns_
    assert lists_of(answer) - {"found"} == set(kind.lists)


def tachonet_answers() -> Iterator[bytes]:
    """Yield what the sandbox's registers of cards answer about each row of their data."""
    for code in sorted(tachonet.CODEC.participants):
        register = DriverRegister(code)
        responder = tachonet.responder(register, code, f"Register of {code}")
        asked: list[Body] = []
        for row in rows_of("drivers", code):
            driver = tachonet.SearchedDriver(
                family_name=row["family_name"],
                first_name=row["first_name"],
                date_of_birth=date.fromisoformat(row["date_of_birth"]),
            )
            card = tachonet.SearchedCard(card_number=row["card_number"])
            issued = replace(icdl_request().issued_card, driving_licence_number=row["driving_licence_number"])
            asked.append(replace(cic_request(), searched_driver=driver))
            asked.append(replace(ccs_request(), searched_card=card))
            asked.append(replace(icdl_request(), issued_card=issued))
        for row in rows_of("workshop_cards", code):
            if row["family_name"]:
                driver = tachonet.SearchedDriver(
                    family_name=row["family_name"],
                    first_name=row["first_name"],
                    date_of_birth=date.fromisoformat(row["date_of_birth"]),
                )
                asked.append(replace(cic_request(), searched_driver=driver))
            asked.append(
                replace(ccs_request(), searched_card=tachonet.SearchedCard(card_number=row["card_number"]))
            )
        yield from answers("tachonet", responder, code, asked)
        register.close()


def erru_answers() -> Iterator[bytes]:
    """Yield what the sandbox's registers of undertakings answer about each row of their data."""
    for code in sorted(erru.CODEC.participants):
        responder = erru.responder(UndertakingRegister(code), code, f"Register of {code}")
        asked: list[Body] = []
        for row in rows_of("managers", code):
            certificate = erru.Certificate(
                certificate_number=row["certificate_number"],
                certificate_issue_date=date.fromisoformat(row["certificate_issue_date"]),
                certificate_issue_country=row["certificate_issue_country"],
            )
            search = erru.SearchByCertificate(certificate=certificate)
            asked.append(replace(cgr_request(), searched_transport_manager=search))
        for row in rows_of("undertakings", code):
            company = erru.SearchByLicenceAndName(
                transport_undertaking_name=row["name"], community_licence_number=row["licence_number"]
            )
            searched = erru.SearchedCompany(request_all_vehicles=True, search=company)
            asked.append(replace(ctud_request(), searched_company=searched))
        yield from answers("erru", responder, code, asked)


def answers(system: str, responder: Any, code: str, asked: list[Body]) -> Iterator[bytes]:
    """Yield the answers of one state to questions of another."""
    exchange = Exchange("FI" if code != "FI" else "SE", EDITIONS[system])
    for body in asked:
        yield responder.handle(SYSTEMS[system].encode(exchange.request(body, to=code)))


def test_every_field_of_an_answer_is_in_the_data_of_the_sandbox_or_has_a_reason() -> None:
    found = {path for document in (*tachonet_answers(), *erru_answers()) for path in document_paths(document)}
    roots = {path.partition("/")[0] for path in found}
    wanted = {
        path
        for system, edition in EDITIONS.items()
        for body in SYSTEMS[system].CODEC.bodies
        if body.root in roots
        for path in schema_paths(edition, body.root)
        if path.startswith(f"{body.root}/Body") and "@" in path
    }
    assert without_a_reason(wanted - found, NOT_IN_THE_SANDBOX) == set()
    assert out_of_date(wanted - found, NOT_IN_THE_SANDBOX) == set()
