"""A renewed certificate without a restart: each new connection asks for the current TLS context.

The files are read ten times a second at most, and compared with the files that were loaded last. New
connections use the new files, open connections go on with the old ones. If the new files cannot be used, for
instance because only the key is written so far, the old ones stay in use, with a warning in the log.

A server also closes the connections of before if the authority or its revocation list has changed: a client
whose certificate was revoked has to shake hands again.
"""

from __future__ import annotations

import hashlib
import logging
import os
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final
from weakref import WeakSet

from movehub.errors import InvalidConfiguration
from movehub.tls.credentials import Credentials

_LOG = logging.getLogger(__name__)

#: Seconds between two readings of the files. A node makes hundreds of connections meanwhile.
_LOOK: Final = 0.1

#: Returns the context for the next connection.
Contexts = Callable[[], ssl.SSLContext]


class WatchedCertificate:
    """The TLS context of some files as they are now. Call it before each connection, from any thread.

    `make` is `client_context` or `server_context`. The constructor raises InvalidConfiguration if the files
    cannot be used. Later, if they cannot be used, the last good ones stay in use.
    """

    def __init__(
        self,
        credentials: Credentials,
        make: Callable[[Credentials], ssl.SSLContext],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = credentials
        self._make = make
        self._clock = clock
        self._looks_at = 0.0
        self._lock = Lock()
        # In this order: a file that is written in between has another digest, and is loaded next time.
        self._seen = _digest(credentials)
        self._trust = _digest_of_trust(credentials)
        self._context = make(credentials)
        self._trusted = WeakSet([self._context])
        _WATCHED.add(self)

    def __call__(self) -> ssl.SSLContext:
        """Return the context for a connection that begins now."""
        if self._clock() < self._looks_at:
            return self._context
        with self._lock:
            self._looks_at = self._clock() + _LOOK
            found = _digest(self._credentials)
            if found != self._seen:
                self._seen = found
                self._renew()
            return self._context

    def trusts(self, context: ssl.SSLContext) -> bool:
        """Whether an earlier context verified its peers with the `authority` and `crl` of now."""
        self()
        return context in self._trusted

    def _renew(self) -> None:
        trust = _digest_of_trust(self._credentials)
        try:
            self._context = self._make(self._credentials)
        except InvalidConfiguration as error:
            _LOG.warning("the changed certificate cannot be used, and the one before stays in use: %s", error)
        else:
            if trust != self._trust:
                self._trust, self._trusted = trust, WeakSet()
            self._trusted.add(self._context)
            _LOG.info("a changed certificate is in use for new connections")


#: The watched certificates of this process.
_WATCHED: Final[WeakSet[WatchedCertificate]] = WeakSet()


def _after_fork() -> None:
    for watched in _WATCHED:
        watched._lock = Lock()  # a thread of the parent may have held the old one


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_fork)


def _digest(credentials: Credentials) -> bytes:
    """Return a digest of all files. A file that cannot be read has its own mark in it."""
    own = (credentials.certificate, credentials.key, credentials.password_file)
    mine = b"".join(_digest_of(path) for path in own if path is not None)
    return mine + _digest_of_trust(credentials)


def _digest_of_trust(credentials: Credentials) -> bytes:
    """Return a digest of the files that decide which peers are accepted."""
    crl = b"" if credentials.crl is None else _stamp_of(credentials.crl)
    return _digest_of(credentials.authority) + crl


def _digest_of(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return b"cannot be read"


def _stamp_of(path: Path) -> bytes:
    """Return what tells one revocation list from the next. It may have megabytes."""
    try:
        found = path.stat()
    except OSError:
        return b"cannot be read"
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}".encode()
