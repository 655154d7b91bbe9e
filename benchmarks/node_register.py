"""A register that costs nothing to ask, so that what is measured is the node."""

from __future__ import annotations

from typing import Any

import erru_client as erru
from tests.support.examples import found_manager


class Register:
    """Finds the same invented manager for everybody."""

    def __init__(self) -> None:
        self._found = (found_manager(),)

    def check_good_repute(self, search: object) -> tuple[erru.FoundTransportManager, ...]:  # noqa: ARG002
        """Return the one manager."""
        return self._found

    def notify_unfitness(self, notification: Any) -> None:
        """Take note, and keep nothing."""


def register() -> Register:
    """Return the register of one node."""
    return Register()
