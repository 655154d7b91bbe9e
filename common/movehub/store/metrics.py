"""Metrics for monitoring: the text format of Prometheus, and a WSGI application for a local port.

Annex VI, 1.1 and 2.2. A label is a state, a kind, a system, a reason or the name on a certificate, and never
comes from a message. The application has no access control, so bind it to a loopback address only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select

from movehub.protocol.request_outcome import Result
from movehub.store.engine import Store
from movehub.store.escalations import open_counts
from movehub.store.outbox import result_of
from movehub.store.tables import (
    ESCALATIONS,
    INBOX,
    OUTBOX,
    WORKFLOW,
    Conversation,
    Received,
    Sending,
    Sent,
)
from movehub.store.workflows import Side, open_responses

#: The name on a certificate in use, and the end of its validity.
Ending = tuple[str, datetime]
#: The labels and the value of one figure.
Sample = tuple[dict[str, str], float]

_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPED: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_WAITING_IN: Final = (Received.RECEIVED, Received.PROCESSING)
_WAITING_OUT: Final = (Sent.PREPARED, Sent.SENDING)


def metrics(connection: Connection, now: datetime, certificates: Iterable[Ending] = ()) -> str:
    """Return all metrics as text."""
    families: list[tuple[str, str, Iterable[Sample]]] = [
        ("movehub_inbox_messages", "Received messages, by state.", _by_state(connection, INBOX)),
        (
            "movehub_inbox_oldest_seconds",
            "Age of the oldest received message that is not finished.",
            _oldest(connection, INBOX.c.received_at, INBOX.c.state.in_(_WAITING_IN), now),
        ),
        ("movehub_outbox_messages", "Outgoing messages, by state.", _by_state(connection, OUTBOX)),
        (
            "movehub_outbox_oldest_seconds",
            "Age of the oldest message that is not sent.",
            _oldest(connection, OUTBOX.c.prepared_at, OUTBOX.c.state.in_(_WAITING_OUT), now),
        ),
        ("movehub_requests", "Requests of ours, by what became of them.", _outcomes(connection)),
        ("movehub_workflows_open", "Conversations that wait for an answer.", _open_workflows(connection)),
        *_responses(connection, now),
        (
            "movehub_attention_open",
            "Open escalations, by reason.",
            [({"reason": reason.value}, count) for reason, count in open_counts(connection).items()],
        ),
        (
            "movehub_attention_oldest_seconds",
            "Age of the oldest open escalation.",
            _oldest(connection, ESCALATIONS.c.at, ESCALATIONS.c.done_at.is_(None), now),
        ),
        (
            "movehub_certificate_seconds_left",
            "Time until a certificate in use expires. Negative if it has expired.",
            [({"name": name}, (ends - now).total_seconds()) for name, ends in certificates],
        ),
    ]
    return "".join(line for family in families for line in _lines(*family))


class MetricsApp:
    """The WSGI application that answers `GET /metrics`."""

    def __init__(self, store: Store, certificates: Callable[[], Iterable[Ending]] = tuple) -> None:
        self._store = store
        self._certificates = certificates

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO") != "/metrics":
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        if environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            start_response("405 Method Not Allowed", [("Allow", "GET, HEAD"), ("Content-Length", "0")])
            return []
        with self._store.reading() as connection:
            body = metrics(connection, self._store.now(), self._certificates()).encode()
        start_response("200 OK", [("Content-Type", _TYPE), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _by_state(connection: Connection, table: Table) -> Iterator[Sample]:
    columns = table.c
    counted = select(columns.state, columns.kind, func.count()).group_by(columns.state, columns.kind)
    for state, kind, count in connection.execute(counted.order_by(columns.state, columns.kind)):
        yield {"state": state, "kind": kind}, count


def _outcomes(connection: Connection) -> Iterator[Sample]:
    """Yield the number of requests of ours for each outcome, including the zeros."""
    columns, found = OUTBOX.c, Counter[Result]()
    counted = select(columns.state, columns.outcome, func.count().label("count"))
    ours = counted.where(columns.kind == Sending.REQUEST)
    for row in connection.execute(ours.group_by(columns.state, columns.outcome)).mappings():
        found[result_of(row["state"], row["outcome"])] += row["count"]
    return (({"outcome": result.value}, found[result]) for result in Result)


def _oldest(
    connection: Connection, since: Column[Any], waits: ColumnElement[bool], now: datetime
) -> list[Sample]:
    """Return the age of the oldest waiting row in seconds, or 0 if no row waits."""
    oldest = connection.execute(select(func.min(since)).where(waits)).scalar_one()
    return [({}, 0.0 if oldest is None else max((now - oldest).total_seconds(), 0.0))]


def _open_workflows(connection: Connection) -> Iterator[Sample]:
    for ours in (True, False):
        waiting = WORKFLOW.c.state == Conversation.OPEN.value
        counted = select(func.count()).where(waiting, WORKFLOW.c.opened_by_us.is_(ours))
        yield {"opened_by": "us" if ours else "others"}, connection.execute(counted).scalar_one()


def _responses(connection: Connection, now: datetime) -> list[tuple[str, str, list[Sample]]]:
    """Return how many later responses are owed by us and awaited from other states."""
    due = open_responses(connection)
    late = [each for each in due if each.due <= now]
    return [
        (name, help_, [({"side": side.value}, sum(one.side is side for one in found)) for side in Side])
        for name, help_, found in (
            ("movehub_responses_due", "Responses owed by us, and awaited from other states.", due),
            ("movehub_responses_overdue", "Those of them whose time is over.", late),
        )
    ]


def _lines(name: str, help_: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {help_}\n# TYPE {name} gauge\n"
    for labels, value in samples:
        shown = ",".join(f'{label}="{text.translate(_ESCAPED)}"' for label, text in labels.items())
        yield f"{name}{{{shown}}} {value:.15g}\n" if shown else f"{name} {value:.15g}\n"
