"""An error of ours is logged as it is, and by many tools with all that it came out of.

`from None` hides the other error from a traceback and leaves it in `__context__`, where tools for error
reports find it: the whole file in a UnicodeDecodeError, the body in a JSONDecodeError, the request in an
error of `requests`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from movehub.batch import Results
from movehub.batch.rows import Row, encoded, headings
from movehub.cli.documents import read_body
from movehub.config import Config
from movehub.names.explain import names
from movehub.names.key_service_http import HttpSearchKeys
from movehub.protocol.plain_data import from_dict

from tachonet_client import CheckIssuedCardsRequest, SearchedDriver
from tachonet_client.batch_cic import CIC
from tests.support.batches import SIGNATURE, applications
from tests.support.examples import CANARY


def a_body(folder: Path, content: bytes) -> None:
    (folder / "body.json").write_bytes(content)
    read_body(CheckIssuedCardsRequest, folder / "body.json")


def a_list_of_names(folder: Path) -> None:
    (folder / "names.csv").write_bytes(f"family_name\n{CANARY}".encode() + b"\xff\n")
    list(names(folder / "names.csv"))


def a_name_that_no_service_took(_: Path) -> None:
    HttpSearchKeys("http://127.0.0.1:9/nysiis").key(CANARY, use_full_name=True)


def a_damaged_row(folder: Path, row: Row, rest: bytes) -> None:
    first = Row(line="0", attempt="0", outcome="batch", said=SIGNATURE)
    (folder / "r.csv").write_bytes(headings(CIC) + encoded(CIC, first) + encoded(CIC, row) + rest)
    Results.open(folder / "r.csv", applications(folder / "a.csv", []), SIGNATURE)


def a_password(folder: Path) -> None:
    (folder / "password").write_bytes(CANARY.encode() + b"\xff")
    text = (
        'member_state = "FI"\ncertificate = "c"\nkey = "k"\nauthority = "a"\nkey_password_file = "password"\n'
    )
    (folder / "hub.toml").write_text(f'{text}[tachonet]\nurl = "https://hub.example/"\n', "utf-8")
    Config.read(folder / "hub.toml", "tachonet")


@pytest.mark.parametrize(
    "failing",
    [
        lambda folder: a_body(folder, f'{{"a": "{CANARY}",}}'.encode()),
        lambda folder: a_body(folder, CANARY.encode() + b"\xff"),
        lambda folder: a_body(folder, f'{{"searched_driver": {{"date_of_birth": "{CANARY}"}}}}'.encode()),
        lambda _: from_dict(SearchedDriver, {"date_of_birth": CANARY}),
        lambda _: from_dict(SearchedDriver, {"family_name": CANARY}),
        a_list_of_names,
        a_name_that_no_service_took,
        lambda folder: a_damaged_row(folder, Row(line=CANARY, attempt="1", outcome="asked"), b""),
        lambda folder: a_damaged_row(folder, Row(line="²", attempt="1", outcome=CANARY), b""),
        lambda folder: a_damaged_row(
            folder, Row(line="2", attempt="1", outcome="asked"), CANARY.encode() + b"\xff\n"
        ),
        a_password,
    ],
)
def test_an_error_comes_out_of_nothing_that_tells_of_a_person(
    failing: Callable[[Path], object], tmp_path: Path
) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of each kind there is one here
        failing(tmp_path)
    assert type(caught.value).__module__ in {"movehub.errors", "builtins"}
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
