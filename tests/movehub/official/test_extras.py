"""Schemas that have more than our classes, less, and the rest by other names."""

from __future__ import annotations

import pickle
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.codec.codec import Codec
from movehub.errors import InvalidConfiguration, InvalidIncoming, NotCorrelated
from movehub.official.extras import field_name
from movehub.protocol.edition import Edition
from movehub.protocol.exchange import Exchange
from movehub.records import extra, with_extra
from movehub.sandbox.faults.relay import RecordingTransport
from movehub.sandbox.registers.drivers import DriverRegister

import erru_client
import tachonet_client
from tests.support.altered import altered, edition_of
from tests.support.building import messages
from tests.support.examples import cic_request, found_driver
from tests.support.extended import as_there, changed_schema, edition_of_extended

CODECS = {"3.0": tachonet_client.CODEC, "2016": tachonet_client.CODEC, "3.5": erru_client.CODEC}


@pytest.fixture(scope="module", params=[(version, seed) for version in CODECS for seed in (1, 2)], ids=str)
def there(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Codec, str]:
    """A codec that speaks such a schema, and the version."""
    version, seed = request.param
    edition = edition_of_extended(tmp_path_factory.mktemp("x"), CODECS[version], version, seed)
    assert edition.official is not None
    return CODECS[version].speaking(edition), version


def test_every_message_of_such_a_schema_is_read_as_it_was_written(there: tuple[Codec, str]) -> None:
    codec, version = there
    ours = CODECS[version].edition(version)

    @given(st.data())
    def is_read(data: st.DataObject) -> None:
        body = data.draw(st.sampled_from(codec.bodies))
        message = data.draw(messages(CODECS[version], ours, body))
        sent = as_there(message, codec.edition(version), Random(data.draw(st.integers(0, 99))))
        document = codec.write(sent)
        received = codec.decode(document)
        assert received == sent
        assert codec.write(received) == document

    is_read()


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("authorityAddress", "authority_address"),
        ("Authority/@postCode", "authority_post_code"),
        ("URL", "url"),
        ("VATNumber2", "vat_number_2"),
        ("class", "extra_class"),
        ("été", "ete"),
        ("日本", "extra"),
        ("familyName", "family_name_2"),
    ],
)
def test_the_name_there_makes_a_name_here(name: str, here: str) -> None:
    assert field_name(name, {"family_name"}) == here


CIC = "tachonet/messages/check_issued_cards.xsd"
DRIVER = "CheckIssuedCards_Request/Body/SearchedDriver"
STATE = "CheckIssuedCards_Response/Body/MemberState"
FAMILY_NAME = '<xs:attribute name="familyName" type="Name" use="required">'
DETAILS = '<xs:element name="DriverDetails"'
MORE = (
    '<xs:element name="Note" type="xs:string" minOccurs="0"/>'
    '<xs:element name="Many" type="xs:string" minOccurs="0" maxOccurs="2"/>'
    '<xs:element name="Deep" minOccurs="0"><xs:complexType><xs:sequence>'
    '<xs:element name="Deeper" type="xs:string"/></xs:sequence></xs:complexType></xs:element>'
    '<xs:element name="Office" minOccurs="0"><xs:complexType>'
    '<xs:attribute name="town" type="xs:string" default="Ribe"/><xs:attribute name="street"/>'
    "</xs:complexType></xs:element>"
)


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our schema, with an attribute more on what is searched, and elements more in a row of the answer."""
    address = '<xs:attribute name="address" type="xs:string"/>'
    changes = (FAMILY_NAME, address + FAMILY_NAME), (DETAILS, MORE + DETAILS)
    return altered(tmp_path_factory.mktemp("x"), CIC, *changes)


def speaking(official: Path, *lines: str) -> Codec:
    return tachonet_client.CODEC.speaking(edition_of(official, "\n".join(("[extra]", *lines))))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            f'"{DRIVER}/@shoeSize" = "size"',
            "@shoeSize, which has no place in a record of ours",
        ),
        (f'"{DRIVER}" = "driver"', "which has no place"),
        (f'"{DRIVER}/@familyName" = "name"', "which has no place"),
        (f'"{STATE}/Many" = "many"', "which has no place"),
        (f'"{STATE}/Deep" = "deep"', "which has no place"),
        (f'"{STATE}/Deep/Deeper" = "deeper"', "which has no place"),
        (f'"{STATE}/Office" = "office"', "which has no place"),
        ('"CheckIssuedCards_Request/@address" = "address"', "which has no place"),
        (f'"{DRIVER}/@address" = "family_name"', "the name of another field: family_name"),
        (f'"{DRIVER}/@address" = "an address"', "which is no name of a field"),
        (f'"{DRIVER}/@address" = "_extra"', "the name of another field: _extra"),
        (f'"{DRIVER}/@address" = "class"', "which is no name of a field"),
        (f'"{STATE}/Note" = "note"\n"{STATE}/Office/@town" = "note"', "the name of another field: note"),
        (f'"{DRIVER}/@a\\u000Ab" = "a"', r"SearchedDriver/@a\\u000Ab, which has no place"),
    ],
)
def test_an_extra_field_that_has_no_place_or_no_name_is_refused(official: Path, line: str, says: str) -> None:
    with pytest.raises(InvalidConfiguration, match=says):
        speaking(official, line)


def test_an_extra_field_may_not_be_ignored(official: Path) -> None:
    path = f"{DRIVER}/@address"
    mapping = f'ignored = ["{path}"]\n[extra]\n"{path}" = "address"'
    with pytest.raises(InvalidConfiguration, match="ignores .*, which is an extra field"):
        tachonet_client.CODEC.speaking(edition_of(official, mapping))


REQUEST = Exchange("FI", tachonet_client.TACHONET_3_0).request(cic_request(), to="PL")
ANSWER = Exchange("PL", tachonet_client.TACHONET_3_0).answer(
    REQUEST, cic_request().answer("PL", (found_driver(),))
)
DOCUMENT = tachonet_client.encode(ANSWER)
NAMES = f'"{STATE}/Note" = "note"', f'"{STATE}/Office/@town" = "town"'


def row_of(codec: Codec, inserted: str) -> tachonet_client.CardsInState:
    document = DOCUMENT.replace(b"<DriverDetails", f"{inserted}<DriverDetails".encode(), 1)
    (row,) = codec.decode(document).body.member_states
    return row


def test_an_extra_element_is_read_with_its_text_attributes_and_defaults(official: Path) -> None:
    codec = speaking(official, *NAMES)
    assert extra(row_of(codec, "")) == {}
    assert extra(row_of(codec, "<Note>a &amp; b\n</Note>")) == {"note": "a & b\n"}
    assert extra(row_of(codec, "<Note/>")) == {"note": ""}
    assert extra(row_of(codec, "<Note>a</Note><Office/>")) == {"note": "a", "town": "Ribe"}
    assert row_of(codec, "<Office/>").found == (found_driver(),)


def test_what_the_mapping_does_not_cover_in_or_beside_an_extra_element_is_refused(official: Path) -> None:
    codec = speaking(official, *NAMES)
    for inserted in ('<Office street="a"/>', "<Many>a</Many>", "<Deep><Deeper/></Deep>"):
        with pytest.raises(InvalidIncoming, match="would be lost"):
            row_of(codec, inserted)


def test_an_extra_element_is_written_at_its_place(official: Path) -> None:
    codec = speaking(official, *NAMES)
    (row,) = ANSWER.body.member_states
    row = with_extra(row, town='<"&\n', note='<"&\n')
    document = codec.encode(replace(ANSWER, body=replace(ANSWER.body, member_states=(row,))))
    assert codec.decode(document).body.member_states == (row,)
    place = document.index(b"<Note>"), document.index(b"<Office"), document.index(b"<DriverDetails")
    assert list(place) == sorted(place)


def test_an_edition_with_extra_fields_can_be_pickled(official: Path) -> None:
    codec = speaking(official, *NAMES)
    again = pickle.loads(pickle.dumps(codec.decode)).__self__
    assert extra(row_of(again, "<Note>a</Note>")) == {"note": "a"}


QUESTION = '<xs:element name="SearchedDriver" type="SearchedDriver">'
TYPE = '<xs:complexType name="SearchedDriver">'
ASKED = (
    '<xs:complexType name="Asked"><xs:complexContent><xs:extension base="SearchedDriver">'
    '<xs:attribute name="office" type="xs:string" use="required"/></xs:extension></xs:complexContent>'
    "</xs:complexType>"
)


class Register(DriverRegister):
    """A register that tells by which office it was asked."""

    def check_issued_cards(self, driver: tachonet_client.SearchedDriver) -> tuple[Any, ...]:
        return (replace(found_driver(), place_of_birth=extra(driver)["office"]),)


def test_an_answer_repeats_no_extra_field_that_its_schema_has_in_the_question_alone(tmp_path: Path) -> None:
    changes = (QUESTION, QUESTION.replace('"SearchedDriver">', '"Asked">')), (TYPE, ASKED + TYPE)
    mapping = f'[extra]\n"{DRIVER}/@office" = "office"'
    edition = edition_of(altered(tmp_path, CIC, *changes), mapping)
    with closing(Register("DK")) as register:
        responder = tachonet_client.responder(register, "DK", "x", edition=edition)
        transport = RecordingTransport(responder.handle)
        client = tachonet_client.TachonetClient("FI", transport, edition=edition)
        driver = with_extra(cic_request().searched_driver, office="Oulu")
        (row,) = client.send(replace(cic_request(), searched_driver=driver), to="DK").body.member_states
    assert row.found[0].place_of_birth == "Oulu"


@pytest.mark.parametrize("office", ["Ribe", None])
def test_an_answer_that_repeats_another_extra_field_is_to_another_question(office: str | None) -> None:
    """What is not repeated is not compared: the schema says whether it must be."""
    asked = with_extra(cic_request().searched_driver, office="Oulu", room="1")
    repeated = with_extra(cic_request().searched_driver, office=office, room="1")
    exchange = Exchange("FI", tachonet_client.TACHONET_3_0)
    request = replace(REQUEST, body=replace(REQUEST.body, searched_driver=asked))
    answer = replace(ANSWER, body=replace(ANSWER.body, searched_driver=repeated))
    if office is None:
        exchange.check_answer(request, answer)
        return
    with pytest.raises(NotCorrelated, match="does not repeat"):
        exchange.check_answer(request, answer)


def test_an_extra_element_may_not_stand_where_records_are_told_apart(tmp_path: Path) -> None:
    """A search by name and one by certificate are told apart by the element that opens it."""
    name = '<xs:element name="TransportManagerNameDetails" type="SearchedManagerName"/>'
    note = '<xs:element name="Note" type="xs:string"/>'
    file = "erru/messages/check_good_repute.xsd"
    folder = changed_schema(tmp_path / "official", "erru", "3.5", {file: ((name, note + name),)})
    path = "CheckGoodRepute_Request/Body/SearchedTransportManager/Note"
    mapping = tmp_path / "mapping.toml"
    head = f'system = "ERRU"\nversion = "3.5"\nnamespace = "{erru_client.ERRU_3_5.namespace}"\n'
    mapping.write_text(f'{head}[extra]\n"{path}" = "note"', "utf-8")
    with pytest.raises(InvalidConfiguration, match="stands where records are told apart"):
        erru_client.CODEC.speaking(Edition.from_directory(folder, mapping))
