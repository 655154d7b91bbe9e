"""A node with odd certificates, and peers with them: it serves, and shows its metrics."""

from __future__ import annotations

import logging
import shutil
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from movehub.http.transport import HttpsTransport
from movehub.node.node import Node
from movehub.node.preflight import look_at_certificates
from movehub.node.settings import Settings
from movehub.protocol.exchange import utc_now
from movehub.tls import reload
from movehub.tls.certificate import Certificate
from movehub.tls.credentials import Credentials

from tests.movehub.node.test_settings import GOOD
from tests.support.erru_examples import nu_request
from tests.support.nodes import from_denmark, written
from tests.support.odd_certificates import ODD
from tests.support.odd_files import OddFiles, openssl_accepts

ODDEST = "v2"


@pytest.fixture
def files(tmp_path: Path, state: Credentials) -> OddFiles:
    return OddFiles.create(tmp_path, state.authority)


@pytest.fixture
def accepted(files: OddFiles) -> dict[str, bytes]:
    return {what: der for what, der in ODD.items() if openssl_accepts(files.of(der))}


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "fi.pem", tmp_path / "fi.key"


@pytest.fixture
def settings(tmp_path: Path, files: OddFiles, own: tuple[Path, Path]) -> Settings:
    party = files.of(ODD[ODDEST])
    shutil.copy(party.certificate, own[0])
    shutil.copy(party.key, own[1])
    allowed = [Certificate.of_der(der).fingerprint for der in ODD.values()]
    text = GOOD.replace("0.0.0.0:8443", "127.0.0.1:0").replace('["CN=hub"]', str(["CN=hub", *allowed]))
    path = tmp_path / "node.toml"
    path.write_text(text.replace('"ca.pem"', f'"{files.authority}"'), "utf-8")
    return replace(Settings.read(path), metrics_port=0)


@pytest.fixture
def running(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    monkeypatch.setattr(reload, "_LOOK", 0.0)
    with Node(settings) as node:
        yield node


def test_each_odd_certificate_of_ones_own_is_served_and_measured(
    running: Node, files: OddFiles, accepted: dict[str, bytes], own: tuple[Path, Path]
) -> None:
    for what, der in accepted.items():
        shutil.copy(files.of(der).certificate, own[0])
        assert _shown_by(running) == Certificate.of_der(der).der, what
        told = requests.get(f"http://127.0.0.1:{running.metrics_port}/metrics", timeout=10)
        assert told.status_code == 200, what
        lines = [line for line in told.text.splitlines() if line.startswith("movehub_certificate_seconds")]
        assert len(lines) == 3, what
    assert len(accepted) >= 53


def _shown_by(node: Node) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_3
    with socket.create_connection(("127.0.0.1", node.port)) as raw:
        with context.wrap_socket(raw) as connection:
            return connection.getpeercert(binary_form=True) or b""


def test_each_odd_certificate_of_a_peer_brings_its_message_in(
    running: Node,
    files: OddFiles,
    accepted: dict[str, bytes],
    own: tuple[Path, Path],
    state: Credentials,
    caplog: pytest.LogCaptureFixture,
) -> None:
    shutil.copy(state.key, own[1])
    shutil.copy(state.certificate, own[0])
    caplog.set_level(logging.WARNING)
    for der in accepted.values():
        with HttpsTransport(f"https://localhost:{running.port}/erru", files.of(der)) as transport:
            transport.deliver(written(from_denmark(nu_request(), utc_now())))
    assert "a connection ended" not in caplog.text
    assert "could not be answered" not in caplog.text


def test_what_is_odd_is_a_warning_at_the_start(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    look_at_certificates(settings)
    assert any("breaks RFC 5280 in the version" in each for each in caplog.messages)


def test_two_certificates_of_one_name_are_one_line_of_the_metrics(running: Node, files: OddFiles) -> None:
    """An authority with a new key has two. Prometheus refuses a page with one label twice."""
    files.authority.write_text(files.authority.read_text("ascii") * 2, "ascii")
    told = requests.get(f"http://127.0.0.1:{running.metrics_port}/metrics", timeout=10).text
    lines = [line for line in told.splitlines() if line.startswith("movehub_certificate_seconds")]
    assert len(lines) == 3
    assert len({line.rpartition(" ")[0] for line in lines}) == 3
