"""Records as plain data and back, for JSON and the screen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movehub.protocol.message import Header
from movehub.protocol.plain_data import _value, from_dict, to_dict
from movehub.records.record import Plan, plan_of, value_type

from erru_client import CODEC, ERRU_3_5, CheckGoodReputeRequest, CheckGoodReputeResponse, RequestPurpose
from tests.support.building import messages
from tests.support.examples import CANARY, FI_ERRU, cgr_request


@pytest.mark.parametrize("body", [CheckGoodReputeRequest, CheckGoodReputeResponse])
@given(data=st.data())
@settings(max_examples=50)
def test_a_record_survives_json(body: type, data: st.DataObject) -> None:
    message = data.draw(messages(CODEC, ERRU_3_5, body))
    for record in (message.body, message.header):
        assert from_dict(type(record), json.loads(json.dumps(to_dict(record)))) == record


def test_a_message_shows_its_root_header_and_body() -> None:
    plain = to_dict(FI_ERRU.request(cgr_request(), to="DK"))
    assert plain["root"] == "CheckGoodRepute_Request"
    assert (plain["header"]["from"], plain["header"]["to"]) == ("FI", "DK")
    assert plain["header"]["sent_at"] == "2026-11-23T10:00:00Z"
    assert plain["body"]["searched_transport_manager"]["name"]["family_name"] == CANARY


def changed(**changes: Any) -> dict[str, Any]:
    return {**to_dict(cgr_request()), **changes}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "CheckGoodReputeRequest: an object is expected"),
        (changed(**{CANARY: "x"}), "1 unknown field"),
        (changed(request_purpose=CANARY), "CheckGoodReputeRequest.request_purpose: must be one of "),
        (changed(business_case_id=7), "CheckGoodReputeRequest.business_case_id takes text"),
        (
            changed(searched_transport_manager={CANARY: 1}),
            "searched_transport_manager: the fields are those of none",
        ),
        ({}, "CheckGoodReputeRequest: missing: business_case_id, originating_authority, "),
    ],
)
def test_plain_data_that_make_no_record_are_refused_by_path(data: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        from_dict(CheckGoodReputeRequest, data)
    assert CANARY not in str(caught.value)


def test_a_list_is_asked_for_where_there_may_be_many() -> None:
    answer = to_dict(cgr_request().answer("DK", ()))
    with pytest.raises(ValueError, match="member_states: a list is expected"):
        from_dict(CheckGoodReputeResponse, {**answer, "member_states": {}})
    row = {**answer["member_states"][0], "status_code": "Gone"}
    with pytest.raises(ValueError, match=r"member_states\[0\].status_code: must be one of "):
        from_dict(CheckGoodReputeResponse, {**answer, "member_states": [row]})


def test_a_text_that_is_no_code_is_told_which_there_are() -> None:
    with pytest.raises(ValueError, match=f"must be one of {', '.join(RequestPurpose)}$"):
        from_dict(CheckGoodReputeRequest, changed(request_purpose="Gone"))


def test_a_text_that_is_no_date_is_refused() -> None:
    plain = to_dict(FI_ERRU.request(cgr_request(), to="DK").header)
    with pytest.raises(
        ValueError, match=r"Header.sent_at: must be an instant of UTC as YYYY-MM-DDThh:mm:ssZ"
    ):
        from_dict(Header, {**plain, "sent_at": "yesterday"})


def _records(plan: Plan) -> Iterator[Plan]:
    yield plan
    yield from (
        below
        for child in plan.children
        for _, plans in child.alternatives
        for of in plans
        for below in _records(of)
    )


@pytest.mark.parametrize("body", [*CODEC.bodies, Header], ids=lambda body: body.__name__)
def test_each_text_of_another_type_can_be_told_in_words(body: type) -> None:
    for plan in _records(plan_of(body)):
        hints = get_type_hints(plan.cls, include_extras=True)
        types = {field: value_type(hints[field]) for field in (value.field for value in plan.values)}
        for field, python_type in types.items():
            if python_type not in {str, bool, int}:
                with pytest.raises(ValueError, match=f"{field.rstrip('_')}: must be (a|an|one of) "):
                    _value(python_type, "?", field.rstrip("_"))
