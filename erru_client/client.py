"""The asking side of ERRU."""

from __future__ import annotations

from movehub.client import Client

from .editions import CODEC


class ErruClient(Client):
    """One Member State's client of ERRU; `from_config` reads its settings from a TOML file."""

    codec = CODEC
    version = "3.5"
