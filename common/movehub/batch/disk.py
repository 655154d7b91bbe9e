"""A file that is only ever appended to, and each time on the disk before the next step.

It holds personal data: only its owner may read it (mode 0600).
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from movehub.errors import InvalidConfiguration


def opened(path: Path) -> int:
    """Open the file, or make it, and return its descriptor. Raises InvalidConfiguration."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
    except (OSError, ValueError):
        raise InvalidConfiguration(f"the results file {path} cannot be opened") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InvalidConfiguration("the results must be written to a file, and this is none")
    return descriptor


def content(descriptor: int) -> bytes:
    """Return all that an open file has."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read()


def append(descriptor: int, data: bytes) -> None:
    """Write to the end, and return when it is on the disk. Raises InvalidConfiguration."""
    try:
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    except OSError:
        raise InvalidConfiguration(
            "the results file cannot be written to; run the batch again when there is room for it"
        ) from None


def protect(descriptor: int) -> None:
    """Let only the owner read the file, whatever its permissions were before."""
    if sys.platform == "win32":
        return
    try:
        os.fchmod(descriptor, 0o600)
    except OSError:
        raise InvalidConfiguration(
            "the results file is not yours, so it cannot be made yours alone"
        ) from None


def lock(descriptor: int, busy: str) -> None:
    """Keep a second run out. Raises InvalidConfiguration with the text `busy`. Does nothing on Windows."""
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InvalidConfiguration(busy) from None


def opened_folder(path: Path) -> int | None:
    """Open the folder of a file, to lock it and to have the name of the file on the disk. None on Windows."""
    if sys.platform == "win32":
        return None
    try:
        return os.open(path.absolute().parent, os.O_RDONLY)
    except OSError:
        raise InvalidConfiguration(f"the folder of the results file {path} cannot be opened") from None


def replaced(path: Path, data: bytes) -> None:
    """Write a whole file anew: another process finds the old one or the new one. Raises InvalidConfiguration.

    Only its owner may read it.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        beside.replace(path)
    except OSError:
        raise InvalidConfiguration(f"the file {path} cannot be written") from None
