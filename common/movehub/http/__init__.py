"""Documents over HTTP: the transport that sends them, and the servers that receive them.

* Sending: `HttpsTransport`, on `requests`, with a deadline for the whole exchange.
* Receiving: `Endpoint`, a WSGI application, and the servers `HttpsServer` and `PlainServer`, on cheroot.

Each name is loaded at its first use, because a client needs no server, and a server no client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from movehub import on_demand

if TYPE_CHECKING:
    from .chunked import TooLong
    from .deadline import DeadlineSocket, Progress
    from .endpoint import Endpoint, StartResponse, refused
    from .proxy import Proxy
    from .requests_session import FAILURES, Session
    from .server import FAREWELL, HttpsServer, PlainServer, Running
    from .transport import LONGEST_WAIT, HttpsTransport, Timeouts, Transport, is_address

__getattr__, __dir__ = on_demand(
    __name__,
    {
        "chunked": "TooLong",
        "deadline": "DeadlineSocket Progress",
        "endpoint": "Endpoint StartResponse refused",
        "proxy": "Proxy",
        "requests_session": "FAILURES Session",
        "server": "FAREWELL HttpsServer PlainServer Running",
        "transport": "LONGEST_WAIT HttpsTransport Timeouts Transport is_address",
    },
)

__all__ = [
    "FAILURES",
    "FAREWELL",
    "LONGEST_WAIT",
    "DeadlineSocket",
    "Endpoint",
    "HttpsServer",
    "HttpsTransport",
    "PlainServer",
    "Progress",
    "Proxy",
    "Running",
    "Session",
    "StartResponse",
    "Timeouts",
    "TooLong",
    "Transport",
    "is_address",
    "refused",
]
