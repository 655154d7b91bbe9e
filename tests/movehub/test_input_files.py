"""What a person writes in any editor is read, and what is wrong in it is named by its place, never quoted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.cli.documents import read_body
from movehub.config import Section
from movehub.errors import InvalidConfiguration, InvalidOutgoing
from movehub.input_files import read_day, read_json, read_toml
from movehub.official.mapping import NameMapping
from movehub.protocol.plain_data import from_dict
from movehub.records.values import read_instant
from movehub.tls.credentials import PassPhrase

from tachonet_client import CheckIssuedCardsRequest, ModifiedCard, SearchedDriver
from tachonet_client.card_status import StatusTranslation
from tachonet_client.policy import Policy
from tests.support.examples import CANARY

BOM = b"\xef\xbb\xbf"

#: Everything that reads TOML, with a file that it accepts.
TOML: dict[str, tuple[Callable[[Path], Any], str]] = {
    "configuration": (Section.top_of, 'member_state = "FI"\n'),
    "policy": (Policy.read, 'state = "FI"\n[sample]\nsalt = "s"\n'),
    "mapping": (NameMapping.read, 'system = "ERRU"\nversion = "1.0"\nnamespace = "urn:x"\n'),
    "translation": (
        StatusTranslation.read,
        (Path(__file__).parents[2] / "tachonet_client/card_statuses.toml").read_text("utf-8"),
    ),
}


@pytest.mark.parametrize("kind", TOML)
def test_toml_may_begin_with_a_byte_order_mark(kind: str, tmp_path: Path) -> None:
    read, content = TOML[kind]
    file = tmp_path / "file.toml"
    file.write_bytes(content.encode())
    plain = read(file)
    file.write_bytes(BOM + content.encode())
    assert read(file) == plain


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f'a = 1\n{CANARY} = "{CANARY}\n'.encode(), r"cannot be read as TOML: see line 2, column \d+"),
        (f"a = 1\na = {CANARY}".encode(), "cannot be read as TOML: see line 2, column 5"),
        (f"[{CANARY}]\n[{CANARY}]\n".encode(), r"cannot be read as TOML: see line 2, column \d+"),
        (f'"{CANARY}'.encode(), "cannot be read as TOML: see"),
        (f"{CANARY} = 1".encode("utf-16"), "is not in UTF-8"),
        (f"{CANARY} = 1".encode() + b"\xff", "is not in UTF-8"),
        (b"a = " + b"[" * 100_000, "cannot be read as TOML"),
        (None, "there is no "),
    ],
)
@pytest.mark.parametrize("kind", TOML)
def test_what_is_wrong_in_toml_is_named_by_its_place(
    kind: str, content: bytes | None, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "file.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidConfiguration, match=said) as caught:
        TOML[kind][0](file)
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_folder_in_place_of_a_file_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="cannot be opened"):
        read_toml(tmp_path, "file")


def test_only_one_module_reads_toml() -> None:
    root = Path(__file__).parents[2]
    sources = [*root.glob("common/movehub/**/*.py"), *root.glob("*_client/**/*.py")]
    assert [path.name for path in sources if "import tomllib" in path.read_text("utf-8")] == [
        "input_files.py"
    ]


def test_a_pass_phrase_does_not_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "pass").write_bytes(BOM + b"correct horse\r\n")
    assert PassPhrase.read(tmp_path / "pass").reveal() == "correct horse"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f'{{"family_name": "{CANARY}", "family_name": "X"}}'.encode(), "the same field twice"),
        (f'[{{"a": {{"{CANARY}": 1, "{CANARY}": 1}}}}]'.encode(), "the same field twice"),
        (b'{"a": NaN}', "a number that is none"),
        (f'{{"a": 1,\n"{CANARY}",}}'.encode(), "line 2, column"),
        (f'{{"a": "{CANARY}"}}'.encode("utf-16"), "not JSON in UTF-8"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_json_that_can_be_read_in_two_ways_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        read_json(content)
    assert CANARY not in str(caught.value)
    (tmp_path / "body.json").write_bytes(content)
    with pytest.raises(InvalidOutgoing, match=said) as refused:
        read_body(CheckIssuedCardsRequest, tmp_path / "body.json")
    assert refused.value.__context__ is None


def test_json_may_begin_with_a_byte_order_mark() -> None:
    assert read_json(BOM + json.dumps({"a": ["é", {"a": 1}]}, ensure_ascii=False).encode()) == {
        "a": ["é", {"a": 1}]
    }


#: Python reads each of these, as a day or as an instant.
OTHER_DAYS = ["2024-W01-1", "20240101", "2024W011", "2024-W01"]
OTHER_INSTANTS = [
    "2024-W01-1T10:00:00Z",
    "2024-01-01 10:00:00Z",
    "20240101T10000000Z",
    "2024-01-01t10:00:00Z",
]


@pytest.mark.parametrize("text", OTHER_DAYS)
def test_another_form_of_a_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        read_day(text)
    with pytest.raises(ValueError, match="date_of_birth: must be a day as YYYY-MM-DD"):
        from_dict(SearchedDriver, {"family_name": "X", "date_of_birth": text})


@pytest.mark.parametrize("text", OTHER_INSTANTS)
def test_another_form_of_an_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DDThh:mm:ssZ"):
        read_instant(text)
    with pytest.raises(ValueError, match="must be an instant of UTC"):
        from_dict(
            ModifiedCard,
            {
                "card_number": "X",
                "new_card_status": "Lost",
                "status_modified_at": text,
                "declared_by": {"authority": "X"},
            },
        )


@given(st.dates())
def test_a_day_in_its_form_is_read(day: date) -> None:
    assert read_day(day.isoformat()) == day
