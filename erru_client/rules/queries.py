"""Rules about Check Good Repute and Check Transport Undertaking Data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from movehub import law
from movehub.protocol.message import Message
from movehub.protocol.outcome import SearchStatus
from movehub.protocol.rules import Level, Rule
from movehub.protocol.workflow import BROADCAST, HUB

from ..cgr import (
    CheckGoodReputeRequest,
    CheckGoodReputeResponse,
    Fitness,
    FitnessStatus,
    FoundTransportManager,
)
from ..ctud import CheckTransportUndertakingDataResponse, RiskBand, band_of
from ..vocabulary import RequestPurpose


def _managers(message: Message[Any]) -> Iterator[FoundTransportManager]:
    for row in message.body.member_states:
        yield from row.found


def _speaks_for_another(message: Message[Any]) -> bool:
    codes = [row.member_state_code for row in message.body.member_states]
    return message.header.from_ != HUB and codes != [message.header.from_]


def _lists_a_state_twice(message: Message[Any]) -> bool:
    codes = [row.member_state_code for row in message.body.member_states]
    return len(codes) != len(set(codes))


def _lacks_a_date(fitness: Fitness) -> bool:
    dates = fitness.unfit_start_date, fitness.unfit_end_date
    return fitness.fitness_status is FitnessStatus.UNFIT and None in dates


def _lacks_vehicles(message: Message[Any]) -> bool:
    body: CheckTransportUndertakingDataResponse = message.body
    wanted = body.searched_company.request_all_vehicles
    return wanted and any(found.number_of_vehicles and not found.vehicles for found in body.undertakings)


QUERY_RULES: Final = (
    Rule(
        "CGR-1",
        "before a manager is authorised, you ask all registers, not only one",
        law.GOOD_REPUTE.erru,
        Level.WARNING,
        (CheckGoodReputeRequest,),
        lambda message: (
            message.body.request_purpose is RequestPurpose.ISSUE and message.header.to != BROADCAST
        ),
        sending_only=True,
    ),
    Rule(
        "CGR-2",
        "Found has records, and no other status has any",
        "a national system checks it in both directions",
        Level.ERROR,
        (CheckGoodReputeResponse,),
        lambda message: any(
            (row.status_code is SearchStatus.FOUND) != bool(row.found) for row in message.body.member_states
        ),
    ),
    Rule(
        "CGR-3",
        "a Member State answers with one row, its own",
        "a national system checks it in both directions",
        Level.ERROR,
        (CheckGoodReputeResponse,),
        _speaks_for_another,
    ),
    Rule(
        "CGR-4",
        "an unfit manager has a start date and an end date of the unfitness",
        f"{law.FIELDS}: both are mandatory if Fitness is Unfit",
        Level.ERROR,
        (CheckGoodReputeResponse,),
        lambda message: any(_lacks_a_date(manager.certificate.fitness) for manager in _managers(message)),
        waivable=True,
    ),
    Rule(
        "CGR-5",
        "a fit manager has no dates of unfitness",
        "description of Fitness in the official schema",
        Level.WARNING,
        (CheckGoodReputeResponse,),
        lambda message: any(
            manager.certificate.fitness.fitness_status is FitnessStatus.FIT
            and (manager.certificate.fitness.unfit_start_date or manager.certificate.fitness.unfit_end_date)
            for manager in _managers(message)
        ),
    ),
    Rule(
        "CGR-6",
        "the total of undertakings equals the length of the list, if there is one",
        "ERRU XML Message Reference 2.06, 6.4, but its wording is unclear, and registers may list fewer",
        Level.WARNING,
        (CheckGoodReputeResponse,),
        lambda message: any(
            listed and manager.transport_undertakings.total_managed_undertakings != len(listed)
            for manager in _managers(message)
            for listed in [manager.transport_undertakings.undertakings]
        ),
    ),
    Rule(
        "CGR-7",
        "the total of vehicles equals the sum over the list",
        "ERRU XML Message Reference 2.06, 6.4, but its wording is unclear, and registers may list fewer",
        Level.WARNING,
        (CheckGoodReputeResponse,),
        lambda message: any(
            manager.transport_undertakings.total_managed_vehicles
            != sum(each.number_of_vehicles for each in manager.transport_undertakings.undertakings)
            for manager in _managers(message)
        ),
    ),
    Rule(
        "CGR-8",
        "a Member State has only one row in an answer",
        "common sense, but the schema accepts it",
        Level.WARNING,
        (CheckGoodReputeResponse,),
        _lists_a_state_twice,
    ),
    Rule(
        "CGR-9",
        "a certificate is issued after the birth of its holder",
        "common sense, but the Commission's test data contradict it",
        Level.WARNING,
        (CheckGoodReputeResponse,),
        lambda message: any(
            manager.certificate.certificate_issue_date <= manager.name.date_of_birth
            for manager in _managers(message)
        ),
    ),
    Rule(
        "CGR-10",
        "a manager of undertakings has a list of them",
        f"{law.FIELDS}: mandatory if Managed Undertakings > 0",
        Level.ERROR,
        (CheckGoodReputeResponse,),
        lambda message: any(
            managed.total_managed_undertakings and not managed.undertakings
            for manager in _managers(message)
            for managed in [manager.transport_undertakings]
        ),
        waivable=True,
    ),
    Rule(
        "CGR-11",
        "a certificate is said to be valid or invalid",
        f"{law.FIELDS}: CPC Validity is mandatory. The schema of edition 3.4 lets it be absent",
        Level.ERROR,
        (CheckGoodReputeResponse,),
        lambda message: any(
            manager.certificate.certificate_validity is None for manager in _managers(message)
        ),
        waivable=True,
    ),
    Rule(
        "CTUD-1",
        "Found has records, and no other status has any",
        "a national system checks it in both directions",
        Level.ERROR,
        (CheckTransportUndertakingDataResponse,),
        lambda message: (message.body.status_code is SearchStatus.FOUND) != bool(message.body.undertakings),
    ),
    Rule(
        "CTUD-2",
        "if you ask for all vehicles, an undertaking with vehicles lists them",
        f"{law.FIELDS}, Vehicle Details; {law.ALL_DATA_AT_HAND.erru}",
        Level.WARNING,
        (CheckTransportUndertakingDataResponse,),
        _lacks_vehicles,
    ),
    Rule(
        "CTUD-3",
        "the risk band is the one of the risk rating",
        "Regulation (EU) 2022/695, Annex, point 4",
        Level.WARNING,
        (CheckTransportUndertakingDataResponse,),
        lambda message: any(
            found.risk_band not in {RiskBand.GREY, band_of(found.risk_rating)}
            for found in message.body.undertakings
        ),
    ),
    Rule(
        "CTUD-4",
        "an undertaking has certified true copies",
        f"{law.FIELDS}, Certified True Copy Details",
        Level.WARNING,
        (CheckTransportUndertakingDataResponse,),
        lambda message: any(not found.true_copies for found in message.body.undertakings),
    ),
)
