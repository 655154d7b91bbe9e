"""A database that cannot be opened is told with its setting, its address and a reason; with no password."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from movehub.errors import InvalidConfiguration, MovehubError, StoreFailed, StoreNotOpened
from movehub.node.settings import Records, not_opened, without_password
from sqlalchemy import make_url

SECRET = "Geheimniskanarienvogel"


def _refused(database: str) -> MovehubError:
    with pytest.raises(MovehubError) as raised:
        Records(database, "FI").open()
    assert SECRET not in str(raised.value)
    return raised.value


def _kinds_of_files(folder: Path) -> dict[str, str]:
    (folder / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n" * 100, "utf-8")
    (folder / "ca.pem").chmod(0o600)
    (folder / "folder").mkdir(0o700)
    return {"ca.pem": "it is a file of another kind", "folder": "it cannot be opened"}


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    for name, said in _kinds_of_files(tmp_path).items():
        refused = _refused(f"sqlite:///{tmp_path}/{name}")
        assert isinstance(refused, StoreNotOpened)
        assert f"node.database: sqlite:///{tmp_path}/{name} cannot be opened: {said}" in str(refused)
        assert "Nothing was kept" not in str(refused)


@pytest.mark.parametrize(
    "database",
    [
        "mysql://host/name",
        "nothing",
        f"postgresql://node:{SECRET}@host:port/name",
        "sqlite:////none/there/x.db",
    ],
)
def test_what_is_no_address_of_a_database_is_a_fault_of_the_configuration(database: str) -> None:
    refused = _refused(database)
    assert isinstance(refused, InvalidConfiguration)
    assert str(refused).startswith("node.database: ")


def test_where_no_server_listens_the_address_is_told_without_the_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    refused = _refused(f"postgresql://node:{SECRET}@127.0.0.1:{port}/movehub?application_name={SECRET}")
    said = (
        f"node.database: postgresql://node@127.0.0.1:{port}/movehub cannot be opened: no server listens there"
    )
    assert said in str(refused)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": "nobody_of_this_name"}, "there is no such role"),
        ({"database": "nothing_of_this_name"}, "there is no such database"),
        ({"host": "no.host.invalid", "query": {}}, "there is no host of this name"),
    ],
)
def test_what_a_server_does_not_have_is_told(
    postgres_server: object, changed: dict[str, str], said: str
) -> None:
    url = make_url(postgres_server())  # type: ignore[operator]
    refused = _refused(url.set(**changed).render_as_string(hide_password=False))
    assert isinstance(refused, StoreNotOpened)
    assert f"cannot be opened: {said}" in str(refused)


def test_what_a_server_says_in_another_language_is_told_by_its_kind() -> None:
    failed = StoreFailed("the database failed with OperationalError")
    said = str(not_opened("postgresql://host/name", failed))
    assert "postgresql://host/name cannot be opened: the database failed with OperationalError" in said


@pytest.mark.parametrize(
    "url", [f"postgresql://node:{SECRET}@h/n", f"postgresql://h/n?password={SECRET}", SECRET]
)
def test_an_address_is_shown_without_what_may_be_a_password(url: str) -> None:
    assert SECRET not in without_password(url)
