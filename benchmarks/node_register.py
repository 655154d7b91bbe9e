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

    def check_transport_undertaking_data(self, company: object) -> tuple[erru.FoundUndertaking, ...]:  # noqa: ARG002
        """Return nobody: it is not measured, and a node wants a register that is whole."""
        return ()

    def notify_check_result(self, notification: Any) -> None:
        """Take note, and keep nothing."""

    def receive_check_result_response(self, response: Any) -> None:
        """Take note, and keep nothing."""

    def road_side_inspection(self, inspection: Any) -> bool:  # noqa: ARG002
        """Take note, and know nobody."""
        return False


def register() -> Register:
    """Return the register of one node."""
    return Register()
