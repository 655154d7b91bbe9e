"""What a reader makes is what a constructor makes: equal, frozen, without a place for anything else."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movehub.codec.codec import Codec
from movehub.protocol.message import Body, Header, Message
from movehub.records.codegen import draft_of

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


@pytest.mark.parametrize("cls", [Header, Message, erru.Vehicle, erru.CheckGoodReputeRequest])
def test_a_draft_is_nothing_but_the_slots_of_its_class(cls: type) -> None:
    draft = draft_of(cls)()
    draft.__class__ = cls
    assert type(draft) is cls
    assert draft_of(cls).__bases__ == cls.__bases__


def test_threads_that_read_at_once_read_the_same() -> None:
    documents = [erru.encode(fleet(number)) for number in (1, 200, 5, 1000)] * 8
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(erru.decode, documents)) == list(map(erru.decode, documents))
