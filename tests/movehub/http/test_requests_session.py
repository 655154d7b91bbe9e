"""`requests` carries each message, on connections that are used again only while they are surely alive."""

from __future__ import annotations

import gc
import os
import select
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from ssl import SSLSocket
from threading import Event, Thread
from typing import Any

import pytest
import requests
from movehub.errors import HubUnreachable
from movehub.http import requests_session
from movehub.http.deadline import DeadlineSocket, deadline
from movehub.http.requests_session import MOST_IDLE, Session
from movehub.http.transport import HttpsTransport
from movehub.tls import reload
from movehub.tls.contexts import client_context, server_context
from movehub.tls.credentials import Credentials
from requests.adapters import HTTPAdapter

from tests.support.forks import ended_well, in_a_child
from tests.support.peers import Script, http, peer, read_request

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<answer/>"


class Clock:
    """A clock that stands still until a test moves it."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def answering(served: list[SSLSocket], answer: bytes = ANSWER) -> Script:
    """Return a script that answers all requests of a connection, and notes the connection."""

    def script(connection: SSLSocket, _: Event) -> None:
        served.append(connection)
        with suppress(ConnectionError):
            while True:
                read_request(connection)
                connection.sendall(answer)

    return script


@contextmanager
def session(url: str, state: Credentials, clock: Callable[[], float] = time.monotonic) -> Iterator[Session]:
    context = client_context(state)
    context.sslsocket_class = DeadlineSocket
    with Session(url, {}, lambda: context, clock=clock) as made:
        yield made


def post(through: Session) -> bytes:
    with deadline(10) as progress, through.posted(b"<a/>", progress, (5, 10)) as answer:
        body: bytes = answer.body(100)
    return body


def idle(through: Session) -> Any:
    """Return the idle connection that would be used next."""
    return through._adapter._pool.pool.queue[-1]


def test_a_message_is_sent_by_a_session_and_an_adapter_of_requests(
    hub: Credentials, state: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    senders: list[type] = []
    send = DeadlineSocket.send

    def noting(self: DeadlineSocket, data: Any, flags: int = 0) -> int:
        frame = sys._getframe()
        while frame := frame.f_back:  # type: ignore[assignment]
            if frame.f_code.co_name == "send":
                senders.append(type(frame.f_locals.get("self")))
        return send(self, data, flags)

    monkeypatch.setattr(DeadlineSocket, "send", noting)
    with peer(hub, answering([])) as url, HttpsTransport(url, state) as transport:
        assert transport.post(b"<a/>") == b"<answer/>"
    assert any(issubclass(each, requests.Session) for each in senders)
    assert any(issubclass(each, HTTPAdapter) for each in senders)


def test_a_connection_that_was_idle_for_some_seconds_is_not_used_again(
    hub: Credentials, state: Credentials
) -> None:
    """A firewall may have forgotten it, and the message would end as `OutcomeUnknown` after 20 seconds."""
    served: list[SSLSocket] = []
    clock = Clock()
    with peer(hub, answering(served)) as url, session(url, state, clock) as kept:
        post(kept)
        clock.now += MOST_IDLE
        post(kept)
        assert len(served) == 1
        clock.now += MOST_IDLE + 0.1
        post(kept)
        assert len(served) == 2
        post(kept)
        assert len(served) == 2
    assert MOST_IDLE <= 10


def test_the_system_checks_a_silent_connection(hub: Credentials, state: Credentials) -> None:
    with peer(hub, answering([])) as url, session(url, state) as kept:
        post(kept)
        used = idle(kept).sock
        assert used.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert used.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        if hasattr(socket, "TCP_KEEPIDLE"):
            assert used.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= 10


def test_a_peer_that_says_more_than_its_answer_says_nothing_about_the_next_request(
    hub: Credentials, state: Credentials
) -> None:
    served: list[SSLSocket] = []
    forged = ANSWER.replace(b"answer", b"forged")
    with peer(hub, answering(served, ANSWER + forged)) as url, session(url, state) as kept:
        assert [post(kept) for _ in range(3)] == [b"<answer/>"] * 3
    assert len(served) == 3


def test_a_session_can_be_used_after_it_was_closed(hub: Credentials, state: Credentials) -> None:
    with peer(hub, answering([])) as url, session(url, state) as kept:
        for _ in range(2):
            assert post(kept) == b"<answer/>"
            kept.close()


def test_a_connection_in_use_when_the_session_is_closed_ends_with_its_exchange(
    hub: Credentials, state: Credentials
) -> None:
    with peer(hub, answering([])) as url, session(url, state) as kept:
        with deadline(10) as progress, kept.posted(b"<a/>", progress, (5, 10)) as answer:
            kept.close()
            assert answer.body(100) == b"<answer/>"
        assert idle(kept) is None


@pytest.mark.parametrize("compressed", [b"gzip", b"br", b"deflate"])
def test_a_compressed_answer_is_not_unpacked(hub: Credentials, state: Credentials, compressed: bytes) -> None:
    """It could unpack to more than the limit."""
    answer = ANSWER.replace(b"\r\n\r\n", b"\r\nContent-Encoding: " + compressed + b"\r\n\r\n")
    with peer(hub, answering([], answer)) as url, session(url, state) as kept:
        assert post(kept) == b"<answer/>"


def test_nothing_of_the_library_is_told_to_the_peer(hub: Credentials, state: Credentials) -> None:
    heads: list[bytes] = []

    def script(connection: SSLSocket, _: Event) -> None:
        heads.append(connection.recv(65536))
        connection.sendall(http("200 OK", b"<a/>"))

    with peer(hub, script) as url, HttpsTransport(url, state) as transport:
        transport.post(b"")
    names = [line.partition(b":")[0] for line in heads[0].splitlines()[1:-1]]
    assert sorted(names) == [b"Accept", b"Accept-Encoding", b"Content-Length", b"Content-Type", b"Host"]


# A peer that resets the connection during the handshake.


@contextmanager
def resetting() -> Iterator[str]:
    """Accept connections and reset them at once."""

    def serve() -> None:
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            accepted.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_reset_before_the_handshake_leaves_no_open_socket(
    state: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ssl` does not close the socket that it has begun to make. This made the demo's test fail at random."""
    connect = requests_session.connect

    def late(*args: Any) -> socket.socket:
        made = connect(*args)
        reset = select.poll()
        reset.register(made, select.POLLIN)
        assert reset.poll(5000)
        return made

    monkeypatch.setattr(requests_session, "connect", late)
    with (
        resetting() as url,
        HttpsTransport(url, state) as transport,
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("always", ResourceWarning)
        for _ in range(20):
            with pytest.raises(HubUnreachable, match="the other side hung up"):
                transport.post(b"<a/>")
        gc.collect()
    assert [each.message for each in warned] == []


def test_a_reset_at_any_moment_of_the_handshake_leaves_no_open_socket(state: Credentials) -> None:
    with resetting() as url, HttpsTransport(url, state) as transport:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(100):
            with pytest.raises(HubUnreachable):
                transport.post(b"<a/>")
        assert len(os.listdir("/proc/self/fd")) <= before + 1  # the one that the peer is about to reset


# Forks.


@pytest.fixture
def counting_peer(hub: Credentials) -> Iterator[tuple[str, list[int]]]:
    """A peer that serves many connections at a time, and how many requests came on each."""
    counts: list[int] = []
    context = server_context(hub)

    def serve(raw: socket.socket) -> None:
        number = len(counts)
        counts.append(0)
        with suppress(OSError), context.wrap_socket(raw, server_side=True) as connection:
            while True:
                read_request(connection)
                counts[number] += 1
                connection.sendall(ANSWER)

    def accept() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            serving.append(Thread(target=serve, args=(raw,), daemon=True))
            serving[-1].start()

    serving: list[Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = Thread(target=accept, daemon=True)
        accepting.start()
        yield f"https://localhost:{listener.getsockname()[1]}/", counts
        listener.shutdown(socket.SHUT_RDWR)
        for thread in (accepting, *serving):
            thread.join(10)
            assert not thread.is_alive()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_child_makes_connections_of_its_own(
    counting_peer: tuple[str, list[int]], state: Credentials
) -> None:
    """As gunicorn with --preload, celery and multiprocessing have it: one client, used by all processes."""
    url, counts = counting_peer
    with HttpsTransport(url, state) as transport:

        def post_some() -> None:
            for _ in range(5):
                assert transport.post(b"<a/>") == b"<answer/>"

        post_some()
        [inherited] = [each.sock.fileno() for each in transport._session._adapter._pool._made]

        def in_child() -> None:
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(inherited)
            post_some()

        children = [in_a_child(in_child) for _ in range(3)]
        post_some()
        assert all(ended_well(child) for child in children)
        post_some()
    assert sorted(counts) == [5, 5, 5, 15], "the parent's connection went on, and each child made one"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_lock_that_a_thread_holds_at_the_fork_does_not_block_the_child(
    counting_peer: tuple[str, list[int]], state: Credentials
) -> None:
    """The locks of OpenSSL are beyond reach: a parent should not fork while its threads are sending."""
    url, _ = counting_peer
    with HttpsTransport(url, state) as transport:
        transport.post(b"<a/>")
        adapter = transport._session._adapter
        [watched] = [each for each in reload._WATCHED if each is adapter._pool._contexts]
        watched._looks_at = 0.0  # look at the files again
        with adapter._pool.pool.mutex, watched._lock:
            child = in_a_child(lambda: _sent(transport))
        assert ended_well(child)


def _sent(transport: HttpsTransport) -> None:
    assert transport.post(b"<a/>") == b"<answer/>"
    transport.close()


def test_no_descriptor_of_a_session_is_left_open(hub: Credentials, state: Credentials) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with peer(hub, answering([])) as url:
        with HttpsTransport(url, state) as transport:
            transport.post(b"<a/>")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_seconds_to_connect_do_not_limit_the_sending_of_a_document() -> None:
    """A slow line must not make a message *unknown* while the deadline of the exchange is far away."""
    with socket.create_server(("127.0.0.1", 0)) as listener, deadline(20):
        connection = requests_session._PlainConnection("127.0.0.1", listener.getsockname()[1], timeout=1)
        try:
            connection.connect()
            connection.send(b"x")
            assert isinstance(connection.sock, socket.socket)
            left = connection.sock.gettimeout()
        finally:
            connection.close()
    assert left is not None
    assert left > 1
