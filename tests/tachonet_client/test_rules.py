"""Each rule of the table: a message that breaks just it, and ones that break none. None stops a message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from movehub.message import Body
from movehub.rules import Level

from tachonet_client import CODEC, CardStatus, SearchedCard
from tests.support.cards import ccs_request, icdl_request, mcs_request
from tests.support.examples import FI_TACHONET, cic_request

MODIFIED, NOTIFIED = mcs_request().modified_card, icdl_request().issued_card

BROKEN = [
    ("CARD-1", replace(ccs_request(), searched_card=SearchedCard(card_number="DK1"))),
    ("CARD-1", replace(mcs_request(), modified_card=replace(MODIFIED, card_number="DK0000000000010a"))),
    ("CARD-1", replace(icdl_request(), issued_card=replace(NOTIFIED, card_number="FI-0000000000100"))),
    ("MCS-1", replace(mcs_request(), modified_card=replace(MODIFIED, new_card_status=CardStatus.RENEWED))),
    ("ICDL-1", replace(icdl_request(), issued_card=replace(NOTIFIED, family_name=None))),
    ("ICDL-1", replace(icdl_request(), issued_card=replace(NOTIFIED, date_of_birth=None))),
]


@pytest.mark.parametrize(("rule", "body"), BROKEN)
def test_a_message_that_breaks_a_rule_is_reported_and_goes_through(rule: str, body: Body) -> None:
    """Annex II, 4: a message is not rejected for its status; a card number has no check digit."""
    message: Any = FI_TACHONET.request(body, "DK")
    assert [broken.id for broken in CODEC.reported(message)] == [rule]
    assert CODEC.decode(CODEC.encode(message)) == message


@pytest.mark.parametrize("body", [cic_request(), ccs_request(), mcs_request(), icdl_request()])
def test_a_regular_message_breaks_no_rule(body: Body) -> None:
    assert CODEC.reported(FI_TACHONET.request(body, "DK")) == ()


def test_every_rule_is_a_warning_with_its_source_and_is_broken_by_a_message_above() -> None:
    assert {rule.id for rule in CODEC.rules} == {rule for rule, _ in BROKEN}
    assert all(rule.level is Level.WARNING and rule.source for rule in CODEC.rules)
