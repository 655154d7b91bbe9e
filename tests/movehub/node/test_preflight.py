"""What a node cannot work with is told before it serves, by its setting."""

from __future__ import annotations

import logging
import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from movehub.errors import InvalidConfiguration
from movehub.node.node import Node
from movehub.node.preflight import look_at_certificates, refuse_addresses
from movehub.node.settings import Settings
from movehub.protocol.exchange import utc_now
from movehub.sandbox.pki import Authority
from movehub.tls.credentials import Credentials

from tests.movehub.node.test_settings import GOOD
from tests.support.pki import NOW, leaf, write


def _configured(folder: Path, files: Credentials, listen: str = "127.0.0.1:0") -> Path:
    text = GOOD.replace("0.0.0.0:8443", listen)
    for ours, theirs in (("fi.pem", files.certificate), ("fi.key", files.key), ("ca.pem", files.authority)):
        text = text.replace(f'"{ours}"', f'"{theirs}"')
    path = folder / "node.toml"
    path.write_text(text, "utf-8")
    return path


def _said(config: Path) -> str:
    """Why a node is not started."""
    with pytest.raises(InvalidConfiguration) as refused:
        Node(Settings.read(config)).__enter__()
    return str(refused.value)


def test_a_node_is_not_started_with_a_certificate_that_has_expired(
    tmp_path: Path, authority: Authority
) -> None:
    expired = authority.issue("FI-expired", ends_in=-timedelta(hours=1))
    said = _said(_configured(tmp_path, expired))
    assert str(expired.certificate) in said
    assert "expired on" in said
    assert "Have it renewed" in said


def test_a_certificate_is_looked_at_on_the_day(tmp_path: Path, state: Credentials) -> None:
    settings = Settings.read(_configured(tmp_path, state))
    look_at_certificates(settings)
    for late, said in ((timedelta(days=5000), "expired on"), (timedelta(days=-5000), "not valid before")):
        with pytest.raises(InvalidConfiguration, match=said):
            look_at_certificates(settings, utc_now() + late)


def test_what_a_peer_may_take_all_the_same_is_a_warning(
    tmp_path: Path, state: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    nameless = replace(state, certificate=write(tmp_path / "nameless.pem", leaf(host=None)))
    look_at_certificates(Settings.read(_configured(tmp_path, nameless)), NOW)
    (record,) = caplog.records
    assert "no host name in it" in record.getMessage()


def test_a_key_that_everybody_can_read_is_a_warning(
    tmp_path: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    files = authority.issue("FI-open")
    look_at_certificates(Settings.read(_configured(tmp_path, files)))
    assert caplog.messages == []
    files.key.chmod(0o604)
    look_at_certificates(Settings.read(_configured(tmp_path, files)))
    assert "can be read by every user of this machine (mode 0604)" in caplog.text


def test_behind_a_proxy_it_is_said_that_the_proxy_has_to_refuse_what_is_revoked(
    tmp_path: Path, state: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    config = _configured(tmp_path, state)
    proxy = '[node]\nproxy_addresses = ["10.0.0.1"]\nproxy_header = "X-Client-Subject"\n'
    refused = f'refused_fingerprints = ["{"0" * 64}"]\n'
    config.write_text(refused + config.read_text("utf-8").replace("[node]\n", proxy), "utf-8")
    look_at_certificates(Settings.read(config))
    assert "crl and refused_fingerprints count for your own calls only" in caplog.text


def test_an_address_that_is_taken_is_told_with_its_setting(tmp_path: Path, state: Credentials) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        said = _said(_configured(tmp_path, state, taken))
    assert said == f"node.listen: {taken} cannot be listened on: another process listens there"


def test_a_port_of_the_metrics_that_is_taken_is_told_with_its_setting(
    tmp_path: Path, state: Credentials
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        config = _configured(tmp_path, state)
        text = config.read_text("utf-8").replace("[node]\n", f"[node]\nmetrics_port = {port}\n")
        config.write_text(text, "utf-8")
        said = _said(config)
    assert said.startswith(f"node.metrics_address, node.metrics_port: 127.0.0.1:{port} cannot be listened on")


@pytest.mark.parametrize(
    ("listen", "said"),
    [
        ("192.0.2.1:8443", "it is no address of this machine"),
        ("no host:8443", "there is no host of this name"),
    ],
)
def test_an_address_of_another_machine_is_told(
    tmp_path: Path, state: Credentials, listen: str, said: str
) -> None:
    assert (
        _said(_configured(tmp_path, state, listen)) == f"node.listen: {listen} cannot be listened on: {said}"
    )


def test_an_address_that_is_free_is_not_at_fault(tmp_path: Path, state: Credentials) -> None:
    refuse_addresses(Settings.read(_configured(tmp_path, state)))
