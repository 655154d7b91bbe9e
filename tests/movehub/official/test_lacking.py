"""A field that an official schema lacks: None in what is read, refused by its name in what is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from movehub.codec.codec import Codec
from movehub.errors import InvalidOutgoing

import tachonet_client as tachonet
from tests.support.altered import altered, edition_of
from tests.support.cards import ccs_request, checked_card, mcs_request
from tests.support.examples import DK_TACHONET, FI_TACHONET

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


def test_a_field_that_only_another_edition_of_ours_has_is_used_if_their_schema_has_it(tmp_path: Path) -> None:
    """Their next edition may bring back what ours lacks, and no release of ours is needed."""
    card = '<xs:attribute name="newCardStatus" type="CardStatus" use="required">'
    reason = f'<xs:attribute name="reason" type="xs:token"/>{card}'
    codec = speaking(altered(tmp_path, "tachonet/messages/modify_card_status.xsd", (card, reason)))
    request = mcs_request()
    told = replace(request, modified_card=replace(request.modified_card, reason="x"))
    message = FI_TACHONET.request(told, "DK")
    assert codec.decode(codec.encode(message)) == message
