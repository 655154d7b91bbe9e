"""Rules about Roadside Inspection."""

from __future__ import annotations

from typing import Any, Final

from movehub.protocol.message import Message
from movehub.protocol.rules import Level, Rule

from ..rsi import CheckedItem, RoadSideInspectionRequest
from ..vocabulary import RequestPurpose, RequestSource


def _items(message: Message[Any]) -> tuple[CheckedItem, ...]:
    request: RoadSideInspectionRequest = message.body
    return request.checked_items


def _passed(message: Message[Any]) -> bool:
    return bool(message.body.inspection_details.inspection_result.inspection_passed)


def _any_failed(message: Message[Any]) -> bool:
    return any(item.item_failed for item in _items(message))


def _is_not_from_the_roadside(message: Message[Any]) -> bool:
    asked = message.body.request_purpose, message.body.request_source
    heartbeat = message.body.request_purpose is RequestPurpose.HEARTBEAT
    return not heartbeat and asked != (RequestPurpose.CONTROL, RequestSource.ROADSIDE_INSPECTION)


def _of_another_item(item: CheckedItem) -> bool:
    return any(check.failed_reason.split(".")[0] != item.item_type.value for check in item.failed_checks)


def _twice(items: tuple[CheckedItem, ...]) -> bool:
    return len({item.item_type for item in items}) != len(items)


_REQUEST = (RoadSideInspectionRequest,)

INSPECTION_RULES: Final = (
    Rule(
        "RSI-1",
        "a failed item has a failed check",
        "the hub refuses it, see test case RSI_06",
        Level.ERROR,
        _REQUEST,
        lambda message: any(item.item_failed and not item.failed_checks for item in _items(message)),
    ),
    Rule(
        "RSI-2",
        "an item that did not fail has no failed check",
        "the hub refuses it, see test case RSI_08",
        Level.ERROR,
        _REQUEST,
        lambda message: any(not item.item_failed and item.failed_checks for item in _items(message)),
    ),
    Rule(
        "RSI-3",
        "the purpose is Control and the source is RSI",
        "description of both in the official schema",
        Level.ERROR,
        _REQUEST,
        _is_not_from_the_roadside,
    ),
    Rule(
        "RSI-4",
        "a failed inspection has a failed item",
        "description of inspectionPassed in the official schema",
        Level.WARNING,
        _REQUEST,
        lambda message: not _passed(message) and not _any_failed(message),
    ),
    Rule(
        "RSI-5",
        "a passed inspection has no failed item",
        "common sense, but test cases RSI_01 to RSI_04 and RSI_07 contradict it",
        Level.WARNING,
        _REQUEST,
        lambda message: _passed(message) and _any_failed(message),
    ),
    Rule(
        "RSI-6",
        "the reason for a failure begins with the number of its item",
        "all official examples do, but no document requires it",
        Level.WARNING,
        _REQUEST,
        lambda message: any(map(_of_another_item, _items(message))),
    ),
    Rule(
        "RSI-7",
        "each item is checked only once",
        "common sense, but test case RSI_01 contradicts it",
        Level.WARNING,
        _REQUEST,
        lambda message: _twice(_items(message)),
    ),
)
