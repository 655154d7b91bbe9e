"""Search keys from an HTTP service, which a national authority may run around the Commission's library.

One call makes one key, in a format that a national authority uses::

    POST <url>    {"name": "Creighton-Ward", "useFullName": true}
    200           {"searchKey": "CRAGTANWAD"}
    422           a character of the name is illegal

`useFullName` is true for a family name. It is false for first names, of which the service uses the first.
Personal names leave this machine, so any address elsewhere must be https.
"""

from __future__ import annotations

import ipaddress
import json
import ssl
from typing import Final
from urllib.parse import urlsplit

from movehub.errors import IllegalCharacter, InvalidConfiguration, SearchKeyServiceFailed
from movehub.http.chunked import TooLong
from movehub.http.deadline import DeadlineSocket, Progress, deadline
from movehub.http.requests_session import FAILURES, Session
from movehub.http.transport import Timeouts
from movehub.names.key_service import CACHED, SearchKeyService

#: One key takes milliseconds, and the 20 seconds of the law are for a whole search.
DEFAULT_TIMEOUTS: Final = Timeouts(connect=2.0, total=5.0)
_LONGEST_ANSWER: Final = 65536


class HttpSearchKeys(SearchKeyService):
    """Keys from a service at a URL: https with a context that verifies, or plain http on this machine."""

    def __init__(
        self,
        url: str,
        context: ssl.SSLContext | None = None,
        *,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        cached: int = CACHED,
    ) -> None:
        super().__init__(cached)
        self._timeouts = timeouts
        verifying = _verifying(context) if _scheme(url) == "https" else None
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        self._session = Session(url, headers, None if verifying is None else lambda: verifying)

    def close(self) -> None:
        """Close the connections, and clear the cache."""
        super().close()
        self._session.close()

    def _ask(self, name: str, use_full_name: bool) -> str:
        question = json.dumps({"name": name, "useFullName": use_full_name}).encode()
        with deadline(self._timeouts.total) as progress:
            try:
                return _search_key(self._post(question, progress))
            except FAILURES:
                pass
        # Raised outside `except`: the other error carries the question, and with it the name.
        raise SearchKeyServiceFailed("the search-key service could not be reached, or did not answer in time")

    def _post(self, question: bytes, progress: Progress) -> bytes:
        timeouts = self._timeouts.connect, self._timeouts.total
        with self._session.posted(question, progress, timeouts) as answer:
            if answer.status == 422:
                raise IllegalCharacter("the service rejects a character of the name")
            if answer.status != 200:
                raise SearchKeyServiceFailed(f"the service answered with HTTP status {answer.status}")
            try:
                return answer.body(_LONGEST_ANSWER)
            except TooLong:
                pass
        raise SearchKeyServiceFailed("the answer of the service is too long")


def _scheme(url: str) -> str:
    """Return the scheme of an address. Raises InvalidConfiguration if names must not travel there."""
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
