"""What a reader makes is what a constructor makes: equal, frozen, without a place for anything else."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movehub.codec import Codec
from movehub.columns import LONG_LIST
from movehub.compiling import draft_of
from movehub.errors import InvalidIncoming
from movehub.message import Body, Header, Message

import erru_client as erru
import tachonet_client as tachonet
from tests.support.building import messages
from tests.support.erru_messages import FI_ERRU, PL_ERRU, ctud_request, found_undertaking

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


@pytest.mark.parametrize("cls", [Header, Message, erru.Vehicle, erru.CheckGoodReputeRequest])
def test_a_draft_is_nothing_but_the_slots_of_its_class(cls: type) -> None:
    draft = draft_of(cls)()
    draft.__class__ = cls
    assert type(draft) is cls
    assert draft_of(cls).__bases__ == cls.__bases__


def ctud(vehicles: int) -> Message[Any]:
    """Return the answer of a haulier with so many vehicles."""
    asked = FI_ERRU.request(ctud_request(), to="PL")
    fleet = tuple(
        erru.Vehicle(vehicle_registration_number=f"WA {number}", vehicle_registration_country="PL")
        for number in range(vehicles)
    )
    found = replace(found_undertaking(), number_of_vehicles=vehicles, vehicles=fleet)
    return PL_ERRU.answer(asked, asked.body.answer("GITD", (found,)))


@pytest.mark.parametrize("number", [0, 1, LONG_LIST - 1, LONG_LIST, 10 * LONG_LIST])
def test_a_list_of_any_length_comes_back_as_it_was(number: int) -> None:
    message = ctud(number)
    assert erru.decode(erru.encode(message)) == message


@pytest.mark.parametrize("suspended", [(), range(0, 60, 7), range(60)], ids=["none", "some", "all"])
def test_an_attribute_that_only_some_of_a_long_list_have_stays_with_its_own(suspended: Iterable[int]) -> None:
    copies = tuple(
        erru.CertifiedTrueCopy(
            true_copy_number=f"PL-{number}",
            true_copy_issue_date=date(2020, 1, 1),
            true_copy_expiry_date=date(2030, 1, 1),
            true_copy_suspension_date=date(2021, 1, number % 28 + 1) if number in set(suspended) else None,
        )
        for number in range(60)
    )
    message = ctud(1)
    [found] = message.body.undertakings
    body = replace(message.body, undertakings=(replace(found, true_copies=copies),))
    assert erru.decode(erru.encode(replace(message, body=body))).body == body


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'="WA 3" vehicleRegistrationCountry="PL"', b"='WA 3' \nvehicleRegistrationCountry = 'PL'"),
        (
            b'vehicleRegistrationNumber="WA 3" vehicleRegistrationCountry="PL"',
            b'vehicleRegistrationCountry="PL" vehicleRegistrationNumber="WA 3"',
        ),
        (b"<Vehicle ", b"<!-- a -->\n<Vehicle "),
    ],
)
def test_how_a_long_list_is_written_makes_no_difference(old: bytes, new: bytes) -> None:
    message = ctud(3 * LONG_LIST)
    document = erru.encode(message)
    assert old in document
    assert erru.decode(document.replace(old, new)) == message


@pytest.mark.parametrize("text", [" WA  3 ", "WA&#9;3", "Z\u030c 3"])
def test_a_text_in_a_long_list_is_cleaned_and_kept_as_it_came(text: str) -> None:
    document = erru.encode(ctud(3 * LONG_LIST)).replace(b'"WA 3"', f'"{text}"'.encode())
    vehicle = erru.decode(document).body.undertakings[0].vehicles[3]
    assert vehicle.vehicle_registration_number in {"WA 3", "\u017d 3"}
    assert vehicle.vehicle_registration_number.raw == text.replace("&#9;", "\t")


def test_an_xsi_attribute_in_a_long_list_is_refused_with_its_line() -> None:
    xsi = b'<Vehicle xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Vehicle" v'
    document = erru.encode(ctud(3 * LONG_LIST)).replace(b"<Vehicle v", xsi, 1)
    with pytest.raises(InvalidIncoming, match="Vehicle/@xsi, line 2: an xsi attribute"):
        erru.decode(document)


def test_threads_that_read_at_once_read_the_same() -> None:
    documents = [erru.encode(ctud(number)) for number in (1, 200, 5, 1000)] * 8
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(erru.decode, documents)) == list(map(erru.decode, documents))
