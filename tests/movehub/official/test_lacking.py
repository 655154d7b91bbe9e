"""A field that an official schema lacks: None in what is read, refused by its name in what is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from movehub.codec.codec import Codec
from movehub.errors import InvalidConfiguration, InvalidOutgoing
from movehub.official.checking import check_folder
from movehub.protocol.vocabulary import anywhere

import tachonet_client as tachonet
from tests.support.altered import altered, edition_of
from tests.support.cards import ccs_request, checked_card, mcs_request
from tests.support.examples import DK_TACHONET, FI_TACHONET, cic_request, found_driver

CCS = "tachonet/messages/check_card_status.xsd"
PLACE = '<xs:attribute name="placeOfBirth" type="PlaceOfBirth">'
HOLDER = '<xs:element name="HolderDetails" type="CardHolder">'


def speaking(official: Path, mapping: str = "") -> Codec:
    return tachonet.CODEC.speaking(edition_of(official, mapping))


def answer(card: tachonet.CheckedCard) -> tachonet.Message[tachonet.CheckCardStatusResponse]:
    request = FI_TACHONET.request(ccs_request(), "DK")
    return DK_TACHONET.answer(request, request.body.answer("X", card))


def test_an_attribute_that_their_schema_lacks(tmp_path: Path) -> None:
    nowhere = '<xs:attribute name="placeOfBirth" type="PlaceOfBirth" use="prohibited">'
    codec = speaking(altered(tmp_path, CCS, (PLACE, nowhere)))
    with pytest.raises(InvalidOutgoing, match=r"TACHOnet 3\.0 has no field HolderDetails\.place_of_birth"):
        codec.encode(answer(checked_card()))
    holder = checked_card().holder
    assert holder is not None
    poorer = answer(replace(checked_card(), holder=replace(holder, place_of_birth=None)))
    assert codec.decode(codec.encode(poorer)) == poorer


def test_an_element_that_their_schema_lacks(tmp_path: Path) -> None:
    other = HOLDER.replace("HolderDetails", "Other")
    codec = speaking(altered(tmp_path, CCS, (HOLDER, other)))
    with pytest.raises(InvalidOutgoing, match=r"TACHOnet 3\.0 has no field CheckedCard\.holder"):
        codec.encode(answer(checked_card()))


def test_an_element_under_another_name_is_not_absent(tmp_path: Path) -> None:
    other = HOLDER.replace("HolderDetails", "Other")
    official = altered(tmp_path, CCS, (HOLDER, other))
    names = '[names]\n"CheckCardStatus_Response/Body/CardDetails/HolderDetails" = "Other"'
    codec = speaking(official, names)
    document = codec.encode(answer(checked_card()))
    assert b"<Other " in document
    assert codec.decode(document).body == answer(checked_card()).body


CIC = "tachonet/3.0/tachonet.xsd"
DRIVABLE = '<xs:attribute name="validForDriving" type="xs:boolean" use="required">'
PATH = "CheckIssuedCards_Response/Body/MemberState/DriverDetails/CardDetails/@validForDriving"


@pytest.fixture
def otherwise(tmp_path: Path) -> Path:
    """A schema with another name for a field that is mandatory here, although it may be None."""
    return altered(tmp_path, CIC, (DRIVABLE, DRIVABLE.replace("validForDriving", "mayDrive")))


@pytest.fixture
def without(tmp_path: Path) -> Path:
    """A schema without this field."""
    return altered(tmp_path, CIC, (DRIVABLE, DRIVABLE.replace('use="required"', 'use="prohibited"')))


def found(drivable: bool | None) -> tachonet.Message[tachonet.CheckIssuedCardsResponse]:
    driver = found_driver()
    driver = replace(driver, card=replace(driver.card, valid_for_driving=drivable))
    request = FI_TACHONET.request(cic_request(), "DK")
    return DK_TACHONET.answer(request, request.body.answer("DK", (driver,)))


def test_a_mandatory_field_under_another_name_must_be_named(otherwise: Path) -> None:
    """A mapping without it would load, and each answer with a card would fail, or lose the value."""
    theirs = PATH.replace("validForDriving", "mayDrive")
    for mapping in ("", f'ignored = ["{theirs}"]'):
        with pytest.raises(InvalidConfiguration, match=f"no name for {PATH} .*add the path to missing"):
            speaking(otherwise, mapping)
    codec = speaking(otherwise, f'[names]\n"{PATH}" = "mayDrive"')
    document = codec.encode(found(drivable=True))
    assert b'mayDrive="true"' in document
    assert codec.decode(document).body == found(drivable=True).body


def test_a_mandatory_field_that_their_schema_lacks_is_said_to_be_missing(without: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="add the path to missing"):
        speaking(without)
    for path in (PATH, anywhere(PATH)):
        codec = speaking(without, f'missing = ["{path}"]')
        assert codec.decode(codec.encode(found(drivable=None))).body == found(drivable=None).body
        with pytest.raises(InvalidOutgoing, match=r"has no field IssuedCard\.valid_for_driving"):
            codec.encode(found(drivable=True))


def test_edition_check_proposes_what_is_missing(without: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "proposed.toml"
    mapping.write_text(check_folder(tachonet.CODEC, without).mapping, "utf-8")
    assert f'\n  #? "{PATH}",\n' in mapping.read_text("utf-8")
    mapping.write_text(mapping.read_text("utf-8").replace("#? ", ""), "utf-8")
    again = check_folder(tachonet.CODEC, without, mapping)
    assert again.comparison.findings == []
    assert f'\n  "{PATH}",\n' in again.mapping


def test_a_guess_of_a_name_is_not_proposed_as_missing_but_can_be(otherwise: Path) -> None:
    mapping = check_folder(tachonet.CODEC, otherwise).mapping
    assert f'\n  # "{PATH}",\n' in mapping
    assert f'\n#? "{PATH}" = "mayDrive"\n' in mapping


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (PATH.replace("valid", "good"), "is missing, which is in no message"),
        (PATH.replace("@validForDriving", "@cardNumber"), "is missing, and the schema has it"),
        ("*/Header/@from", "is missing, and the schema has it"),
    ],
)
def test_what_is_there_is_not_said_to_be_missing(without: Path, path: str, says: str) -> None:
    with pytest.raises(InvalidConfiguration, match=says):
        speaking(without, f'missing = ["{PATH}", "{path}"]')


def test_a_field_without_which_no_message_can_be_read_is_never_missing(tmp_path: Path) -> None:
    number = '<xs:attribute name="newCardStatus" type="CardStatus" use="required">'
    other = number.replace("newCardStatus", "status")
    official = altered(tmp_path, "tachonet/messages/modify_card_status.xsd", (number, other))
    path = "ModifyCardStatus_Request/Body/ModifiedCard/@newCardStatus"
    with pytest.raises(InvalidConfiguration, match=f"has no name for {path}"):
        speaking(official, f'missing = ["{path}"]')


def test_a_field_that_only_another_edition_of_ours_has_is_used_if_their_schema_has_it(tmp_path: Path) -> None:
    """Their next edition may bring back what ours lacks, and no release of ours is needed."""
    card = '<xs:attribute name="newCardStatus" type="CardStatus" use="required">'
    reason = f'<xs:attribute name="reason" type="xs:token"/>{card}'
    codec = speaking(altered(tmp_path, "tachonet/messages/modify_card_status.xsd", (card, reason)))
    request = mcs_request()
    told = replace(request, modified_card=replace(request.modified_card, reason="x"))
    message = FI_TACHONET.request(told, "DK")
    assert codec.decode(codec.encode(message)) == message
