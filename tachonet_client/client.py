"""The asking side of TACHOnet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from movehub.client import Client

from .editions import CODEC

if TYPE_CHECKING:
    from movehub.config import Config

    from .card_status import StatusTranslation


class TachonetClient(Client):
    """The client of one Member State for TACHOnet. `from_config` reads its settings from a TOML file."""

    codec = CODEC
    version = "3.0"
    _statuses: StatusTranslation[str] | None = None

    @property
    def statuses(self) -> StatusTranslation[str]:
        """The card statuses in your national procedure (Annex II, 4): `tachonet.statuses` in the file."""
        from .card_status import StatusTranslation  # only here: it reads a file, which few callers need

        return self._statuses or StatusTranslation.default()

    def _read_more(self, config: Config) -> None:
        from .card_status import StatusTranslation

        self._statuses = StatusTranslation.configured(config.statuses)
