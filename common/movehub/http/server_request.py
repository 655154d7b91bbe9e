"""One request, strictly as RFC 9112 has it: a request that can be read in two ways is rejected.

A proxy and the server behind it must agree on the end of a request and on its sender. Otherwise a client can
smuggle a request that passes as the hub's. So the server demands one length in digits, accepts no chunks, and
accepts a critical header only once. If the body was not read, the connection ends after the answer.
"""

from __future__ import annotations

import re
import time
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Final

from cheroot.server import HTTPRequest

#: A header on one line, without a space before the colon and without control characters. No backtracking.
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\x00-\x08\x0a-\x1f\x7f]*)\r\n")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")
_BAD: Final = "400 Bad Request"

#: The headers that may stand only once in any request.
ONCE: Final = frozenset({b"Content-Length", b"Host", b"Transfer-Encoding"})


def fields(source: Any, once: frozenset[bytes] = ONCE) -> dict[bytes, bytes]:
    """Read the headers. Their names are written like `Content-Length`.

    A header with an underscore in its name is ignored: in WSGI it would look like the one with a hyphen,
    which a proxy sets. A repeated header becomes one list (RFC 9110, 5.3), except for those in `once`. Raises
    ValueError, in words of ours.
    """
    found: dict[bytes, bytes] = {}
    while (line := source.readline()) != b"\r\n":
        field = _FIELD.fullmatch(line)
        if field is None:
            raise ValueError("a line that is no header")
        name, value = field[1].title(), field[2].strip(b" \t")
        if b"_" in name:
            continue
        if name in found:
            if name in once:
                raise ValueError("a header that may stand once stands twice")
            value = b"%b, %b" % (found[name], value)
        found[name] = value
    return found


class Request(HTTPRequest):
    """One request. cheroot parses its first line and calls the WSGI application."""

    # cheroot gives these no type.
    inheaders: dict[bytes, bytes]
    conn: Any
    server: Any
    rfile: Any
    outheaders: list[tuple[bytes, bytes]]

    def read_request_headers(self) -> bool:
        """Read the headers. False if the request was rejected."""
        try:
            self.inheaders = fields(self.rfile, self.server.once)
        except ValueError as error:
            return self._refused(_BAD, str(error))
        length = self.inheaders.get(b"Content-Length")
        if b"Transfer-Encoding" in self.inheaders:
            if length is not None:
                return self._refused(_BAD, "a length and a coding that has its own")
            return self._refused("411 Length Required", "a Content-Length is needed")
        if length is not None:
            if _LENGTH.fullmatch(length) is None:
                return self._refused(_BAD, "a length that is no number")
            if int(length) > self.server.max_request_body_size:
                return self._refused("413 Request Entity Too Large", "the document is too large")
        self._persist()
        return True

    def _persist(self) -> None:
        """Find out whether the client wants another request, and send `100 Continue` if it waits for that."""
        is_newest = self.response_protocol == "HTTP/1.1"
        wishes = [each.strip() for each in self.inheaders.get(b"Connection", b"").lower().split(b",")]
        self.close_connection = b"close" in wishes or not (is_newest or b"keep-alive" in wishes)
        if is_newest and self.inheaders.get(b"Expect", b"").lower() == b"100-continue":
            self.conn.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def respond(self) -> None:
        """Call the application. If it raises, only its request ends."""
        try:
            super().respond()
        except Exception:
            raise
        except BaseException as error:  # for others, cheroot would stop listening, and the process live on
            raise RuntimeError(f"the application ended with {type(error).__name__}") from error

    def send_headers(self) -> None:
        """Send the head of the answer. If a part of the body was not read, the connection ends afterwards."""
        if self.rfile.remaining:
            self.close_connection = self.conn.is_unread = True
        if int(self.status[:3]) < 400:
            self.conn.is_known = True
        if not any(name.lower() == b"date" for name, _ in self.outheaders):
            self.outheaders.append((b"Date", _date(int(time.time()))))
        super().send_headers()

    def simple_response(self, status: str, msg: str = "") -> None:
        """Reject the request in a few words. Nothing more is read from this connection."""
        self.close_connection = self.conn.is_unread = True
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(msg)}\r\n"
        self.conn.wfile.write(f"{head}Connection: close\r\n\r\n{msg}".encode("latin-1"))

    def _refused(self, status: str, text: str) -> bool:
        self.simple_response(status, f"{text}\n")
        return False


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    """Return a time as HTTP writes it."""
    return formatdate(second, usegmt=True).encode("ascii")
