"""The sandbox's hub can have the habits of BizTalk behind IIS, and our two ends get along with them."""

from __future__ import annotations

import ssl
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from movehub.errors import HttpRefused, Malformed, OutcomeUnknown
from movehub.http.endpoint import Endpoint
from movehub.http.server import HttpsServer
from movehub.http.transport import HttpsTransport
from movehub.sandbox.biztalk import BizTalkServer, BizTalkTransport
from movehub.tls.contexts import client_context
from movehub.tls.credentials import Credentials

LARGE = b"<a>" + b"x" * 20_000 + b"</a>"


def echo(data: bytes) -> bytes:
    return data


def unreadable(_: bytes) -> bytes:
    raise Malformed("not well-formed")


@pytest.mark.parametrize("document", [b"<a/>", LARGE], ids=["small", "large"])
def test_a_client_of_ours_gets_the_answer_of_such_a_hub(
    hub: Credentials, state: Credentials, document: bytes
) -> None:
    with (
        BizTalkServer({"/erru": echo}, hub) as server,
        HttpsTransport(server.url("/erru"), state) as transport,
    ):
        assert transport.post(document) == document
        assert transport.post(document) == document


def test_a_large_answer_of_such_a_hub_comes_in_chunks(hub: Credentials, state: Credentials) -> None:
    with BizTalkServer({"/erru": echo}, hub) as server:
        parts = urlsplit(server.url())
        connection = HTTPSConnection("localhost", parts.port, context=client_context(state))
        lengths = []
        for document in (b"<a/>", LARGE):
            connection.request("POST", "/erru", document)
            with connection.getresponse() as answer:
                lengths.append((answer.getheader("Content-Length"), answer.getheader("Transfer-Encoding")))
                assert answer.read() == document
        connection.close()
    assert lengths == [("4", None), (None, "chunked")]


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (HTTPStatus.UNAUTHORIZED, HttpRefused, "the hub may mean that the message is not valid"),
        (HTTPStatus.INTERNAL_SERVER_ERROR, OutcomeUnknown, "the hub may mean that the message is not valid"),
    ],
)
def test_its_status_for_an_invalid_document_is_explained(
    hub: Credentials, state: Credentials, status: HTTPStatus, error: type[Exception], words: str
) -> None:
    with (
        BizTalkServer({"/erru": unreadable}, hub, invalid=status) as server,
        HttpsTransport(server.url("/erru"), state) as transport,
        pytest.raises(error, match=words),
    ):
        transport.post(b"<a/>")


def test_a_client_that_never_presents_a_certificate_is_refused(hub: Credentials, state: Credentials) -> None:
    context = ssl.create_default_context(cafile=str(state.authority))
    context.post_handshake_auth = True
    with BizTalkServer({"/erru": echo}, hub) as server:
        connection = HTTPSConnection("localhost", urlsplit(server.url()).port, context=context)
        connection.request("POST", "/erru", b"<a/>")
        status: Any = None
        with suppress(OSError):
            status = connection.getresponse().status
        connection.close()
    assert status in {None, 403}


@pytest.mark.parametrize("document", [b"<a/>", LARGE], ids=["small", "large"])
def test_a_server_of_ours_reads_what_such_a_hub_sends(
    hub: Credentials, state: Credentials, document: bytes
) -> None:
    """In chunks above 8 KB, after 100 Continue, as text/xml. It got 411 before."""
    with HttpsServer(Endpoint(echo), state) as server:
        assert BizTalkTransport(f"https://localhost:{server.port}/", hub).post(document) == document
