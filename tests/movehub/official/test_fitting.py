"""Official schemas that allow more, or less, than the classes know."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.codec.codec import Codec
from movehub.errors import InvalidConfiguration, InvalidIncoming, InvalidOutgoing, UnknownMessage
from movehub.protocol.edition import Edition
from movehub.protocol.exchange import Exchange

import erru_client
import tachonet_client
from tests.support.altered import altered, edition_of
from tests.support.building import messages
from tests.support.examples import cic_request, found_driver
from tests.support.official import schema_folder

CIC = "tachonet/messages/check_issued_cards.xsd"
FAMILY_NAME = '<xs:attribute name="familyName" type="Name" use="required">'
SHOE_SIZE = '<xs:attribute name="shoeSize" type="xs:int"/>' + FAMILY_NAME
SIZE = "CheckIssuedCards_Request/Body/SearchedDriver/@shoeSize"
MESSAGE = Exchange("FI", tachonet_client.TACHONET_3_0).request(cic_request(), to="PL")
DOCUMENT = tachonet_client.encode(MESSAGE)


def speaking(official: Path, mapping: str = "") -> Codec:
    return tachonet_client.CODEC.speaking(edition_of(official, mapping))


def test_a_field_that_nobody_here_reads_is_refused_unless_it_may_be_ignored(tmp_path: Path) -> None:
    official = altered(tmp_path, CIC, (FAMILY_NAME, SHOE_SIZE))
    document = DOCUMENT.replace(b" familyName=", b' shoeSize="43" familyName=')
    with pytest.raises(InvalidIncoming, match="would be lost"):
        speaking(official).decode(document)
    ignoring = speaking(official, f'ignored = ["{SIZE}"]\n')
    assert ignoring.decode(document) == tachonet_client.decode(DOCUMENT)


def test_an_element_that_nobody_here_reads_is_refused_unless_it_may_be_ignored(tmp_path: Path) -> None:
    kind = '<xs:element name="More" minOccurs="0"/>'
    official = altered(
        tmp_path, CIC, ('<xs:element name="SearchedDriver"', f'{kind}<xs:element name="SearchedDriver"')
    )
    document = DOCUMENT.replace(b"<SearchedDriver", b"<More><Inside/></More><SearchedDriver")
    with pytest.raises(InvalidIncoming, match="would be lost"):
        speaking(official).decode(document)
    ignoring = speaking(official, 'ignored = ["CheckIssuedCards_Request/Body/More"]\n')
    assert ignoring.decode(document) == tachonet_client.decode(DOCUMENT)


def test_a_field_that_is_needed_here_and_absent_is_refused_and_never_made_up(tmp_path: Path) -> None:
    official = altered(tmp_path, CIC, (FAMILY_NAME, FAMILY_NAME.replace("required", "optional")))
    codec = speaking(official)
    assert codec.decode(DOCUMENT) == tachonet_client.decode(DOCUMENT)
    start = DOCUMENT.index(b" familyName=")
    end = DOCUMENT.index(b'"', DOCUMENT.index(b'"', start) + 1) + 1
    with pytest.raises(InvalidIncoming, match="lacks a value that this library needs") as caught:
        codec.decode(DOCUMENT[:start] + DOCUMENT[end:])
    assert caught.value.where.path == "CheckIssuedCards_Request/Body/SearchedDriver/@familyName"


def test_a_field_that_only_they_require_stops_what_would_be_sent_without_it(tmp_path: Path) -> None:
    official = altered(tmp_path, CIC, (FAMILY_NAME, SHOE_SIZE.replace('"xs:int"', '"xs:int" use="required"')))
    with pytest.raises(InvalidOutgoing, match="a required attribute is missing"):
        speaking(official).encode(MESSAGE)


def test_a_codec_that_speaks_an_official_schema_can_be_pickled(tmp_path: Path) -> None:
    codec = speaking(altered(tmp_path, CIC, (FAMILY_NAME, SHOE_SIZE)), f'ignored = ["{SIZE}"]\n')
    again = pickle.loads(pickle.dumps(codec.decode))
    assert again(DOCUMENT) == codec.decode(DOCUMENT)
    assert again.__self__.rules is codec.rules


def test_an_element_of_no_namespace_is_refused(tmp_path: Path) -> None:
    official = altered(tmp_path, CIC, ('elementFormDefault="qualified"', 'elementFormDefault="unqualified"'))
    document = DOCUMENT.replace(b"<SearchedDriver", b'<SearchedDriver xmlns=""')
    with pytest.raises(InvalidIncoming):
        speaking(official).decode(document)


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ('[names]\n"CheckIssuedCards_Request/Body/@shoe" = "size"', "which is in no message"),
        (
            '[names]\n"*/Body/SearchedDriver/@familyName" = "surname"',
            "has no name for CheckIssuedCards_Request/Body/SearchedDriver",
        ),
        (
            '[names]\n"*/Body/SearchedDriver" = "Person"',
            "has no name for CheckIssuedCards_Request/Body/SearchedDriver",
        ),
    ],
)
def test_a_mapping_that_does_not_fit_the_schema_is_refused_at_once(
    tmp_path: Path, mapping: str, says: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=says):
        speaking(altered(tmp_path, CIC, (FAMILY_NAME, FAMILY_NAME)), mapping)


def test_a_message_that_their_schema_has_not_is_not_spoken(tmp_path: Path) -> None:
    include = '<xs:include schemaLocation="../../common/error_notification.xsd"/>'
    types = '<xs:include schemaLocation="../../common/header.xsd"/>'
    official = altered(tmp_path, "tachonet/3.0/tachonet.xsd", (include, types))
    (official / "common" / "error_notification.xsd").unlink()
    codec = speaking(official)
    assert codec.decode(DOCUMENT) == tachonet_client.decode(DOCUMENT)
    document = DOCUMENT.replace(b"CheckIssuedCards_Request", b"ErrorNotification")
    with pytest.raises((InvalidIncoming, UnknownMessage)):
        codec.decode(document)


def test_an_edition_of_another_system_or_namespace_is_refused(tmp_path: Path) -> None:
    edition = edition_of(altered(tmp_path, CIC, (FAMILY_NAME, FAMILY_NAME)))
    with pytest.raises(InvalidConfiguration, match="is not an edition of ERRU"):
        erru_client.CODEC.speaking(edition)
    mapping = tmp_path / "other.toml"
    mapping.write_text('system = "TACHOnet"\nversion = "3.0"\nnamespace = "urn:else"\n')
    with pytest.raises(InvalidConfiguration, match="different namespaces"):
        Edition.from_directory(tmp_path / "official", mapping)


@pytest.fixture(scope="module")
def erru_folder(tmp_path_factory: pytest.TempPathFactory) -> Codec:
    """Our own schemas of ERRU 3.5 as a folder of official ones, under a mapping that says nothing."""
    official = schema_folder(tmp_path_factory.mktemp("m") / "official", "erru", "3.5")
    mapping = official.parent / "mapping.toml"
    edition = erru_client.ERRU_3_5
    mapping.write_text(f'system = "ERRU"\nversion = "3.5"\nnamespace = "{edition.namespace}"\n')
    return erru_client.CODEC.speaking(Edition.from_directory(official, mapping))


@pytest.mark.parametrize("body", erru_client.CODEC.bodies, ids=lambda body: body.root)
def test_every_message_that_our_schema_allows_fits(erru_folder: Codec, body: type) -> None:
    """Lists in an element of their own, choices by name and by content, texts: all that the classes have."""

    @given(st.data())
    def fits(data: st.DataObject) -> None:
        message = data.draw(messages(erru_client.CODEC, erru_client.ERRU_3_5, body))
        assert erru_folder.decode(erru_folder.write(message)) == message

    fits()


BODY = '<xs:element name="Body" type="CheckIssuedCardsQuestion"/>'
ANSWER = tachonet_client.encode(
    Exchange("PL", tachonet_client.TACHONET_3_0).answer(
        MESSAGE, cic_request().answer("PL", (found_driver(),), "read this")
    )
)


def test_a_third_part_of_a_message_is_refused(tmp_path: Path) -> None:
    official = altered(tmp_path, CIC, (BODY, f'{BODY}<xs:element name="Extra" minOccurs="0"/>'))
    with pytest.raises(InvalidIncoming, match="would be lost"):
        speaking(official).decode(DOCUMENT.replace(b"</Body>", b"</Body><Extra/>"))


def test_an_attribute_of_the_root_is_refused(tmp_path: Path) -> None:
    close = "\n      </xs:sequence>"
    more = f'{BODY}</xs:sequence><xs:attribute name="cancels" type="xs:string"/>'
    official = altered(tmp_path, CIC, (BODY + close, more))
    with pytest.raises(InvalidIncoming, match="would be lost"):
        speaking(official).decode(DOCUMENT.replace(b"_Request ", b"_Request cancels='yes' ", 1))


def test_a_second_card_of_a_driver_is_refused_and_never_dropped(tmp_path: Path) -> None:
    card = '<xs:element name="CardDetails" type="FoundCard"'
    official = altered(tmp_path, CIC, (card, f'{card} maxOccurs="2"'))
    start, end = ANSWER.index(b"<CardDetails"), ANSWER.index(b"<DrivingLicenceDetails")
    twice = ANSWER[:end] + ANSWER[start:end] + ANSWER[end:]
    assert speaking(official).decode(ANSWER).body == tachonet_client.decode(ANSWER).body
    with pytest.raises(InvalidIncoming, match="several elements, but only one can be read"):
        speaking(official).decode(twice)


def test_text_between_elements_is_refused_and_never_dropped(tmp_path: Path) -> None:
    state = '<xs:complexType name="IssuedCardsInMemberState"'
    official = altered(tmp_path, CIC, (state, f'{state} mixed="true"'))
    with pytest.raises(InvalidIncoming, match="has text, but text is not read here"):
        speaking(official).decode(ANSWER.replace(b"<DriverDetails", b"Card reported stolen<DriverDetails"))


def test_an_absent_attribute_has_the_value_that_their_schema_gives_it(tmp_path: Path) -> None:
    temporary = '<xs:attribute name="temporaryCard" type="xs:boolean"'
    official = altered(tmp_path, CIC, (temporary, f'{temporary} default="true"'))
    assert b"temporaryCard" not in ANSWER
    (state,) = speaking(official).decode(ANSWER).body.member_states
    assert state.found[0].card.temporary_card is True


def test_a_header_of_another_version_than_the_namespace_is_refused(tmp_path: Path) -> None:
    official = altered(tmp_path, "tachonet/3.0/tachonet.xsd", ('<xs:enumeration value="3.0"/>', ""))
    with pytest.raises(InvalidIncoming, match="another version than the namespace"):
        speaking(official).decode(DOCUMENT.replace(b'version="3.0"', b'version="3.00"'))


def test_schemas_that_cannot_be_compiled_are_refused_at_once(tmp_path: Path) -> None:
    keys = '<xs:attributeGroup ref="SearchKeys"/>'
    official = altered(tmp_path, CIC, (keys, f'{keys}<xs:assert test="@familyName"/>'))
    with pytest.raises(InvalidConfiguration, match="cannot be compiled"):
        edition_of(official)
