"""The batches of ERRU: from a line to its request, and from an answer to its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from movehub.batch import Kind, Line, Lines
from movehub.batch.rows import Row, encoded, headings, read_rows, rows_of
from movehub.errors import InvalidConfiguration, InvalidOutgoing
from movehub.protocol.outcome import NotificationStatus, SearchStatus
from movehub.records import with_extra

import erru_client as erru
from erru_client.batch_cgr import CGR
from erru_client.batch_ctud import CTUD
from erru_client.batch_ncr import NCR
from tests.support.erru_examples import ADDRESS, VEHICLE, ctud_request, found_undertaking
from tests.support.examples import CANARY, FI_ERRU, cgr_request, found_manager


def lines(folder: Path, kind: Kind, heading: str, *rows: str) -> tuple[Line, ...]:
    path = folder / "lines.csv"
    path.write_text("\n".join([heading, *rows, ""]), "utf-8")

    def check(request: Any, to: str) -> bytes:
        return erru.CODEC.encode(FI_ERRU.request(request, to))

    return Lines.read(kind, path, "Traficom", check).lines


def rows(kind: Kind, state: str, answer: Any) -> Iterator[Row]:
    """The rows of an answer, as they come back from the file."""
    asked = Row(line="2", attempt="1", business_case_id="FI-1", outcome="asked")
    written = list(rows_of(kind, asked, state, answer))
    for row in written:
        assert set(row.cells) <= {*kind.columns, "extra"}, "no cell is lost"
    return read_rows(kind, headings(kind) + b"".join(encoded(kind, row) for row in written))


NAMED = "business_case_id,family_name,first_name,date_of_birth"
CERTIFIED = "certificate_number,certificate_issue_date,certificate_issue_country"


def test_a_manager_is_asked_about_by_name_by_certificate_or_by_both(tmp_path: Path) -> None:
    named, certified, both = (
        line.request.searched_transport_manager
        for line in lines(
            tmp_path,
            CGR,
            f"{NAMED},{CERTIFIED},to",
            "FI-1,Müller,Anna,1970-01-02,,,,",
            "FI-2,,,,AT-1,2010-02-03,AT,AT",
            "FI-3,Müller,Anna,1970-01-02,AT-1,2010-02-03,AT,",
        )
    )
    assert (named.name.family_name, named.certificate) == ("Müller", None)
    assert isinstance(certified, erru.SearchByCertificate)
    assert both.name.date_of_birth == date(1970, 1, 2)
    assert both.certificate == certified.certificate


def test_a_manager_is_asked_about_in_all_states_unless_the_line_names_one(tmp_path: Path) -> None:
    heading, row = f"{NAMED},to", "Müller,Anna,1970-01-02"
    all_states, one = lines(tmp_path, CGR, heading, f"FI-1,{row},", f"FI-2,{row},AT")
    assert (all_states.to, one.to) == ("ZZ", "AT")
    assert all_states.request.request_purpose is erru.RequestPurpose.ISSUE
    assert all_states.request.originating_authority == "Traficom"


@pytest.mark.parametrize(
    ("kind", "heading", "row", "said"),
    [
        (CGR, f"{NAMED},{CERTIFIED}", "FI-1,,,,,,", "give the name of a manager, or a certificate"),
        (CGR, f"{NAMED},{CERTIFIED}", f"FI-1,{CANARY},A,1970-1-2,,,", "date_of_birth must be a day"),
        (CGR, f"{NAMED},{CERTIFIED}", "FI-1,,,,AT-1,,AT", "certificate_issue_date must be a day"),
        (
            CGR,
            f"{NAMED},request_purpose",
            f"FI-1,{CANARY},A,1970-01-02,Fun",
            "request_purpose must be one of",
        ),
        (
            CGR,
            f"{NAMED},request_source",
            f"FI-1,{CANARY},A,1970-01-02,Hub",
            "request_source must be one of CA, RSI, Other",
        ),
        (
            CTUD,
            "business_case_id,transport_undertaking_name,to",
            f"FI-1,{CANARY},PL",
            "give two of name, licence number and vehicle",
        ),
        (
            CTUD,
            "business_case_id,transport_undertaking_name,community_licence_number,to",
            f"FI-1,{CANARY},TP-1,",
            "to is empty: ERRU CTUD goes to one state",
        ),
        (
            CTUD,
            "business_case_id,transport_undertaking_name,community_licence_number,to",
            f"FI-1,{CANARY},TP-1,ZZ",
            "cannot be sent to ZZ",
        ),
        (
            CTUD,
            "business_case_id,transport_undertaking_name,community_licence_number,request_all_vehicles,to",
            f"FI-1,{CANARY},TP-1,maybe,PL",
            "request_all_vehicles must be yes or no",
        ),
    ],
)
def test_a_line_that_is_no_request_is_named_with_its_column(
    tmp_path: Path, kind: Kind, heading: str, row: str, said: str
) -> None:
    with pytest.raises(InvalidOutgoing, match=f"line 2: .*{said}") as caught:
        lines(tmp_path, kind, heading, row)
    assert CANARY not in str(caught.value)


CRITERIA = (
    "business_case_id,transport_undertaking_name,community_licence_number,vehicle_registration_number,"
    "vehicle_registration_country,request_all_vehicles,to"
)


def test_an_undertaking_is_asked_about_by_two_criteria_or_three(tmp_path: Path) -> None:
    searches = [
        line.request.searched_company.search
        for line in lines(
            tmp_path,
            CTUD,
            CRITERIA,
            "FI-1,Cargo,TP-1,,,,PL",
            "FI-2,,TP-1,WA 1,PL,,PL",
            "FI-3,Cargo,,WA 1,PL,,PL",
            "FI-4,Cargo,TP-1,WA 1,PL,yes,PL",
        )
    ]
    assert [type(search) for search in searches] == [
        erru.SearchByLicenceAndName,
        erru.SearchByLicenceAndVehicle,
        erru.SearchByNameAndVehicle,
        erru.SearchByLicenceAndVehicle,
    ]
    assert searches[3].transport_undertaking_name == "Cargo"


def test_a_line_says_whether_it_wants_all_vehicles(tmp_path: Path) -> None:
    found = lines(
        tmp_path, CTUD, CRITERIA, "FI-1,C,TP-1,,,yes,PL", "FI-2,C,TP-1,,,no,PL", "FI-3,C,TP-1,,,,PL"
    )
    assert [line.request.searched_company.request_all_vehicles for line in found] == [True, False, False]


CHECK = ",".join(NCR.required)


def test_a_line_notifies_a_clean_check_by_the_authority_that_made_it(tmp_path: Path) -> None:
    police, own = lines(
        tmp_path,
        NCR,
        f"{CHECK},originating_authority",
        "FI-1,Cargo,TP-1,WA 1,PL,2026-11-22,PL,Poliisi",
        "FI-2,Cargo,TP-1,WA 2,PL,2026-11-22,PL,",
    )
    assert police.request.check_result is erru.CheckResult.CLEAN_CHECK
    assert not police.request.response_due
    assert police.request.transport_undertaking.check_summary.date_of_check == date(2026, 11, 22)
    assert (police.request.originating_authority, own.request.originating_authority) == (
        "Poliisi",
        "Traficom",
    )


def test_a_file_without_the_state_to_notify_is_refused(tmp_path: Path) -> None:
    """Annex II, 1.2: it goes to the state of establishment. There is no broadcast."""
    with pytest.raises(InvalidConfiguration, match="the file of clean checks lacks the column to"):
        lines(tmp_path, NCR, CHECK.removesuffix(",to"), "FI-1,Cargo,TP-1,WA 1,PL,2026-11-22")


def managed() -> erru.ManagedUndertakings:
    own = erru.ManagedUndertaking(
        transport_undertaking_name="Kuljetus Oy",
        number_of_vehicles=3,
        community_licence_number="FI-77",
        community_licence_status=erru.LicenceStatus.ACTIVE,
        address=ADDRESS,
    )
    return erru.ManagedUndertakings(
        total_managed_undertakings=2, total_managed_vehicles=5, undertakings=(own, own)
    )


def test_a_manager_keeps_each_field_and_each_undertaking_has_a_row() -> None:
    manager = replace(found_manager(), address=ADDRESS, transport_undertakings=managed())
    (state,) = cgr_request().answer("DK", (manager, manager), "read this").member_states
    found, one, other, second, *_ = rows(CGR, "DK", state)
    assert (found.outcome, found.record, found.status_code, found.said) == (
        "found",
        "1",
        "Found",
        "read this",
    )
    assert (found.cells["fitness_status"], found.cells["certificate_validity"]) == ("Fit", "Valid")
    assert (found.cells["family_name"], found.cells["city"]) == (CANARY, "Klaipėda")
    assert (found.cells["total_managed_undertakings"], found.cells["total_managed_vehicles"]) == ("2", "5")
    assert (one.outcome, one.record) == ("managed undertaking", "1")
    assert (one.cells["transport_undertaking_name"], one.cells["number_of_vehicles"]) == ("Kuljetus Oy", "3")
    assert one == other
    assert (second.outcome, second.record) == ("found", "2")


def test_an_undertaking_keeps_its_licences_vehicles_and_true_copies() -> None:
    copy = erru.CertifiedTrueCopy(
        true_copy_number="LT-7-118/001",
        true_copy_issue_date=date(2023, 5, 2),
        true_copy_expiry_date=date(2033, 5, 1),
    )
    answer = ctud_request().answer("LTSA", (replace(found_undertaking(), true_copies=(copy,)),))
    found, vehicle, licence, true_copy = rows(CTUD, "LT", answer)
    assert (found.outcome, found.member_state, found.cells["responding_authority"]) == ("found", "LT", "LTSA")
    assert (found.cells["risk_band"], found.cells["risk_rating"]) == ("Grey", "0")
    assert vehicle.cells == {
        "vehicle_registration_number": VEHICLE.vehicle_registration_number,
        "vehicle_registration_country": "LT",
    }
    assert (licence.outcome, licence.cells["community_licence_number"]) == ("licence", "LT-7-118")
    assert (true_copy.outcome, true_copy.cells["true_copy_number"]) == ("certified true copy", "LT-7-118/001")


def test_what_was_searched_is_not_shown_as_what_was_found() -> None:
    (row,) = rows(CTUD, "LT", ctud_request().unanswered(SearchStatus.NOT_AVAILABLE, "no register"))
    assert (row.outcome, row.status_code, row.said) == ("no answer", "NotAvailable", "no register")
    assert "transport_undertaking_name" not in row.cells


def test_a_receipt_keeps_who_gave_it(tmp_path: Path) -> None:
    (line,) = lines(tmp_path, NCR, CHECK, "FI-1,Cargo,TP-1,WA 1,PL,2026-11-22,PL")
    (receipt,) = rows(NCR, "PL", line.request.acknowledge("GITD"))
    assert (receipt.outcome, receipt.cells["responding_authority"]) == ("delivered", "GITD")
    (silent,) = rows(NCR, "PL", line.request.unanswered(NotificationStatus.TIMEOUT))
    assert (silent.outcome, silent.status_code) == ("not delivered", "Timeout")


def test_a_field_that_only_an_official_schema_has_is_kept() -> None:
    manager = with_extra(found_manager(), register_number="R-7")
    (state,) = cgr_request().answer("DK", (manager,)).member_states
    (found,) = rows(CGR, "DK", state)
    assert found.cells["extra"] == '{"register_number": "R-7"}'
