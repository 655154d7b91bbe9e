"""What is wrong with a database, in words of ours: a driver's text may quote what was written.

The text of a server comes in the server's language: what is not understood is told by its kind alone.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from movehub.errors import StoreFailed

#: What stands in a driver's text, and what it means; the first that fits.
_REASONS: Final = (
    ("file is not a database", "it is a file of another kind"),
    ("unable to open database file", "it cannot be opened: is it a folder, or somebody else's?"),
    ("attempt to write a readonly database", "this process may not write it"),
    ("database is locked", "another program is writing it and does not end"),
    ("resolve host", "there is no host of this name"),
    ("translate host name", "there is no host of this name"),
    ("name or service not known", "there is no host of this name"),
    ("connection refused", "nobody listens there"),
    ("no such file or directory", "nobody listens there"),
    ("timeout", "it does not answer"),
    ("timed out", "it does not answer"),
    ("no password supplied", "it wants a password: in ~/.pgpass"),
    ("password authentication failed", "it does not take the password, or there is no such role"),
    ("no pg_hba.conf entry", "its pg_hba.conf does not let this role in from here"),
    ("permission denied", "the role may not do there what a node has to: see what it needs"),
    ("role ", "there is no such role"),
    ("database ", "there is no such database"),
)
_MISSING: Final = "does not exist"


def failed_with(error: SQLAlchemyError) -> StoreFailed:
    """Return what to raise in the place of an error of the database's, which must not come along."""
    cause = _cause(error)
    return StoreFailed(
        f"the database failed with {type(error).__name__}{cause and f': {cause}'}", cause=cause
    )


def _cause(error: SQLAlchemyError) -> str:
    said = str(getattr(error, "orig", None) or "").lower()
    for part, meaning in _REASONS:
        if part in said and (part not in {"role ", "database "} or _MISSING in said):
            return meaning
    return ""
