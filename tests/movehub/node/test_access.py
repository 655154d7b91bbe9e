"""Access control: the configured subjects may send, by certificate or by the header of a known proxy."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from movehub.errors import IdentifierReused, InvalidConfiguration, StoreFailed
from movehub.http.endpoint import Proxy
from movehub.node.access import AccessControl, subject
from movehub.sandbox.pki import Authority

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
    assert (
        "rejected a client at '10.0.0.7': its certificate subject 'CN=SE' is not in allowed_subjects"
        in caplog.text
    )
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
    assert subject("CN=hub,O=Commission") == subject("CN=hub,O=Commission")
    assert subject("CN=hub,O=Commission") != subject("O=Commission,CN=hub")


@pytest.mark.parametrize("subjects", [[], ["hub"], [""], ["CN=hub, O=Commission"]])
def test_a_configuration_that_allows_no_subject_or_nonsense_is_refused(subjects: list[str]) -> None:
    with pytest.raises(InvalidConfiguration):
        AccessControl(_taking, subjects)
