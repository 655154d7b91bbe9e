"""Errors: what they say, and that they can be carried to another process."""

from __future__ import annotations

import copy
import pickle
import re

import pytest
from movehub import errors
from movehub.errors import (
    ErrorNotified,
    HttpRefused,
    HubNotTrusted,
    InvalidIncoming,
    MovehubError,
    OutcomeUnknown,
    TooManyRequests,
    Where,
)
from movehub.protocol.message import ErrorNotification, ErrorStatus

from tests.support.examples import CANARY, FI_ERRU, cgr_request

NOTIFICATION = ErrorNotification(
    business_case_id="1", status_code=ErrorStatus.OTHER, status_message=CANARY, original_message=CANARY
)
ERRORS = [
    InvalidIncoming("not so", where=Where("A/@b", 3), workflow="ERRU CGR"),
    ErrorNotified(NOTIFICATION, workflow="ERRU CGR"),
    HttpRefused(404),
    TooManyRequests(429),
    OutcomeUnknown("gone"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_copying_and_pickling(error: MovehubError) -> None:
    for again in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert again.where == error.where


def test_an_error_is_one_line_with_workflow_place_reason_article_and_advice() -> None:
    assert str(ERRORS[0]) == "ERRU CGR: A/@b, line 3: not so [Annex III, 2.2]"
    assert str(HttpRefused(400)) == "refused with HTTP status 400. Do not repeat it unchanged."


def test_a_hub_that_is_not_trusted_is_not_to_be_tried_again_blindly() -> None:
    assert "try again" not in str(HubNotTrusted("x")).replace("before you try again", "")


def test_what_a_peer_wrote_is_shown_neither_by_the_error_nor_by_a_repr() -> None:
    error = ErrorNotified(NOTIFICATION)
    assert CANARY not in str(error) + repr(error) + repr(error.notification)


def test_a_message_survives_copying_and_pickling() -> None:
    message = FI_ERRU.request(cgr_request(), to="DK")
    assert copy.deepcopy(message) == pickle.loads(pickle.dumps(message)) == message


def test_the_documented_tree_has_all_errors() -> None:
    tree = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.MovehubError) and name == value.__name__
    }
    assert tree == set(
        re.findall(r"^ +(?:[├└│ ]*── )?([A-Z]\w+)(?:  |$)", errors.__doc__ or "", re.MULTILINE)
    )
