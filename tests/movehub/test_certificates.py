"""TLS contexts: what they load and what they refuse."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from movehub.certificates import Credentials, client_context, server_context
from movehub.errors import InvalidConfiguration


def test_a_client_verifies_the_certificate_and_the_name(state: Credentials) -> None:
    context = client_context(state)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_server_asks_for_a_certificate(hub: Credentials) -> None:
    assert server_context(hub).verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("field", ["certificate", "key", "authority"])
def test_a_file_that_cannot_be_used_is_a_fault_of_the_configuration(
    state: Credentials, tmp_path: Path, field: str
) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("garbage", "utf-8")
    for path in (garbage, tmp_path / "missing.pem"):
        with pytest.raises(InvalidConfiguration):
            client_context(replace(state, **{field: path}))


def test_a_key_of_another_certificate_is_refused(state: Credentials, hub: Credentials) -> None:
    with pytest.raises(InvalidConfiguration, match="no pair"):
        client_context(replace(state, key=hub.key))


def test_an_encrypted_key_needs_its_password_and_never_asks_for_it(
    state: Credentials, tmp_path: Path
) -> None:
    key = serialization.load_pem_private_key(state.key.read_bytes(), None)
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    client_context(replace(state, key=locked, password="secret"))
    for password in (None, "", "wrong"):
        with pytest.raises(InvalidConfiguration) as caught:
            client_context(replace(state, key=locked, password=password))
        assert "wrong" not in str(caught.value).replace("password is wrong", "")
