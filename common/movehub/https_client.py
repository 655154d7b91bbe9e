"""Documents posted to one address over TLS, on kept connections: HTTP/1.1, and no more of it than is used.

A general client takes longer to prepare a request than TLS takes to carry it. This one writes head and body
at once, follows no redirect, keeps no cookie, asks the environment for nothing, and takes an answer as ended
only where its length said so. Deadlines, and what has left, are the socket's: see `deadline`.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final
from weakref import finalize

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url
from urllib3.util.wait import wait_for_read

from movehub.http.deadline import NEAR, time_left
from movehub.http_answer import Answer, Wire
from movehub.tls.reload import Contexts

#: Connections that are kept: two requests a second, of 20 seconds each, are the most that the law allows.
_MOST_KEPT: Final = 40
#: Bytes of one TLS record: a write of so many leaves whole, or what the peer has of it is of no use to it.
_AT_ONCE: Final = 16384
#: What may stand in a header of ours.
_PRINTABLE: Final = re.compile(r"[\x20-\x7e]*")


def is_address(url: str) -> bool:
    """Whether this is an https address that can work, and that carries no password."""
    try:
        parsed = parse_url(url)
    except LocationParseError:
        parsed = Url()
    right = parsed.scheme == "https" and bool(parsed.host) and not parsed.auth
    return right and url.isprintable() and " " not in url


class HttpsClient:
    """Posts to one address. `contexts` gives the TLS context of the day; what an older one made is closed.

    Raises ValueError for a header that cannot be sent.
    """

    def __init__(self, url: str, headers: Mapping[str, str], contexts: Contexts) -> None:
        address = parse_url(url)
        host = address.host or ""
        given = {"Host": address.netloc or host, **headers}
        if not all(_PRINTABLE.fullmatch(f"{name}{value}") for name, value in given.items()):
            raise ValueError("a header that cannot be sent")
        lines = [f"POST {address.request_uri} HTTP/1.1", *(f"{name}: {given[name]}" for name in given)]
        self._head: Final = "\r\n".join([*lines, "Content-Length: "]).encode("ascii")
        self._address = host.strip("[]"), address.port or 443
        self._contexts = contexts
        self._kept: list[tuple[ssl.SSLContext, Wire]] = []
        self._closed = False
        finalize(self, _close_all, self._kept)  # for those who do not close it

    def close(self) -> None:
        """Close the connections; one that is under way, at the end of its exchange."""
        self._closed = True
        _close_all(self._kept)

    @contextmanager
    def posted(self, data: bytes, connecting: float) -> Iterator[Answer]:
        """Post a document, and yield the answer, its body not read yet.

        `connecting` is how many seconds a connection may take. Raises OSError, and ValueError for an answer
        that is no HTTP/1.
        """
        context, wire = self._connection(connecting)
        try:
            _send(wire, b"%b%d\r\n\r\n%b" % (self._head, len(data), data))
            answer = Answer.begun(wire)
            yield answer
        except BaseException:
            wire.close()
            raise
        if not answer.is_whole or len(self._kept) >= _MOST_KEPT:
            wire.close()
            return
        self._kept.append((context, wire))
        if self._closed:
            self.close()

    def _connection(self, connecting: float) -> tuple[ssl.SSLContext, Wire]:
        """Return a connection that is open, of today's context: one that was kept, or a new one."""
        context = self._contexts()
        while self._kept:
            try:
                made_with, wire = self._kept.pop()
            except IndexError:  # another thread has it
                break
            # What says something without being asked is closing.
            if made_with is context and not wait_for_read(wire.socket, timeout=0):
                _bound_anew(wire.socket)
                return context, wire
            wire.close()
        return context, Wire(self._connected(context, connecting))

    def _connected(self, context: ssl.SSLContext, connecting: float) -> ssl.SSLSocket:
        """Connect to the first address of the host's that answers, and shake hands. Raises OSError."""
        host, port = self._address
        failed = OSError("the host has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            plain = socket.socket(family, kind, protocol)
            try:
                plain.settimeout(time_left(connecting))
                plain.connect(address)
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                plain.close()
                failed = error
                continue
            try:
                secured = context.wrap_socket(plain, server_hostname=host.rstrip("."))
            except BaseException:
                plain.close()
                raise
            secured.settimeout(time_left())
            return secured
        raise failed


def _bound_anew(kept: ssl.SSLSocket) -> None:
    """Bound what a connection does by what is left now, where its last exchange has left it otherwise."""
    left, bound = time_left(), kept.gettimeout()
    if left is None or bound is None or abs(left - bound) > NEAR:
        kept.settimeout(left)


def _close_all(kept: list[tuple[ssl.SSLContext, Wire]]) -> None:
    with suppress(IndexError):  # another thread has the last
        while kept:
            kept.pop()[1].close()


def _send(wire: Wire, data: bytes) -> None:
    """Send everything; or what goes, where the peer hangs up: it may have said why."""
    with suppress(BrokenPipeError, ConnectionResetError):
        for start in range(0, len(data), _AT_ONCE):
            wire.socket.sendall(data[start : start + _AT_ONCE])
