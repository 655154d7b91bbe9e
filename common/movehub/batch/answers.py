"""How a batch reads answers that both systems have: rows of states, and receipts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from movehub.protocol.outcome import Receipt, StateRows

from .kinds import Reading, Said
from .record_cells import cells_of, columns_of

DELIVERED: Final = "delivered"
NOT_DELIVERED: Final = "not delivered"

#: Fields that have columns in the results of every kind, or repeat the question.
_ELSEWHERE: Final = frozenset(
    {"member_state_code", "status_code", "status_message", "business_case_id", "originating_authority"}
)


def answer_columns(*classes: type) -> tuple[str, ...]:
    """Return the columns that a kind of batch needs for these records of an answer."""
    return tuple(name for name in columns_of(*classes) if name not in _ELSEWHERE)


def own_cells(record: Any) -> dict[str, str]:
    """Return the cells of a record that have no column in the results of every kind."""
    return {name: cell for name, cell in cells_of(record).items() if name not in _ELSEWHERE}


def read_states(answer: Any, to: str, expected: Iterable[str]) -> Reading:  # noqa: ARG001 - all kinds alike
    """Read an answer with a row for each state. It is complete if no expected state is missing."""
    rows: StateRows = answer
    missing = rows.missing(expected)
    says = tuple(
        Said(
            outcome=row.outcome.value,
            member_state=row.member_state_code,
            status=row.status_code.value,
            message=row.status_message,
            cells=own_cells(row),
            found=row.found,
        )
        for row in answer.member_states
    )
    return Reading(says, rows.complete and not missing, missing)


def read_receipt(answer: Any, to: str, expected: Iterable[str]) -> Reading:  # noqa: ARG001 - all kinds alike
    """Read the receipt for a notification. It is complete if the notification was delivered."""
    receipt: Receipt = answer
    said = Said(
        outcome=DELIVERED if receipt.delivered else NOT_DELIVERED,
        member_state=to,
        status=receipt.status_code.value,
        message=receipt.status_message,
        cells=own_cells(answer),
    )
    return Reading((said,), receipt.delivered)
