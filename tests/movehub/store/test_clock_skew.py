"""Clocks: what shows that a partner's and ours differ, told once a partner and day."""

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
from movehub.store.clock_skew import Skew, refuse_another_clock, skew, watch, watch_the_database
from movehub.store.escalations import Reason, done, open_items

from tests.support.databases import Hands

NOW = Hands()()


def header(sent: float = 0, timeout: float | None = None, sender: str = "DK") -> Header:
    """Make a header whose instants lie so many seconds after it is received."""
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
def test_a_message_that_is_late_or_nearly_right_proves_nothing(fine: Header) -> None:
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
def test_what_cannot_be_shows_whose_clock_is_not_ours(odd: Header, partner: str, seconds: int) -> None:
    found = skew(odd, NOW)
    assert isinstance(found, Skew)
    assert (found.partner, found.by) == (partner, timedelta(seconds=seconds))


def watched(store: Store, clock: Hands, *headers: Header) -> list[str]:
    with store.writing() as connection:
        for each in headers:
            watch(connection, "TACHOnet", each, NOW)
    with store.reading() as connection:
        items = open_items(connection)
    assert {item.reason for item in items} <= {Reason.CLOCK}
    return sorted(item.detail[:2] for item in items)


def test_a_partner_is_told_of_once_a_day_however_many_messages_come(store: Store, clock: Hands) -> None:
    assert watched(store, clock, *[header(60)] * 3, *[header(60, sender="SE")] * 3) == ["DK", "SE"]


def test_what_was_done_is_not_told_again_on_the_same_day(store: Store, clock: Hands) -> None:
    watched(store, clock, header(60))
    with store.writing() as connection:
        (item,) = open_items(connection)
        done(connection, item.id, by="service 7", at=clock())
        watch(connection, "TACHOnet", header(60), NOW + timedelta(hours=23))
        assert open_items(connection) == []
        watch(connection, "TACHOnet", header(2 * 86400), NOW + timedelta(days=1))
        assert len(open_items(connection)) == 1


def test_clocks_that_agree_ask_for_nobody(store: Store, clock: Hands) -> None:
    assert watched(store, clock, header(), header(0, 20)) == []


@pytest.fixture
def postgres(postgres_server: Callable[[], str]) -> str:
    return postgres_server()


def ahead(seconds: float) -> Callable[[], datetime]:
    """A clock that goes, so many seconds ahead of the machine's, which is the database's too."""
    return lambda: utc_now() + timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [61, -61, 3600])
def test_a_node_whose_clock_is_not_the_databases_does_not_start(postgres: str, seconds: float) -> None:
    with Store.open(postgres, now=ahead(seconds)) as store:
        with pytest.raises(InvalidConfiguration, match="apart"):
            refuse_another_clock(store)


def test_a_clock_that_was_right_at_the_start_and_is_no_more_calls_a_person_once_a_day(postgres: str) -> None:
    with Store.open(postgres, now=ahead(0)) as store:
        refuse_another_clock(store)
        watch_the_database(store)
        with store.reading() as connection:
            assert open_items(connection) == []
        store.now = ahead(61)
        for _ in range(2):
            watch_the_database(store)
        with store.reading() as connection:
            (item,) = open_items(connection)
    assert (item.reason, item.times) == (Reason.CLOCK, 1)
    assert item.detail.startswith("the database")


def test_an_sqlite_has_no_other_clock_than_ours(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/node.db", now=ahead(3600)) as store:
        refuse_another_clock(store)
        watch_the_database(store)
        with store.reading() as connection:
            assert open_items(connection) == []
