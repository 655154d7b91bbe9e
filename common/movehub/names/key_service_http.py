"""Search keys from an HTTP service, for example a national authority's own around the Commission's library.

One call makes one key, in a format that a national authority uses::

    POST <url>    {"name": "Creighton-Ward", "useFullName": true}
    200           {"searchKey": "CRAGTANWAD"}
    422           a character of the name is illegal

`useFullName` is true for a family name. It is false for first names, and the service uses the first of them.
The request has personal data, so an address on another machine must be https.
"""

from __future__ import annotations

import ipaddress
import json
import ssl
import time
from typing import Final
from urllib.parse import urlsplit

import requests
import urllib3

from movehub.errors import IllegalCharacter, InvalidConfiguration, SearchKeyServiceFailed
from movehub.http import requests_session as connection
from movehub.http.deadline import DeadlineSocket, deadline
from movehub.http.transport import Timeouts
from movehub.names.key_service import CACHED, SearchKeyService

#: A key needs milliseconds, and the law's 20 seconds are for a whole search.
DEFAULT_TIMEOUTS: Final = Timeouts(connect=2.0, total=5.0)
_LONGEST_ANSWER: Final = 65536


class HttpSearchKeys(SearchKeyService):
    """Keys from a service at a URL: https with a context that verifies, or http on this machine."""

    def __init__(
        self,
        url: str,
        context: ssl.SSLContext | None = None,
        *,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        cached: int = CACHED,
    ) -> None:
        super().__init__(cached)
        self._url = url
        self._timeouts = timeouts
        verifying = _verifying(context) if _scheme(url) == "https" else None
        self._session = connection.session(None if verifying is None else lambda: verifying)

    def close(self) -> None:
        """Close the connections, and clear the cache."""
        super().close()
        self._session.close()

    def _ask(self, name: str, use_full_name: bool) -> str:
        question = json.dumps({"name": name, "useFullName": use_full_name}).encode()
        with deadline(self._timeouts.total):
            try:
                return _search_key(self._post(question))
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
                pass
        # Raised outside `except`: the other error carries the question, and with it the name.
        raise SearchKeyServiceFailed("the search-key service could not be reached, or did not answer in time")

    def _post(self, question: bytes) -> bytes:
        until = time.monotonic() + self._timeouts.total
        with self._session.post(
            self._url,
            data=question,
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            timeout=(self._timeouts.connect, self._timeouts.total),
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.status_code == 422:
                raise IllegalCharacter("the service does not accept a character of the name")
            if response.status_code != 200:
                raise SearchKeyServiceFailed(f"the service answered with HTTP status {response.status_code}")
            answer = bytearray()
            for chunk in response.iter_content(4096):
                answer += chunk
                if len(answer) > _LONGEST_ANSWER:
                    raise SearchKeyServiceFailed("the answer of the service is too long")
                if time.monotonic() > until:
                    raise TimeoutError
            return bytes(answer)


def _scheme(url: str) -> str:
    """Return the scheme of an allowed address. Raises InvalidConfiguration for any other."""
    parts = urlsplit(url)
    if parts.username or parts.password or not parts.hostname:
        raise InvalidConfiguration("the address of the search-key service must have a host and no user name")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return parts.scheme
    raise InvalidConfiguration("the search-key service needs https://, or http:// on this machine")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _verifying(context: ssl.SSLContext | None) -> ssl.SSLContext:
    if context is None or context.verify_mode != ssl.CERT_REQUIRED or not context.check_hostname:
        raise InvalidConfiguration(
            "https:// needs a TLS context that verifies the certificate and the host name of the service"
        )
    context.sslsocket_class = DeadlineSocket
    return context


def _search_key(answer: bytes) -> str:
    try:
        key = json.loads(answer)["searchKey"]
    except (ValueError, KeyError, TypeError):
        key = None
    if not isinstance(key, str):
        raise SearchKeyServiceFailed('the service\'s answer has no "searchKey"')
    return key
