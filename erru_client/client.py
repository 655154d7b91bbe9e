"""The asking side of ERRU."""

from __future__ import annotations

from movehub.client import Client

from .editions import CODEC


class ErruClient(Client):
    """The client of one Member State for ERRU. `from_config` reads its settings from a TOML file."""

    codec = CODEC
    version = "3.5"
