"""The socket of a node that stands behind a proxy, which has looked at the client's certificate.

Without a proxy a node listens with `movehub.http.https_server`. Annex V, 1 and 2 of both regulations.
"""

from __future__ import annotations

from typing import Any, Final

from movehub.http.server import EXCHANGE, Running, Server
from movehub.http.server_request import ONCE
from movehub.node.access import Proxy

#: Seconds that a connection may be silent, and that answers under way may take when the node stops.
_SILENCE: Final = 20
FAREWELL: Final = 10


class PlainServer(Running):
    """Serves one application over plain HTTP from `with` to its end.

    Behind a proxy nobody else gets in, and the header with the subject may stand in a request only once.
    """

    def __init__(
        self,
        application: Any,
        *,
        host: str,
        port: int,
        threads: int,
        proxy: Proxy | None = None,
        exchange: float = EXCHANGE,
    ) -> None:
        server = Server((host, port), application, threads=threads, idle=_SILENCE, farewell=FAREWELL)
        server.exchange = exchange
        if proxy is not None:
            server.callers = proxy.addresses
            server.once = ONCE | {proxy.header.encode("ascii").title()}
        super().__init__(server)
