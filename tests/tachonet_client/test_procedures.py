"""Annex VIII of Regulation (EU) 2016/68: what is due, row by row."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.errors import InvalidConfiguration
from movehub.protocol.plain_data import from_dict, to_dict
from movehub.protocol.workflow import WORKFLOWS

from tachonet_client import (
    OTHER_CHANNEL,
    OWN_REGISTER,
    Application,
    CardStatus,
    Due,
    Event,
    Policy,
    RecordedNotification,
    Sample,
    When,
    due,
)
from tachonet_client.policy import DATE_OF_APPLICATION
from tachonet_client.procedures import PROCEDURES, READINGS

TODAY = date(2026, 11, 23)
SAMPLE = Sample("salt", 30)
DRAWN = next(f"FI-{number}" for number in range(100) if SAMPLE.drawn(f"FI-{number}"))
NOT_DRAWN = next(f"FI-{number}" for number in range(100) if not SAMPLE.drawn(f"FI-{number}"))

#: Records notifications for longer than the five years of 1.9.
RECORDING = Policy(state="FI", records_icdl_since=date(2015, 1, 1), sample=SAMPLE)
#: Records them for less.
BEGINNING = replace(RECORDING, records_icdl_since=date(2024, 1, 1))
#: Goes the way of 1.6.
NOT_RECORDING = replace(RECORDING, records_icdl_since=None)


FROM_SWEDEN = RecordedNotification(notified_by="SE", card_number="SE00147296746711")


def application(event: Event, **known: Any) -> Application:
    """A case in which the own register was searched, unless `known` says otherwise."""
    facts = {"case_id": NOT_DRAWN, "received_on": TODAY, "own_register_searched": True}
    return Application(**{**facts, **known}, event=event)


def issue(licence: str, **known: Any) -> Application:
    return application(Event.ISSUE, licence_state=licence, **known)


def exchange(licence: str = "FI", **known: Any) -> Application:
    known = {"card_issued_by": "EE", "card_number": "EE0002198U089900", **known}
    return application(Event.EXCHANGE, licence_state=licence, **known)


def steps(asked: tuple[Due, ...]) -> list[tuple[str, str, str]]:
    """Point of Annex VIII, workflow, receiver."""
    return [(item.article.rpartition("Annex VIII, ")[2], item.workflow, item.to) for item in asked]


POLICIES = pytest.mark.parametrize("policy", [RECORDING, BEGINNING, NOT_RECORDING])


@POLICIES
def test_1_1_a_licence_of_another_state_is_asked_about_everywhere(policy: Policy) -> None:
    first = due(issue("EE"), policy)[0]
    assert steps((first,)) == [("1.1", "CIC", "ZZ")]
    assert first.when is When.BEFORE_ISSUE
    assert not first.inferred


@pytest.mark.parametrize("state", ["UA", "US"])
def test_1_1_a_licence_from_outside_the_network_is_asked_about_everywhere_and_nobody_is_notified(
    state: str,
) -> None:
    """The law is silent; nobody there could be notified, and not to ask would clear somebody."""
    (only,) = due(issue(state), RECORDING)
    assert steps((only,)) == [("1.1", "CIC", "ZZ")]
    assert only.inferred


@POLICIES
def test_1_2_the_state_of_the_licence_is_notified_at_once_after_issue(policy: Policy) -> None:
    asked = due(issue("EE"), policy)
    assert steps(asked) == [("1.1", "CIC", "ZZ"), ("1.2", "ICDL", "EE")]
    assert asked[1].when is When.AT_ONCE_AFTER_ISSUE


@pytest.mark.parametrize("policy", [RECORDING, BEGINNING])
def test_1_3_every_application_on_an_own_licence_searches_the_own_register_first(policy: Policy) -> None:
    """What 1.3 and 1.8 ask for depends on the result, so neither is due before."""
    first, *others = due(issue("FI", own_register_searched=False, case_id=DRAWN), policy)
    assert steps((first,)) == [("1.3", OWN_REGISTER, "FI")]
    assert (first.when, first.inferred) == (When.FIRST, False)
    assert {item.article.rpartition(", ")[2] for item in others} <= {"1.5"}


def test_1_3_a_state_that_records_no_notifications_has_none_to_search() -> None:
    asked = due(issue("FI", own_register_searched=False), NOT_RECORDING)
    assert steps(asked) == [("1.6", "CIC", "ZZ")]


@pytest.mark.parametrize("licence", ["EE", "US"])
def test_1_3_no_other_licence_is_searched_for(licence: str) -> None:
    asked = due(issue(licence, own_register_searched=False), RECORDING)
    assert OWN_REGISTER not in [item.workflow for item in asked]


def test_1_3_a_recorded_notification_is_followed_up_by_ccs_with_its_sender() -> None:
    for policy in (RECORDING, BEGINNING):
        assert steps(due(issue("FI", notifications=(FROM_SWEDEN,)), policy)) == [("1.3", "CCS", "SE")]


@pytest.mark.parametrize(
    ("prefers_ccs", "number"), [(False, "SE00147296746711"), (True, None), (False, None)]
)
def test_1_3_a_recorded_notification_is_followed_up_by_a_single_cic_by_choice_or_without_a_number(
    prefers_ccs: bool, number: str | None
) -> None:
    policy = replace(RECORDING, prefers_ccs=prefers_ccs)
    known = replace(FROM_SWEDEN, card_number=number)
    assert steps(due(issue("FI", notifications=(known,)), policy)) == [("1.3", "CIC", "SE")]


@pytest.mark.parametrize("sender", ["US", "EU", "FI"])
def test_1_3_a_sender_that_does_not_take_part_is_asked_by_another_channel(sender: str) -> None:
    """It has left TACHOnet, or is no other state. The card that it notified must not be forgotten."""
    left = replace(FROM_SWEDEN, notified_by=sender)
    asked = due(issue("FI", notifications=(FROM_SWEDEN, left, left)), RECORDING)
    assert steps(asked) == [("1.3", "CCS", "SE"), ("1.3", OTHER_CHANNEL, sender)]
    assert asked[1].step == f"question to {sender}, not possible through TACHOnet"
    assert asked[1].inferred


def test_1_3_each_state_that_has_notified_is_asked_once() -> None:
    nameless = RecordedNotification(notified_by="EE")
    asked = due(issue("FI", notifications=(FROM_SWEDEN, nameless, FROM_SWEDEN, nameless)), RECORDING)
    assert steps(asked) == [("1.3", "CCS", "SE"), ("1.3", "CIC", "EE")]


def test_1_5_a_drawn_domestic_application_is_asked_about_everywhere() -> None:
    assert steps(due(issue("FI", case_id=DRAWN), RECORDING)) == [("1.5", "CIC", "ZZ")]


def test_1_5_one_that_is_not_drawn_is_not() -> None:
    assert due(issue("FI", case_id=NOT_DRAWN), RECORDING) == ()


def test_1_5_a_drawn_application_with_a_notification_needs_both() -> None:
    asked = due(issue("FI", case_id=DRAWN, notifications=(FROM_SWEDEN,)), RECORDING)
    assert steps(asked) == [("1.3", "CCS", "SE"), ("1.5", "CIC", "ZZ")]


def test_1_5_at_least_30_per_cent_of_domestic_applications_are_asked_about_everywhere() -> None:
    policy = replace(RECORDING, sample=Sample("salt"))
    asked = [due(issue("FI", case_id=f"FI-{number}"), policy) for number in range(1000)]
    assert sum(map(bool, asked)) >= 300


def test_1_6_a_state_that_records_nothing_asks_everywhere_for_every_application() -> None:
    for case_id in (DRAWN, NOT_DRAWN):
        (only,) = due(issue("FI", case_id=case_id, notifications=(FROM_SWEDEN,)), NOT_RECORDING)
        assert steps((only,)) == [("1.6", "CIC", "ZZ")]
        assert not only.inferred


def test_1_6_holds_until_the_day_on_which_recording_begins() -> None:
    policy = replace(RECORDING, records_icdl_since=date(2026, 12, 1))
    assert steps(due(issue("FI"), policy)) == [("1.6", "CIC", "ZZ")]
    later = issue("FI", received_on=date(2026, 12, 1))
    assert steps(due(later, policy)) == [("1.8 and 1.9", "CIC", "ZZ")]


def test_1_8_and_1_9_in_its_first_five_years_of_recording_a_state_asks_everywhere() -> None:
    for case_id in (DRAWN, NOT_DRAWN):
        assert steps(due(issue("FI", case_id=case_id), BEGINNING)) == [("1.8 and 1.9", "CIC", "ZZ")]


def test_1_8_and_1_9_except_where_a_notification_is_recorded() -> None:
    """Then 1.3 applies."""
    asked = due(issue("FI", case_id=DRAWN, notifications=(FROM_SWEDEN,)), BEGINNING)
    assert steps(asked) == [("1.3", "CCS", "SE")]


@pytest.mark.parametrize(
    ("since", "last", "after"),
    [
        (date(2018, 3, 2), date(2023, 3, 1), date(2023, 3, 2)),
        (date(2020, 2, 29), date(2025, 2, 28), date(2025, 3, 1)),
    ],
)
def test_1_8_and_1_9_end_five_years_after_recording_began(since: date, last: date, after: date) -> None:
    policy = replace(RECORDING, records_icdl_since=since)
    assert steps(due(issue("FI", received_on=last), policy)) == [("1.8 and 1.9", "CIC", "ZZ")]
    assert due(issue("FI", received_on=after), policy) == ()


def test_1_8_and_1_9_a_state_that_recorded_five_years_before_the_date_of_application_is_free() -> None:
    """1.8 counts from 2 March 2018, not from the day of entry into force."""
    assert date(2018, 3, 2) == DATE_OF_APPLICATION
    policy = replace(RECORDING, records_icdl_since=date(2013, 3, 2))
    assert not policy.checks_all_on(DATE_OF_APPLICATION)
    assert replace(policy, records_icdl_since=date(2013, 3, 3)).checks_all_on(DATE_OF_APPLICATION)


TAKEN = pytest.mark.parametrize("event", [Event.WITHDRAWN, Event.SUSPENDED, Event.STOLEN])


@TAKEN
def test_2_1_a_the_status_is_checked_before_it_is_notified(event: Event) -> None:
    asked = due(application(event, card_issued_by="PL", card_number="PL00004082790300"), RECORDING)
    assert steps(asked) == [("2.1 (a)", "CCS", "PL"), ("2.1 (b)", "MCS", "PL")]
    assert [item.when for item in asked] == [When.BEFORE_MCS, When.AFTER_CHECK]


@TAKEN
def test_2_1_a_without_the_card_number_a_singlecast_cic_is_sent_instead_of_the_ccs(event: Event) -> None:
    asked = due(application(event, card_issued_by="PL"), RECORDING)
    assert steps(asked) == [("2.1 (a)", "CIC", "PL"), ("2.1 (b)", "MCS", "PL")]
    assert [item.when for item in asked] == [When.BEFORE_MCS, When.AFTER_CHECK]


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (Event.WITHDRAWN, CardStatus.WITHDRAWN),
        (Event.SUSPENDED, CardStatus.SUSPENDED),
        (Event.STOLEN, CardStatus.STOLEN),
    ],
)
def test_2_1_b_the_issuing_state_is_told_the_new_status(event: Event, status: CardStatus) -> None:
    last = due(application(event, card_issued_by="PL"), RECORDING)[-1]
    assert (last.workflow, last.new_status) == ("MCS", status)


@TAKEN
def test_2_1_a_card_of_the_own_state_needs_no_message(event: Event) -> None:
    """The article speaks of a state other than the one that issued the card."""
    assert due(application(event, card_issued_by="FI"), RECORDING) == ()


def test_3_1_an_exchange_begins_with_the_status_of_the_card() -> None:
    first = due(exchange(), RECORDING)[0]
    assert steps((first,)) == [("3.1", "CCS", "EE")]
    assert first.when is When.BEFORE_MCS


def test_3_2_a_card_that_is_valid_for_exchange_is_reported_in_exchange() -> None:
    second = due(exchange(), RECORDING)[1]
    assert steps((second,)) == [("3.2", "MCS", "EE")]
    assert (second.when, second.new_status) == (When.IF_VALID_FOR_EXCHANGE, CardStatus.IN_EXCHANGE)
    assert not second.inferred


def test_3_2_the_end_of_the_exchange_is_reported_too() -> None:
    """Only the definition of "Exchanged" in Annex II says that such a notification comes: inferred."""
    third = due(exchange(), RECORDING)[2]
    assert steps((third,)) == [("3.2", "MCS", "EE")]
    assert (third.when, third.new_status) == (When.AT_ONCE_AFTER_ISSUE, CardStatus.EXCHANGED)
    assert third.inferred


def test_3_3_a_renewal_on_a_licence_of_another_state_is_notified_at_once() -> None:
    (only,) = due(application(Event.RENEWAL, licence_state="EE"), RECORDING)
    assert steps((only,)) == [("3.3", "ICDL", "EE")]
    assert only.when is When.AT_ONCE_AFTER_ISSUE


def test_1_2_and_3_3_a_replacement_on_a_licence_of_another_state_is_notified_too() -> None:
    """No point names a replacement: inferred."""
    (only,) = due(application(Event.REPLACEMENT, licence_state="EE"), RECORDING)
    assert steps((only,)) == [("1.2 and 3.3", "ICDL", "EE")]
    assert only.when is When.AT_ONCE_AFTER_ISSUE
    assert only.inferred


@pytest.mark.parametrize("event", [Event.RENEWAL, Event.REPLACEMENT, Event.EXCHANGE])
def test_what_we_infer_from_the_silence_of_section_1_is_said(event: Event) -> None:
    assert "inferred" in READINGS[event]


def test_3_3_an_exchange_on_a_licence_of_another_state_is_notified_at_once() -> None:
    asked = due(exchange("LV"), RECORDING)
    assert steps(asked) == [
        ("3.1", "CCS", "EE"),
        ("3.2", "MCS", "EE"),
        ("3.2", "MCS", "EE"),
        ("3.3", "ICDL", "LV"),
    ]


@pytest.mark.parametrize("licence", ["FI", "US"])
def test_3_3_a_licence_of_the_own_state_or_of_none_in_the_network_is_not_notified(licence: str) -> None:
    for event in (Event.RENEWAL, Event.REPLACEMENT):
        assert due(application(event, licence_state=licence), RECORDING) == ()
    assert [item.workflow for item in due(exchange(licence), RECORDING)] == ["CCS", "MCS", "MCS"]


def test_every_row_of_the_table_has_a_test_named_after_its_article() -> None:
    for row in PROCEDURES:
        name = "test_" + "_".join(re.findall(r"\w+", row.article)) + "_"
        assert any(test.startswith(name) for test in globals()), row.article


def test_every_row_can_be_reached() -> None:
    """A row that no case reaches would be a duty that nobody is told of."""
    nameless, left = replace(FROM_SWEDEN, card_number=None), replace(FROM_SWEDEN, notified_by="EU")
    renewed = (Event.RENEWAL, Event.REPLACEMENT)
    cases = [
        application(event, licence_state=licence, case_id=case_id, card_issued_by="EE", **numbers)
        for event in Event
        for licence in ("FI", "EE", "US")
        for case_id in (DRAWN, NOT_DRAWN)
        for numbers in (
            {"notifications": (nameless, left)},
            {"card_number": "1", "notifications": (FROM_SWEDEN,)},
        )
        if not (event is Event.EXCHANGE and "card_number" not in numbers) and event not in renewed
    ]
    cases += [application(event, licence_state="EE") for event in renewed]
    cases += [issue("FI"), issue("FI", own_register_searched=False)]
    said = {
        (item.why, item.workflow)
        for case in cases
        for policy in (RECORDING, BEGINNING, NOT_RECORDING)
        for item in due(case, policy)
    }
    assert said == {(row.why, row.workflow) for row in PROCEDURES}


states = st.sampled_from(["FI", "EE", "GB", "EL", "CH", "UA", "US"])
others = st.sampled_from(["EE", "GB", "EL", "CH"])
maybe_number = st.none() | st.just("EE0002198U089900")
cases = st.builds(
    Application,
    case_id=st.text("0123456789", min_size=1, max_size=8),
    event=st.sampled_from([Event.ISSUE, Event.WITHDRAWN, Event.SUSPENDED, Event.STOLEN]),
    received_on=st.dates(date(2016, 3, 1), date(2040, 1, 1)),
    licence_state=states,
    own_register_searched=st.booleans(),
    notifications=st.lists(
        st.builds(RecordedNotification, notified_by=others, card_number=maybe_number), max_size=3
    ).map(tuple),
    card_issued_by=others | st.just("FI"),
    card_number=maybe_number,
)


@given(cases, st.none() | st.dates(date(2005, 1, 1), date(2035, 1, 1)), st.booleans())
def test_whatever_the_case_the_answer_can_be_sent(case: Application, since: date | None, ccs: bool) -> None:
    """Known workflows, codes of the header, broadcast only where there is one, no state asks itself."""
    policy = Policy(state="FI", records_icdl_since=since, sample=SAMPLE, prefers_ccs=ccs)
    broadcast = {row.abbreviation: row.broadcast for row in WORKFLOWS if row.system == "TACHOnet"}
    for item in due(case, policy):
        if item.workflow == OWN_REGISTER:
            assert (item.to, item.when) == ("FI", When.FIRST)
            continue
        assert item.to in {"ZZ", "EE", "UK", "GR", "CH"}
        assert item.to != "ZZ" or broadcast[item.workflow]
        assert (item.new_status is None) == (item.workflow != "MCS")
        assert item.why.endswith((".", ".)"))


@given(cases, st.none() | st.dates(date(2005, 1, 1), date(2035, 1, 1)))
def test_nobody_gets_a_first_card_on_a_licence_from_abroad_unasked(
    case: Application, since: date | None
) -> None:
    policy = Policy(state="FI", records_icdl_since=since, sample=SAMPLE)
    asked = due(replace(case, event=Event.ISSUE), policy)
    if case.licence_state != "FI":
        assert (asked[0].workflow, asked[0].to) == ("CIC", "ZZ")


def test_the_other_word_for_a_state_is_understood_and_not_sent() -> None:
    assert steps(due(issue("GB"), RECORDING))[1] == ("1.2", "ICDL", "UK")
    assert steps(due(issue("EL"), RECORDING))[1] == ("1.2", "ICDL", "GR")
    greece = replace(RECORDING, state="GR")
    assert due(issue("EL", case_id=NOT_DRAWN), greece) == ()


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (application(Event.ISSUE), "issue needs licence_state"),
        (application(Event.RENEWAL), "renewal needs licence_state"),
        (application(Event.EXCHANGE), "exchange needs licence_state, card_issued_by, card_number"),
        (application(Event.STOLEN), "stolen needs card_issued_by"),
        (exchange(card_issued_by="FI"), "renewed, not exchanged"),
        (application(Event.RENEWAL, licence_state="FI", card_issued_by="EE"), "exchanged, not renewed"),
        (exchange(card_issued_by="UA"), "no other can be asked"),
        (application(Event.REPLACEMENT, licence_state="FI", card_issued_by="EE"), "not renewed or replaced"),
        (issue("Estonia"), "alpha-2"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_the_reason(case: Application, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        due(case, RECORDING)


@pytest.mark.parametrize("state", ["GB", "EL", "ZZ", "EU", "UA", "XX", "fi"])
def test_a_policy_is_that_of_a_state_which_takes_part(state: str) -> None:
    with pytest.raises(InvalidConfiguration, match="own state"):
        replace(RECORDING, state=state)


def test_a_third_country_that_takes_part_is_asked_like_any_other() -> None:
    """Article 3a: an authority lists Türkiye once the Commission has approved its connection."""
    listed = replace(RECORDING, participants=RECORDING.participants | {"TR"})
    assert steps(due(issue("TR"), RECORDING)) == [("1.1", "CIC", "ZZ")]
    assert steps(due(issue("TR"), listed)) == [("1.1", "CIC", "ZZ"), ("1.2", "ICDL", "TR")]
    stolen = application(Event.STOLEN, card_issued_by="TR", card_number="TR1")
    assert {to for _, _, to in steps(due(stolen, listed))} == {"TR"}
    with pytest.raises(ValueError, match="no other can be asked"):
        due(stolen, RECORDING)


def test_an_application_is_plain_data_too() -> None:
    case = exchange("EE", notifications=(FROM_SWEDEN,), family_name="Tamm", date_of_birth=TODAY)
    assert from_dict(Application, to_dict(case)) == case


def test_nothing_shows_a_card_number() -> None:
    assert "EE0002198U089900" not in repr(exchange())
