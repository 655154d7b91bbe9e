"""Access control: the configured subjects may send, by certificate or by the header of a known proxy."""

from __future__ import annotations

import io
import ssl
from pathlib import Path
from typing import Any

import pytest
from movehub.errors import IdentifierReused, InvalidConfiguration, StoreFailed
from movehub.http.proxy import Proxy
from movehub.node.access import AccessControl, mark
from movehub.sandbox.pki import Authority
from movehub.tls.certificate import certificates_in

from tests.support.odd_certificates import ODD

PROXY = Proxy(frozenset({"10.0.0.1"}), "X-Client-Subject")


def _status(application: AccessControl, method: str = "POST", body: bytes = b"<x/>", **environ: Any) -> int:
    statuses: list[str] = []
    given = {
        "REQUEST_METHOD": method,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    application(given, lambda status, _: statuses.append(status))
    return int(statuses[0].split()[0])


def _fingerprint(pem: str) -> str:
    return certificates_in(pem.encode())[0].fingerprint


def _taking(data: bytes, peer: str) -> bytes:
    return b""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    authority = Authority.create(tmp_path_factory.mktemp("application"))
    return {name: Path(authority.issue(name).certificate).read_text() for name in ("hub", "SE")}


def test_the_subject_that_is_configured_comes_in(certificates: dict[str, str]) -> None:
    peers: list[str] = []

    def taking(data: bytes, peer: str) -> bytes:
        peers.append(peer)
        return b""

    assert _status(AccessControl(taking, ["CN=hub"]), SSL_CLIENT_CERT=certificates["hub"]) == 202
    assert peers == ["CN=hub"]


def test_another_subject_or_none_stays_out(
    certificates: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    application = AccessControl(_taking, ["CN=hub"])
    assert _status(application, SSL_CLIENT_CERT=certificates["SE"], REMOTE_ADDR="10.0.0.7") == 403
    configurable = f"'CN=SE' or {_fingerprint(certificates['SE'])}"
    assert f"rejected a client at '10.0.0.7': its certificate, {configurable}, is not" in caplog.text
    assert _status(application) == 403
    assert "'missing'" in caplog.text


def test_who_is_not_let_in_has_his_body_left_unread(certificates: dict[str, str]) -> None:
    class Unreadable:
        def read(self, _: int) -> bytes:
            raise AssertionError("it was read")

    application = AccessControl(_taking, ["CN=hub"])
    given = {"SSL_CLIENT_CERT": certificates["SE"], "wsgi.input": Unreadable()}
    assert _status(application, **given) == 403
    assert _status(application, "PUT", **given) == 403


@pytest.mark.parametrize("header", ["", "X_Client_Subject", "X-Client-Subject:", "X Client", "Sübject"])
def test_a_header_that_could_be_mistaken_for_another_is_no_proxys(header: str) -> None:
    with pytest.raises(InvalidConfiguration):
        Proxy(frozenset({"10.0.0.1"}), header)


def test_a_header_counts_for_nothing_where_there_is_no_proxy() -> None:
    assert (
        _status(AccessControl(_taking, ["CN=hub"]), HTTP_X_CLIENT_SUBJECT="CN=hub", REMOTE_ADDR="10.0.0.1")
        == 403
    )


@pytest.mark.parametrize(
    ("address", "header", "status"),
    [
        ("10.0.0.1", "CN=hub", 202),
        ("10.0.0.2", "CN=hub", 403),
        ("10.0.0.1", "CN=SE", 403),
        ("10.0.0.1", "", 403),
        ("10.0.0.1", "no subject", 403),
    ],
)
def test_a_proxy_is_believed_by_its_address(address: str, header: str, status: int) -> None:
    application = AccessControl(_taking, ["CN=hub"], proxy=PROXY)
    assert _status(application, HTTP_X_CLIENT_SUBJECT=header, REMOTE_ADDR=address) == status


def test_behind_a_proxy_its_own_certificate_opens_nothing(certificates: dict[str, str]) -> None:
    application = AccessControl(_taking, ["CN=hub"], proxy=PROXY)
    assert _status(application, SSL_CLIENT_CERT=certificates["hub"], REMOTE_ADDR="10.0.0.9") == 403


@pytest.mark.parametrize(
    ("error", "status"), [(IdentifierReused("x"), 409), (StoreFailed("x"), 503), (OSError(), 500)]
)
def test_what_could_not_be_taken_is_never_answered_with_success(error: Exception, status: int) -> None:
    def raising(data: bytes, peer: str) -> bytes:
        raise error

    application = AccessControl(raising, ["CN=hub"], proxy=PROXY)
    assert _status(application, HTTP_X_CLIENT_SUBJECT="CN=hub", REMOTE_ADDR="10.0.0.1") == status


@pytest.mark.parametrize(("method", "body", "status"), [("GET", b"", 405), ("POST", b"x" * 2_097_153, 413)])
def test_what_is_no_document_is_refused(method: str, body: bytes, status: int) -> None:
    application = AccessControl(_taking, ["CN=hub"], proxy=PROXY)
    assert (
        _status(application, method, body, HTTP_X_CLIENT_SUBJECT="CN=hub", REMOTE_ADDR="10.0.0.1") == status
    )


def test_the_parts_of_a_subject_count_in_their_order() -> None:
    assert mark("CN=hub,O=Commission") == mark("CN=hub,O=Commission")
    assert mark("CN=hub,O=Commission") != mark("O=Commission,CN=hub")


def test_a_certificate_may_be_configured_by_its_fingerprint(certificates: dict[str, str]) -> None:
    """As `openssl x509 -fingerprint -sha256` prints it, or without colons."""
    digits = _fingerprint(certificates["hub"])
    colons = ":".join(digits[at : at + 2] for at in range(0, 64, 2)).upper()
    for written in (digits, colons):
        application = AccessControl(_taking, [written])
        assert _status(application, SSL_CLIENT_CERT=certificates["hub"]) == 202
        assert _status(application, SSL_CLIENT_CERT=certificates["SE"]) == 403
        behind = AccessControl(_taking, [written], proxy=PROXY)
        assert _status(behind, HTTP_X_CLIENT_SUBJECT=colons, REMOTE_ADDR="10.0.0.1") == 202
        assert _status(behind, HTTP_X_CLIENT_SUBJECT="0" * 64, REMOTE_ADDR="10.0.0.1") == 403


def test_each_odd_certificate_comes_in_by_the_subject_that_the_log_showed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An administrator copies it from there. It is what `openssl x509 -nameopt rfc2253` prints."""
    for what, der in ODD.items():
        caplog.clear()
        shown = {"SSL_CLIENT_CERT": ssl.DER_cert_to_PEM_cert(der)}
        assert _status(AccessControl(_taking, ["CN=hub,C=FI"]), **shown) == 403, what
        told = caplog.messages[0].partition("its certificate, '")[2]
        written = told.rpartition("' or ")[0]
        assert written.isascii()
        assert written.isprintable()
        if what != "empty subject":
            assert _status(AccessControl(_taking, [written]), **shown) == 202, what
            assert _status(AccessControl(_taking, [f"OU=x,{written}"]), **shown) == 403, what


OFFICIAL = (
    r"CN=V\C3\A9hicules #1,DC=eu,emailAddress=move@ec.europa.eu,serialNumber=0949383342,"
    r"organizationIdentifier=NTRBE-949.383.342,O=European Commission\, DG MOVE,C=BE"
)


@pytest.mark.parametrize(
    "written",
    [
        OFFICIAL,
        OFFICIAL.replace(r"\C3\A9", "é").encode().decode("latin-1"),
        OFFICIAL.replace(",", ", ").replace(r"\,  DG", r"\, DG"),
        OFFICIAL.replace(r"European Commission\, DG MOVE", '"European Commission, DG MOVE"'),
        OFFICIAL.replace("emailAddress", "E").replace("serialNumber", "SERIALNUMBER"),
        OFFICIAL.replace("organizationIdentifier", "2.5.4.97"),
    ],
    ids=["nginx", "Apache: raw UTF-8", "blanks", "quotes", "Windows", "number"],
)
def test_a_proxy_may_write_a_subject_in_its_own_way(written: str) -> None:
    application = AccessControl(_taking, [OFFICIAL], proxy=PROXY)
    assert _status(application, HTTP_X_CLIENT_SUBJECT=written, REMOTE_ADDR="10.0.0.1") == 202


def test_a_header_that_is_no_subject_is_logged_without_its_control_characters(
    caplog: pytest.LogCaptureFixture,
) -> None:
    application = AccessControl(_taking, ["CN=hub"], proxy=PROXY)
    for header in ("CN=\xff\x85\x1b[31m", "/C=BE/CN=hub", "\x9b" * 9000):
        assert _status(application, HTTP_X_CLIENT_SUBJECT=header, REMOTE_ADDR="10.0.0.1") == 403
    assert caplog.text.replace("\n", "").isprintable()
    assert "'/C=BE/CN=hub'" in caplog.text
    assert max(map(len, caplog.messages)) < 3000


@pytest.mark.parametrize(
    "subjects",
    [
        [],
        ["hub"],
        [""],
        ["subject=CN=hub"],
        ["/C=BE/CN=hub"],
        ["CN=hub,"],
        ['CN="hub'],
        ["AB:CD"],
        ["0" * 40],
    ],
)
def test_a_configuration_that_allows_no_subject_or_nonsense_is_refused(subjects: list[str]) -> None:
    with pytest.raises(InvalidConfiguration):
        AccessControl(_taking, subjects)
