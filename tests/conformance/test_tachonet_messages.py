"""Every TACHOnet message that can be built is valid, comes back equal, and goes out the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from lxml import etree
from movehub.protocol.edition import Edition
from movehub.protocol.message import Body, Message

from tachonet_client import CODEC
from tests.support.building import messages

HOW_MANY = 2000


@pytest.mark.parametrize("edition", CODEC.editions, ids=str)
@pytest.mark.parametrize("body", CODEC.bodies, ids=lambda body: body.root)
def test_two_thousand_messages_validate_decode_equal_and_encode_to_the_same_infoset(
    edition: Edition, body: type[Body]
) -> None:
    """Whatever can be said reaches the other side to the letter, and the hub's own words with it."""
    built = 0

    @given(messages(CODEC, edition, body))
    @settings(max_examples=HOW_MANY, phases=[Phase.generate, Phase.shrink])
    def holds(message: Message[Any]) -> None:
        nonlocal built
        built += 1
        sent = CODEC.write(message)
        received = CODEC.decode(sent)
        assert received == message
        assert _infoset(CODEC.write(received)) == _infoset(sent)

    holds()
    assert built >= HOW_MANY


def _infoset(data: bytes) -> Any:
    return etree.tostring(etree.fromstring(data), method="c14n")
