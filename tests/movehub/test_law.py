"""The table of duties: its texts, and whether each row is where the law speaks of the duty."""

from __future__ import annotations

import pytest
from movehub import law

from tests.support.law_texts import needs_the_law, places

REGULATIONS = (law.TACHONET, law.ERRU)
TABLE = {name: value for name, value in vars(law).items() if isinstance(value, law.Point)}

#: Words of the law about each duty, in each regulation: in French if only the French text is at hand.
WORDS = {
    "ALL_THROUGH_THE_HUB": (
        "routed through the central hub",
        "acheminés par l'intermédiaire du service central",
    ),
    "UTF_8": ("UTF-8 encoded", "encodés en UTF-8"),
    "INTERFACES": ("both synchronous and asynchronous", "synchrones et asynchrones"),
    "VALID_MESSAGES": ("conform to the message XSD", "conformes au schéma XSD"),
    "FIELDS": ("Minimum requirements", "Minimum requirements"),
    "SEARCH_KEYS": ("NYSIIS", "NYSIIS"),
    "CERTIFICATES": ("PKI certificates provided by the Commission", "certificats ICP fournis"),
    "KEY_LENGTH": ("2 048 bit", "2048 bits"),
    "AVAILABILITY": ("availability rate shall be 98 %", "taux de disponibilité est de 98 %"),
    "ANSWER_RATE": ("minimum of 98 % of the requests", "minimum de 98 % des demandes"),
    "ANSWER_WITHIN_10_SECONDS": ("within 10 seconds", "within 10 seconds"),
    "WAIT_20_SECONDS": ("shall not exceed 20 seconds", "shall not exceed 20 seconds"),
    "MCS_RESPONSE_WITHIN_10_DAYS": ("within 10 calendar days", ""),
    "LATER_RESPONSE": ("within 10 calendar days", "within 6 weeks of the final decision on the matter"),
    "ANSWER_6_A_SECOND": ("request rate of 6 messages per second", "request rate of 6 messages per second"),
    "SEND_2_A_SECOND": ("exceeding 2 requests per second", "supérieur à 2 demandes par seconde"),
    "TROUBLES": ("cope with potential technical problems", "faire face aux problèmes techniques"),
    "ESCALATION": ("escalation workflow", "flux de travail progressif"),
    "ANONYMOUS_STATISTICS": ("for statistical purposes shall be anonymous", "à des fins statistiques"),
    "RETENTION": ("more than 6 months", "plus de 6 mois"),
    "STATISTICS": ("The statistical data used for reporting", "données statistiques utilisées"),
    "CIC": ("Check Issued Cards (CIC)", ""),
    "CCS": ("Check Card Status (CCS)", ""),
    "MCS": ("Modify Card Status (MCS)", ""),
    "ICDL": ("(ICDL)", ""),
    "CGR": ("", "Check Good Repute (CGR)"),
    "NCR": ("", "Notification of Check Result (NCR)"),
    "CTUD": ("", "Check Transport Undertaking Data (CTUD)"),
    "NU": ("", "Notification of Unfitness (NU)"),
    "CARD_STATUSES": ("Handed Over", ""),
    "VALID_FOR_DRIVING": ("‘valid for driving’", ""),
    "FOREIGN_LICENCE": ("driving licence issued in a Member State different", ""),
    "CARD_TAKEN_AWAY": ("withdrawn, suspended or declared as stolen", ""),
    "RECORDED_NOTIFICATIONS": ("if an ICDL notification had been previously recorded", ""),
    "SAMPLE": ("at least, 30 % of applications", ""),
    "GOOD_REPUTE": ("", "broadcast CGR search"),
    "CLEAN_CHECK": ("", "information about the clean check"),
    "MINOR_INFRINGEMENTS": ("", "date and number of minor infringements"),
    "NOTIFY_WITHIN_6_WEEKS": ("", "The Notification of Check Result shall be sent as soon as possible"),
    "RESPOND_WITHIN_6_WEEKS": ("", "within 6 weeks of the final decision on the matter"),
    "ALL_DATA_AT_HAND": ("", "all the information that is available"),
    "UNFITNESS_TO_ALL": ("", "to all other Member States"),
}
#: The letters of the five troubles.
LETTERS = {
    "a": ("loss of connection", "perte de connexion"),
    "b": ("no response", "absence de réponse"),
    "c": ("after message timeout", "après le délai"),
    "d": ("unsolicited", "non sollicités"),
    "e": ("invalid", "non valables"),
}


def spoken_of(point: law.Point, words: tuple[str, str]) -> list[bool]:
    needs_the_law(*REGULATIONS)
    return [
        expected in places(regulation).get(place, "") if place else not expected
        for regulation, place, expected in zip(REGULATIONS, (point.tachonet, point.erru), words, strict=True)
    ]


@pytest.mark.parametrize("name", TABLE)
def test_a_row_is_where_the_law_speaks_of_its_duty(name: str) -> None:
    assert spoken_of(TABLE[name], WORDS[name]) == [True, True]


@pytest.mark.parametrize("letter", LETTERS)
def test_the_letters_of_the_troubles_are_the_same_in_both_regulations(letter: str) -> None:
    assert spoken_of(law.TROUBLES.letter(letter), LETTERS[letter]) == [True, True]


def test_a_point_names_its_regulation_unless_both_have_the_same_number() -> None:
    assert str(law.ESCALATION) == "Annex VI, 2.2"
    assert str(law.TROUBLES.letter("a")) == "2016/68, Annex VI, 1.8 (a); 2016/480, Annex VI, 1.7 (a)"
    assert str(law.MCS_RESPONSE_WITHIN_10_DAYS) == "2016/68, Annex VI, 1.6"
    assert str(law.GOOD_REPUTE.letter("a")) == "2016/480, Annex VIII, 1 (a)"
