"""The classes and the schemas say the same: every path of one is a path of the other."""

from __future__ import annotations

import pytest
from movehub.codec.codec import Codec
from movehub.protocol.edition import Edition
from movehub.protocol.message import Body, Header
from movehub.records import paths, plan_in, plan_of

from erru_client import CODEC as ERRU
from tachonet_client import CODEC as TACHONET
from tests.support.building import read_schema
from tests.support.paths import schema_paths

CASES = [
    pytest.param(codec, edition, body, id=f"{edition}-{body.root}")
    for codec in (ERRU, TACHONET)
    for edition in codec.editions
    for body in codec.bodies
]


@pytest.mark.parametrize(("codec", "edition", "body"), CASES)
def test_a_class_has_exactly_the_paths_of_its_schema(
    codec: Codec, edition: Edition, body: type[Body]
) -> None:
    ours = {
        body.root,
        *paths(plan_in(plan_of(Header), edition.version), f"{body.root}/Header"),
        *paths(plan_in(plan_of(body), edition.version), f"{body.root}/Body"),
    }
    assert ours == schema_paths(edition, body.root)


@pytest.mark.parametrize("codec", [ERRU, TACHONET], ids=["ERRU", "TACHOnet"])
def test_every_root_of_a_schema_has_a_class(codec: Codec) -> None:
    for edition in codec.editions:
        roots = {element.local_name for element in read_schema(edition).elements.values()}
        assert roots == {body.root for body in codec.bodies}
