"""`requests`, with our TLS contexts, our deadline, and answers that are read strictly.

These habits of `requests` are changed: it would trust the public authorities that it ships, follow redirects
and read their bodies without a limit, store cookies, and ask the environment for proxies.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.client import HTTPException
from queue import LifoQueue
from typing import Any, Final
from weakref import WeakSet

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import SKIP_HEADER, parse_url

from movehub.http.answer import Answer
from movehub.http.deadline import Progress, connect, note_obstacle, time_left
from movehub.protocol.rate_limit import leave
from movehub.tls.reload import Contexts

#: Connections that are kept. The law allows two requests a second, of 20 seconds each.
_MOST_KEPT: Final = 40
#: Seconds after which an idle connection is not used again: a firewall on the way may have forgotten it.
MOST_IDLE: Final = 5.0

#: The errors of an exchange that failed. All of them may hold the document.
FAILURES: Final = (OSError, ValueError, HTTPException, urllib3.exceptions.HTTPError)

#: A message leaves at once, and the system checks a silent connection from time to time.
_OPTIONS: Final = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
for _name, _value in {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}.items():
    if hasattr(socket, _name):  # not every system has them
        _OPTIONS.append((socket.IPPROTO_TCP, getattr(socket, _name), _value))


class Session(requests.Session):
    """Posts documents to one address. `contexts` gives the current TLS context for each new connection.

    Without `contexts` it speaks plain HTTP, which is only for services on this machine. Raises ValueError if
    the address or a header cannot be sent.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        contexts: Contexts | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies = _NoCookies()
        # What is compressed can unpack to more than the limit.
        always = {"Accept-Encoding": "identity", "User-Agent": SKIP_HEADER}
        self._request = requests.Request("POST", url, headers=always | dict(headers)).prepare()
        address = parse_url(self._request.url or "")
        host = (address.host or "").strip("[]")
        if contexts is None:
            pool: Callable[[], _Pool] = partial(_PlainPool, host, address.port or 80, clock)
        else:
            pool = partial(_TlsPool, host, address.port or 443, clock, contexts)
        self.adapters.clear()
        self._adapter = _Adapter(pool)
        self.mount(f"{address.scheme}://", self._adapter)

    @contextmanager
    def posted(self, data: bytes, progress: Progress, timeouts: tuple[float, float]) -> Iterator[Answer]:
        """Post a document within its deadline, and yield the answer, whose body is not read yet.

        `timeouts` are the seconds to connect, and of each read. Raises one of FAILURES.
        """
        request = self._request.copy()
        request.body = data
        request.headers["Content-Length"] = str(len(data))
        response = self.send(request, stream=True, allow_redirects=False, proxies={}, timeout=timeouts)
        try:
            answer: Any = response.raw._original_response  # urllib3 makes it from our `response_class`
            yield answer
            # If the peer sent more than its answer, the next answer could be its invention.
            if answer.is_complete and answer.bytes_read == progress.received:
                response.raw.release_conn()
        finally:
            response.close()

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Follow no redirect. `requests` would parse it, and read the body, before it declines to go."""


#: The adapters of this process.
_ADAPTERS: Final[WeakSet[_Adapter]] = WeakSet()


def _forget_inherited() -> None:
    for adapter in _ADAPTERS:
        adapter.forget_inherited()


if hasattr(os, "register_at_fork"):  # not on Windows
    # If parent and child wrote to the same TLS connection, both would break it.
    os.register_at_fork(after_in_child=_forget_inherited)


class _NoCookies(RequestsCookieJar):
    """Stores no cookie."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Ignore the cookies of an answer."""


class _Adapter(HTTPAdapter):
    """Uses one pool of connections, and leaves its TLS contexts as they are.

    `requests` would add the public authorities that it ships to any context (`cert_verify`). A certificate
    that anybody can buy would then pass for the hub's.
    """

    def __init__(self, new_pool: Callable[[], _Pool]) -> None:
        super().__init__(max_retries=0)
        self._new_pool = new_pool
        self._pool = new_pool()
        _ADAPTERS.add(self)

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        """Return the pool."""
        return self._pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave it to the context to verify certificates."""

    def close(self) -> None:
        """Close the idle connections. A connection in use is closed after its exchange."""
        closing, self._pool = self._pool, self._new_pool()
        closing.close()
        super().close()

    def forget_inherited(self) -> None:
        inherited, self._pool = self._pool, self._new_pool()
        inherited.abandon()


class _Connecting:
    """A connection that is made within the deadline, and whose answers are strict."""

    response_class: Any = Answer
    sock: Any
    idle_since = 0.0

    def connect(self) -> None:
        """Connect, and shake hands."""
        try:
            super().connect()  # type: ignore[misc]
        except OSError as error:
            note_obstacle(error)
            raise

    def send(self, data: Any) -> None:
        """Send within the deadline of the exchange, and in the turn of the request: see `rate_limit`.

        urllib3 would give it the seconds to connect.
        """
        if getattr(self, "sock", None) is None:
            self.connect()
        leave()
        self.sock.settimeout(time_left(None))
        super().send(data)  # type: ignore[misc]

    def _new_conn(self: Any) -> socket.socket:
        seconds = self.timeout if isinstance(self.timeout, int | float) else None
        return connect(self._dns_host, self.port, seconds, _OPTIONS)


class _PlainConnection(_Connecting, HTTPConnection):
    pass


class _TlsConnection(_Connecting, HTTPSConnection):
    pass


class _Pool(urllib3.HTTPConnectionPool):
    """Hands out connections that were not idle for too long."""

    def __init__(self, host: str, port: int, clock: Callable[[], float], **kwargs: Any) -> None:
        super().__init__(host, port, maxsize=_MOST_KEPT, **kwargs)
        self._clock = clock
        self._made: WeakSet[Any] = WeakSet()

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection: Any = super()._get_conn(timeout)
        self._made.add(connection)
        if connection.sock is not None and self._clock() - connection.idle_since > MOST_IDLE:
            connection.close()
        return connection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_since = self._clock()
        super()._put_conn(conn)

    def abandon(self) -> None:
        """Let go of a parent's connections in a forked child.

        Only this process's file descriptors are closed. TLS writes nothing, so the parent can go on.
        """
        for connection in self._made:
            if connection.sock is not None:
                os.close(connection.sock.detach())
        # urllib3 empties the queue at the end. In the parent, another thread may have held its lock.
        if self.pool is not None:
            vars(self.pool).update(vars(LifoQueue()))


class _PlainPool(_Pool):
    ConnectionCls = _PlainConnection  # pyright: ignore[reportAssignmentType]


class _TlsPool(_Pool, urllib3.HTTPSConnectionPool):
    """Hands out connections of the current context. One of an earlier certificate is closed.

    A connection that is in use stays open to the end of its exchange.
    """

    ConnectionCls = _TlsConnection  # pyright: ignore[reportAssignmentType]

    def __init__(self, host: str, port: int, clock: Callable[[], float], contexts: Contexts) -> None:
        super().__init__(host, port, clock, ssl_context=contexts())
        self._contexts = contexts

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection: Any = super()._get_conn(timeout)
        context = self._contexts()
        if connection.ssl_context is not context:
            connection.close()
            connection.ssl_context = context
        return connection
