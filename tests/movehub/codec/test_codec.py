"""Bytes to messages and back, always valid, and errors that name no one."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from random import Random
from typing import Any

import pytest
from elementpath.datatypes import DateTime10
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from movehub.codec.codec import Codec
from movehub.errors import InvalidIncoming, InvalidOutgoing, TheirFault, UnknownMessage
from movehub.protocol.edition import Edition
from movehub.protocol.message import Body, ErrorNotification, ErrorStatus, Message

import erru_client
from erru_client import CODEC as ERRU
from erru_client import ERRU_3_4, ERRU_3_5
from tachonet_client import CODEC as TACHONET
from tests.support.building import messages
from tests.support.examples import CANARY, FI_ERRU, cgr_request, found_manager
from tests.support.mutation import mutants
from tests.support.official import specimens

CASES = [
    pytest.param(codec, edition, body, id=f"{edition}-{body.root}")
    for codec in (ERRU, TACHONET)
    for edition in codec.editions
    for body in codec.bodies
]


def infoset(data: bytes) -> bytes:
    return etree.tostring(etree.fromstring(data), method="c14n")


@pytest.mark.parametrize(("codec", "edition", "body"), CASES)
@given(data=st.data())
@settings(max_examples=100)
def test_what_is_built_is_valid_and_comes_back_equal(
    codec: Codec, edition: Edition, body: type[Body], data: st.DataObject
) -> None:
    message = data.draw(messages(codec, edition, body))
    sent = codec.write(message)
    received = codec.decode(sent)
    assert received == message
    assert infoset(codec.write(received)) == infoset(sent)


#: What has several spellings of one value, and goes out in the usual one. All else is text.
NUMBERS = {
    "numberOfVehicles",
    "odometerReading",
    "penaltyImposedIdentifier",
    "penaltyRequestedIdentifier",
}
BOOLEANS = {
    "appealPossible",
    "inspectionPassed",
    "isImposed",
    "isRectified",
    "itemFailed",
    "ptiRequested",
    "requestAllVehicles",
    "temporaryCard",
    "validForDriving",
    "vehicleProhibitionOrRestriction",
}
INSTANTS = {"statusModifiedAt"}
#: Editions that differ in fields.
SPOKEN = ((ERRU, "erru", "3.5"), (TACHONET, "tachonet", "3.0"), (TACHONET, "tachonet", "2016"))


def usual(name: str, came: str) -> str:
    """Return how a value must go out that came in this spelling."""
    if name in NUMBERS:
        return str(int(came))
    if name in BOOLEANS:
        return {"1": "true", "0": "false"}.get(came.strip(), came.strip())
    if name in INSTANTS:  # 24:00 of a day is 00:00 of the next
        return str(DateTime10.fromstring(came))
    return came


@pytest.mark.parametrize(
    ("codec", "data"),
    [
        pytest.param(codec, data, id=f"{system}-{version}-{name}")
        for codec, system, version in SPOKEN
        for name, data in specimens(system, version).items()
    ],
)
def test_a_specimen_survives_reading_and_writing_to_the_letter(codec: Codec, data: bytes) -> None:
    """What is echoed must be what came: blanks, spelling of identifiers and all."""
    ours, theirs = etree.fromstring(codec.write(codec.decode(data))), etree.fromstring(data)
    for left, right in zip(ours.iter(etree.Element), theirs.iter(etree.Element), strict=True):
        assert left.tag == right.tag
        assert (left.text or "").strip() == (right.text or "").strip()
        came = {name: value for name, value in right.items() if not name.startswith("{")}
        assert dict(left.items()) == {name: usual(name, value) for name, value in came.items()}


@pytest.mark.parametrize(("codec", "system", "version"), SPOKEN)
def test_whatever_arrives_is_decoded_or_refused_as_their_fault(
    codec: Codec, system: str, version: str
) -> None:
    documents = list(specimens(system, version).values())
    for mutant in mutants(documents, Random(1), 1500):
        try:
            codec.write(codec.decode(mutant.document))
        except TheirFault as error:
            assert error.fault == "theirs"


def test_a_received_value_without_meaning_is_refused_with_its_place() -> None:
    """The year 0 and the last midnight of the calendar are valid in the schema, and no date in Python."""
    sent = ERRU.encode(FI_ERRU.request(cgr_request(), to="DK"))
    with pytest.raises(InvalidIncoming, match="CheckGoodRepute_Request/Header/@sentAt"):
        ERRU.decode(sent.replace(b"2026-11-23T10:00:00Z", b"9999-12-31T24:00:00Z"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            b'requestPurpose="Issue"',
            b'requestPurpose="issue"',
            "Body/@requestPurpose.*not one of 'Issue', 'Control'",
        ),
        (b'to="DK"', b'to="DNK"', "Header/@to.*not exactly 2 characters"),
        (b'businessCaseId="FI-1"', b'businessCaseId=" "', "@businessCaseId.*shorter than 1"),
        (b'businessCaseId="FI-1"', b"", "Body.*a required attribute is missing"),
        (b'firstName="', b'middleName="x" firstName="', "an attribute that is not allowed"),
        (b"<Body", b"<Bady/><Body", "out of place"),
        (b'dateOfBirth="1970-01-02"', b'dateOfBirth="1970-02-30"', "@dateOfBirth.*not a value of its type"),
        (b"<Body ", b"<Body>text<Body ", "."),
        (b"</Body>", b"text</Body>", "holds text"),
    ],
)
def test_a_rejection_tells_workflow_path_line_and_reason(old: bytes, new: bytes, said: str) -> None:
    sent = ERRU.encode(FI_ERRU.request(cgr_request(), to="DK"))
    with pytest.raises(TheirFault, match=said) as caught:
        ERRU.decode(sent.replace(old, new))
    assert CANARY not in str(caught.value)
    if isinstance(caught.value, InvalidIncoming):
        assert caught.value.workflow == "ERRU CGR"
        assert caught.value.where.line == 2
        assert caught.value.where.path.startswith("CheckGoodRepute_Request")


def test_a_name_that_the_schema_does_not_know_is_not_repeated() -> None:
    sent = ERRU.encode(FI_ERRU.request(cgr_request(), to="DK"))
    for new in (f'{CANARY}="x" firstName="'.encode(), b'firstName="'):
        changed = sent.replace(b'firstName="', new).replace(b"<Header", f"<{CANARY}/><Header".encode())
        with pytest.raises(InvalidIncoming) as caught:
            ERRU.decode(changed)
        assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("namespace", "said"), [("https://x/erru/2.1", "version 2.1"), ("urn:x", "without a version")]
)
def test_another_edition_is_refused_with_the_versions_spoken(namespace: str, said: str) -> None:
    with pytest.raises(UnknownMessage, match=f"{said}; ERRU is spoken here in 3.4, 3.5"):
        ERRU.decode(f'<CheckGoodRepute_Request xmlns="{namespace}"/>'.encode())


def test_a_document_of_the_other_system_is_told_as_such() -> None:
    document = FI_ERRU.edition.namespace
    with pytest.raises(UnknownMessage, match="one of ERRU; TACHOnet is spoken here"):
        TACHONET.decode(f'<CheckGoodRepute_Request xmlns="{document}"/>'.encode())


def test_what_is_no_document_and_what_is_no_message_is_a_mistake_of_the_caller() -> None:
    """A text could have come in any encoding, and a body has no header."""
    with pytest.raises(TypeError, match="from its bytes"):
        ERRU.decode("<CheckGoodRepute_Request/>")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"Exchange\.request"):
        ERRU.encode(cgr_request())  # type: ignore[arg-type]


@pytest.mark.parametrize("attribute", ['version="2.1"', 'Version="1.0"'])
def test_a_version_that_stands_in_the_header_alone_is_named_too(attribute: str) -> None:
    with pytest.raises(UnknownMessage, match=rf"version {attribute[9:12]}; ERRU"):
        ERRU.decode(f'<Request xmlns="urn:x"><Header {attribute}/></Request>'.encode())


def test_another_root_is_refused() -> None:
    with pytest.raises(UnknownMessage, match=r"no message of ERRU 3\.5"):
        ERRU.decode(f'<Header xmlns="{ERRU_3_5.namespace}"/>'.encode())


def test_what_breaks_the_schema_is_not_sent() -> None:
    body = replace(cgr_request(), business_case_id="x" * 37)
    with pytest.raises(InvalidOutgoing, match="@businessCaseId: longer than 36") as caught:
        ERRU.encode(FI_ERRU.request(body, to="DK"))
    assert caught.value.fault == "ours"


def test_an_edition_that_is_not_spoken_is_not_sent() -> None:
    message = FI_ERRU.request(cgr_request(), to="DK")
    with pytest.raises(InvalidOutgoing, match=r"3\.4, 3\.5"):
        ERRU.encode(replace(message, header=replace(message.header, version="3.3")))


def test_a_body_of_the_other_system_is_not_sent() -> None:
    with pytest.raises(InvalidOutgoing):
        TACHONET.encode(replace(FI_ERRU.request(cgr_request(), to="DK"), header=_header("3.0")))


def _header(version: str) -> Any:
    return replace(FI_ERRU.request(cgr_request(), to="DK").header, version=version)


def test_a_document_beyond_the_limit_is_not_sent() -> None:
    small = replace(ERRU, limit=100)
    with pytest.raises(InvalidOutgoing, match="limit"):
        small.encode(FI_ERRU.request(cgr_request(), to="DK"))


def test_certificate_validity_may_be_left_out_in_the_schema_of_3_4_alone() -> None:
    """A state of 3.4 may send such an answer. The law does not let us: see the rule CGR-11."""
    found = found_manager()
    silent = replace(found, certificate=replace(found.certificate, certificate_validity=None))
    answer = FI_ERRU.request(cgr_request(), to="DK").body.answer("DK", (silent,))
    for edition, allowed in ((ERRU_3_4, True), (ERRU_3_5, False)):
        header = replace(_header(edition.version), from_="DK", to="FI")
        message = Message(header=header, body=answer)
        if allowed:
            assert ERRU.decode(ERRU.write(message)) == message
        else:
            with pytest.raises(InvalidOutgoing, match="required attribute"):
                ERRU.write(message)


def test_an_original_message_comes_back_to_the_letter() -> None:
    """It is escaped XML with line ends and blanks of its own; nothing in it may be folded."""
    original = "<?xml version='1.0'?>\r\n <a b='&amp;'>\n\t]]></a>  "
    body = ErrorNotification(
        business_case_id="1", status_code=ErrorStatus.INVALID_DATA, original_message=original
    )
    message: Message[Any] = Message(header=_header("3.5"), body=body)
    assert ERRU.decode(ERRU.encode(message)).body.original_message == original


def test_a_document_with_thousands_of_faults_is_refused_for_its_first() -> None:
    """On a tree the validator's time grows with the square of their number."""
    sent = specimens("erru", "3.5")["check_good_repute_response_minimal.xml"]
    many = sent.replace(b"</Body>", b'<MemberState x=""/>' * 50_000 + b"</Body>")
    assert many != sent
    with pytest.raises(InvalidIncoming) as caught:
        ERRU.decode(many)
    assert "very many errors" in caught.value.reason


def test_a_long_document_with_one_fault_is_refused_with_its_place() -> None:
    sent = specimens("erru", "3.5")["check_good_repute_response_minimal.xml"]
    row = b'<MemberState memberStateCode="%s" statusCode="NotFound"/>'
    rows = b"".join(row % (b"SE" if index else b"SWE") for index in range(2000))
    with pytest.raises(InvalidIncoming, match=r"Body/MemberState/@memberStateCode, line \d+: not exactly 2"):
        ERRU.decode(sent.replace(b"</Body>", rows + b"</Body>"))


def test_a_long_document_gets_the_same_verdict_as_a_short_one() -> None:
    for mutant in mutants(list(specimens("erru", "3.5").values()), Random(5), 500):
        long = mutant.document + b"\n" * 20_000
        assert _verdict(long) == _verdict(mutant.document)


def _verdict(data: bytes) -> str:
    try:
        ERRU.decode(data)
    except TheirFault as error:
        return str(error)
    return "valid"


def test_a_reason_never_quotes_a_value_that_looks_like_the_validators_own_words() -> None:
    sent = ERRU.encode(FI_ERRU.request(cgr_request(), to="DK"))
    trick = f"x is not an element of the set {{{CANARY}".encode() + b"y" * 100
    with pytest.raises(InvalidIncoming) as caught:
        ERRU.decode(sent.replace(CANARY.encode(), trick))
    assert CANARY not in str(caught.value)


def test_decode_and_encode_can_be_given_to_other_processes() -> None:
    """A process that begins afresh finds the codec by its name: its rules are functions, and stay at home."""
    sent = [
        FI_ERRU.request(replace(cgr_request(), business_case_id=f"FI-{number}"), to="DK")
        for number in range(8)
    ]
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        documents = list(pool.map(erru_client.encode, sent))
        assert documents == list(map(ERRU.encode, sent))
        assert list(pool.map(erru_client.decode, documents)) == sent
        with pytest.raises(InvalidIncoming, match="ERRU CGR"):
            pool.submit(erru_client.decode, documents[0].replace(b'to="DK"', b"")).result()


@pytest.mark.parametrize("codec", [ERRU, TACHONET])
def test_a_codec_comes_back_from_a_pickle_as_the_same_with_what_was_changed(codec: Codec) -> None:
    for function in (codec.decode, codec.encode):
        assert pickle.loads(pickle.dumps(function)) == function
    assert pickle.loads(pickle.dumps(codec)) is codec
    small = pickle.loads(pickle.dumps(replace(codec, limit=100)))
    assert (small.limit, small.rules, small.editions) == (100, codec.rules, codec.editions)
    listed = pickle.loads(pickle.dumps(codec.among(["FI", "TR"])))
    assert listed.participants == {"FI", "TR"}
    assert listed.rules == codec.among(["TR", "FI"]).rules != codec.rules


def test_a_codec_without_a_name_is_pickled_whole() -> None:
    own = Codec("ERRU", (ERRU_3_5,), ERRU.bodies)
    again = pickle.loads(pickle.dumps(own))
    assert again == own
    sent = ERRU.encode(FI_ERRU.request(cgr_request(), to="DK"))
    assert again.decode(sent) == own.decode(sent)


def test_an_xsi_type_is_refused() -> None:
    """It would let a document choose a type with attributes that nobody here reads."""
    sent = ERRU.encode(FI_ERRU.request(cgr_request(), to="DK"))
    xsi = b'<Header xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Header" '
    with pytest.raises(InvalidIncoming, match="xsi"):
        ERRU.decode(sent.replace(b"<Header ", xsi))
    hint = b'<Header xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" '
    ERRU.decode(sent.replace(b"<Header ", hint))
