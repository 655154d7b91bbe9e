"""What a WSGI application is told of a request: most of it is the same for all requests of a connection.

cheroot puts it together anew each time, which takes longer than the application does.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from cheroot.wsgi import Gateway_10

#: What PEP 3333 says of the server and of who has connected.
_OF_CONNECTION: Final = (
    "ACTUAL_SERVER_PROTOCOL",
    "REMOTE_ADDR",
    "REMOTE_PORT",
    "SCRIPT_NAME",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_SOFTWARE",
    "wsgi.errors",
    "wsgi.multiprocess",
    "wsgi.multithread",
    "wsgi.run_once",
    "wsgi.version",
)
#: The headers that WSGI knows by their own names.
_OWN_NAMES: Final = {b"Content-Type": "CONTENT_TYPE", b"Content-Length": "CONTENT_LENGTH"}


class Gateway(Gateway_10):
    """cheroot's, which keeps what it has said of a connection."""

    req: Any

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        """Return the environment of a request."""
        req = self.req
        conn = req.conn
        if conn.environ is None:
            whole: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
            conn.environ = {name: whole[name] for name in _OF_CONNECTION if name in whole}
            conn.environ |= conn.ssl_env or {}
        environ: dict[str, Any] = {"wsgi.url_scheme": req.scheme.decode("latin-1")}  # TLS knows better
        environ |= conn.environ | {
            "PATH_INFO": req.path.decode("latin-1"),
            "QUERY_STRING": req.qs.decode("latin-1"),
            "REQUEST_METHOD": req.method.decode("latin-1"),
            "REQUEST_URI": req.uri.decode("latin-1"),
            "SERVER_PROTOCOL": req.request_protocol.decode("latin-1"),
            "wsgi.input": req.rfile,
            "wsgi.input_terminated": bool(req.chunked_read),
        }
        for name, value in req.inheaders.items():
            environ[_variable(name)] = value.decode("latin-1")
        return environ


@lru_cache(maxsize=64)
def _variable(header: bytes) -> str:
    """Return the name that WSGI has for a header."""
    return _OWN_NAMES.get(header) or f"HTTP_{header.decode('latin-1').upper().replace('-', '_')}"
