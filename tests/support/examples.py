"""One request and one answer of each workflow, about invented people."""

from __future__ import annotations

from datetime import UTC, date, datetime

from movehub.protocol.exchange import Exchange

import erru_client as erru
import tachonet_client as tachonet

#: A name that must never turn up in a log, an error or a repr.
CANARY = "Kanarienvogel"

NOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)

FI_ERRU = Exchange("FI", erru.ERRU_3_5, lambda: NOW)
FI_TACHONET = Exchange("FI", tachonet.TACHONET_3_0, lambda: NOW)
DK_TACHONET = Exchange("DK", tachonet.TACHONET_3_0, lambda: NOW)


def cgr_request() -> erru.CheckGoodReputeRequest:
    return erru.CheckGoodReputeRequest(
        business_case_id="FI-1",
        originating_authority="Traficom",
        request_purpose=erru.RequestPurpose.ISSUE,
        request_source=erru.RequestSource.COMPETENT_AUTHORITY,
        searched_transport_manager=erru.SearchByName(
            name=erru.SearchedName(family_name=CANARY, first_name="Žofia", date_of_birth=date(1970, 1, 2))
        ),
    )


def found_manager() -> erru.FoundTransportManager:
    return erru.FoundTransportManager(
        responding_authority="Færdselsstyrelsen",
        search_method=erru.SearchMethod.NYSIIS,
        name=erru.FoundName(family_name=CANARY, first_name="Žofia", date_of_birth=date(1970, 1, 2)),
        certificate=erru.FoundCertificate(
            certificate_number="DK-1",
            certificate_issue_date=date(2000, 1, 1),
            certificate_issue_country="DK",
            certificate_validity=erru.CertificateValidity.VALID,
            fitness=erru.Fitness(fitness_status=erru.FitnessStatus.FIT),
        ),
        transport_undertakings=erru.ManagedUndertakings(
            total_managed_undertakings=0, total_managed_vehicles=0
        ),
    )


def cic_request() -> tachonet.CheckIssuedCardsRequest:
    return tachonet.CheckIssuedCardsRequest(
        business_case_id="FI-2",
        originating_authority="Traficom",
        searched_driver=tachonet.SearchedDriver(
            family_name=CANARY, first_name="Ελένη", date_of_birth=date(1981, 4, 2)
        ),
    )


def found_driver() -> tachonet.FoundDriver:
    return tachonet.FoundDriver(
        search_mechanism=tachonet.SearchMechanism.NYSIIS,
        family_name=CANARY,
        first_name="Ελένη",
        date_of_birth=date(1981, 4, 2),
        card=tachonet.IssuedCard(
            card_number="DK00000000000100",
            card_status=tachonet.CardStatus.HANDED_OVER,
            valid_for_driving=True,
            card_issuing_authority="Færdselsstyrelsen",
            start_of_validity_date=date(2024, 1, 1),
            expiry_date=date(2028, 12, 31),
            status_modified_date=date(2024, 1, 2),
        ),
        driving_licence=tachonet.DrivingLicence(
            driving_licence_number="123", driving_licence_issuing_country="DK"
        ),
    )
