"""Other names for the same things."""

from __future__ import annotations

from lxml import etree
from movehub.codec.reader import reader_of
from movehub.codec.writer import writer_of
from movehub.protocol.vocabulary import OURS, Vocabulary
from movehub.records.record import paths, plan_of

from tachonet_client import CheckCardStatusRequest, RequestPurpose, RequestSource, SearchedCard

ROOT = "CheckCardStatus_Request/Body"


def test_without_other_names_a_plan_stays_the_very_same() -> None:
    plan = plan_of(CheckCardStatusRequest)
    assert OURS.plan(plan, ROOT) is plan


def test_a_name_is_changed_at_its_path_and_nowhere_else() -> None:
    vocabulary = Vocabulary({f"{ROOT}/SearchedCard/@cardNumber": "number", "*/Body/@businessCaseId": "case"})
    plan = vocabulary.plan(plan_of(CheckCardStatusRequest), ROOT)
    found = set(paths(plan, ROOT))
    assert {f"{ROOT}/SearchedCard/@number", f"{ROOT}/@case"} <= found
    assert found - set(paths(plan_of(CheckCardStatusRequest), ROOT)) == {
        f"{ROOT}/SearchedCard/@number",
        f"{ROOT}/@case",
    }


def test_what_is_written_in_other_names_and_codes_is_read_from_them() -> None:
    vocabulary = Vocabulary(
        {f"{ROOT}/SearchedCard": "Card"}, {"*/Body/@requestPurpose": {"Issue": "ISSUE", "Control": "Issue"}}
    )
    plan = vocabulary.plan(plan_of(CheckCardStatusRequest), ROOT)
    body = CheckCardStatusRequest(
        business_case_id="FI-1",
        originating_authority="Traficom",
        request_purpose=RequestPurpose.CONTROL,
        request_source=RequestSource.OTHER,
        searched_card=SearchedCard(card_number="FI00000000000000"),
    )
    out: list[str] = ['<Root xmlns="urn:x">']
    writer_of(plan, "Body")(body, out)
    text = "".join([*out, "</Root>"])
    assert "<Card " in text
    assert 'requestPurpose="Issue"' in text
    assert reader_of(plan, "urn:x")(etree.fromstring(text)[0]) == body
