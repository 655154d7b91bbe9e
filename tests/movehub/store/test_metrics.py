"""Metrics in the format of Prometheus, on a local port."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from movehub.store import Store
from movehub.store.escalations import Reason, escalate
from movehub.store.metrics import MetricsApp, metrics
from movehub.store.tables import Received, Sent

from tests.support.databases import Hands
from tests.support.stored import received, to_send


def lines(store: Store, clock: Hands, *certificates: tuple[str, datetime]) -> dict[str, float]:
    """Return each sample by its name and labels; HELP and TYPE come before the first of each."""
    with store.reading() as connection:
        text = metrics(connection, clock(), certificates)
    assert text.endswith("\n")
    samples = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    described = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert {name.partition("{")[0] for name, _ in samples} <= described
    return {name: float(value) for name, value in samples}


def test_in_an_empty_store_every_figure_is_zero(store: Store, clock: Hands) -> None:
    found = lines(store, clock)
    assert set(found.values()) == {0.0}
    assert 'movehub_attention_open{reason="refused"}' in found


def test_messages_are_counted_by_state_and_the_oldest_unfinished_one_by_its_age(
    store: Store, clock: Hands
) -> None:
    received(store, Received.PROCESSED)
    clock.forward(60)
    received(store, Received.RECEIVED)
    to_send(store, Sent.PREPARED)
    to_send(store, Sent.REFUSED)
    clock.forward(30)
    found = lines(store, clock)
    assert found['movehub_inbox_messages{state="processed",kind="query"}'] == 1
    assert found["movehub_inbox_oldest_seconds"] == 30
    assert found['movehub_outbox_messages{state="refused",kind="request"}'] == 1
    assert found["movehub_outbox_oldest_seconds"] == 30
    assert found['movehub_workflows_open{opened_by="us"}'] == 2
    assert found['movehub_workflows_open{opened_by="others"}'] == 2


def test_requests_of_ours_are_counted_by_what_became_of_them(store: Store, clock: Hands) -> None:
    to_send(store, Sent.PREPARED)
    to_send(store, Sent.DELIVERED)
    to_send(store, Sent.UNKNOWN)
    for outcome in ("incomplete", None):  # an older program stored none
        to_send(store, Sent.ANSWERED, outcome=outcome)
    found = lines(store, clock)
    counted = {name: value for name, value in found.items() if name.startswith("movehub_requests{")}
    assert {name.split('"')[1]: value for name, value in counted.items() if value} == {
        "waiting": 2,
        "unknown": 1,
        "incomplete": 1,
        "answered": 1,
    }
    assert counted['movehub_requests{outcome="not delivered"}'] == 0


def test_open_escalations_are_counted_by_reason_with_the_age_of_the_oldest(
    store: Store, clock: Hands
) -> None:
    with store.writing() as connection:
        escalate(connection, Reason.NOT_REACHED, "", now=clock(), system="ERRU")
    clock.forward(90)
    found = lines(store, clock)
    assert found['movehub_attention_open{reason="not reached"}'] == 1
    assert found["movehub_attention_oldest_seconds"] == 90


def test_a_certificate_has_the_seconds_until_it_expires(store: Store, clock: Hands) -> None:
    ended = ('a "quoted" \\ name', clock() - timedelta(days=1))
    found = lines(store, clock, ("hub", clock() + timedelta(days=1)), ended)
    assert found['movehub_certificate_seconds_left{name="hub"}'] == 86400
    assert found['movehub_certificate_seconds_left{name="a \\"quoted\\" \\\\ name"}'] == -86400


@pytest.fixture
def app(store: Store) -> MetricsApp:
    return MetricsApp(store)


def asked(app: MetricsApp, path: str, method: str = "GET") -> tuple[str, dict[str, str], bytes]:
    environ: dict[str, Any] = {"PATH_INFO": path, "REQUEST_METHOD": method, "wsgi.input": BytesIO()}
    setup_testing_defaults(environ)
    answer: list[Any] = []
    body = b"".join(app(environ, lambda status, headers: answer.extend((status, dict(headers)))))
    return answer[0], answer[1], body


def test_the_port_answers_with_the_figures(app: MetricsApp) -> None:
    status, headers, body = asked(app, "/metrics")
    assert status == "200 OK"
    assert headers == {
        "Content-Type": "text/plain; version=0.0.4; charset=utf-8",
        "Content-Length": str(len(body)),
    }
    assert b"movehub_attention_open" in body


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/", "GET", "404 Not Found"),
        ("/metrics/", "GET", "404 Not Found"),
        ("/metrics", "POST", "405 Method Not Allowed"),
        ("/metrics", "HEAD", "200 OK"),
    ],
)
def test_other_paths_and_methods_are_rejected(app: MetricsApp, path: str, method: str, status: str) -> None:
    found, _, body = asked(app, path, method)
    assert (found, body) == (status, b"")
