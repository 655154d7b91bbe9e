"""A client costs a thread only when its request is there, and gets to read why it is refused."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from threading import Event, Thread
from typing import Any

import pytest
from movehub.http import server_connection as http_connection
from movehub.http.server import Running, Server

from tests.support.bare import PATIENCE, Taking, connected, head, listening, said_to, to_the_end


@pytest.mark.parametrize("begun", [b"", b"P", b"POST / HTTP/1.1\r\n", head()[:-1]])
def test_heads_that_are_not_whole_hold_no_thread(begun: bytes) -> None:
    """Thirty of them, and one thread."""
    with listening(Taking()) as server, ExitStack() as clients:
        for _ in range(30):
            clients.enter_context(connected(server.port)).sendall(begun)
        assert said_to(server.port, head("Connection: close")).startswith(b"HTTP/1.1 202 ")


def test_a_head_that_drips_in_is_read_all_the_same() -> None:
    taking = Taking()
    with listening(taking) as server, connected(server.port) as client:
        for byte in head("Content-Length: 4", "Connection: close") + b"<a/>":
            client.sendall(bytes([byte]))
        assert to_the_end(client).startswith(b"HTTP/1.1 202 ")
    assert taking.bodies == [b"<a/>"]


def test_a_head_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connection, "_HEAD", 0.0)
    with listening(Taking()) as server:
        assert said_to(server.port, b"POST / HT") == b""


@pytest.mark.parametrize(
    ("said", "status"),
    [(b"GET /" + b"x" * 70_000, b"414"), (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, b"413")],
)
def test_an_endless_head_is_refused_while_it_comes(said: bytes, status: bytes) -> None:
    with listening(Taking()) as server:
        assert said_to(server.port, said).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(
    "said", [b"GET / HTTP/1.0\n\n", b"\r\n\r\n", b"\n\n", b"GET / HTTP/1.1\r\nA: b\n\r\n"]
)
def test_lines_that_are_not_ended_as_lines_are_refused(said: bytes) -> None:
    with listening(Taking()) as server:
        assert said_to(server.port, said).startswith(b"HTTP/1.1 400 ")


def test_a_client_that_is_gone_amid_its_head_is_let_go() -> None:
    with listening(Taking()) as server, connected(server.port) as client:
        client.sendall(b"POST / HT")
        client.shutdown(socket.SHUT_WR)
        assert to_the_end(client) == b""


def refusing(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("403 Forbidden", [("Content-Length", "3")])
    return [b"no\n"]


def test_who_is_refused_may_send_to_the_end_and_then_reads_why() -> None:
    body = b"x" * 2_000_000
    with listening(refusing) as server, connected(server.port) as client:
        client.sendall(head(f"Content-Length: {len(body)}"))
        assert client.recv(1, socket.MSG_PEEK)
        client.sendall(body)
        assert to_the_end(client).endswith(b"\r\n\r\nno\n")


def send_without_end(client: socket.socket) -> None:
    for _ in range(10_000):
        client.sendall(b"x" * 65_536)


def test_who_is_refused_and_goes_on_sending_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connection, "_FAREWELL", 0.0)
    with listening(refusing) as server, connected(server.port) as client:
        client.sendall(head("Content-Length: 2000000"))
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            send_without_end(client)


def test_what_came_along_with_a_request_is_not_lost_where_it_is_no_whole_one() -> None:
    taking = Taking()
    with listening(taking) as server, connected(server.port) as client:
        second = head("Content-Length: 1", "Connection: close")
        client.sendall(head("Content-Length: 1") + b"1" + second[:20])
        assert client.recv(1000).startswith(b"HTTP/1.1 202 ")
        client.sendall(second[20:] + b"2")
        assert to_the_end(client).startswith(b"HTTP/1.1 202 ")
    assert taking.bodies == [b"1", b"2"]


def test_more_requests_than_a_buffer_holds_come_one_behind_the_other() -> None:
    taking = Taking()
    bodies = [b"%d" % number for number in range(1500)]
    long = "X: " + "x" * 200
    requests = [head(long, f"Content-Length: {len(body)}") + body for body in bodies]
    with listening(taking) as server, connected(server.port) as client:
        client.sendall(b"".join(requests) + head("Connection: close"))
        assert to_the_end(client).count(b"HTTP/1.1 202 ") == 1501
    assert taking.bodies == [*bodies, b""]


class Held:
    """An application that answers when it is released."""

    def __init__(self) -> None:
        self.asked, self.released = Event(), Event()

    def __call__(self, _: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        self.asked.set()
        assert self.released.wait(PATIENCE)
        start_response("202 Accepted", [("Content-Length", "0")])
        return [b""]


def test_who_has_asked_is_not_idle_though_no_thread_is_free() -> None:
    held = Held()
    server = Server(("127.0.0.1", 0), held, threads=1, idle=1, farewell=1)
    with (
        Running(server) as running,
        connected(running.port) as asking,
        connected(running.port) as silent,
        connected(running.port) as busy,
    ):
        busy.sendall(head("Connection: close"))
        assert held.asked.wait(PATIENCE)
        asking.sendall(head("Connection: close"))
        assert silent.recv(1) == b""  # that one was idle, and not for as long
        held.released.set()
        assert to_the_end(busy).startswith(b"HTTP/1.1 202 ")
        assert to_the_end(asking).startswith(b"HTTP/1.1 202 ")


def test_who_stops_it_a_second_time_cuts_no_request_short(caplog: pytest.LogCaptureFixture) -> None:
    held = Held()
    server = Server(("127.0.0.1", 0), held, threads=1, idle=1, farewell=PATIENCE)
    with Running(server) as running, connected(running.port) as client:
        client.sendall(head("Connection: close"))
        assert held.asked.wait(PATIENCE)
        stopping = [Thread(target=server.stop) for _ in range(2)]
        for thread in stopping:
            thread.start()
        held.released.set()
        for thread in stopping:
            thread.join(PATIENCE)
        assert to_the_end(client).startswith(b"HTTP/1.1 202 ")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


# cheroot leaves the socket that it could not bind to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_address_that_is_taken_is_told_and_leaves_no_thread() -> None:
    with listening(Taking()) as first:
        second = Server(("127.0.0.1", first.port), Taking(), threads=2, idle=1, farewell=1)
        before = set(threading.enumerate())
        for _ in range(2):
            with pytest.raises(OSError, match="No socket could be created"):
                second.prepare()
        assert set(threading.enumerate()) <= before


class Slow:
    """A socket that takes three bytes at a time."""

    def __init__(self) -> None:
        self.taken = b""

    def send(self, data: memoryview) -> int:
        self.taken += bytes(data[:3])
        return len(data[:3])


@pytest.mark.parametrize("data", [b"", b"a", b"abc", b"abcd" * 50])
def test_what_a_socket_takes_piece_by_piece_is_written_whole(data: bytes) -> None:
    slow: Any = Slow()
    writer = http_connection.Writer(slow)
    assert writer.write(data) == writer.bytes_written == len(data)
    assert slow.taken == data
