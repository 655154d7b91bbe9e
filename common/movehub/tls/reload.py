"""A renewed certificate, without a restart: whoever makes a connection asks for the context of the day.

The files are looked at ten times a second at most, read where they changed or were written just now, and
compared with what was loaded last. New connections use the new files, connections under way go on with the
old. Files that cannot be used, for instance because the key is written and the certificate is not yet, leave
the old ones in use, with a warning.
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

#: Seconds for which a file counts as written just now.
_JUST_NOW: Final = 2.0

#: Seconds between two looks at the files: a node makes hundreds of connections meanwhile.
_LOOK: Final = 0.1

#: Gives the context that the next connection is to use.
Contexts = Callable[[], ssl.SSLContext]


class WatchedCertificate:
    """The TLS context of some files as they are now. Call it before each connection; threads may.

    `make` is `client_context` or `server_context`. Raises InvalidConfiguration where the files cannot be used
    at the beginning; later they can be as they like, and the last good ones stay.
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
        # In this order: what is written in between differs from what was seen, and is loaded next time.
        self._seen = _digest(credentials)
        self._context = make(credentials)
        self._unchanged: tuple[tuple[int, ...], ...] | None = None
        _WATCHED.add(self)

    def after_fork(self) -> None:
        """Make a new lock in a forked child: a thread of the parent may have held the old one."""
        self._lock = Lock()

    def __call__(self) -> ssl.SSLContext:
        """Return the context for a connection that begins now."""
        if self._clock() < self._looks_at:
            return self._context
        with self._lock:
            self._looks_at = self._clock() + _LOOK
            unchanged = _unchanged(self._credentials)
            if unchanged is None or unchanged != self._unchanged:
                found = _digest(self._credentials)
                if found != self._seen:
                    self._seen = found
                    self._renew()
                self._unchanged = unchanged
            return self._context

    def _renew(self) -> None:
        try:
            self._context = self._make(self._credentials)
        except InvalidConfiguration as error:
            _LOG.warning("the changed certificate is not used, and the one before stays: %s", error)
        else:
            _LOG.info("a changed certificate is in use for new connections")


#: The watched certificates of this process.
_WATCHED: Final[WeakSet[WatchedCertificate]] = WeakSet()


def _after_fork() -> None:
    for watched in _WATCHED:
        watched.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_fork)


def _unchanged(credentials: Credentials) -> tuple[tuple[int, ...], ...] | None:
    """Return what stays the same as long as nobody writes to a file, None where that cannot be told.

    A file system's clock may stand still for a moment, so what was written just now has to be read.
    """
    try:
        found = [path.stat() for path in _paths(credentials)]
    except OSError:
        return None
    if max(each.st_ctime for each in found) > time.time() - _JUST_NOW:
        return None
    return tuple((each.st_dev, each.st_ino, each.st_size, each.st_ctime_ns) for each in found)


def _paths(credentials: Credentials) -> list[Path]:
    paths = (credentials.certificate, credentials.key, credentials.authority, credentials.password_file)
    return [path for path in paths if path is not None]


def _digest(credentials: Credentials) -> bytes:
    """Return what stands for the contents of all files; one that cannot be read has a mark of its own."""
    return b"".join(_digest_of(path) for path in _paths(credentials))


def _digest_of(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return b"cannot be read"
