"""`edition check`: what an official schema has otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from movehub.errors import InvalidConfiguration
from movehub.official.checking import Check, check_folder
from movehub.official.comparison import Difference
from movehub.official.tree import WITHOUT_NAMESPACE

import erru_client
import tachonet_client
from tests.support.altered import altered
from tests.support.official import WIRE
from tests.support.renamed import rename_schema, truth

CIC = "tachonet/messages/check_issued_cards.xsd"
TYPES = "tachonet/messages/types.xsd"
FAMILY_NAME = '<xs:attribute name="familyName" type="Name" use="required">'
BODY = "CheckIssuedCards_Request/Body/SearchedDriver"


def check(folder: Path) -> Check:
    return check_folder(tachonet_client.CODEC, folder)


def found(folder: Path, path: str) -> dict[Difference, str]:
    return {
        finding.difference: finding.says
        for finding in check(folder).comparison.findings
        if finding.path == path
    }


@pytest.mark.parametrize("version", ["3.4", "3.5"])
def test_the_official_schemas_of_erru_have_nothing_that_ours_have_not(version: str) -> None:
    """All paths, types, lengths, codes and obligations of both editions."""
    folder = WIRE / f"erru-{version}"
    if not folder.is_dir():
        pytest.skip(f"the official schemas of ERRU {version} are not in {folder}")
    codec = erru_client.CODEC
    this = erru_client.Codec("ERRU", (codec.edition(version),), codec.bodies)
    checked = check_folder(this, folder)
    assert checked.comparison.findings == []
    assert len(checked.comparison.paths) == 464


def test_the_previous_generation_is_another_language_and_nothing_is_taken_for_something_else() -> None:
    folder = WIRE / "tachonet-1.41"
    if not folder.is_dir():
        pytest.skip(f"the schema of TACHOnet 1.41 is not in {folder}")
    comparison = check(folder).comparison
    assert comparison.names == {}
    roots = [finding for finding in comparison.findings if finding.difference is Difference.MISSING]
    assert {finding.path for finding in roots} >= {body.root for body in tachonet_client.CODEC.bodies}


@pytest.mark.parametrize("version", ["3.0", "2016"])
def test_a_renamed_schema_is_found_out_whole(tmp_path: Path, version: str) -> None:
    """Namespace, elements and attributes: what is certain is true, and so is every guess."""
    renamed = rename_schema(tmp_path, version)
    names = truth(renamed, [body.root for body in tachonet_client.CODEC.bodies], version).names
    checked = check(renamed)
    assert (checked.namespace, checked.version) == (f"urn:example:official:tachonet:{version}", version)
    told = checked.comparison.names | checked.comparison.guesses
    ours = {path: path.rpartition("/")[2].lstrip("@") for path in names}
    assert {path: told.get(path, ours[path]) for path in names} == dict(names)
    assert len(checked.comparison.names) > 50
    assert len(checked.comparison.guesses) > 50


def test_what_they_lack_is_missing(tmp_path: Path) -> None:
    official = altered(
        tmp_path,
        CIC,
        ('<xs:attribute name="drivingLicenceNumber" type="DrivingLicenceNumber">', "<!--"),
        (
            '</xs:attribute>\n    <xs:attribute name="drivingLicenceIssuing',
            '-->\n    <xs:attribute name="drivingLicenceIssuing',
        ),
    )
    assert found(official, f"{BODY}/@drivingLicenceNumber") == {Difference.MISSING: "optional"}


def test_what_only_they_have_is_extra_and_waits_to_be_accepted(tmp_path: Path) -> None:
    official = altered(
        tmp_path, CIC, (FAMILY_NAME, '<xs:attribute name="shoeSize" type="xs:int"/>' + FAMILY_NAME)
    )
    assert found(official, f"{BODY}/@shoeSize") == {Difference.EXTRA: "optional"}
    assert f'  #? "{BODY}/@shoeSize",' in check(official).mapping


def test_another_type_another_length_and_another_obligation_are_told(tmp_path: Path) -> None:
    as_date = altered(tmp_path, CIC, (FAMILY_NAME, FAMILY_NAME.replace('"Name"', '"xs:date"')))
    assert found(as_date, f"{BODY}/@familyName") == {
        Difference.TYPE: "date there, string of 1 to 100 characters here"
    }
    optional = altered(tmp_path / "b", CIC, (FAMILY_NAME, FAMILY_NAME.replace("required", "optional")))
    assert found(optional, f"{BODY}/@familyName") == {Difference.OBLIGATION: "optional there, required here"}


def test_codes_in_another_case_are_mapped_and_unknown_ones_are_named(tmp_path: Path) -> None:
    official = altered(
        tmp_path, TYPES, ('value="HandedOver"', 'value="HANDED_OVER"'), ('value="Lost"', 'value="Mislaid"')
    )
    path = "CheckCardStatus_Response/Body/CardDetails/@cardStatus"
    assert found(official, path) == {
        Difference.CODES: "HandedOver is HANDED_OVER there; there is no Lost; Mislaid is not known here"
    }
    assert 'HandedOver" = "HANDED_OVER"' in check(official).mapping


def test_elements_without_a_namespace_are_told(tmp_path: Path) -> None:
    official = altered(tmp_path, CIC, ('elementFormDefault="qualified"', 'elementFormDefault="unqualified"'))
    assert found(official, BODY) == {Difference.UNUSUAL: WITHOUT_NAMESPACE}


def test_what_is_the_same_in_several_messages_is_told_once(tmp_path: Path) -> None:
    official = altered(tmp_path, CIC, (FAMILY_NAME, FAMILY_NAME.replace("familyName", "surname")))
    findings = check(official).findings()
    assert [finding.path for finding in findings] == ["*/Body/SearchedDriver/@familyName"]
    assert check(official).count(Difference.GUESSED) == 1


def test_what_a_mapping_says_is_taken_as_said(tmp_path: Path) -> None:
    official = altered(
        tmp_path,
        CIC,
        (
            FAMILY_NAME,
            '<xs:attribute name="shoeSize" type="xs:int"/>' + FAMILY_NAME.replace("familyName", "surname"),
        ),
    )
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(check(official).mapping.replace("#? ", ""), "utf-8")
    known = check_folder(tachonet_client.CODEC, official, mapping)
    assert known.comparison.findings == []
    assert known.mapping == mapping.read_text("utf-8")


def test_a_folder_of_two_namespaces_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.xsd").write_text(
            f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:{name}">'
            f'<xs:element name="{name}" type="xs:string"/></xs:schema>'
        )
    with pytest.raises(InvalidConfiguration, match="must have one namespace"):
        check(tmp_path)
