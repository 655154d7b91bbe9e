"""A name of which the hub can make no search keys is reported before it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from movehub.protocol.message import Body
from movehub.protocol.rules import Rule, broken_rules

import erru_client as erru
import tachonet_client as tachonet
from tests.support.cards import icdl_request
from tests.support.erru_examples import nu_request
from tests.support.examples import FI_ERRU, FI_TACHONET, cgr_request, cic_request


def broken(codec: Any, exchange: Any, body: Body, *, received: bool = False) -> list[str]:
    rules: tuple[Rule, ...] = codec.rules
    message = exchange.request(body, "DK")
    return [rule.id for rule in broken_rules(rules, message, received=received) if rule.id == "NAME-1"]


def cic(**names: str) -> Body:
    request = cic_request()
    return replace(request, searched_driver=replace(request.searched_driver, **names))


def icdl(**names: str) -> Body:
    request = icdl_request()
    return replace(request, issued_card=replace(request.issued_card, **names))


def cgr(**names: str) -> Body:
    request = cgr_request()
    search: Any = request.searched_transport_manager
    return replace(request, searched_transport_manager=replace(search, name=replace(search.name, **names)))


def nu(**names: str) -> Body:
    request = nu_request()
    manager: Any = request.transport_manager
    person = replace(manager.details.transport_manager, **names)
    details = replace(manager.details, transport_manager=person)
    return replace(request, transport_manager=replace(manager, details=details))


@pytest.mark.parametrize("field", ["family_name", "first_name"])
@pytest.mark.parametrize(
    ("codec", "exchange", "body"),
    [
        (tachonet.CODEC, FI_TACHONET, cic),
        (tachonet.CODEC, FI_TACHONET, icdl),
        (erru.CODEC, FI_ERRU, cgr),
        (erru.CODEC, FI_ERRU, nu),
    ],
)
def test_a_name_that_the_hub_cannot_write_is_reported(
    codec: Any, exchange: Any, body: Any, field: str
) -> None:
    for name in ("O’Neil", "Müller/Knuths", "Anna–Maria", "გიორგი", "Papa\u200bdopoulos"):
        assert broken(codec, exchange, body(**{field: name})) == ["NAME-1"]
    for name in ("O'Neil", "Müller-Knuths", "Ελένη", "Żółć", "Володимир"):
        assert broken(codec, exchange, body(**{field: name})) == []


def test_it_is_no_matter_of_whoever_receives_the_name() -> None:
    assert broken(tachonet.CODEC, FI_TACHONET, cic(family_name="O’Neil"), received=True) == []


def test_a_search_without_a_name_breaks_nothing() -> None:
    certificate = erru.Certificate(
        certificate_number="1", certificate_issue_date=date(2020, 1, 1), certificate_issue_country="DK"
    )
    search = erru.SearchByCertificate(certificate=certificate)
    request = replace(cgr_request(), searched_transport_manager=search)
    assert broken(erru.CODEC, FI_ERRU, request) == []
