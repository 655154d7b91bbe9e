"""The asking side of TACHOnet."""

from __future__ import annotations

from movehub.client import Client

from .editions import CODEC


class TachonetClient(Client):
    """One Member State's client of TACHOnet; `from_config` reads its settings from a TOML file."""

    codec = CODEC
    version = "3.0"
