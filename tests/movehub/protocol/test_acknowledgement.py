"""What both workflows in four legs have alike: what is acknowledged, and with what."""

from __future__ import annotations

from typing import Any

import pytest
from movehub.protocol.outcome import Acknowledged, NotificationStatus
from movehub.protocol.workflow import HUB_AUTHORITY, WORKFLOWS, answer_to

import erru_client
import tachonet_client
from erru_client import NotifyCheckResultResponse
from tests.support.cards import mcs_request
from tests.support.erru_messages import ncr_request, ncr_response

MCS = mcs_request()
BODIES: list[Any] = [
    MCS,
    MCS.respond("x", tachonet_client.ModificationStatus.OK, tachonet_client.CardStatus.STOLEN),
    ncr_request(),
    ncr_response(),
]

of_every_body = pytest.mark.parametrize("body", BODIES, ids=lambda body: body.root)


def test_what_opens_or_responds_in_a_workflow_of_four_legs_is_acknowledged_and_nothing_else_is() -> None:
    sent = {leg[0] for workflow in WORKFLOWS if len(workflow.legs) == 2 for leg in workflow.legs}
    classes = (*erru_client.CODEC.bodies, *tachonet_client.CODEC.bodies)
    assert {each.root for each in classes if issubclass(each, Acknowledged)} == sent
    assert {body.root for body in BODIES} == sent


@of_every_body
def test_a_receipt_is_of_the_kind_that_answers_and_repeats_the_case(body: Any) -> None:
    receipt = body.acknowledge("Traficom")
    assert receipt.root == answer_to(body.root)
    assert receipt.repeated() == body.repeated()
    # in an NCRR_Ack, it is the authority that sent the response
    authority = body.responding_authority if isinstance(body, NotifyCheckResultResponse) else "Traficom"
    assert (receipt.responding_authority, receipt.delivered) == (authority, True)


@of_every_body
@pytest.mark.parametrize("status", [NotificationStatus.TIMEOUT, NotificationStatus.NOT_AVAILABLE])
def test_a_missing_receipt_is_told_in_the_hubs_name_and_is_not_delivered(
    body: Any, status: NotificationStatus
) -> None:
    silent = body.unanswered(status, "why")
    assert (silent.responding_authority, silent.delivered) == (HUB_AUTHORITY, False)
    assert (silent.status_code, silent.status_message) == (status, "why")
    assert silent.repeated() == body.repeated()


def test_request_and_response_are_acknowledged_with_types_of_their_own() -> None:
    assert len({body.acknowledged_as for body in BODIES}) == len(BODIES)
