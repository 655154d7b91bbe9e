"""What the sandbox hub makes of messages to a state that still uses version 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from movehub.errors import ErrorNotified
from movehub.names.search_keys import BuiltinSearchKeys
from movehub.protocol.message import Message
from movehub.protocol.outcome import Outcome, SearchStatus
from movehub.protocol.workflow import BROADCAST
from movehub.sandbox import version_2
from movehub.sandbox.hub import Hub
from movehub.sandbox.profiles import ALL, Profile

import erru_client as erru
import tachonet_client as tachonet
from tests.support.cards import ccs_request, checked_card, icdl_request, mcs_request
from tests.support.erru_messages import (
    ADDRESS,
    VEHICLE,
    ctud_request,
    found_undertaking,
    infringement,
    ncr_request,
    nu_request,
    rsi_request,
)
from tests.support.examples import cgr_request, cic_request, found_driver, found_manager

ON = date(2026, 10, 20)


class Germany:
    """A state with both registers, seen from the hub: it remembers what it was asked."""

    def __init__(self, codec: Any) -> None:
        self.asked: list[Any] = []
        self.managers: tuple[erru.FoundTransportManager, ...] = ()
        self.undertakings: tuple[erru.FoundUndertaking, ...] = ()
        self.drivers: tuple[tachonet.FoundDriver, ...] = ()
        system: Any = erru if codec is erru.CODEC else tachonet
        self._codec, self._responder = codec, system.responder(self, "DE", "KBA")

    def post(self, data: bytes) -> bytes:
        self.asked.append(self._codec.decode(data).body)
        return bytes(self._responder.handle(data))

    def check_good_repute(self, search: object) -> tuple[erru.FoundTransportManager, ...]:
        return self.managers

    def check_transport_undertaking_data(self, company: object) -> tuple[erru.FoundUndertaking, ...]:
        return self.undertakings

    def notify_check_result(self, notification: Message[Any]) -> None:
        pass

    def receive_check_result_response(self, response: Message[Any]) -> None:
        pass

    def notify_unfitness(self, notification: Message[Any]) -> None:
        pass

    def road_side_inspection(self, inspection: Message[Any]) -> bool:
        return True

    def check_issued_cards(self, driver: object) -> tuple[tachonet.FoundDriver, ...]:
        return self.drivers

    def check_card_status(self, card: object) -> tachonet.CheckedCard:
        return replace(checked_card(), card_number=ccs_request().searched_card.card_number)

    def modify_card_status(self, notification: Message[Any]) -> None:
        pass

    def receive_card_status_response(self, response: Message[Any]) -> None:
        pass

    def issued_card_driving_licence(self, notification: Message[Any]) -> tachonet.RecordingStatus:
        return tachonet.RecordingStatus.OK


@contextmanager
def old_state(
    codec: Any = erru.CODEC, workflows: frozenset[str] = ALL, version: str | None = None
) -> Iterator[tuple[Any, Germany]]:
    """Yield a client of Finland, and Germany, which uses version 2 for these workflows."""
    germany = Germany(codec)
    profiles = {"DE": Profile(version_2=workflows)}
    client: Any = erru.ErruClient if codec is erru.CODEC else tachonet.TachonetClient
    with closing(Hub(codec, {"DE": germany}, BuiltinSearchKeys(), profiles=profiles)) as hub:
        yield client("FI", hub, **({"version": version} if version else {})), germany


def failed_without_infringements() -> erru.NotifyCheckResultRequest:
    request = ncr_request()
    checked = replace(request.transport_undertaking, serious_infringements=())
    return replace(request, transport_undertaking=checked)


MINOR = erru.MinorInfringement(date_of_infringement=ON, number_of_infringements=2)
NO_SERIOUS = {
    "NCR_11": failed_without_infringements(),
    "clean check": ncr_request(erru.CheckResult.CLEAN_CHECK),
    "minor infringements": ncr_request(erru.CheckResult.PASS, minor=MINOR),
}


@pytest.mark.parametrize("request_", NO_SERIOUS.values(), ids=NO_SERIOUS)
def test_a_check_without_serious_infringements_is_acknowledged_and_not_forwarded(request_: Any) -> None:
    with old_state() as (finland, germany):
        receipt = finland.send(request_, to="DE").body
    assert receipt.status_message == (
        "The country of establishment is still using ERRU v2 messages. The notification has not been "
        "forwarded. The workflow is complete"
    )
    assert (receipt.status_code.value, receipt.delivered, germany.asked) == ("OK", False, [])


def test_serious_infringements_are_forwarded_without_what_version_2_does_not_have() -> None:
    request = ncr_request(erru.CheckResult.FAIL, infringement())
    checked = request.transport_undertaking
    (found,) = checked.serious_infringements
    (imposed,) = found.penalties_imposed
    imposed = replace(imposed, not_executed_reason="bankrupt")
    fuller = replace(
        checked,
        minor_infringement=MINOR,
        serious_infringements=(replace(found, penalties_imposed=(imposed,)),),
    )
    with old_state() as (finland, germany):
        receipt = finland.send(replace(request, transport_undertaking=fuller), to="DE").body
    assert receipt.delivered
    assert germany.asked == [request]


def test_unfitness_does_not_exist_in_version_2() -> None:
    """Test cases NU_01 and NU_11."""
    words = "TO MemberState does not implement the NotifyUnfitness workflow"
    with old_state() as (finland, germany):
        with pytest.raises(ErrorNotified) as caught:
            finland.send(nu_request(), to="DE")
        (row,) = finland.send(nu_request(), to=BROADCAST).body.member_states
    assert caught.value.notification.status_message == words
    assert (row.status_code.value, row.status_message, germany.asked) == ("NotAvailable", words, [])


def test_roadside_inspection_does_not_exist_in_version_2() -> None:
    with old_state() as (finland, _), pytest.raises(ErrorNotified) as caught:
        finland.send(rsi_request(), to="DE")
    message = caught.value.notification.status_message
    assert message == "TO MemberState does not implement the RoadSideInspection workflow"


@pytest.mark.parametrize("version", ["3.4", "3.5"])
def test_not_found_is_not_found_in_version_2_too(version: str) -> None:
    with old_state(version=version) as (finland, germany):
        (row,) = finland.send(cgr_request(), to="DE").body.member_states
    assert (row.status_code, row.status_message) == (SearchStatus.NOT_FOUND, None)
    assert len(germany.asked) == 1


def test_a_manager_is_asked_for_without_the_address_and_found_without_the_validity_and_the_start() -> None:
    unfit = erru.Fitness(
        fitness_status=erru.FitnessStatus.UNFIT, unfit_start_date=ON, unfit_end_date=date(2027, 1, 1)
    )
    manager = found_manager()
    with old_state(version="3.4") as (finland, germany):
        germany.managers = (
            replace(manager, address=ADDRESS, certificate=replace(manager.certificate, fitness=unfit)),
        )
        search = cgr_request().searched_transport_manager
        assert isinstance(search, erru.SearchByName)
        addressed = replace(search, name=replace(search.name, address=ADDRESS))
        (row,) = finland.send(
            replace(cgr_request(), searched_transport_manager=addressed), to="DE"
        ).body.member_states
    assert germany.asked[0].searched_transport_manager.name.address is None
    (found,) = row.found
    assert (found.address, found.certificate.certificate_validity) == (None, None)
    assert found.certificate.fitness == replace(unfit, unfit_start_date=None)
    assert row.status_message == version_2.POORER


def test_the_validity_of_a_certificate_is_not_invented_for_an_edition_that_requires_it() -> None:
    with old_state(version="3.5") as (finland, germany):
        germany.managers = (found_manager(),)
        (row,) = finland.send(cgr_request(), to="DE").body.member_states
    assert (row.outcome, row.found) == (Outcome.NO_ANSWER, ())
    assert "cannot be put into the edition" in str(row.status_message)


def test_an_undertaking_is_found_without_staff_risk_and_vehicles() -> None:
    """Test case CTUD_10: the hub passes it on."""
    copy = erru.CertifiedTrueCopy(
        true_copy_number="1", true_copy_issue_date=date(2020, 1, 1), true_copy_expiry_date=date(2030, 1, 1)
    )
    withdrawn = replace(copy, true_copy_number="2", true_copy_withdrawal_date=ON)
    with old_state() as (finland, germany):
        germany.undertakings = (replace(found_undertaking(), true_copies=(copy, withdrawn)),)
        answer = finland.send(ctud_request(), to="DE").body
    (found,) = answer.undertakings
    assert (found.number_of_employees, found.risk_rating, found.risk_band) == (0, 0, erru.RiskBand.GREY)
    assert (found.vehicles, found.true_copies) == ((), (copy,))
    assert found.licences == found_undertaking().licences
    assert answer.status_message == version_2.POORER


def test_a_search_by_vehicle_without_name_or_licence_number_cannot_be_asked() -> None:
    search = erru.SearchByLicenceAndVehicle(community_licence_number="PL-0042", vehicle=VEHICLE)
    company = erru.SearchedCompany(request_all_vehicles=False, search=search)
    with old_state() as (finland, germany):
        answer = finland.send(replace(ctud_request(), searched_company=company), to="DE").body
    assert (answer.outcome, answer.status_message) == (Outcome.NO_ANSWER, version_2.NOT_ASKED)
    assert germany.asked == []


def test_version_2_may_hold_for_one_workflow_alone() -> None:
    with old_state(workflows=frozenset({"NU"})) as (finland, germany):
        germany.managers = (found_manager(),)
        (row,) = finland.send(cgr_request(), to="DE").body.member_states
        assert finland.send(ncr_request(), to="DE").body.delivered
        with pytest.raises(ErrorNotified):
            finland.send(nu_request(), to="DE")
    assert row.found == (found_manager(),)


def test_in_tachonet_every_notification_is_forwarded_and_a_card_number_is_checked() -> None:
    with old_state(tachonet.CODEC) as (finland, germany):
        assert finland.send(mcs_request(), to="DE").body.delivered
        assert finland.send(icdl_request(), to="DE").body.status_code.value == "OK"
        assert finland.send(ccs_request(), to="DE").body.outcome is Outcome.FOUND
    assert len(germany.asked) == 3


def test_in_tachonet_the_validity_for_driving_of_an_issued_card_is_not_invented() -> None:
    """2016/68, Annex II, 5 forbids to work it out from the status, and the edition 2016 does not have it."""
    request = cic_request()
    born = replace(request.searched_driver, place_of_birth="Πάτρα")
    with old_state(tachonet.CODEC) as (finland, germany):
        (row,) = finland.send(replace(request, searched_driver=born), to="DE").body.member_states
        assert row.outcome is Outcome.NOT_FOUND
        assert germany.asked[0].searched_driver.place_of_birth is None
        germany.drivers = (found_driver(),)
        (row,) = finland.send(request, to="DE").body.member_states
    assert (row.outcome, row.found) == (Outcome.NO_ANSWER, ())
