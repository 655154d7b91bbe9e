"""The table of workflows."""

from __future__ import annotations

from movehub.workflow import WORKFLOWS, answer_to, workflow_of

import erru_client
import tachonet_client


def test_every_body_but_the_error_notification_stands_in_the_table() -> None:
    roots = {body.root for codec in (erru_client.CODEC, tachonet_client.CODEC) for body in codec.bodies}
    assert roots - {"ErrorNotification"} == {root for workflow in WORKFLOWS for root in workflow.legs}


def test_a_request_is_answered_by_the_next_leg_and_an_answer_by_nothing() -> None:
    assert answer_to("CheckGoodRepute_Request") == "CheckGoodRepute_Response"
    assert answer_to("CheckGoodRepute_Response") is None


def test_an_error_notification_is_of_no_workflow() -> None:
    assert workflow_of("ErrorNotification") is None
    assert answer_to("ErrorNotification") is None


def test_every_row_names_its_article() -> None:
    assert all("Annex II" in workflow.article for workflow in WORKFLOWS)
