"""The schemas of each edition compile in both validators, and accept the messages of that edition only."""

from collections.abc import Iterator
from functools import cache

import pytest
import xmlschema
from lxml import etree
from movehub.protocol.message import Request

from erru_client import CODEC as ERRU_CODEC
from tachonet_client import CODEC as TACHONET_CODEC
from tests.support.official import in_edition, our_schema, our_schema_path, specimens
from tests.support.paths import document_paths, schema_paths

ERROR = "ErrorNotification"
ERRU = {
    "CheckGoodRepute_Request",
    "CheckGoodRepute_Response",
    "CheckTransportUndertakingData_Request",
    "CheckTransportUndertakingData_Response",
    "NotifyCheckResult_Request",
    "NotifyCheckResult_Acknowledgement",
    "NotifyCheckResult_Response",
    "NotifyUnfitness_Request",
    "NotifyUnfitness_Acknowledgement",
    "RoadSideInspection_Request",
    "RoadSideInspection_Response",
    ERROR,
}
TACHONET = {
    "CheckIssuedCards_Request",
    "CheckIssuedCards_Response",
    "CheckCardStatus_Request",
    "CheckCardStatus_Response",
    "ModifyCardStatus_Request",
    "ModifyCardStatus_Acknowledgement",
    "ModifyCardStatus_Response",
    "IssuedCardDrivingLicence_Request",
    "IssuedCardDrivingLicence_Response",
    ERROR,
}
ROOTS = {
    ("erru", "3.4"): ERRU,
    ("erru", "3.5"): ERRU,
    ("tachonet", "3.0"): TACHONET,
    ("tachonet", "2016"): TACHONET,
}
SPECIMENS = [
    pytest.param(system, version, document, id=f"{system}-{version}-{name.removesuffix('.xml')}")
    for system, version in ROOTS
    for name, document in specimens(system, version).items()
]

each_edition = pytest.mark.parametrize(("system", "version"), ROOTS)
each_specimen = pytest.mark.parametrize(("system", "version", "document"), SPECIMENS)


@cache
def second_opinion(system: str, version: str) -> xmlschema.XMLSchema:
    """Compile an edition with the other validator, which explains what it refuses."""
    return xmlschema.XMLSchema(str(our_schema_path(system, version)))


def namespace(system: str, version: str) -> str:
    return f"https://webgate.ec.testa.eu/move-hub/{system}/{version}"


@each_edition
def test_an_edition_is_one_schema_whose_roots_are_its_messages(system: str, version: str) -> None:
    """A global element is a document root, so a message's parts must not be global."""
    our_schema(system, version)
    schema = second_opinion(system, version)
    assert schema.target_namespace == namespace(system, version)
    assert set(schema.elements) == ROOTS[system, version]


@each_edition
def test_the_maximal_specimens_of_a_root_have_every_path_of_its_schema(system: str, version: str) -> None:
    """If a message offers a choice, there is one for each: `<message>_maximal_<which>.xml`.

    Only the deadline of the hub is missing in an answer, which has none (Annex III, common header).
    """
    codec = {"erru": ERRU_CODEC, "tachonet": TACHONET_CODEC}[system]
    edition = next(each for each in codec.editions if each.version == version)
    found: dict[str, set[str]] = {root: set() for root in ROOTS[system, version]}
    for name, document in specimens(system, version).items():
        if "_maximal" in name:
            paths = document_paths(document)
            found[min(paths, key=len)] |= paths
    for body in codec.bodies:
        wanted = schema_paths(edition, body.root)
        if not issubclass(body, Request):
            wanted.discard(f"{body.root}/Header/@timeoutValue")
        assert found[body.root] == wanted, body.root


@each_edition
def test_every_root_has_a_minimal_specimen_out_of_which_nothing_can_be_taken(
    system: str, version: str
) -> None:
    minimal = [text for name, text in specimens(system, version).items() if name.endswith("_minimal.xml")]
    assert {etree.QName(etree.fromstring(each)).localname for each in minimal} == ROOTS[system, version]
    for document in minimal:
        for what, poorer in with_one_less(document):
            assert not our_schema(system, version).validate(poorer), what


def with_one_less(document: bytes) -> Iterator[tuple[str, etree._Element]]:
    """Yield a document without each of its attributes, and without each of its elements."""
    root = etree.fromstring(document)
    for index, element in enumerate(root.iter("*")):
        for name in element.attrib:
            poorer = etree.fromstring(document)
            del list(poorer.iter("*"))[index].attrib[name]
            yield f"{etree.QName(element).localname}/@{name}", poorer
        if index:
            poorer = etree.fromstring(document)
            taken = list(poorer.iter("*"))[index]
            taken.getparent().remove(taken)
            yield etree.QName(element).localname, poorer


@each_specimen
def test_both_validators_accept_a_specimen(system: str, version: str, document: bytes) -> None:
    """One validates every message, the other explains a refusal: they must mean the same schema."""
    our_schema(system, version).assertValid(etree.fromstring(document))
    second_opinion(system, version).validate(document)


@each_specimen
def test_both_validators_refuse_a_value_that_no_list_has(system: str, version: str, document: bytes) -> None:
    """The same verdict, also when it is a refusal."""
    refused = document.replace(b'version="' + version.encode() + b'"', b'version="9.9"')
    assert not our_schema(system, version).validate(etree.fromstring(refused))
    assert not second_opinion(system, version).is_valid(refused)


@each_specimen
def test_a_part_of_a_message_is_not_a_message(system: str, version: str, document: bytes) -> None:
    """Only the documented roots may begin a document."""
    for part in etree.fromstring(document).iterdescendants("*"):
        alone = etree.fromstring(etree.tostring(part, with_tail=False))
        assert not our_schema(system, version).validate(alone)


@each_specimen
def test_a_message_of_another_edition_is_refused(system: str, version: str, document: bytes) -> None:
    """The namespace tells the edition, and no other edition's schema takes the message."""
    for other in ROOTS.keys() - {(system, version)}:
        assert not our_schema(*other).validate(etree.fromstring(document))


@each_specimen
def test_the_version_must_agree_with_the_namespace(system: str, version: str, document: bytes) -> None:
    """Annex III of both regulations, common header: the version is fixed in each release of the schema."""
    for wrong in ("2.0", "3.3", "3.6", f" {version}", f"{version} ", f"{version}.0", ""):
        message = etree.fromstring(document)
        message[0].set("version", wrong)
        assert not our_schema(system, version).validate(message)


@pytest.mark.parametrize(("version", "accepted"), [("3.4", True), ("3.5", False)])
def test_only_3_4_lets_an_answer_leave_out_the_certificate_validity(version: str, accepted: bool) -> None:
    """This is all that 3.5 changed besides its number."""
    written = specimens("erru", "3.5")["check_good_repute_response_found.xml"]
    document = in_edition(version, written.replace(b' certificateValidity="Valid"', b""))
    assert our_schema("erru", version).validate(etree.fromstring(document)) is accepted
    assert second_opinion("erru", version).is_valid(document) is accepted
