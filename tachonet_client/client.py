"""The asking side of TACHOnet."""

from __future__ import annotations

from movehub.client import Client

from .editions import CODEC


class TachonetClient(Client):
    """The client of one Member State for TACHOnet. `from_config` reads its settings from a TOML file."""

    codec = CODEC
    version = "3.0"
