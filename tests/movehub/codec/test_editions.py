"""Editions may differ in fields: what an edition lacks is None after reading, and refused before sending."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from movehub.codec.codec import Codec
from movehub.errors import InvalidOutgoing
from movehub.protocol.edition import Edition
from movehub.protocol.message import Body, Message
from movehub.protocol.plain_data import from_dict, to_dict
from movehub.records import Attribute, Child, Plan, plan_of

from erru_client import CODEC as ERRU
from tachonet_client import CODEC as TACHONET
from tests.support.examples import CANARY
from tests.support.official import specimens


def plans(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.children:
        for _, below in child.alternatives:
            for each in below:
                yield from plans(each)


def fields_of(body: type[Body]) -> Iterator[tuple[Plan, Attribute | Child]]:
    cls: type = body
    for plan in plans(plan_of(cls)):
        yield from ((plan, field) for field in (*plan.values, *plan.children))


@pytest.mark.parametrize("codec", [ERRU, TACHONET], ids=["ERRU", "TACHOnet"])
def test_a_field_names_editions_of_its_system(codec: Codec) -> None:
    named = {version for body in codec.bodies for _, field in fields_of(body) for version in field.editions}
    assert named <= {edition.version for edition in codec.editions}


def maximal() -> Iterator[tuple[Edition, Message[Any]]]:
    for edition in TACHONET.editions:
        for name, document in specimens("tachonet", edition.version).items():
            if "_maximal" in name:
                yield edition, TACHONET.decode(document)


def records(value: object) -> Iterator[Any]:
    if isinstance(value, tuple):
        for item in value:
            yield from records(item)
    elif dataclasses.is_dataclass(value):
        yield value
        for field in dataclasses.fields(value):
            yield from records(getattr(value, field.name))


def lacking(record: Any, version: str) -> Iterator[str]:
    plan = plan_of(type(record))
    for field in (*plan.values, *plan.children):
        if field.editions and version not in field.editions:
            yield field.field


def test_what_an_edition_lacks_is_none_in_every_message_that_is_read() -> None:
    seen = set[str]()
    for edition, message in maximal():
        for record in records(message.body):
            for name in lacking(record, edition.version):
                assert getattr(record, name) is None
                seen.add(f"{edition.version} {type(record).__name__}.{name}")
    assert seen == {
        f"{edition.version} {plan.cls.__name__}.{field.field}"
        for edition in TACHONET.editions
        for body in TACHONET.bodies
        for plan, field in fields_of(body)
        if field.editions and edition.version not in field.editions
    }


def with_value(root: Any, target: Any, name: str, value: object) -> Any:
    """Return a record with a value in one field of one record below it."""
    if root is target:
        return replace(root, **{name: value})
    if isinstance(root, tuple):
        return tuple(with_value(item, target, name, value) for item in root)
    if not dataclasses.is_dataclass(root):
        return root
    changes = {
        field.name: with_value(getattr(root, field.name), target, name, value)
        for field in dataclasses.fields(root)
    }
    return replace(root, **changes)  # type: ignore[type-var]


def values_elsewhere() -> dict[tuple[type, str], object]:
    """Return a value for each field that only one edition has, from a specimen of that edition."""
    return {
        (type(record), field.field): value
        for _, message in maximal()
        for record in records(message.body)
        for plan in [plan_of(type(record))]
        for field in (*plan.values, *plan.children)
        if field.editions and (value := getattr(record, field.field)) is not None
    }


def cases() -> Iterator[Any]:
    for edition, message in maximal():
        for record in records(message.body):
            for name in lacking(record, edition.version):
                field = f"{type(record).__name__}.{name}"
                yield pytest.param(edition, message, record, name, id=f"{edition.version}-{field}")


@pytest.mark.parametrize(("edition", "message", "record", "name"), list(cases()))
def test_a_value_in_a_field_that_the_edition_lacks_is_refused_and_not_lost(
    edition: Edition, message: Message[Any], record: Any, name: str
) -> None:
    value = values_elsewhere()[type(record), name]
    filled = replace(message, body=with_value(message.body, record, name, value))
    field = f"{type(record).__name__}.{name}"
    with pytest.raises(
        InvalidOutgoing, match=rf"{edition} has no field {field}\. Nothing was sent"
    ) as caught:
        TACHONET.write(filled)
    assert CANARY not in repr(caught.value)


@pytest.mark.parametrize("edition", TACHONET.editions, ids=str)
def test_a_message_of_each_edition_is_plain_data_too(edition: Edition) -> None:
    """A mandatory field of another edition need not be there."""
    for document in specimens("tachonet", edition.version).values():
        body = TACHONET.decode(document).body
        assert from_dict(type(body), to_dict(body)) == body


def test_a_message_of_one_edition_is_none_of_the_other_by_its_version_alone() -> None:
    """`write` asks the schema of the version in the header, and that schema knows its own fields."""
    request = TACHONET.decode(specimens("tachonet", "3.0")["modify_card_status_request_minimal.xml"])
    old = replace(request, header=replace(request.header, version="2016"))
    with pytest.raises(InvalidOutgoing, match=r"TACHOnet 2016 has no field Declarer\.authority_address"):
        TACHONET.encode(old)
