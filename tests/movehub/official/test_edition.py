"""A mapping is judged whole, before a single message goes through it."""

from __future__ import annotations

from pathlib import Path

import pytest
from movehub.errors import InvalidConfiguration
from movehub.official.checking import check_folder

import tachonet_client
from tests.support.altered import EMPTY, altered, edition_of

TYPES = "tachonet/messages/types.xsd"
DRIVER = "CheckIssuedCards_Request/Body/SearchedDriver"
STATUS = '[codes."CheckIssuedCards_Response/Body/MemberState/@statusCode"]\n'


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our schema, with one code otherwise."""
    return altered(tmp_path_factory.mktemp("o"), TYPES, ('value="Lost"', 'value="Mislaid"'))


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        (f'[names]\n"{DRIVER}/@drivingLicenceNumber" = "firstName"', "the same name"),
        (f'[names]\n"{DRIVER}/@familyName" = "temporaryCard"', "at its place in the schema"),
        (f'[names]\n"{DRIVER}/@firstName" = "nonesuch"', "at its place in the schema"),
        ('[names]\n"*" = "CheckIssuedCards_Request"', "which is in no message"),
        ('[names]\n"ModifyCardStatus_Response" = "ModifyCardStatus_Acknowledgement"', "the same name"),
        ('[names]\n"CheckIssuedCards_Request" = "CIC"', "not in their schema"),
        (STATUS + 'NotFound = "Timeout"', "two codes of .* one: Timeout"),
        (STATUS + 'Fuond = "Found"', "not ours: Fuond"),
        (f'[codes."{DRIVER}/@familyName"]\nA = "B"', "not a list of codes"),
        ('[codes."*/Body/CardDetails/@validForDriving"]\ntrue = "false"', "not a list of codes"),
        (f'[codes."{DRIVER}/@shoeSize"]\nA = "B"', "in no message"),
    ],
)
def test_what_would_put_one_thing_in_the_place_of_another_is_refused(
    official: Path, mapping: str, says: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=says):
        tachonet_client.CODEC.speaking(edition_of(official, mapping))


@pytest.mark.parametrize(
    "path",
    [
        "CheckIssuedCards_Response/Body/MemberState/DriverDetails",
        "ModifyCardStatus_Acknowledgement/Body/@statusMessage",
        "CheckIssuedCards_Response/Body",
    ],
)
def test_nothing_that_is_read_may_be_ignored(official: Path, path: str) -> None:
    with pytest.raises(InvalidConfiguration, match=f"ignores {path}, which is read"):
        tachonet_client.CODEC.speaking(edition_of(official, f'ignored = ["{path}"]'))


def test_a_check_with_a_mapping_refuses_what_loading_refuses(official: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    for text, says in (
        (EMPTY + '[names]\n"A/@b" = "c"', "which is in no message"),
        (EMPTY.replace('3.0"\nn', '3.0"\nn').replace("move-hub", "else"), "different namespaces"),
        (EMPTY.replace("TACHOnet", "ERRU"), "the mapping is for ERRU"),
    ):
        mapping.write_text(text, "utf-8")
        with pytest.raises(InvalidConfiguration, match=says):
            check_folder(tachonet_client.CODEC, official, mapping)


def test_a_code_without_one_there_has_a_line_to_fill_in(official: Path) -> None:
    assert '#? "Lost" = ""  # left there: Mislaid' in check_folder(tachonet_client.CODEC, official).mapping
