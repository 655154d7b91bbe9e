"""Words of a peer's HTTP are in no log, error or reply, wherever they stand and however long they are."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from movehub.errors import TheirFault
from movehub.http.endpoint import Endpoint
from movehub.http.transport import HttpsTransport
from movehub.tls.credentials import Credentials

from tests.support.bare import connected, listening, to_the_end
from tests.support.canary_search import Told, everything_logged
from tests.support.examples import CANARY
from tests.support.peers import http, peer, replying

#: The name with what acts on a terminal or begins a line of a log, as bytes of a head.
NAME = f"{CANARY}\x1b[2J\x85\x9b31m".encode("latin-1")
SIZES = (1, 100, 10_000, 70_000, 2_000_000)

#: Requests with a name in one place each. `%s` is the name.
REQUESTS = (
    b"%s / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /%s HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    b"POST http://a/%s HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    b"POST / HTTP/%s\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\n%s: 1\r\nContent-Length: 0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nX: %s\r\nContent-Length: 0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %s\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: %s\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;%s\r\na\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n%s: 1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: %s\r\nContent-Length: 0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nExpect: %s\r\nContent-Length: 0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n%s",
    b"%s",
)

#: Answers of a hub with a name in one place each.
ANSWERS = (
    b"HTTP/1.1 400 %s\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 500 %s\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: https://%s/\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 401 No\r\nWWW-Authenticate: %s\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 404 No\r\n%s: 1\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 404 No\r\n%s\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 404 No\r\nX: 1\r\n %s\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
    b"HTTP/1.1 %s\r\n\r\n",
    b"%s",
)


def of_size(size: int) -> bytes:
    """A name of a length in bytes, if that is longer than the name."""
    return NAME + b"x" * (size - len(NAME))


def sent_whole(port: int, data: bytes) -> bytes:
    """Return what is said to bytes after which nothing more comes."""
    with connected(port) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return to_the_end(connection)


def refuse(_: bytes) -> bytes:
    raise TheirFault("not valid")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("handle", [refuse, lambda data: b""], ids=["refused", "accepted"])
def test_the_words_of_a_request_are_said_nowhere(
    handle: Callable[[bytes], bytes], size: int, caplog: pytest.LogCaptureFixture
) -> None:
    everything_logged(caplog)
    told = Told()
    with listening(Endpoint(handle)) as server:
        for request in REQUESTS:
            try:
                told.by(repr(request), sent_whole(server.port, request % of_size(size)))
            except OSError:
                continue  # it was closed before all of the request was sent
    told.by("the log", caplog.text)
    assert told.named() == []
    assert len(told.said) > len(REQUESTS) // 2


@pytest.mark.parametrize("size", SIZES)
def test_the_words_of_an_answer_are_said_nowhere(
    size: int, hub: Credentials, state: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    everything_logged(caplog)
    told = Told()
    answers = [answer % of_size(size) for answer in ANSWERS]
    answers += [http(f"{status} No", of_size(size)) for status in (301, 400, 401, 403, 429, 500, 503)]
    for answer in answers:
        with peer(hub, replying(answer)) as url, HttpsTransport(url, state) as transport:
            told.raised_by("the transport", lambda: transport.post(b"<a/>"))
    told.by("the log", caplog.text)
    assert told.named() == []
