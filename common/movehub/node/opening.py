"""Why a database cannot be opened, with its setting and its address."""

from __future__ import annotations

from typing import Final

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from movehub.errors import StoreFailed, StoreNotOpened

#: What an address of a database looks like.
NO_DATABASE: Final = "the database must be sqlite:///file or postgresql://…"


def not_opened(url: str, failed: StoreFailed) -> StoreNotOpened:
    """Return what to say where a database was not opened; `failed` came of what its driver said."""
    told = failed.cause or failed.reason
    return StoreNotOpened(f"node.database: {without_password(url)} cannot be opened: {told}")


def without_password(url: str) -> str:
    """Return an address of a database without its password and its options, which may hold one."""
    try:
        parsed = make_url(url)
        return parsed.difference_update_query(parsed.query)._replace(password=None).render_as_string()
    except (ArgumentError, ValueError):
        return "what is given"
