"""Clocks: what shows that a partner's and ours differ, told once a partner and day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from movehub.message import Header
from movehub.store import Store
from movehub.store.attention import Reason
from movehub.store.clock_skew import Skew, skew, watch
from movehub.store.escalation import done, open_items
from movehub.values import Uuid

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
