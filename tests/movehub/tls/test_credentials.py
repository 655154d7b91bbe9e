"""TLS contexts: what they load and what they refuse."""

from __future__ import annotations

import logging
import pickle
import ssl
import stat
import tempfile
import traceback
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from movehub.errors import InvalidConfiguration
from movehub.http.endpoint import Endpoint
from movehub.http.transport import HttpsTransport
from movehub.sandbox.pki import Authority
from movehub.sandbox.server import SandboxServer
from movehub.tls.checks import refuse_weak
from movehub.tls.contexts import client_context, server_context
from movehub.tls.credentials import Credentials, PassPhrase, as_pem

from tests.support.pki import Chain, leaf, rsa_key, with_sha1, write, write_key

#: A pass phrase that must never turn up anywhere.
SECRET = "Geheimniskanarienvogel"


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


def test_what_cannot_be_used_is_told_with_its_setting_and_file(state: Credentials, tmp_path: Path) -> None:
    """Each mistake has its message, in the words of `movehub cert check`."""
    chain = Chain.create(tmp_path)
    short, missing = rsa_key("short", 1024), tmp_path / "missing.pem"
    weak = replace(
        state,
        certificate=write(tmp_path / "weak.pem", leaf(key=short)),
        key=write_key(tmp_path / "weak.key", short),
    )
    aged = write(tmp_path / "sha1.pem", with_sha1(leaf(), rsa_key("intermediate")))
    closed, opened = locked(state, tmp_path), replace(locked(state, tmp_path), password="other")
    (no_pem := tmp_path / "authority.der").write_bytes(b"0")
    told = {
        replace(state, certificate=missing): f"certificate: {missing} cannot be opened",
        replace(state, key=missing): f"key: {missing} cannot be opened",
        replace(state, authority=missing): f"authority: {missing} cannot be opened",
        replace(state, authority=no_pem): f"authority: {no_pem} cannot be read as PEM",
        closed: "locked.key is encrypted, and no pass phrase is given",
        opened: "locked.key holds no key that can be read, or the pass phrase is wrong",
        replace(state, key=chain.leaf.key): "the key is that of another",
        replace(state, key=chain.leaf.key, password="needless"): "the key is that of another",
        weak: "an RSA key of 1024 bits, and 2048 are the least",
        replace(chain.leaf, certificate=aged): "signed with SHA1, and SHA-256 is the least",
    }
    for files, said in told.items():
        with pytest.raises(InvalidConfiguration) as caught:
            client_context(files)
        assert said in str(caught.value)
        assert str(tmp_path) in str(caught.value)


def test_a_certificate_signed_with_sha1_is_refused_whatever_openssl_says(tmp_path: Path) -> None:
    """Annex V, 3. OpenSSL 3.6 loads it."""
    aged = write(tmp_path / "sha1.pem", with_sha1(leaf(), rsa_key("intermediate")))
    with pytest.raises(InvalidConfiguration, match="signed with SHA1, and SHA-256 is the least"):
        refuse_weak(replace(Chain.create(tmp_path).leaf, certificate=aged))


def test_a_key_of_another_certificate_is_refused(state: Credentials, hub: Credentials) -> None:
    with pytest.raises(InvalidConfiguration, match="the key is that of another"):
        client_context(replace(state, key=hub.key))


def test_an_encrypted_key_needs_its_password_and_never_asks_for_it(
    state: Credentials, tmp_path: Path
) -> None:
    files = locked(state, tmp_path)
    client_context(replace(files, password="secret"))
    for password in (None, "", "wrong"):
        with pytest.raises(InvalidConfiguration) as caught:
            client_context(replace(files, password=password))
        assert "wrong" not in str(caught.value).replace("pass phrase is wrong", "")


def locked(files: Credentials, folder: Path, words: str = "secret") -> Credentials:
    """The same certificate, with its key encrypted."""
    key = serialization.load_pem_private_key(files.key.read_bytes(), None)
    path = folder / "locked.key"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(words.encode()),
        )
    )
    return replace(files, key=path)


def pkcs12_of(files: Credentials, folder: Path, *others: Path, words: str = "secret") -> Credentials:
    """The same certificate and key as PKCS#12, with other certificates in front of it in the bag."""
    chain = [x509.load_pem_x509_certificate(path.read_bytes()) for path in others]
    path = folder / "bundle.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"FI",
            serialization.load_pem_private_key(files.key.read_bytes(), None),  # type: ignore[arg-type]
            x509.load_pem_x509_certificate(files.certificate.read_bytes()),
            chain,
            serialization.BestAvailableEncryption(words.encode()),
        )
    )
    return replace(files, certificate=path, key=path)


def test_pkcs12_serves_as_well_as_pem(state: Credentials, hub: Credentials, tmp_path: Path) -> None:
    (tmp_path / "fi.pass").write_text("secret\n", "utf-8")
    bundle = replace(pkcs12_of(state, tmp_path), password_file=tmp_path / "fi.pass")
    with SandboxServer(Endpoint(lambda data: data), hub) as server:
        with HttpsTransport(server.url("/"), bundle) as transport:
            assert transport.post(b"<a/>") == b"<a/>"


def test_pkcs12_leaves_no_file_behind(
    state: Credentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    bundle = pkcs12_of(state, tmp_path)
    client_context(replace(bundle, password="secret"))
    with pytest.raises(InvalidConfiguration):
        client_context(replace(bundle, password="wrong"))
    assert list((tmp_path / "temporary").iterdir()) == []


def test_pkcs12_is_laid_out_for_this_user_alone_and_still_locked(state: Credentials, tmp_path: Path) -> None:
    bundle = pkcs12_of(state, tmp_path)
    with as_pem(bundle.certificate, PassPhrase("secret")) as (file, words):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert b"ENCRYPTED PRIVATE KEY" in file.read_bytes()
        assert words != PassPhrase("secret")
    assert not file.exists()


def test_a_chain_in_pkcs12_is_put_into_order(authority: Authority, tmp_path: Path) -> None:
    """PKCS#12 has no order; TLS has."""
    chain = Chain.create(tmp_path)
    bundle = pkcs12_of(chain.leaf, tmp_path, chain.root, chain.intermediate)
    with as_pem(bundle.certificate, PassPhrase("secret")) as (file, _):
        subjects = [each.subject for each in x509.load_pem_x509_certificates(file.read_bytes())]
    paths = (chain.leaf.certificate, chain.intermediate, chain.root)
    assert subjects == [x509.load_pem_x509_certificate(path.read_bytes()).subject for path in paths]


@pytest.mark.parametrize("bundled", [False, True], ids=["PEM", "PKCS#12"])
def test_a_pass_phrase_shows_nowhere_when_it_is_wrong(
    state: Credentials, tmp_path: Path, caplog: pytest.LogCaptureFixture, bundled: bool
) -> None:
    """Not in the error, nor in a traceback that shows the values of all variables."""
    caplog.set_level(logging.DEBUG)
    (tmp_path / "fi.pass").write_text(SECRET, "utf-8")
    files = pkcs12_of(state, tmp_path) if bundled else locked(state, tmp_path)
    files = replace(files, password_file=tmp_path / "fi.pass")
    try:
        client_context(files)
    except InvalidConfiguration as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        hidden = error.__context__
        if hidden is not None:
            shown += "".join(
                traceback.TracebackException.from_exception(hidden, capture_locals=True).format()
            )
    assert "pass phrase is wrong" in shown
    assert SECRET not in shown + repr(files) + caplog.text


def test_a_pass_phrase_shows_itself_to_nobody() -> None:
    phrase = PassPhrase(SECRET)
    assert SECRET not in f"{phrase} {phrase!r} {[phrase]} {(phrase,)!s}"
    with pytest.raises(TypeError):
        pickle.dumps(phrase)
    assert phrase.reveal() == SECRET
