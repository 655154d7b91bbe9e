"""Countries: one table of the code in a header, the sign on a card, and the name.

A header names a state by its ISO 3166-1 alpha-2 code (Regulation (EU) 2016/68 and (EU) 2016/480, Annex III,
appendix, "From" and "To"). A card shows the distinguishing sign of vehicles in international traffic, up to
three letters (Regulation (EU) 2016/799, Annex IC, appendix 1, 2.100). Germany is `DE` in a header and `D` on
a card.

Two states have two codes. The United Kingdom is `UK` on the hub (the practice of its own ERRU system) and
`GB` in ISO. Greece is `GR` on the hub and `EL` in the EU's own style. This library accepts `GB` and `EL`, and
always sends `UK` and `GR`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from movehub.errors import InvalidConfiguration
from movehub.protocol.workflow import BROADCAST, HUB


class Standing(Enum):
    """The kind of country, or other address, of a code."""

    MEMBER_STATE = "Member State of the European Union"
    #: Applies the rules on tachographs and road transport by an agreement with the European Union.
    ASSOCIATED = "Associated with the European Union by an agreement"
    #: Party to the AETR agreement: its drivers hold tachograph cards too.
    AETR = "Party to the AETR agreement"
    #: Not a country: the hub, or all states at once.
    ADDRESS = "Address"


@dataclass(frozen=True, slots=True)
class Country:
    """One row. `sign` is the sign on a card. `also` are aliases: accepted, never sent."""

    code: str
    sign: str
    name: str
    standing: Standing = Standing.MEMBER_STATE
    also: tuple[str, ...] = ()


_ASSOCIATED, _AETR = Standing.ASSOCIATED, Standing.AETR

#: Codes: ISO 3166-1, except `UK`. Signs: the list of the United Nations under the Conventions on Road Traffic
#: of 1949 and 1968. The signs and the parties to the AETR come from general knowledge, and were not compared
#: row by row with the depositary's lists. Check a row before you rely on it for more than display.
COUNTRIES: Final = (
    Country("AT", "A", "Austria"),
    Country("BE", "B", "Belgium"),
    Country("BG", "BG", "Bulgaria"),
    Country("CY", "CY", "Cyprus"),
    Country("CZ", "CZ", "Czechia"),
    Country("DE", "D", "Germany"),
    Country("DK", "DK", "Denmark"),
    Country("EE", "EST", "Estonia"),
    Country("ES", "E", "Spain"),
    Country("FI", "FIN", "Finland"),
    Country("FR", "F", "France"),
    Country("GR", "GR", "Greece", also=("EL",)),
    Country("HR", "HR", "Croatia"),
    Country("HU", "H", "Hungary"),
    Country("IE", "IRL", "Ireland"),
    Country("IT", "I", "Italy"),
    Country("LT", "LT", "Lithuania"),
    Country("LU", "L", "Luxembourg"),
    Country("LV", "LV", "Latvia"),
    Country("MT", "M", "Malta"),
    Country("NL", "NL", "Netherlands"),
    Country("PL", "PL", "Poland"),
    Country("PT", "P", "Portugal"),
    Country("RO", "RO", "Romania"),
    Country("SE", "S", "Sweden"),
    Country("SI", "SLO", "Slovenia"),
    Country("SK", "SK", "Slovakia"),
    Country("CH", "CH", "Switzerland", _ASSOCIATED),
    Country("IS", "IS", "Iceland", _ASSOCIATED),
    Country("LI", "FL", "Liechtenstein", _ASSOCIATED),
    Country("NO", "N", "Norway", _ASSOCIATED),
    # Its sign was GB until 28 September 2021, and older cards still show it.
    Country("UK", "UK", "United Kingdom", _ASSOCIATED, also=("GB",)),
    Country("AD", "AND", "Andorra", _AETR),
    Country("AL", "AL", "Albania", _AETR),
    Country("AM", "AM", "Armenia", _AETR),
    Country("AZ", "AZ", "Azerbaijan", _AETR),
    Country("BA", "BIH", "Bosnia and Herzegovina", _AETR),
    Country("BY", "BY", "Belarus", _AETR),
    Country("GE", "GE", "Georgia", _AETR),
    Country("KZ", "KZ", "Kazakhstan", _AETR),
    Country("MC", "MC", "Monaco", _AETR),
    Country("MD", "MD", "Moldova", _AETR),
    Country("ME", "MNE", "Montenegro", _AETR),
    Country("MK", "NMK", "North Macedonia", _AETR),
    Country("RS", "SRB", "Serbia", _AETR),
    Country("RU", "RUS", "Russia", _AETR),
    Country("SM", "RSM", "San Marino", _AETR),
    Country("TJ", "TJ", "Tajikistan", _AETR),
    Country("TM", "TM", "Turkmenistan", _AETR),
    Country("TR", "TR", "Türkiye", _AETR),
    Country("UA", "UA", "Ukraine", _AETR),
    Country("UZ", "UZ", "Uzbekistan", _AETR),
    Country(HUB, "", "the hub", Standing.ADDRESS),
    Country(BROADCAST, "", "all other states", Standing.ADDRESS),
)

#: The 27 Member States of the European Union.
MEMBER_STATES: Final = frozenset(each.code for each in COUNTRIES if each.standing is Standing.MEMBER_STATE)

#: An entry that is longer is not shown in an error: it may be something else than a code.
_LONGEST_SHOWN: Final = 3

_BY_CODE: Final = {word: country for country in COUNTRIES for word in (country.code, *country.also)}
_BY_SIGN: Final = {
    word: country for country in COUNTRIES if country.sign for word in (country.sign, *country.also)
}


def country_of(text: str) -> Country | None:
    """Return the row of a code or its alias, in either letter case; None if the code is unknown."""
    return _BY_CODE.get(text.strip().upper())


def header_code(text: str) -> str:
    """Return the code for a header: `GB` → `UK`, `EL` → `GR`. Raises ValueError for an unknown code."""
    country = country_of(text)
    if country is None:
        raise ValueError("not a country code of the network")
    return country.code


def sent_as(code: str) -> str:
    """Return the code to send: an alias becomes its main code, and an unknown code stays."""
    country = country_of(code)
    return code if country is None or code not in country.also else country.code


def from_distinguishing_sign(sign: str) -> str:
    """Return the code for the sign on a card, padded or not: `D` → `DE`. Raises ValueError if unknown."""
    country = _BY_SIGN.get(sign.strip().upper())
    if country is None:
        raise ValueError("not a distinguishing sign of the table")
    return country.code


def distinguishing_sign(code: str) -> str:
    """Return the sign on a card for a code: `DE` → `D`.

    Raises ValueError for a code that is not in the table, and for `EU` and `ZZ`, which issue no cards.
    """
    country = country_of(code)
    if country is None or not country.sign:
        raise ValueError("not the code of a country that issues cards")
    return country.sign


def participants_of(codes: Iterable[str]) -> frozenset[str]:
    """Return the states of a list, each by its code for a header: `GB` → `UK`, `EL` → `GR`.

    A participant is a country of the table: a Member State, or a third country that may connect its register
    (Regulation (EU) 2016/68, Article 3a). Raises InvalidConfiguration for any other code.
    """
    return frozenset(map(_participant, codes))


def _participant(code: str) -> str:
    country = country_of(code)
    if country is not None and country.standing is not Standing.ADDRESS:
        return country.code
    states = ", ".join(sorted(each.code for each in COUNTRIES if each.standing is not Standing.ADDRESS))
    named = (
        code
        if len(code) <= _LONGEST_SHOWN and code.isascii() and code.isalnum()
        else "an entry of another form"
    )
    raise InvalidConfiguration(f"{named} is no code of a state that may take part: {states}")
