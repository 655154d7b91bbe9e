"""What the library sends is valid by the official schemas, and comes back as it was.

One test a root and edition, so that the work spreads over all processors.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree
from movehub.protocol.edition import Edition
from movehub.protocol.message import Body, Message

from erru_client import CODEC
from tests.support.building import messages
from tests.support.official import official_schema

MESSAGES_EACH = 2000

CASES = [
    pytest.param(edition, body, id=f"{edition}-{body.root}")
    for edition in CODEC.editions
    for body in CODEC.bodies
]


def infoset(data: bytes) -> bytes:
    return etree.tostring(etree.fromstring(data), method="c14n")


@pytest.mark.parametrize(("edition", "body"), CASES)
def test_every_message_that_can_be_built_is_valid_and_comes_back_equal(
    edition: Edition, body: type[Body]
) -> None:
    official = official_schema(edition.version, body.root)
    seen: set[bytes] = set()

    @given(messages(CODEC, edition, body))
    @settings(max_examples=MESSAGES_EACH)
    def check(message: Message[Any]) -> None:
        sent = CODEC.write(message)
        official.assertValid(etree.fromstring(sent))
        received = CODEC.decode(sent)
        assert received == message
        assert infoset(CODEC.write(received)) == infoset(sent)
        seen.add(sent)

    check()
    assert len(seen) >= 0.99 * MESSAGES_EACH, "the messages are too much alike to say anything"
