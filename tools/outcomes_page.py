"""`python -m tools.outcomes_page`: writes `docs/outcomes.md` from the table of outcomes.

`tests/movehub/node/test_outcomes.py` plays every row through a node and through the commands, for every
workflow that the row names, and another test compares the page with what this would write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from movehub.protocol.hub_texts import TEXTS
from movehub.protocol.request_outcome import Result
from movehub.store.escalations import Reason
from movehub.store.tables import Sent

PAGE: Final = Path(__file__).parent.parent / "docs" / "outcomes.md"

BROADCASTS: Final = ("CIC to all", "CGR to all", "NU to all")
SEARCHES: Final = ("CIC", "CIC to all", "CCS", "CGR", "CGR to all", "CTUD")
NOTIFICATIONS: Final = ("MCS", "MCS response", "ICDL", "NCR", "NCR response", "NU", "NU to all", "RSI")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One outcome of the hub, and what it leaves behind."""

    #: What the hub does, in words, and the name by which the test plays it.
    hub: str
    plays: str
    #: What a search, or the receipt of a notification, then says. Empty without an answer.
    says: str = ""
    state: Sent = Sent.ANSWERED
    result: Result
    complete: bool | None = None
    escalation: Reason | None = None
    #: The status in the statistics. Empty without a row.
    statistic: str
    #: The exit code of the command. `None` if no command waits so long.
    code: int | None
    #: The workflows that it can happen in, if not all of its kind.
    only: tuple[str, ...] = ()


def _row(result: Result, hub: str, plays: str, says: str, statistic: str, only: tuple[str, ...] = ()) -> Row:
    """Return the row of an answer in hand: its result tells whether that is all, and if not, why."""
    escalation = _ESCALATED.get(result)
    return Row(
        hub=hub,
        plays=plays,
        says=says,
        result=result,
        complete=escalation is None,
        escalation=escalation,
        statistic=statistic,
        code=0 if escalation is None else 3,
        only=only,
    )


_ESCALATED: Final = {Result.INCOMPLETE: Reason.INCOMPLETE, Result.NOT_DELIVERED: Reason.NOT_DELIVERED}
_answered = partial(_row, Result.ANSWERED)
_incomplete = partial(_row, Result.INCOMPLETE)
_delivered = partial(_row, Result.DELIVERED)
_undelivered = partial(_row, Result.NOT_DELIVERED)

_ERROR: Final = Row(
    hub="an ErrorNotification",
    plays="error",
    result=Result.ERROR,
    escalation=Reason.ERROR_NOTIFIED,
    statistic="error:InvalidData",
    code=4,
)
_NOTHING: Final = Row(
    hub="nothing at all",
    plays="nothing",
    state=Sent.UNKNOWN,
    result=Result.UNKNOWN,
    escalation=Reason.NO_ANSWER,
    statistic="none",
    code=4,
)


def _later(says: str, result: Result) -> tuple[Row, Row]:
    """Return the rows of an answer that comes after the request was given up, or after an error."""
    late = Row(
        hub="the answer, too late",
        plays="late",
        says=says,
        result=result,
        complete=True,
        statistic="none",
        code=None,
    )
    corrected = "an ErrorNotification, then the answer"
    return late, replace(late, hub=corrected, plays="error, then answer", statistic=_ERROR.statistic)


OF_A_SEARCH: Final = (
    _answered("`Found`", "good", "found", "Found"),
    _answered("`NotFound`", "not found", "not found", "NotFound"),
    _answered("`NotFound` with another text", "not found, text of a state", "not found", "NotFound"),
    *(
        _incomplete(f"`NotFound`: {row.example}", f"not found, {row.example}", "no answer", "NotFound")
        for row in TEXTS
    ),
    _incomplete("`Timeout`", "Timeout", "no answer", "Timeout"),
    _incomplete("`NotAvailable`", "NotAvailable", "no answer", "NotAvailable"),
    _incomplete("no row of the state", "no row", "", "", BROADCASTS[:2]),
    _ERROR,
    _NOTHING,
    *_later("found", Result.ANSWERED),
)

_UNKNOWN_LICENCE: Final = "DrivingLicenceNumberNotFound"
OF_A_NOTIFICATION: Final = (
    _delivered("`OK`", "good", "delivered", "OK"),
    _delivered("`OK` with another text of a state", "text of a state", "delivered", "OK"),
    _delivered("`NotFound`", "not found", "delivered", "NotFound", ("RSI",)),
    _delivered(f"`{_UNKNOWN_LICENCE}`", "not found", "delivered", _UNKNOWN_LICENCE, ("ICDL",)),
    *(_undelivered(f"`OK`: {row.example}", f"text, {row.example}", "not delivered", "OK") for row in TEXTS),
    _undelivered("`OK` with another text of the hub", "text of the hub", "not delivered", "OK"),
    _undelivered("`Timeout`", "Timeout", "not delivered", "Timeout"),
    _undelivered("`NotAvailable`", "NotAvailable", "not delivered", "NotAvailable"),
    _undelivered("no row of the state", "no row", "", "", BROADCASTS[2:]),
    _ERROR,
    _NOTHING,
    *_later("delivered", Result.DELIVERED),
)

KINDS: Final = (
    ("Searches", SEARCHES, OF_A_SEARCH),
    ("Notifications and responses", NOTIFICATIONS, OF_A_NOTIFICATION),
)

INTRODUCTION: Final = """\
# What the hub can answer, and what you see

*Generated by `python -m tools.outcomes_page`. A test plays each row, for each workflow. Do not edit it.*

An answer does not mean that a request had its effect. Each row is something that the hub can do, and what it
leaves behind. In a broadcast ("to all"), it happens to one state, and the others answer well.

| Column | Meaning |
|---|---|
| Row says | what the record of the state says: `row.outcome` of a search, `delivered` of a receipt |
| Ticket | `ticket.state` |
| Outcome | `ticket.outcome.result`, and the label of the metric `movehub_requests` |
| Complete | `complete` of the reply |
| Escalation | the reason of the open entry in `movehub node attention` |
| Statistics | the status of the request in the statistics of Annex VII |
| Exit | the exit code of `tachonet` or `erru`. They do not wait for a late answer |

`ticket.outcome.states` names the states. The texts are those of `movehub.protocol.hub_texts`: see
[Reconstructed](reconstructed.md). Annex VI, 2.2 of both regulations: errors come in the response message as
well as in dedicated ones.
"""

_HEAD: Final = (
    "The hub answers",
    "Row says",
    "Ticket",
    "Outcome",
    "Complete",
    "Escalation",
    "Statistics",
    "Exit",
)


def page() -> str:
    """Return the whole page."""
    lines = [INTRODUCTION]
    for title, workflows, rows in KINDS:
        lines += [f"## {title}\n", f"{', '.join(workflows)}.\n", _line(_HEAD), f"|{'---|' * len(_HEAD)}"]
        lines += [*(_line(_cells(row)) for row in rows), ""]
    return "\n".join(lines)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), "utf-8")


def _cells(row: Row) -> Iterator[str]:
    yield row.hub + (f" ({', '.join(row.only)} only)" if row.only else "")
    yield row.says or "–"
    yield f"`{row.state.value}`"
    yield row.result.value
    yield {True: "yes", False: "no", None: "–"}[row.complete]
    yield row.escalation.value if row.escalation else "–"
    yield f"`{row.statistic}`" if row.statistic else "–"
    yield "–" if row.code is None else str(row.code)


def _line(cells: object) -> str:
    return f"| {' | '.join(cells)} |"  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
