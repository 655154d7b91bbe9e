"""Each received request counts once in the statistics, as answered only if its answer was delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from movehub.store.statistics import ANSWER_WITHIN, UNANSWERED, answering, grouped, row_of
from movehub.store.tables import Kind, Sent

_ASKS: Final = frozenset({Kind.QUERY, Kind.NOTIFICATION, Kind.HEARTBEAT})

Rows = Mapping[str, Mapping[str, Any]]


def wrong_counts(
    inbox: Rows,
    outbox: Rows,
    statistics: Sequence[Mapping[str, Any]],
    at_the_hub: Collection[str],
    *,
    synchronous: bool = False,
) -> Iterator[str]:
    """Say which requests are counted otherwise than they were answered.

    `inbox` and `outbox` are the rows of these tables by technical identifier, and `at_the_hub` names the
    messages of ours that the hub has. In the `synchronous` interface an answer is delivered before it is
    counted, so a kill may leave it uncounted.
    """
    counted = defaultdict(list)
    for row in statistics:
        counted[row["request"]].append(row)
    answers = {row["in_reply_to"]: row for row in outbox.values() if row["in_reply_to"]}
    asked = {key: row for key, row in inbox.items() if row["kind"] in _ASKS}
    for key, request in asked.items():
        rows, answer = counted.pop(key, []), answers.get(key)
        is_delivered = answer is not None and answer["state"] == Sent.DELIVERED
        wanted = answer["status"] if answer is not None and is_delivered else UNANSWERED
        if len(rows) != 1:
            yield f"{request['root']} is counted {len(rows)} times"
        elif synchronous and rows[0]["status"] == UNANSWERED:
            continue
        elif (rows[0]["status"], rows[0]["answered_at"] is not None) != (wanted, is_delivered):
            yield f"{request['root']} is counted as {rows[0]['status']}, and must be {wanted}"
        if answer is not None and is_delivered and answer["technical_id"] not in at_the_hub:
            yield f"{request['root']} is counted as answered, and the hub has no answer"
    counted.pop(None, None)  # requests of ours
    yield from (f"{len(rows)} requests are counted that did not come" for rows in counted.values())
    if not synchronous:
        yield from _wrong_figures(asked, answers, statistics)


def _wrong_figures(asked: Rows, answers: Rows, statistics: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Compare the sums from which the rate of Annex VI, 1.4, is worked out."""
    figures = answering(grouped(map(row_of, statistics)))
    requests = {key: row for key, row in asked.items() if row["kind"] != Kind.HEARTBEAT}
    took: list[timedelta] = []
    for key, row in requests.items():
        answer = answers.get(key)
        if answer is not None and answer["state"] == Sent.DELIVERED and answer["root"] != "ErrorNotification":
            took.append(answer["done_at"] - row["received_at"])
    in_time = sum(each <= ANSWER_WITHIN for each in took)
    wanted = (len(requests), len(took), in_time)
    if (figures.requests, figures.answered, figures.in_time) != wanted:
        yield f"the figures are {figures}, and must be {wanted}"
