"""One request, strictly as RFC 9112 has it: a request that can be read in two ways is rejected.

A proxy and the server behind it must agree on the end of a request and on its sender. Otherwise a client can
smuggle a request that passes as the hub's. So the server demands one request line in the strict form, and
either one length in digits or chunks. It accepts a critical header only once. If the body was not read, the
connection ends after the answer.
"""

from __future__ import annotations

import re
import time
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from cheroot.server import HTTPRequest, KnownLengthRFile

from movehub.http.chunked import BadChunks, Chunks, TooLong

#: `POST /erru HTTP/1.1`: one space, a method that is a token, a printable target without a fragment.
_LINE: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!\"$-~]+) HTTP/([0-9])\.([0-9])\r\n")
#: The forms of a target (RFC 9112, 3.2): a path with a query, and the same behind an address.
_ORIGIN: Final = re.compile(rb"()(/[^?]*)(?:\?(.*))?")
_ABSOLUTE: Final = re.compile(rb"https?://([^/?]+)(/[^?]*)?(?:\?(.*))?", re.IGNORECASE)
_HOST: Final = re.compile(rb"(?:\[[0-9A-Fa-fvV.:]+\]|[!$%&'()*+,.;=_~0-9A-Za-z-]*)(?::[0-9]*)?")
#: An escaped slash is part of a name, and separates none.
_SLASH: Final = re.compile(rb"%2[Ff]")
#: A header on one line, without a space before the colon and without control characters. No backtracking.
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\x00-\x08\x0a-\x1f\x7f]*)\r\n")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")
_BAD: Final = "400 Bad Request"
_TOO_LARGE: Final = "413 Content Too Large"

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

    def read_request_line(self) -> bool:
        """Read the first line. False if the request was rejected."""
        line: bytes = self.rfile.readline()
        self.started_request = True
        if line == b"\r\n":  # RFC 9112, 2.2: one empty line before a request is ignored
            line = self.rfile.readline()
        if not line:
            return False
        found = _LINE.fullmatch(line)
        if found is None:
            return self._refused(_BAD, "a request line that is malformed")
        self.method, self.uri = found[1], found[2]
        if found[3] != b"1" or found[4] > b"1":
            return self._refused("505 HTTP Version Not Supported", "the version must be HTTP/1.0 or HTTP/1.1")
        self.request_protocol = b"HTTP/1." + found[4]
        self.response_protocol = self.request_protocol.decode()
        if self.method == b"CONNECT":
            return self._refused("501 Not Implemented", "this server is no proxy")
        return self._read_target() or self._refused(_BAD, "a target that is malformed")

    def _read_target(self) -> bool:
        """Read the path and the query from the target. False if it has none of the forms of RFC 9112, 3.2."""
        if self.uri == b"*" and self.method == b"OPTIONS":
            self.authority, self.path, self.qs = b"", b"*", b""
            return True
        found = _ORIGIN.fullmatch(self.uri) or _ABSOLUTE.fullmatch(self.uri)
        if found is None or _HOST.fullmatch(found[1]) is None:
            return False
        self.authority, path, self.qs = found[1], found[2] or b"/", found[3] or b""
        self.path = b"%2F".join(map(unquote_to_bytes, _SLASH.split(path)))
        return True

    def read_request_headers(self) -> bool:
        """Read the headers. False if the request was rejected."""
        try:
            self.inheaders = fields(self.rfile, self.server.once)
        except ValueError as error:
            return self._refused(_BAD, str(error))
        if not self._is_addressed():
            return self._refused(_BAD, "a Host header that is missing or malformed")
        if b"Transfer-Encoding" in self.inheaders:
            if not self._accept_coding():
                return False
        elif not self._accept_length():
            return False
        self._persist()
        return True

    def _is_addressed(self) -> bool:
        """Whether there is a Host header, which only HTTP/1.0 can do without (RFC 9112, 3.2)."""
        host = self.inheaders.get(b"Host", b"" if self.response_protocol == "HTTP/1.0" else None)
        return host is not None and _HOST.fullmatch(host) is not None

    def _accept_coding(self) -> bool:
        """Whether the body comes in chunks, and in nothing else (RFC 9112, 6.1 and 6.3)."""
        if b"Content-Length" in self.inheaders:
            return self._refused(_BAD, "a length and a coding that has its own")
        if self.response_protocol == "HTTP/1.0":
            return self._refused(_BAD, "a coding that HTTP/1.0 does not have")
        codings = [each.strip(b" \t").lower() for each in self.inheaders[b"Transfer-Encoding"].split(b",")]
        if codings[-1] != b"chunked" or b"chunked" in codings[:-1]:
            return self._refused(_BAD, "a coding that does not end in chunks")
        if codings != [b"chunked"]:
            return self._refused("501 Not Implemented", "the only coding is chunked")
        return True

    def _accept_length(self) -> bool:
        """Whether the length is a number, and within the limit."""
        length = self.inheaders.get(b"Content-Length", b"0")
        if _LENGTH.fullmatch(length) is None:
            return self._refused(_BAD, "a length that is no number")
        if int(length) > self.server.max_request_body_size:
            return self._refused(_TOO_LARGE, "the document is too large")
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
        self.rfile = self._body()
        try:
            self.server.gateway(self).respond()
        except TooLong:
            self._refused(_TOO_LARGE, "the document is too large")
            return
        except BadChunks as error:
            self._refused(_BAD, str(error))
            return
        except Exception:
            raise
        except BaseException as error:  # for others, cheroot would stop listening, and the process live on
            raise RuntimeError(f"the application ended with {type(error).__name__}") from error
        self.ensure_headers_sent()
        if self.chunked_write:
            self.conn.wfile.write(b"0\r\n\r\n")

    def _body(self) -> Any:
        """Return the body as a file that knows whether it was read to its end."""
        source = self.conn.rfile
        if b"Transfer-Encoding" not in self.inheaders:
            return KnownLengthRFile(source, int(self.inheaders.get(b"Content-Length", b"0")))
        del self.inheaders[b"Transfer-Encoding"]
        self.chunked_read = True  # becomes `wsgi.input_terminated`
        return Chunks(source, self.server.max_request_body_size)

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
