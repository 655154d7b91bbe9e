"""`requests`, held to our TLS contexts, to the deadline, and to the answer it asked for.

Three of its habits are taken from it: it would trust the public authorities that it ships, read the body of
a redirect without limit, and send a cookie back to whoever set it.
"""

from __future__ import annotations

from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection

from movehub.http.deadline import time_left
from movehub.tls.reload import Contexts

#: Connections that are kept: two requests a second, of 20 seconds each, are the most that the law allows.
_MOST_AT_ONCE: Final = 40


def session(contexts: Contexts | None) -> Session:
    """Return a session whose connections use the context of their day, and nothing of the environment.

    Without contexts it speaks plain HTTP, which is for services on this machine.
    """
    made = Session()
    made.trust_env = False
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    made.adapters.pop("https://" if contexts is None else "http://")
    if contexts is not None:
        made.mount("https://", _Adapter(contexts))
    return made


class Session(requests.Session):
    """Never looks where a redirect leads: `requests` reads its whole body first, whatever its size."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Say that there is none."""


class _Connection(HTTPSConnection):
    """Connects within the deadline, whichever of a name's addresses it is trying."""

    def _new_conn(self) -> Any:
        self.timeout = time_left(self.timeout if isinstance(self.timeout, int | float) else None)
        return super()._new_conn()


class _Pool(urllib3.HTTPSConnectionPool):
    """Hands out connections of today's context: one that was kept under an earlier certificate is closed.

    Whoever has a connection under way keeps it to the end of the exchange.
    """

    ConnectionCls = _Connection  # pyright: ignore[reportAssignmentType]

    def __init__(self, *args: Any, contexts: Contexts, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._contexts = contexts

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection: Any = super()._get_conn(timeout)
        context = self._contexts()
        if connection.ssl_context is not context:
            connection.close()
            connection.ssl_context = context
        return connection


class _Adapter(HTTPAdapter):
    """Uses our contexts for every connection, and leaves them as they were given.

    `requests` would add the public authorities that it ships to any context (`cert_verify`), so that a
    certificate bought on the street would pass for the hub's.
    """

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts
        self._first = contexts()
        super().__init__(max_retries=0, pool_maxsize=_MOST_AT_ONCE)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._first, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": partial(_Pool, contexts=self._contexts)}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Verify by the context alone."""

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"ssl_context": self._first}
