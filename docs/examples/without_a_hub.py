"""Build a request and its answer as documents, without a hub. Use this in your own tests."""

from __future__ import annotations

from datetime import date

from movehub.errors import TheirFault
from movehub.protocol import Exchange

from tachonet_client import (
    TACHONET_3_0,
    CheckIssuedCardsRequest,
    SearchedDriver,
    decode,
    encode,
)


def ask() -> bytes:
    finland = Exchange("FI", TACHONET_3_0)
    applicant = SearchedDriver(
        family_name="Brueckenthaler", first_name="Juergen", date_of_birth=date(1984, 3, 17)
    )
    request = CheckIssuedCardsRequest(
        business_case_id="FI-2026-000125", originating_authority="Traficom", searched_driver=applicant
    )
    return encode(finland.request(request, to="DE"))


def answer(document: bytes) -> bytes:
    germany = Exchange("DE", TACHONET_3_0)
    asked = decode(document)
    return encode(germany.answer(asked, asked.body.answer("DE", ())))


def main() -> None:
    """Print the content of the answer, and the error for a damaged document."""
    document = answer(ask())
    message = decode(document)
    print(message.header.from_, "to", message.header.to, message.body.root)
    for state in message.body.member_states:
        print(state.member_state_code, state.status_code)
    try:
        decode(document.replace(b'to="FI"', b'to="Finland"'))
    except TheirFault as error:
        print(error)


if __name__ == "__main__":
    main()
