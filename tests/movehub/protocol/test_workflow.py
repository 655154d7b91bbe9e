"""The table of workflows."""

from __future__ import annotations

from typing import get_args

import pytest
from movehub.protocol.workflow import WORKFLOWS, answer_to, workflow_of

import erru_client
import tachonet_client


def test_every_body_but_the_error_notification_stands_in_the_table() -> None:
    roots = {body.root for codec in (erru_client.CODEC, tachonet_client.CODEC) for body in codec.bodies}
    assert roots - {"ErrorNotification"} == {root for workflow in WORKFLOWS for root in workflow.roots}


def test_every_answer_that_a_class_names_is_that_of_the_table() -> None:
    """`Request["CheckGoodReputeResponse"]` tells the type checker what the table tells the program."""
    for codec in (erru_client.CODEC, tachonet_client.CODEC):
        classes = {body.__name__: body for body in codec.bodies}
        for body in codec.bodies:
            bases = vars(body).get("__orig_bases__", ())
            named = [get_args(base)[0] for base in bases if get_args(base)]
            answers = list(dict.fromkeys(classes[name.__forward_arg__].root for name in named))
            assert answers == [root for root in [answer_to(body.root)] if root is not None]


def test_a_request_is_answered_by_its_answer_and_an_answer_by_nothing() -> None:
    assert answer_to("CheckGoodRepute_Request") == "CheckGoodRepute_Response"
    assert answer_to("CheckGoodRepute_Response") is None


def test_one_root_can_answer_two_messages() -> None:
    """NCR: the notification and the response to it are both acknowledged, with the same element."""
    assert answer_to("NotifyCheckResult_Request") == "NotifyCheckResult_Acknowledgement"
    assert answer_to("NotifyCheckResult_Response") == "NotifyCheckResult_Acknowledgement"
    assert answer_to("NotifyCheckResult_Acknowledgement") is None


def test_a_workflow_opens_with_its_request() -> None:
    assert all(workflow.opening.endswith("_Request") for workflow in WORKFLOWS)


@pytest.mark.parametrize(
    ("root", "broadcast"),
    [
        ("CheckGoodRepute_Request", True),
        ("NotifyUnfitness_Request", True),
        ("CheckTransportUndertakingData_Request", False),
        ("NotifyCheckResult_Request", False),
        ("RoadSideInspection_Request", False),
    ],
)
def test_only_good_repute_and_unfitness_concern_all_states(root: str, broadcast: bool) -> None:
    workflow = workflow_of(root)
    assert workflow is not None
    assert workflow.broadcast is broadcast


def test_an_error_notification_is_of_no_workflow() -> None:
    assert workflow_of("ErrorNotification") is None
    assert answer_to("ErrorNotification") is None


def test_every_row_names_its_article() -> None:
    """RSI alone is not in the regulation on ERRU, but in the directive on roadside inspections."""
    regulations = {"TACHOnet": "2016/68, Annex II", "ERRU": "2016/480, Annex II"}
    for workflow in WORKFLOWS:
        rsi = workflow.abbreviation == "RSI"
        law = "Directive 2014/47/EU, Article 18" if rsi else regulations[workflow.system]
        assert workflow.article.startswith(law)
