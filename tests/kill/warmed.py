"""Imported by the process that others are forked from: after it nothing is left to import or to compile."""

from __future__ import annotations

from movehub.protocol.exchange import utc_now
from movehub.store.tables import Kind

from . import served
from .hub import denmark
from .traffic import CODECS, Document, Traffic

__all__ = ["served"]


def _warm_up() -> None:
    import psycopg  # noqa: F401
    import sqlalchemy.dialects.postgresql
    import sqlalchemy.dialects.sqlite  # noqa: F401
    from movehub.http import requests_session  # noqa: F401

    responders = denmark()
    for step in Traffic(utc_now).steps():
        if isinstance(step, Document) and step.kind in {Kind.QUERY, Kind.NOTIFICATION}:
            responders[step.system].handle(step.data)
        elif isinstance(step, Document) and step.message is not None:
            CODECS[step.system].decode(step.data)


_warm_up()
