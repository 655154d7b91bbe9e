"""A socket that does not wait is made to where it has to, and then for as long as it may, and no longer."""

from __future__ import annotations

import inspect
import runpy
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Thread, Timer
from typing import Any

import pytest
from movehub.errors import InvalidConfiguration
from movehub.http.deadline import NOTHING_YET, DeadlinePlainSocket, DeadlineSocket, deadline
from movehub.http.transport import HttpsTransport
from movehub.tls.contexts import client_context, server_context
from movehub.tls.credentials import Credentials

#: More than the buffers of a connection take.
MUCH = 8 * 1024 * 1024


def _plain() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    return DeadlinePlainSocket.of(ours), theirs


def _over_tls(hub: Credentials, state: Credentials) -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    context = server_context(hub)
    context.sslsocket_class = DeadlineSocket
    client: list[ssl.SSLSocket] = []
    name = "localhost"
    shaking = Thread(
        target=lambda: client.append(client_context(state).wrap_socket(theirs, server_hostname=name))
    )
    shaking.start()
    server = context.wrap_socket(ours, server_side=True)
    shaking.join(10)
    return server, client[0]


@pytest.fixture(params=["plain", "TLS"])
def pair(
    request: pytest.FixtureRequest, hub: Credentials, state: Credentials
) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Our side of a connection, which does not wait, and the other, which does."""
    with ExitStack() as open_ones:
        ours, theirs = _plain() if request.param == "plain" else _over_tls(hub, state)
        open_ones.callback(theirs.close)
        open_ones.callback(ours.close)
        ours.settimeout(0)
        theirs.settimeout(10)
        yield ours, theirs


def send_all(sock: socket.socket, data: bytes) -> None:
    """Send as cheroot does: `sendall` of a plain socket is none of ours."""
    left = memoryview(data)
    while left:
        left = left[sock.send(left) :]


def test_what_has_come_is_read_and_what_goes_at_once_is_sent_without_waiting(pair: Any) -> None:
    ours, theirs = pair
    theirs.sendall(b"asked")
    with deadline(10):
        while True:
            found = bytearray(10)
            count = ours.recv_into(found)
            if count:
                break
        ours.send(b"answered")
    assert found[:count] == b"asked"
    assert theirs.recv(100) == b"answered"


def test_without_a_deadline_it_does_not_wait(pair: Any) -> None:
    ours, _ = pair
    with pytest.raises(NOTHING_YET):
        ours.recv_into(bytearray(10))
    assert ours.gettimeout() == 0


def test_what_comes_later_is_waited_for(pair: Any) -> None:
    ours, theirs = pair
    found = bytearray(10)
    late = Thread(target=lambda: theirs.sendall(b"late"))
    with deadline(10, each=5):
        with pytest.raises(NOTHING_YET):
            socket.socket.recv(ours, 1, socket.MSG_PEEK)
        late.start()
        assert ours.recv_into(found) == 4
    late.join(10)
    assert found[:4] == b"late"


@pytest.mark.parametrize(("seconds", "each"), [(10.0, 0.05), (0.05, 10.0), (0.05, None)])
def test_it_waits_no_longer_than_it_may(pair: Any, seconds: float, each: float | None) -> None:
    ours, _ = pair
    with deadline(seconds, each=each), pytest.raises(TimeoutError):
        ours.recv_into(bytearray(10))


def test_an_answer_that_is_longer_than_the_buffers_goes_out_whole(pair: Any) -> None:
    ours, theirs = pair
    sent = bytes(range(256)) * (MUCH // 256)

    def send() -> None:
        with deadline(10):
            send_all(ours, sent)

    sending = Thread(target=send)
    sending.start()
    received = bytearray()
    while len(received) < MUCH:
        received += theirs.recv(65536)
    sending.join(10)
    assert bytes(received) == sent


def test_what_nobody_takes_is_given_up(pair: Any) -> None:
    ours, _ = pair
    with deadline(10, each=0.05), pytest.raises(TimeoutError):
        send_all(ours, bytes(MUCH))


class Ticks:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def theirs_ends_at_last(pair: Any) -> Iterator[None]:
    """End the peer's side after 20 seconds, so that a socket that waits for ever fails the test."""
    ending = Timer(20, pair[1].shutdown, [socket.SHUT_RDWR])
    ending.start()
    yield
    ending.cancel()
    ending.join()


@pytest.mark.parametrize("bound", [20.0, None], ids=["bound for long", "not bound"])
@pytest.mark.usefixtures("theirs_ends_at_last")
def test_a_peer_that_drips_and_then_falls_silent_gets_no_more_than_what_is_left(
    pair: Any, bound: float | None
) -> None:
    """Each byte that came must not give the peer the whole time again."""
    ours, theirs = pair
    ours.settimeout(bound)
    clock = Ticks()
    with deadline(60, clock):
        for drop in (b"a", b"b", b"c"):
            theirs.sendall(drop)
            assert ours.recv_into(bytearray(1)) == 1
            clock.now += 19.9
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            ours.recv_into(bytearray(1))
    assert time.monotonic() - began < 15, "the peer got the seconds again that it had used"


@pytest.mark.parametrize("bound", [20.0, None], ids=["bound for long", "not bound"])
@pytest.mark.usefixtures("theirs_ends_at_last")
def test_a_peer_that_takes_some_and_then_no_more_gets_no_more_than_what_is_left(
    pair: Any, bound: float | None
) -> None:
    ours, _ = pair
    ours.settimeout(bound)
    clock = Ticks()
    with deadline(60, clock):
        ours.send(b"a")
        clock.now = 59.7
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            send_all(ours, bytes(MUCH))
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("act", ["recv_into", "send"])
def test_when_the_time_is_over_the_socket_is_not_touched(pair: Any, act: str) -> None:
    """Even a peer that has more to say, or takes all, is not listened to or told any more."""
    ours, theirs = pair
    theirs.sendall(b"more")
    ours.settimeout(60)
    clock = Ticks()
    with deadline(60, clock):
        clock.now = 60.0
        with pytest.raises(TimeoutError, match="is over"):
            getattr(ours, act)(bytearray(4))


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda: runpy.run_path(inspect.getfile(DeadlineSocket)), id="at the import"),
        pytest.param(lambda: HttpsTransport("https://x/", ssl.create_default_context()), id="after it"),
    ],
)
def test_sockets_that_gevent_has_replaced_are_refused_in_one_sentence(
    use: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No deadline would hold."""
    green = type("SSLSocket", (ssl.SSLSocket,), {"__module__": "gevent.ssl"})
    monkeypatch.setattr(ssl, "SSLSocket", green)
    with pytest.raises(InvalidConfiguration, match=r"monkey.patch_all\(\)"):
        use()
