"""The rule about names of which the hub can make no search keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from movehub.names.name_rule import name_rule

from ..cgr import CheckGoodReputeRequest
from ..nu import NotifyUnfitnessRequest


def _asked_about(body: CheckGoodReputeRequest) -> Iterator[str | None]:
    yield from _names(getattr(body.searched_transport_manager, "name", None))


def _notified(body: NotifyUnfitnessRequest) -> Iterator[str | None]:
    yield from _names(body.transport_manager.details.transport_manager)


def _names(manager: Any) -> Iterator[str | None]:
    if manager is not None:
        yield from (manager.family_name, manager.first_name)


NAME_RULE: Final = name_rule({CheckGoodReputeRequest: _asked_about, NotifyUnfitnessRequest: _notified})
