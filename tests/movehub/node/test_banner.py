"""A node that starts says which node it is, and shows no secret."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest
from movehub.node.banner import log_banner
from movehub.node.node import Node
from movehub.node.plugins import responder_of
from movehub.node.settings import Settings
from movehub.tls.credentials import Credentials
from movehub.tls.expiry import expiries_of


@pytest.fixture
def config(tmp_path: Path, state: Credentials) -> Path:
    path = tmp_path / "node.toml"
    path.write_text(
        f"""
member_state = "FI"
certificate = "{state.certificate}"
key = "{state.key}"
authority = "{state.authority}"
[erru]
url = "https://localhost:1/"
[tachonet]
url = "https://localhost:1/"
[node]
database = "sqlite:///node.db"
listen = "127.0.0.1:0"
allowed_subjects = ["CN=hub"]
[node.erru]
register = "tests.support.registers:undertakings"
authority = "Traficom"
[node.tachonet]
register = "tests.support.registers:drivers"
authority = "Traficom"
""",
        "utf-8",
    )
    return path


def banner(settings: Settings, caplog: pytest.LogCaptureFixture, port: int = 8443) -> list[str]:
    caplog.clear()
    responders = {served.system: responder_of(served) for served in settings.systems}
    log_banner(settings, responders, port)
    return [record.getMessage() for record in caplog.records if record.name == "movehub.node.banner"]


def test_a_node_that_listens_says_who_it_is(
    config: Path, state: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with Node(Settings.read(config)) as node:
        port = node.port
    records = [record for record in caplog.records if record.name == "movehub.node.banner"]
    assert {record.levelno for record in records} == {logging.INFO}
    first, *systems, database, certificates = [record.getMessage() for record in records]
    name = f"movehub-client {version('movehub-client')}"
    assert first == f"{name} serves over HTTPS on 127.0.0.1:{port}, for FI, as process {os.getpid()}"
    assert sorted(systems) == [
        "system erru: path /erru, asynchronous, editions 3.4, 3.5",
        "system tachonet: path /tachonet, asynchronous, editions 2016, 3.0",
    ]
    assert database == f"database: sqlite:///{config.parent}/node.db"
    ends = expiries_of(state)[0]
    assert re.fullmatch(
        rf"certificates: the first one ends on {ends.ends:%Y-%m-%d}T[\d:]+Z, in \d+ days: .+", certificates
    )
    assert certificates.endswith(ends.name)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (
            "postgresql://node:secret@db.example/movehub?sslmode=verify-full",
            "postgresql://node@db.example/movehub",
        ),
        ("postgresql://node@db.example/movehub?password=secret", "postgresql://node@db.example/movehub"),
        ("postgresql:///movehub?host=/run/postgresql&user=node&password=secret", "postgresql:///movehub"),
    ],
)
def test_no_password_of_the_database_is_shown(
    config: Path, caplog: pytest.LogCaptureFixture, address: str, shown: str
) -> None:
    caplog.set_level(logging.INFO)
    lines = banner(replace(Settings.read(config), database=address), caplog)
    assert f"database: {shown}" in lines
    assert "secret" not in caplog.text


def test_a_proxy_and_the_metrics_are_shown(config: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    words = config.read_text("utf-8").replace(
        "allowed_subjects",
        'proxy_addresses = ["10.0.0.1"]\nproxy_header = "X-Subject"\nmetrics_port = 9464\n'
        'metrics_address = "::1"\nallowed_subjects',
    )
    config.write_text(words, "utf-8")
    lines = banner(Settings.read(config), caplog)
    assert "serves over HTTP, behind a proxy, on 127.0.0.1:8443, for FI" in lines[0]
    assert lines[-1] == "metrics: http://[::1]:9464/metrics"
