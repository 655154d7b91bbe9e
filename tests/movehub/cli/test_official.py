"""`tachonet edition check` and `erru edition check`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from movehub.cli.official import edition_commands
from movehub.official.mapping import NameMapping
from typer.testing import CliRunner

import tachonet_client
from tests.support.altered import altered
from tests.support.official import schema_folder
from tests.support.paths import schema_paths

APP = edition_commands(tachonet_client.CODEC)
CIC = "tachonet/messages/check_issued_cards.xsd"
FAMILY_NAME = '<xs:attribute name="familyName" type="Name" use="required">'


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(APP, ["check", *map(str, arguments)], env={"COLUMNS": "200"})
    return result.exit_code, result.output


@pytest.fixture
def official(tmp_path: Path) -> Path:
    return altered(tmp_path, CIC, (FAMILY_NAME, FAMILY_NAME.replace("familyName", "surname")))


def test_what_is_alike_exits_with_0_and_counts_the_paths(tmp_path: Path) -> None:
    code, output = run(schema_folder(tmp_path / "official", "tachonet", "3.0"))
    assert code == 0
    edition = tachonet_client.TACHONET_3_0
    count = sum(len(schema_paths(edition, body.root)) for body in tachonet_client.CODEC.bodies)
    assert output.splitlines()[1:] == [f"{count} of our paths have their place in these schemas."]


def test_what_differs_is_shown_by_path_and_exits_with_1(official: Path) -> None:
    code, output = run(official)
    assert code == 1
    assert "perhaps renamed */Body/SearchedDriver/@familyName: @surname" in output.splitlines()
    assert "1 perhaps renamed" in output.splitlines()
    assert "Confirm them in the mapping" in output


def test_a_mapping_is_written_confirmed_and_leaves_nothing_to_say(official: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    assert run(official, "--write", mapping)[0] == 1
    mapping.write_text(mapping.read_text("utf-8").replace("#? ", ""), "utf-8")
    assert run(official, "--mapping", mapping)[0] == 0


def test_a_mapping_that_is_there_is_never_overwritten(official: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    mapping.write_text("signed off", "utf-8")
    code, output = run(official, "--write", mapping)
    assert code == 4
    assert "exists already" in output
    assert mapping.read_text("utf-8") == "signed off"
    code, output = run(official, "--write", tmp_path / "none" / "mapping.toml")
    assert code == 4
    assert "cannot be written" in output


def test_as_json_every_path_is_listed(official: Path) -> None:
    code, output = run(official, "--json")
    assert code == 1
    assert {finding["path"] for finding in json.loads(output)["findings"]} == {
        "CheckIssuedCards_Request/Body/SearchedDriver/@familyName",
        "CheckIssuedCards_Response/Body/SearchedDriver/@familyName",
    }


def test_a_folder_without_schemas_exits_with_4(tmp_path: Path) -> None:
    code, output = run(tmp_path)
    assert code == 4
    assert "no schema with a root element" in output


#: A code that ends the comment in which the mapping names it, and swaps two others. It also changes the
#: direction of the text, and clears the screen.
SWAP: Final = "x&#10;Found = &quot;NotFound&quot;&#10;NotFound = &quot;Found&quot;&#10;#\u202e&#x9b;2J"


def test_no_code_of_a_schema_becomes_a_line_of_the_mapping_or_moves_the_cursor(tmp_path: Path) -> None:
    values = "common/values.xsd"
    hostile = altered(tmp_path, values, ('value="Timeout"', f'value="{SWAP}"'))
    mapping = tmp_path / "mapping.toml"
    code, output = run(hostile, "--write", mapping)
    assert code == 1
    assert all(line.isprintable() for line in output.split("\n"))
    codes = NameMapping.read(mapping).vocabulary.codes
    assert codes
    assert not any(codes.values())
    code, output = run(hostile, "--json")
    assert all(line.isprintable() for line in output.split("\n"))
    assert any("\x9b2J" in finding["says"] for finding in json.loads(output)["findings"])
