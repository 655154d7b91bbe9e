"""A stolen key is shut out: by the list of its authority, or by its fingerprint; of a hub and of a client."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from movehub.errors import HubNotTrusted, InvalidConfiguration, MovehubError, TransportError
from movehub.http.endpoint import Endpoint
from movehub.http.server import HttpsServer
from movehub.http.transport import HttpsTransport
from movehub.sandbox.pki import Authority
from movehub.tls import reload
from movehub.tls.certificate import certificates_in
from movehub.tls.contexts import client_context, server_context
from movehub.tls.credentials import Credentials
from movehub.tls.expiry import expiries_of
from movehub.tls.revocation import fingerprint

from tests.support.certificates import Live, serial
from tests.support.pki import NOW, Chain

Revoke = Callable[..., Path]


@pytest.fixture
def revoke(authority: Authority, tmp_path: Path) -> Revoke:
    """Write the list of an authority, over the one before."""

    def written(
        *revoked: Credentials,
        encoding: Encoding = Encoding.PEM,
        ends: timedelta = timedelta(days=1),
        by: Authority = authority,
    ) -> Path:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, by.name)])
        builder = x509.CertificateRevocationListBuilder(name, NOW - timedelta(days=9), NOW + ends)
        for each in revoked:
            entry = x509.RevokedCertificateBuilder(serial(each), NOW - timedelta(hours=1))
            builder = builder.add_revoked_certificate(entry.build())
        path, beside = tmp_path / "list.crl", tmp_path / "list.new"
        beside.write_bytes(builder.sign(by._key, hashes.SHA256()).public_bytes(encoding))
        os.replace(beside, path)
        return path

    return written


@pytest.fixture(autouse=True)
def _a_look_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reload, "_LOOK", 0.0)


def _post(server: HttpsServer, credentials: Credentials) -> bytes:
    with HttpsTransport(f"https://localhost:{server.port}/", credentials) as transport:
        return transport.post(b"<a/>")


def _served(credentials: Credentials) -> HttpsServer:
    return HttpsServer(Endpoint(lambda data: data), credentials, threads=2)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_server_refuses_a_revoked_client_and_logs_its_address(
    hub: Credentials,
    state: Credentials,
    authority: Authority,
    revoke: Revoke,
    encoding: Encoding,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stolen = authority.issue("stolen")
    with _served(replace(hub, crl=revoke(stolen, encoding=encoding))) as server:
        assert _post(server, state) == b"<a/>"
        with pytest.raises(TransportError):
            _post(server, stolen)
    assert "refused the certificate of a client at '127.0.0.1': certificate revoked" in caplog.text


def test_a_client_refuses_a_revoked_hub(hub: Credentials, state: Credentials, revoke: Revoke) -> None:
    with _served(hub) as server:
        assert _post(server, replace(state, crl=revoke())) == b"<a/>"
        with pytest.raises(HubNotTrusted, match="is revoked"):
            _post(server, replace(state, crl=revoke(hub)))


def _fingerprint(credentials: Credentials) -> str:
    return certificates_in(credentials.certificate.read_bytes())[0].fingerprint


def test_a_fingerprint_shuts_out_a_hub_and_a_client(
    hub: Credentials, state: Credentials, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    stolen = authority.issue("stolen")
    refused = frozenset({_fingerprint(stolen)})
    with _served(replace(hub, refused=refused)) as server:
        assert _post(server, state) == b"<a/>"
        with pytest.raises(TransportError):
            _post(server, stolen)
    assert "refused the certificate of a client at '127.0.0.1': its fingerprint is refused" in caplog.text
    with _served(stolen) as server, pytest.raises(HubNotTrusted, match="`refused_fingerprints` names it"):
        _post(server, replace(state, refused=refused))


def test_a_new_list_counts_without_a_restart_even_on_an_open_connection(
    hub: Credentials, state: Credentials, authority: Authority, revoke: Revoke
) -> None:
    stolen = authority.issue("stolen")
    with (
        _served(replace(hub, crl=revoke())) as server,
        HttpsTransport(f"https://localhost:{server.port}/", stolen) as thief,
    ):
        assert thief.post(b"<a/>") == b"<a/>"
        revoke(stolen)
        with pytest.raises(MovehubError):
            thief.post(b"<a/>")
        assert _post(server, state) == b"<a/>"


def test_an_open_connection_stays_if_only_the_own_certificate_is_renewed(
    state: Credentials, authority: Authority, tmp_path: Path
) -> None:
    live = Live.of(tmp_path / "hub", authority.issue("hub-before"))
    with _served(live.credentials) as server:
        with HttpsTransport(f"https://localhost:{server.port}/", state) as transport:
            transport.post(b"<a/>")
            before = serial(live.credentials)
            live.renew(authority.issue("hub-after"))
            assert transport.post(b"<a/>") == b"<a/>"
            assert _shown_on(transport) == before


def _shown_on(transport: HttpsTransport) -> int:
    connection = transport._session._adapter._pool.pool.get(timeout=1)  # type: ignore[union-attr]
    shown = connection.sock.getpeercert()
    connection.close()
    return int(shown["serialNumber"], 16)


def test_a_list_that_cannot_be_used_leaves_the_one_before_in_use(
    hub: Credentials, authority: Authority, revoke: Revoke, caplog: pytest.LogCaptureFixture
) -> None:
    stolen = authority.issue("stolen")
    crl = revoke(stolen)
    with _served(replace(hub, crl=crl)) as server:
        crl.write_bytes(b"half a list")
        with pytest.raises(TransportError):
            _post(server, stolen)
        revoke(ends=-timedelta(days=1))
        with pytest.raises(TransportError):
            _post(server, stolen)
    assert "crl: " in caplog.text
    assert "ended on" in caplog.text


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"\x30\x00", b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"]
)
def test_a_file_without_a_list_is_a_fault_of_the_configuration(
    state: Credentials, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "no.crl").write_bytes(content)
    for path in (tmp_path / "no.crl", tmp_path / "missing.crl"):
        with pytest.raises(InvalidConfiguration, match=f"crl: {path}"):
            client_context(replace(state, crl=path))


def test_a_list_that_has_ended_is_not_loaded(state: Credentials, revoke: Revoke) -> None:
    """OpenSSL would refuse every peer."""
    with pytest.raises(InvalidConfiguration, match="crl: .* ended on .*: get the new one"):
        server_context(replace(state, crl=revoke(ends=-timedelta(hours=1))))


def test_a_list_that_has_ended_does_not_stop_the_new_one_of_another_authority(
    hub: Credentials,
    state: Credentials,
    foreign: Authority,
    revoke: Revoke,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The list of before would stay in use, and a stolen key with it."""
    path = revoke()
    with _served(replace(hub, crl=path)) as server:
        _post(server, state)
        ended = revoke(by=foreign, ends=-timedelta(hours=1)).read_bytes()
        path.write_bytes(revoke(state).read_bytes() + ended)
        with pytest.raises(TransportError):
            _post(server, state)
    assert f"the list of CN={foreign.name} in {path} ended on" in caplog.text


def test_a_peer_whose_authority_has_no_list_is_refused(
    hub: Credentials, state: Credentials, foreign: Authority, revoke: Revoke
) -> None:
    with _served(hub) as server, pytest.raises(HubNotTrusted, match="`crl` has no list of its authority"):
        _post(server, replace(state, crl=revoke(by=foreign)))


def test_a_certificate_among_the_lists_is_not_trusted(
    state: Credentials, foreign: Authority, revoke: Revoke
) -> None:
    """OpenSSL trusts every certificate of a file that it loads lists from."""
    crl = revoke()
    crl.write_bytes(crl.read_bytes() + (foreign.folder / "authority.pem").read_bytes())
    context = client_context(replace(state, crl=crl))
    assert len(context.get_ca_certs()) == 1


def test_the_end_of_a_list_is_shown_with_those_of_the_certificates(
    state: Credentials, revoke: Revoke, authority: Authority
) -> None:
    first = expiries_of(replace(state, crl=revoke(ends=timedelta(hours=2))))[0]
    assert first.name == f"revocation list of CN={authority.name}"
    assert first.ends == (NOW + timedelta(hours=2)).replace(microsecond=0)


def test_the_lists_of_several_authorities_may_be_one_file(
    tmp_path: Path, revoke: Revoke, foreign: Authority
) -> None:
    both = tmp_path / "both.crl"
    both.write_bytes(revoke().read_bytes() + revoke(by=foreign).read_bytes())
    chain = Chain.create(tmp_path)
    assert len(expiries_of(replace(chain.leaf, crl=both))) == 4


def test_a_fingerprint_is_read_with_and_without_colons() -> None:
    assert fingerprint(":".join(["AB"] * 32)) == fingerprint("ab" * 32) == "ab" * 32
    for wrong, said in (("AB:CD", "64 hexadecimal"), ("x" * 64, "64 hexadecimal"), ("a" * 40, "SHA-1")):
        with pytest.raises(InvalidConfiguration, match=said):
            fingerprint(wrong)
