"""What a reader makes is what a constructor makes: equal, frozen, without a place for anything else."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, is_dataclass, make_dataclass, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from movehub.codec.codec import Codec
from movehub.codec.reader import draft_of, reader_of
from movehub.errors import InvalidIncoming
from movehub.protocol.message import Body, Header
from movehub.records import Child, Plan, plan_of

import erru_client as erru
import tachonet_client as tachonet
from tests.support.building import messages
from tests.support.erru_messages import fleet

BODIES = [
    pytest.param(codec, body, id=f"{codec.system}-{body.root}")
    for codec in (erru.CODEC, tachonet.CODEC)
    for body in codec.bodies
]


def parts(value: Any) -> list[Any]:
    """Return a record and all records below it."""
    below = [getattr(value, field.name) for field in fields(value)]
    rows = [row for each in below for row in (each if isinstance(each, tuple) else (each,))]
    return [value, *(part for row in rows if is_dataclass(row) for part in parts(row))]


@pytest.mark.parametrize(("codec", "body"), BODIES)
@given(data=st.data())
@settings(max_examples=20)
def test_what_was_read_can_be_told_from_what_was_made_by_nothing(
    codec: Codec, body: type[Body], data: st.DataObject
) -> None:
    made = data.draw(messages(codec, codec.editions[-1], body))
    read = codec.decode(codec.write(made))
    assert read == made
    assert hash(read.header) == hash(made.header)
    assert hash(read.body) == hash(made.body)
    assert repr(read) == repr(made)
    assert pickle.loads(pickle.dumps(read)) == made
    assert copy.deepcopy(read) == made
    for ours, theirs in zip(parts(read), parts(made), strict=True):
        assert type(ours) is type(theirs)
        assert not hasattr(ours, "__dict__")
        assert replace(ours) == theirs
        for field in fields(ours):
            with pytest.raises(FrozenInstanceError):
                setattr(ours, field.name, None)
            with pytest.raises(FrozenInstanceError):
                delattr(ours, field.name)


@pytest.mark.parametrize("cls", [Header, erru.Vehicle, erru.CheckGoodReputeRequest])
def test_a_draft_is_nothing_but_the_slots_of_its_class(cls: type) -> None:
    draft = draft_of(cls)()
    draft.__class__ = cls
    assert type(draft) is cls
    assert draft_of(cls).__bases__ == cls.__bases__


def test_an_attribute_that_only_some_rows_have_stays_with_its_row() -> None:
    for suspended in ((), range(0, 100, 7), range(100)):
        copies = tuple(
            erru.CertifiedTrueCopy(
                true_copy_number=f"PL-{number}",
                true_copy_issue_date=date(2020, 1, 1),
                true_copy_expiry_date=date(2030, 1, 1),
                true_copy_suspension_date=date(2021, 1, number % 28 + 1) if number in suspended else None,
            )
            for number in range(100)
        )
        message = fleet(50)
        [found] = message.body.undertakings
        body = replace(message.body, undertakings=(replace(found, true_copies=copies),) * 2)
        read = erru.decode(erru.encode(replace(message, body=body)))
        assert read.body == body
        assert pickle.loads(pickle.dumps(read)).body == body


@pytest.mark.parametrize("text", [" WA  3 ", "WA&#9;3", "Z\u030c 3"])
@pytest.mark.parametrize("vehicles", [4, 400])
def test_a_text_in_a_list_is_cleaned_and_stays_as_it_came_beside_that(text: str, vehicles: int) -> None:
    document = erru.encode(fleet(vehicles)).replace(b'"WA 3"', f'"{text}"'.encode())
    vehicle = erru.decode(document).body.undertakings[0].vehicles[3]
    assert vehicle.vehicle_registration_number in {"WA 3", "\u017d 3"}
    assert vehicle.vehicle_registration_number.raw == text.replace("&#9;", "\t")


@pytest.mark.parametrize("rows", [3, 300])
def test_a_value_without_meaning_in_a_list_is_refused_with_its_place(rows: int) -> None:
    """No schema of ours lets one pass, but an official one may."""
    plan = plan_of(erru.CertifiedTrueCopy)
    child = Child("copies", (("Copy", (plan,)),), optional=True, many=True, around="Copies")
    holder = make_dataclass("Holder", ["copies"], frozen=True, slots=True)
    read = reader_of(Plan(holder, (), (child,), ()), "urn:a")
    row = '<Copy trueCopyNumber="1" trueCopyIssueDate="2026-01-01" trueCopyExpiryDate="{}"/>\n'
    good, bad = row.format("2027-01-01"), row.format("0000-01-01")
    root = etree.fromstring(f'<Holder xmlns="urn:a"><Copies>\n{good * rows}{bad}{good}</Copies></Holder>')
    with pytest.raises(InvalidIncoming, match=f"Holder/Copies/Copy/@trueCopyExpiryDate, line {rows + 2}"):
        read(root)


def test_threads_that_read_at_once_read_the_same() -> None:
    documents = [erru.encode(fleet(number)) for number in (1, 200, 5, 1000)] * 8
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(erru.decode, documents)) == list(map(erru.decode, documents))
