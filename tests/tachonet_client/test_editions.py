"""Edition 3.0, the law in force, is the default of everything. Edition 2016 stays available in both roles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from movehub.errors import ErrorNotified
from movehub.protocol.message import ErrorStatus
from movehub.responder import Responder

import tachonet_client as tachonet
from tests.support.cards import ccs_request, checked_card, holder, icdl_request, licence
from tests.support.examples import cic_request, found_driver
from tests.tachonet_client.test_register import AUTHORITY, Register

OLD_CARD = replace(
    checked_card(),
    card_number=None,
    holder=replace(holder(), driving_licence=licence()),
    driving_licence=None,
)
OLD_DRIVER = replace(found_driver(), card=replace(found_driver().card, valid_for_driving=None))


class Line:
    """A transport to a responder."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder
        self.documents: list[bytes] = []

    def post(self, data: bytes) -> bytes:
        self.documents += data, self._responder.handle(data)
        return self.documents[-1]


def conversation(given: Any, **edition: Any) -> tuple[tachonet.TachonetClient, Line]:
    line = Line(tachonet.responder(Register(given), "DK", AUTHORITY, **edition))
    return tachonet.TachonetClient("FI", line, **edition), line


def test_a_client_and_a_responder_speak_the_law_in_force_by_default() -> None:
    finland, line = conversation((found_driver(),))
    (row,) = finland.send(cic_request(), to="DK").body.member_states
    assert row.found == (found_driver(),)
    assert all(tachonet.decode(each).header.version == "3.0" for each in line.documents)


@pytest.mark.parametrize(
    ("request_", "given"),
    [
        (cic_request(), (OLD_DRIVER,)),
        (ccs_request(), OLD_CARD),
        (icdl_request(), tachonet.RecordingStatus.OK),
    ],
    ids=["CIC", "CCS", "ICDL"],
)
def test_the_text_as_first_published_is_spoken_if_you_ask_for_it(request_: Any, given: Any) -> None:
    finland, line = conversation(given, edition=tachonet.TACHONET_2016)
    answer = finland.send(request_, to="DK").body
    assert answer == request_.answer("DK" if request_.root.startswith("CheckIssued") else AUTHORITY, given)
    assert all(tachonet.decode(each).header.version == "2016" for each in line.documents)


@pytest.mark.parametrize(
    ("edition", "given"),
    [(tachonet.TACHONET_2016, found_driver()), (tachonet.TACHONET_3_0, OLD_DRIVER)],
    ids=["2016", "3.0"],
)
def test_a_record_of_the_other_edition_is_an_error_and_never_a_poorer_answer(
    edition: Any, given: Any
) -> None:
    """A register that says too much, or too little, for the edition of the request."""
    finland, _ = conversation((given,), edition=edition)
    with pytest.raises(ErrorNotified) as caught:
        finland.send(cic_request(), to="DK")
    assert caught.value.notification.status_code is ErrorStatus.SERVER_ERROR
