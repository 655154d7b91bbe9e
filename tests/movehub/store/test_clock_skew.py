"""Clocks that differ are escalated once a day for each partner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from movehub.errors import InvalidConfiguration
from movehub.protocol.exchange import utc_now
from movehub.protocol.message import Header
from movehub.records.values import Uuid
from movehub.store import Store
from movehub.store.clock_skew import Skew, check_database_clock, skew, watch, watch_database_clock
from movehub.store.escalations import Reason, open_escalations, resolve

from tests.support.databases import Hands

NOW = Hands()()


def header(sent: float = 0, timeout: float | None = None, sender: str = "DK") -> Header:
    """Return a header whose instants lie so many seconds after its arrival."""
    return Header(
        version="3.5",
        technical_id=Uuid.new(),
        workflow_id=Uuid.new(),
        sent_at=NOW + timedelta(seconds=sent),
        timeout_value=None if timeout is None else NOW + timedelta(seconds=timeout),
        from_=sender,
        to="FI",
    )


@pytest.mark.parametrize(
    "fine",
    [header(), header(5), header(-86400), header(0, 20), header(0, 25), header(-30, -5), header(-20, 0)],
)
def test_a_late_or_nearly_correct_message_proves_no_skew(fine: Header) -> None:
    assert skew(fine, NOW) is None


@pytest.mark.parametrize(
    ("odd", "partner", "seconds"),
    [
        (header(6), "DK", 6),
        (header(0, 26), "EU", 6),
        (header(-60, -6), "EU", 6),
        (header(0, -6), "EU", 6),
    ],
    ids=["sent in our future", "waits longer than it may", "over on arrival", "over before it was sent"],
)
def test_an_impossible_instant_shows_whose_clock_differs(odd: Header, partner: str, seconds: int) -> None:
    found = skew(odd, NOW)
    assert isinstance(found, Skew)
    assert (found.partner, found.by) == (partner, timedelta(seconds=seconds))


def watched(store: Store, clock: Hands, *headers: Header) -> list[str]:
    with store.writing() as connection:
        for each in headers:
            watch(connection, "TACHOnet", each, NOW)
    with store.reading() as connection:
        items = open_escalations(connection)
    assert {item.reason for item in items} <= {Reason.CLOCK}
    return sorted(item.detail[:2] for item in items)


def test_a_partner_is_escalated_once_a_day_however_many_messages_come(store: Store, clock: Hands) -> None:
    assert watched(store, clock, *[header(60)] * 3, *[header(60, sender="SE")] * 3) == ["DK", "SE"]


def test_a_resolved_skew_is_not_escalated_again_on_the_same_day(store: Store, clock: Hands) -> None:
    watched(store, clock, header(60))
    with store.writing() as connection:
        (item,) = open_escalations(connection)
        resolve(connection, item.id, by="service 7", at=clock())
        watch(connection, "TACHOnet", header(60), NOW + timedelta(hours=23))
        assert open_escalations(connection) == []
        watch(connection, "TACHOnet", header(2 * 86400), NOW + timedelta(days=1))
        assert len(open_escalations(connection)) == 1


def test_clocks_that_agree_are_not_escalated(store: Store, clock: Hands) -> None:
    assert watched(store, clock, header(), header(0, 20)) == []


@pytest.fixture
def postgres(postgres_server: Callable[[], str]) -> str:
    return postgres_server()


def ahead(seconds: float) -> Callable[[], datetime]:
    """Return a running clock, so many seconds ahead of the machine's, which is also the database's."""
    return lambda: utc_now() + timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [61, -61, 3600])
def test_a_node_does_not_start_if_its_clock_and_the_databases_differ(postgres: str, seconds: float) -> None:
    with Store.open(postgres, now=ahead(seconds)) as store:
        with pytest.raises(InvalidConfiguration, match="apart"):
            check_database_clock(store)


def test_a_clock_that_goes_wrong_after_the_start_is_escalated_once_a_day(postgres: str) -> None:
    with Store.open(postgres, now=ahead(0)) as store:
        check_database_clock(store)
        watch_database_clock(store)
        with store.reading() as connection:
            assert open_escalations(connection) == []
        store.now = ahead(61)
        for _ in range(2):
            watch_database_clock(store)
        with store.reading() as connection:
            (item,) = open_escalations(connection)
    assert (item.reason, item.times) == (Reason.CLOCK, 1)
    assert item.detail.startswith("the database")


def test_sqlite_uses_our_clock(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/node.db", now=ahead(3600)) as store:
        check_database_clock(store)
        watch_database_clock(store)
        with store.reading() as connection:
            assert open_escalations(connection) == []
