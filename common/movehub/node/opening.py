"""Why a database cannot be opened, in words of ours, with its setting and its address.

A driver's text may quote what was written; at the opening nothing was, and yet only a reason is told.
The text of a server comes in the server's language: what is not understood is told by its kind alone.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from ..errors import StoreFailed, StoreNotOpened

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
#: What an address of a database looks like.
NO_DATABASE: Final = "the database must be sqlite:///file or postgresql://…"
_MISSING: Final = "does not exist"


def not_opened(url: str, failed: StoreFailed) -> StoreNotOpened:
    """Return what to say where a database was not opened; `failed` came of what its driver said."""
    told = _told(failed.__context__)
    return StoreNotOpened(f"node.database: {without_password(url)} cannot be opened: {told or failed.reason}")


def without_password(url: str) -> str:
    """Return an address of a database without its password and its options, which may hold one."""
    try:
        parsed = make_url(url)
        return parsed.difference_update_query(parsed.query)._replace(password=None).render_as_string()
    except (ArgumentError, ValueError):
        return "what is given"


def _told(error: BaseException | None) -> str | None:
    said = str(getattr(error, "orig", None) or "").lower()
    for part, meaning in _REASONS:
        if part in said and (part not in {"role ", "database "} or _MISSING in said):
            return meaning
    return None
