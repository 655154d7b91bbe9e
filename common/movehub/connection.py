"""`requests`, held to one TLS context, to the deadline, and to the answer it asked for.

Three of its habits are taken from it: it would trust the public authorities that it ships, read the body of
a redirect without limit, and send a cookie back to whoever set it.
"""

from __future__ import annotations

import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection

from .deadline import time_left

#: Connections that are kept: two requests a second, of 20 seconds each, are the most that the law allows.
_MOST_AT_ONCE: Final = 40


def session(context: ssl.SSLContext | None) -> requests.Session:
    """Return a session that uses this context alone, and nothing of the environment.

    Without a context it speaks plain HTTP, which is for services on this machine.
    """
    made = _Session()
    made.trust_env = False
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    made.adapters.pop("https://" if context is None else "http://")
    if context is not None:
        made.mount("https://", _Adapter(context))
    return made


class _Session(requests.Session):
    """Never looks where a redirect leads: `requests` reads its whole body first, whatever its size."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        return None


class _Connection(HTTPSConnection):
    """Connects within the deadline, whichever of a name's addresses it is trying."""

    def _new_conn(self) -> Any:
        self.timeout = time_left(self.timeout if isinstance(self.timeout, int | float) else None)
        return super()._new_conn()


class _Pool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Connection  # pyright: ignore[reportAssignmentType]


class _Adapter(HTTPAdapter):
    """Uses one context for every connection, and leaves it as it was given.

    `requests` would add the public authorities that it ships to any context (`cert_verify`), so that a
    certificate bought on the street would pass for the hub's.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(max_retries=0, pool_maxsize=_MOST_AT_ONCE)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Verify by the context alone."""

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"ssl_context": self._context}
