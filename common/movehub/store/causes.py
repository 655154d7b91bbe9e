"""Why a database failed, in words, and what to do about it.

A driver's error may quote the values it was given. So its text is never shown. Its code says the cause:
SQLite has result codes, and PostgreSQL has SQLSTATE. An error without a code, mostly of a connection that was
not made, is recognised by parts of its text, if the server speaks English. For any other error you see its
type only.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from movehub.errors import StoreFailed

#: At the end of a cause that ends without a restart.
_GOES_ON: Final = "then the node goes on by itself"

_FULL: Final = f"its disk is full. Make room on it (see df -h); {_GOES_ON}"
_BROKEN: Final = (
    "its disk reports an input/output error. Look for a failing disk (dmesg), and for a limit that is"
    " reached: a quota, or the size of a file (ulimit -f)"
)
_DAMAGED: Final = (
    "its file is damaged or cut off. Stop the node, copy the file away with those beside it (-wal, -shm), and"
    " restore a backup"
)
_OTHER_KIND: Final = (
    "it is a file of another kind, or its beginning is damaged. Correct the setting, or restore a backup"
)
_NOT_OPENED: Final = (
    "it cannot be opened: is it a folder or the file of another user, or is its file system read-only"
    " (see mount, dmesg)? Correct the setting, the permissions or the disk"
)
_READ_ONLY: Final = (
    "it cannot be written: the file system is read-only, as after an error of the disk (see mount, dmesg), or"
    " this process has no permission to write it"
)
_NO_FILES_LEFT: Final = (
    f"this process has too many open files. Raise its limit (LimitNOFILE, ulimit -n); {_GOES_ON}"
)
_NO_MEMORY: Final = "this process has no memory left: give it more, or stop other programs"
_LOCKED: Final = "another program writes to it and does not finish: end that program (fuser FILE shows it)"
_NO_TABLES: Final = "its tables are missing: was it replaced or emptied? Stop the node, and restore a backup"
_BUSY: Final = "all its connections are in use: does your register hang in transaction()?"

_ENDS: Final = f"the server is ending or starting. Wait, or start it; {_GOES_ON}"
_LOST: Final = f"the connection to the server was lost. Check that it runs; {_GOES_ON}"
_NO_CONNECTION_LEFT: Final = (
    "the server has no connection left: raise its max_connections, or run fewer processes"
)
_NO_PERMISSION: Final = "the role lacks a permission that a node needs: let it own the database"
_NO_HOST: Final = "there is no host of this name: correct the address, or the name service"
_NO_SERVER: Final = "no server listens there: start it, or correct the address"
_SILENT: Final = "it does not answer: check the network, and that the server runs"

#: SQLite's result codes, the exact ones and the groups.
_OF_SQLITE: Final = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: _FULL,  # it could not enlarge the file -shm
    sqlite3.SQLITE_IOERR: _BROKEN,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _OTHER_KIND,
    sqlite3.SQLITE_CANTOPEN: _NOT_OPENED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_NOMEM: _NO_MEMORY,
}
#: PostgreSQL's SQLSTATE, whole or its first characters.
_OF_POSTGRESQL: Final = {
    "53100": f"the disk of the server is full. Make room on it; {_GOES_ON}",
    "53200": "the server has no memory left: see its log",
    "53300": _NO_CONNECTION_LEFT,
    "58030": "the disk of the server reports an input/output error: see its log",
    "58": "the operating system of the server failed: see its log",
    "XX001": "the server found damaged data: see its log, and restore a backup",
    "XX002": "the server found a damaged index: see its log, and run REINDEX",
    "XX": "the server had an internal error: see its log",
    "25006": "the server is read-only: is it a standby? Correct the address, or promote it",
    "57P": _ENDS,
    "08": _LOST,
    "42501": _NO_PERMISSION,
    "42P01": _NO_TABLES,
    "55P03": "another transaction holds a lock and does not finish: see pg_locks",
    "57014": "a statement took too long: see what the server does in pg_stat_activity",
    "25P03": "a transaction did nothing for too long: does your register hang in transaction()?",
}
#: A register that works in the node's transaction can be the cause of these.
_OF_THE_REGISTER: Final = frozenset({"42501", "42P01", "55P03", "57014", "25P03"})

#: A part of an error's text in lower case, and its meaning. The first match counts.
_WORDS: Final = (
    ("too many open files", _NO_FILES_LEFT),
    ("no such table", _NO_TABLES),
    ("resolve host", _NO_HOST),
    ("translate host name", _NO_HOST),
    ("name or service not known", _NO_HOST),
    ("connection refused", _NO_SERVER),
    ("no such file or directory", _NO_SERVER),
    ("timeout", _SILENT),
    ("timed out", _SILENT),
    ("no password supplied", "it needs a password: put one in ~/.pgpass"),
    ("password authentication failed", "the password is wrong, or there is no such role: correct ~/.pgpass"),
    ("no pg_hba.conf entry", "its pg_hba.conf does not allow this role from this address: add a line to it"),
    ("permission denied", _NO_PERMISSION),
    ("too many connections", _NO_CONNECTION_LEFT),
    ("too many clients", _NO_CONNECTION_LEFT),
    ("connection slots are reserved", _NO_CONNECTION_LEFT),
    ("closed the connection", _LOST),
    ("connection is closed", _LOST),
    ("connection is lost", _LOST),
    ("shutting down", _ENDS),
    ("starting up", _ENDS),
    ("recovery", _ENDS),
    ("role ", "there is no such role: create it (createuser), or correct the address"),
    ("database ", "there is no such database: create it (createdb), or correct the address"),
)
#: Words that count only if something is missing, and the words that say so.
_OF_MISSING: Final = frozenset({"role ", "database "})
_MISSING: Final = "does not exist"

#: The causes of a file that cannot be opened or created.
_OF_FILES: Final = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "the quota of its disk is used up: make room, or ask for more",
    errno.EIO: _BROKEN,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: "this process has no permission for its folder",
    errno.EPERM: "this process has no permission for its folder",
    errno.EISDIR: "it is a folder: remove it",
    errno.EMFILE: _NO_FILES_LEFT,
    errno.ENFILE: "this machine has too many open files: raise fs.file-max",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ENOLCK: "its file system has no locks: put it on a local disk",
}


def store_failed(error: SQLAlchemyError) -> StoreFailed:
    """Return the error to raise in place of a driver's error, whose text may quote personal data."""
    cause = _cause(error)
    return StoreFailed(
        f"the database failed with {type(error).__name__}{cause and f': {cause}'}", cause=cause
    )


def is_of_the_database(error: SQLAlchemyError) -> bool:
    """Whether the database itself failed, such as its disk. False for what a statement may have caused."""
    driver = getattr(error, "orig", None)
    if getattr(driver, "sqlstate", None) in _OF_THE_REGISTER:
        return False
    return _of_code(driver) is not None or bool(getattr(error, "connection_invalidated", False))


def file_cause(error: OSError) -> str:
    """Return why a file cannot be opened, created or locked."""
    number = error.errno or 0
    return _OF_FILES.get(number) or errno.errorcode.get(number, "for an unknown reason")


def _cause(error: SQLAlchemyError) -> str:
    if isinstance(error, NoConnectionFree):
        return _BUSY
    driver = getattr(error, "orig", None)
    known = _of_code(driver) or _of_words(str(driver or "").lower())
    return known or ("" if _can_open_files() else _NO_FILES_LEFT)


def _of_code(driver: BaseException | None) -> str | None:
    code, state = getattr(driver, "sqlite_errorcode", None), getattr(driver, "sqlstate", None)
    if code is not None:
        if code & 0xFF == sqlite3.SQLITE_CANTOPEN and not _can_open_files():
            return _NO_FILES_LEFT
        return _OF_SQLITE.get(code) or _OF_SQLITE.get(code & 0xFF)
    if state is not None:
        return next(
            (_OF_POSTGRESQL[each] for each in (state, state[:3], state[:2]) if each in _OF_POSTGRESQL), None
        )
    return None


def _of_words(words: str) -> str:
    for part, meaning in _WORDS:
        if part in words and (part not in _OF_MISSING or _MISSING in words):
            return meaning
    return ""


def _can_open_files() -> bool:
    """Whether this process can open a file. Neither driver says that it has too many."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno not in {errno.EMFILE, errno.ENFILE}
    return True
