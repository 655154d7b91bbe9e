"""Each rule of the table: one message that breaks just it, and one of every kind that breaks none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from movehub.errors import InvalidOutgoing
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorStatus, Message
from movehub.protocol.outcome import NotificationStatus, SearchStatus
from movehub.protocol.rules import Level

import erru_client as erru
from erru_client.participants import PARTICIPANTS
from erru_client.penalties import ExecutionStatus, PenaltyAtEstablishment
from erru_client.rules import RULES
from tests.support.erru_messages import (
    PL_ERRU,
    answered,
    ctud_request,
    found_undertaking,
    infringement,
    item,
    ncr_request,
    ncr_response,
    nu_request,
    registered,
    rsi_request,
    sent,
    valid_messages,
)
from tests.support.examples import CANARY, NOW, cgr_request, found_manager

CONTROL = replace(cgr_request(), request_purpose=erru.RequestPurpose.CONTROL)
DECISION = ncr_response().penalties_imposed[0]
PENALTY = infringement().penalties_imposed[0]
MANAGER = found_manager()
UNFIT = erru.Fitness(
    fitness_status=erru.FitnessStatus.UNFIT,
    unfit_start_date=date(2026, 1, 1),
    unfit_end_date=date(2027, 12, 31),
)


def head(message: Message[Any], **changes: Any) -> Message[Any]:
    return replace(message, header=replace(message.header, **changes))


def cgr_answer(**changes: Any) -> Message[Any]:
    return answered(CONTROL.answer("PL", (replace(MANAGER, **changes),)))


def fitness(given: erru.Fitness) -> Message[Any]:
    return cgr_answer(certificate=replace(MANAGER.certificate, fitness=given))


def managed(total: int, vehicles: int, *listed: erru.ManagedUndertaking) -> Message[Any]:
    totals = erru.ManagedUndertakings(
        total_managed_undertakings=total, total_managed_vehicles=vehicles, undertakings=listed
    )
    return cgr_answer(transport_undertakings=totals)


def ctud_answer(**changes: Any) -> Message[Any]:
    return answered(ctud_request().answer("GITD", (replace(found_undertaking(), **changes),)))


def from_the_hub(body: Any) -> Message[Any]:
    return head(answered(body), from_="EU")


def penalty(**changes: Any) -> Message[Any]:
    found = infringement(penalties_imposed=(replace(PENALTY, **changes),))
    return sent(ncr_request(erru.CheckResult.FAIL, found))


def requested(kind: PenaltyAtEstablishment) -> Message[Any]:
    asked = erru.PenaltyRequested(penalty_requested_identifier=1, penalty_type_requested=kind)
    return sent(ncr_request(erru.CheckResult.FAIL, infringement(penalties_requested=(asked,))))


def older(message: Message[Any]) -> Message[Any]:
    return head(message, version="3.4")


def decision(*decisions: Any) -> Message[Any]:
    return answered(replace(ncr_response(), penalties_imposed=decisions))


BRAKES = erru.InspectionItem.BRAKING
LISTED = erru.ManagedUndertaking(
    transport_undertaking_name="Transport",
    number_of_vehicles=3,
    community_licence_number="PL-0042",
    community_licence_status=erru.LicenceStatus.ACTIVE,
    address=registered().address,
)
ROW = CONTROL.answer("PL", ()).member_states[0]
TYPOGRAPHIC = erru.SearchByName(
    name=erru.SearchedName(family_name=f"{CANARY}’s", first_name="Žofia", date_of_birth=date(1970, 1, 2))
)
TWO_IDS = (PENALTY, replace(PENALTY, final_decision_date=date(2026, 11, 2)))

#: A message that breaks the rule, and no other of the table.
BREAKING: dict[str, Callable[[], Message[Any]]] = {
    "HDR-1": lambda: head(sent(ctud_request()), timeout_value=NOW),
    "HDR-2": lambda: head(sent(ctud_request()), to="FI"),
    "HDR-3": lambda: head(sent(ctud_request()), to="ZZ"),
    "HDR-4": lambda: head(sent(ctud_request()), to="EU"),
    "HDR-5": lambda: head(sent(ctud_request()), to="GB"),
    "HDR-6": lambda: answered(ctud_request().unanswered(SearchStatus.TIMEOUT)),
    "EN-1": lambda: PL_ERRU.error(sent(CONTROL), ErrorStatus.DUPLICATE_RESPONSE, "x", b""),
    "CGR-1": lambda: sent(cgr_request(), "DK"),
    "CGR-2": lambda: answered(CONTROL.answered_with(replace(ROW, status_code=SearchStatus.FOUND))),
    "CGR-3": lambda: answered(CONTROL.answer("SE", (MANAGER,))),
    "CGR-4": lambda: fitness(replace(UNFIT, unfit_end_date=None)),
    "CGR-5": lambda: fitness(replace(UNFIT, fitness_status=erru.FitnessStatus.FIT)),
    "CGR-6": lambda: managed(2, 3, LISTED),
    "CGR-7": lambda: managed(0, 1),
    "CGR-8": lambda: from_the_hub(CONTROL.answered_with(ROW, ROW)),
    "CGR-9": lambda: cgr_answer(name=replace(MANAGER.name, date_of_birth=date(2001, 1, 1))),
    "CGR-10": lambda: managed(1, 0),
    "CGR-11": lambda: older(cgr_answer(certificate=replace(MANAGER.certificate, certificate_validity=None))),
    "CTUD-1": lambda: answered(
        replace(ctud_request().answer("GITD", (found_undertaking(),)), status_code=SearchStatus.NOT_FOUND)
    ),
    "CTUD-2": lambda: ctud_answer(vehicles=()),
    "CTUD-3": lambda: ctud_answer(risk_band=erru.RiskBand.AMBER),
    "CTUD-4": lambda: ctud_answer(true_copies=()),
    "NCR-1": lambda: sent(ncr_request(erru.CheckResult.CLEAN_CHECK, infringement())),
    "NCR-2": lambda: sent(
        replace(
            ncr_request(),
            transport_undertaking=replace(ncr_request().transport_undertaking, serious_infringements=()),
        )
    ),
    "NCR-3": lambda: sent(ncr_request(erru.CheckResult.PASS)),
    "NCR-4": lambda: sent(
        ncr_request(
            erru.CheckResult.FAIL,
            infringement(),
            infringement(penalties_imposed=(replace(PENALTY, penalty_imposed_identifier=2),)),
        )
    ),
    "NCR-5": lambda: sent(ncr_request(erru.CheckResult.FAIL, infringement(penalties_imposed=TWO_IDS))),
    "NCR-6": lambda: head(sent(ncr_request()), sent_at=NOW + timedelta(days=60)),
    "NCR-7": lambda: sent(
        ncr_request(erru.CheckResult.FAIL, infringement(category=erru.InfringementCategory.MOST_SERIOUS))
    ),
    "NCR-8": lambda: penalty(start_date=date(2026, 11, 9), end_date=date(2026, 11, 8)),
    "NCR-9": lambda: penalty(final_decision_date=date(2026, 10, 19)),
    "NCR-10": lambda: sent(
        ncr_request(
            erru.CheckResult.PASS,
            minor=erru.MinorInfringement(date_of_infringement=date(2026, 10, 20), number_of_infringements=0),
        )
    ),
    "NCR-11": lambda: penalty(is_executed=ExecutionStatus.NO),
    "NCR-12": lambda: requested(PenaltyAtEstablishment.OTHER),
    "NCRR-1": lambda: decision(replace(DECISION, is_imposed=False)),
    "NCRR-2": lambda: decision(DECISION, DECISION),
    "NCRR-3": lambda: answered(replace(ncr_response(), transport_undertaking=None)),
    "NCRR-4": lambda: decision(replace(DECISION, start_date=date(2026, 12, 2), end_date=date(2026, 12, 1))),
    "NCRR-5": lambda: answered(replace(ncr_response(), status_code=erru.CheckResultResponseStatus.NOT_FOUND)),
    "NU-1": lambda: sent(nu_request(None)),
    "NU-2": lambda: answered(nu_request().acknowledge("SE", "x")),
    "RSI-1": lambda: sent(rsi_request(item(BRAKES, True))),
    "RSI-2": lambda: sent(rsi_request(item(BRAKES, False, "1.1.1.a"), passed=True)),
    "RSI-3": lambda: sent(replace(rsi_request(), request_source=erru.RequestSource.OTHER)),
    "RSI-4": lambda: sent(rsi_request(item(BRAKES, False))),
    "RSI-5": lambda: sent(rsi_request(item(BRAKES, True, "1.1.1.a"), passed=True)),
    "RSI-6": lambda: sent(rsi_request(item(BRAKES, True, "2.1.1.a"))),
    "RSI-7": lambda: sent(rsi_request(item(BRAKES, True, "1.1.1.a"), item(BRAKES, True, "1.1.2.a"))),
    "NAME-1": lambda: sent(replace(CONTROL, searched_transport_manager=TYPOGRAPHIC)),
}


def broken(message: Message[Any]) -> list[str]:
    return [
        rule.id for rule in RULES if isinstance(message.body, rule.applies_to) and rule.is_broken(message)
    ]


def test_every_rule_has_a_message_that_breaks_it() -> None:
    assert list(BREAKING) == [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_seen_to_be_broken_and_it_alone(rule: Any) -> None:
    message = BREAKING[rule.id]()
    assert broken(message) == [rule.id]
    erru.CODEC.write(message)


@pytest.mark.parametrize("root", [body.root for body in erru.CODEC.bodies])
def test_no_rule_fires_on_a_message_without_fault(root: str) -> None:
    assert broken(valid_messages()[root]) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_an_error_stops_what_is_sent_and_a_warning_does_not(rule: Any) -> None:
    message = BREAKING[rule.id]()
    if rule.level is Level.WARNING:
        assert erru.decode(erru.encode(message)) == message
        return
    with pytest.raises(InvalidOutgoing, match=rule.id) as caught:
        erru.encode(message)
    assert CANARY not in str(caught.value)
    assert rule.source in str(caught.value)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_nothing_stops_what_is_received(rule: Any) -> None:
    received = erru.decode(erru.CODEC.write(BREAKING[rule.id]()))
    reported = [found.id for found in erru.CODEC.reported(received)]
    assert reported == ([] if rule.sending_only else [rule.id])


def test_the_hub_may_say_what_no_state_may() -> None:
    for word in (SearchStatus.TIMEOUT, SearchStatus.NOT_AVAILABLE):
        assert broken(from_the_hub(ctud_request().unanswered(word))) == []
    row = nu_request().unanswered("PL", NotificationStatus.TIMEOUT)
    assert broken(from_the_hub(nu_request().answered_with(row))) == []


def test_a_heartbeat_needs_neither_purpose_nor_source_of_an_inspection() -> None:
    probe = replace(
        rsi_request(),
        request_purpose=erru.RequestPurpose.HEARTBEAT,
        request_source=erru.RequestSource.HUB,
    )
    assert broken(Exchange("EU", erru.ERRU_3_5).request(probe, to="PL")) == []


def test_a_newcomer_can_take_part_before_this_library_knows() -> None:
    message = head(sent(ctud_request()), to="CH")
    codec = erru.CODEC.among(PARTICIPANTS | {"CH"})
    assert codec.decode(codec.encode(message)) == message


def test_a_response_without_the_undertaking_is_not_found() -> None:
    response = ncr_request().respond("GITD", None)
    assert broken(answered(response)) == []
    assert registered().number_of_vehicles == 3


@pytest.mark.parametrize(
    "dates",
    [
        {"unfit_start_date": None},
        {"unfit_end_date": None},
        {"unfit_start_date": None, "unfit_end_date": None},
    ],
)
def test_an_unfit_manager_needs_both_dates(dates: dict[str, None]) -> None:
    """Annex III, appendix: start and end are mandatory if Fitness is Unfit."""
    assert broken(fitness(UNFIT)) == []
    assert broken(fitness(replace(UNFIT, **dates))) == ["CGR-4"]


@pytest.mark.parametrize(
    ("rating", "band"),
    [
        (0, erru.RiskBand.GREEN),
        (100, erru.RiskBand.GREEN),
        (101, erru.RiskBand.AMBER),
        (200, erru.RiskBand.AMBER),
        (201, erru.RiskBand.RED),
        (10**30, erru.RiskBand.RED),
    ],
)
def test_a_rating_has_one_band_or_none_without_a_check(rating: int, band: erru.RiskBand) -> None:
    """Regulation (EU) 2022/695, Annex, point 4. Grey has no rating in the law, so it fits each."""
    fits = {each for each in erru.RiskBand if not broken(ctud_answer(risk_rating=rating, risk_band=each))}
    assert fits == {band, erru.RiskBand.GREY}


def test_an_undertaking_without_vehicles_need_not_list_any() -> None:
    assert broken(ctud_answer(number_of_vehicles=0, vehicles=())) == []


def test_a_notification_without_a_date_leaves_if_the_call_names_the_rule() -> None:
    for to in ("PL", "ZZ"):
        message = sent(nu_request(None), to)
        assert erru.decode(erru.encode(message, despite=["NU-1"])) == message


def test_the_error_about_a_missing_date_names_both_readings_and_the_way_out() -> None:
    with pytest.raises(InvalidOutgoing) as caught:
        erru.encode(sent(nu_request(None)))
    for part in (
        "unfit from the day of reception",
        "reinstatement",
        "originating authority",
        'despite=["NU-1"]',
    ):
        assert part in str(caught.value)


def test_no_other_error_lets_itself_be_named_away() -> None:
    """What the hub refuses, or the law, is not sent because somebody says so."""
    waivable = ["CGR-4", "CGR-10", "CGR-11", "NU-1"]
    assert [rule.id for rule in RULES if rule.waivable] == waivable
    with pytest.raises(InvalidOutgoing, match="HDR-5"):
        erru.encode(BREAKING["HDR-5"](), despite=["HDR-5", *waivable])


def test_a_heartbeat_of_the_hub_needs_no_date() -> None:
    probe = replace(
        nu_request(None),
        request_purpose=erru.RequestPurpose.HEARTBEAT,
        request_source=erru.RequestSource.HUB,
    )
    assert broken(Exchange("EU", erru.ERRU_3_5).request(probe, to="PL")) == []


def test_every_rule_says_where_it_comes_from() -> None:
    assert all((rule.source and rule.says[0].islower()) or rule.says[0].isupper() for rule in RULES)
    assert len({rule.id for rule in RULES}) == len(RULES)
