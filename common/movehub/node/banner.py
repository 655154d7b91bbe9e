"""The lines that a node logs once it listens: which node it is, what it speaks, and what it depends on."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from importlib.metadata import version

from movehub.node.settings import Settings, without_password
from movehub.protocol.exchange import utc_now
from movehub.records.values import write_instant
from movehub.responder import Responder
from movehub.tls.expiry import expiries_of

_LOG = logging.getLogger(__name__)


def log_banner(settings: Settings, responders: Mapping[str, Responder], port: int) -> None:
    """Log the version and the address, each system with its editions, the database, and the certificates.

    The database is shown without its password and its options. `port` is the one on which the node listens.
    """
    protocol = "HTTP, behind a proxy," if settings.proxy else "HTTPS"
    _LOG.info(
        "movehub-client %s serves over %s on %s, for %s, as process %d",
        version("movehub-client"),
        protocol,
        _address(settings.host, port),
        settings.systems[0].config.member_state,
        os.getpid(),
    )
    for served in settings.systems:
        editions = ", ".join(each.version for each in responders[served.system].codec.editions)
        _LOG.info(
            "system %s: path %s, %s, editions %s", served.name, served.path, settings.interface, editions
        )
    _LOG.info("database: %s", without_password(settings.database))
    for credentials in dict.fromkeys(served.config.credentials for served in settings.systems):
        first = expiries_of(credentials)[0]
        left, ends = first.left(utc_now()).days, write_instant(first.ends)
        _LOG.info("certificates: the first one ends on %s, in %d days: %s", ends, left, first.name)
    if settings.metrics is not None:
        _LOG.info("metrics: http://%s/metrics", _address(*settings.metrics))


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
