"""The 153 codes of serious infringements that a Notify Check Result may name.

The codes, and the category of each by its first digit, are those of the messages and certain. **Which text
belongs to which code is not officially confirmed**: no code list with texts is public. The texts, in our
words, are the rows of Annex I to Regulation (EU) 2016/403 as amended by Regulation (EU) 2022/694, paired with
the codes one to one. Each category has the same number of rows and codes. Show the texts to help a reader,
but never base a decision on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class InfringementCategory(StrEnum):
    """How serious an infringement is. Regulation (EU) 2016/403, Annexes I and II."""

    #: Most serious: one is enough for the good repute to be examined.
    MOST_SERIOUS = "MSI"
    #: Very serious: three for a vehicle in a year.
    VERY_SERIOUS = "VSI"
    #: Serious: three for a vehicle in a year count as a very serious one.
    SERIOUS = "SI"


@dataclass(frozen=True, slots=True)
class Infringement:
    """One code. `row` is the row of Annex I to Regulation (EU) 2016/403, as group/number (unconfirmed)."""

    code: str
    category: InfringementCategory
    row: str
    text: str


#: Code: (row, text). The codes are those of the schema. 502, 830 and 831 do not exist.
_ROWS: Final = {
    # 1xx to 7xx, most serious: the first digit is the point of Annex IV of Regulation (EC) No 1071/2009
    "101": ("1/13", "two-week driving time exceeded by 25 % or more (≥ 112 h 30)"),
    "102": ("1/4", "daily driving 9 h exceeded by 50 % or more (≥ 13 h 30)"),
    "103": ("1/7", "daily driving 10 h exceeded by 50 % or more (≥ 15 h)"),
    "104": ("1/10", "weekly driving exceeded by 25 % or more (≥ 70 h)"),
    "201": ("2/1", "no type-approved tachograph installed and used"),
    "202": ("2/9", "device that can falsify tachograph records"),
    "203": ("6/1", "speed limitation device not fitted"),
    "204": ("6/4", "device or limiter that defeats the speed limit by fraud"),
    "205": ("2/10", "tachograph, sheet or card data falsified, concealed, suppressed or destroyed"),
    "301": ("5/1", "driving without valid proof of roadworthiness test"),
    "302": ("5/2", "very serious deficiency with an immediate risk; vehicle immobilised"),
    "401": ("9/1", "dangerous goods prohibited for transport"),
    "402": ("9/2", "dangerous goods in a prohibited or non-approved containment"),
    "403": ("9/3", "dangerous goods not identified on vehicle"),
    "501": ("8/1", "carrying passengers or goods without valid driving licence"),
    "503": ("11/1", "carrying passengers without valid Community licence"),
    "504": ("10/1", "carrying goods without valid Community licence"),
    "601": ("2/4", "driving with falsified driver card"),
    "602": ("2/5", "driving with card of which driver is not the holder"),
    "603": ("2/6", "driver card obtained by false declarations or forged documents"),
    "701": ("4/3", "N3 overweight ≥ 20 %"),
    "702": ("4/6", "N2 overweight ≥ 25 %"),
    # 8xx, very serious
    "800": ("1/3", "daily driving 9 h (no extension): ≥ 11 h"),
    "801": ("1/6", "extended daily driving 10 h: ≥ 12 h"),
    "802": ("1/9", "weekly driving 65 h to 70 h"),
    "803": ("1/12", "two-week driving 105 h to 112 h 30"),
    "804": ("1/15", "uninterrupted driving ≥ 6 h"),
    "805": ("1/17", "daily rest < 8 h 30 (11 h due)"),
    "806": ("1/19", "reduced daily rest < 7 h"),
    "807": ("1/21", "split daily rest of 3 h + < 7 h"),
    "808": ("1/23", "multi-manning daily rest < 7 h"),
    "809": ("1/25", "reduced weekly rest < 20 h"),
    "810": ("1/27", "weekly rest < 36 h (45 h due)"),
    "811": ("1/29", "six 24-hour periods exceeded by ≥ 12 h"),
    "812": ("1/34", "12-day derogation exceeded by ≥ 12 h"),
    "813": ("1/36", "weekly rest after 12 days ≤ 65 h"),
    "814": ("1/38", "night driving ≥ 4.5 h before break, not multi-manned"),
    "815": ("1/40", "wage linked to distance, speed or goods"),
    "816": ("1/41", "no or improper organisation of work, or instructions"),
    "817": ("2/2", "tachograph not inspected by an approved workshop"),
    "818": ("2/3", "more than one own driver card"),
    "819": ("2/7", "tachograph not correctly functioning"),
    "820": ("2/8", "tachograph improperly used"),
    "821": ("2/11", "undertaking not keeping record sheets, printouts or downloads"),
    "822": ("2/12", "data not available for at least a year"),
    "823": ("2/13", "incorrect use of record sheets or driver card"),
    "824": ("2/14", "unauthorised withdrawal of record sheets or driver card"),
    "825": ("2/15", "record sheet or driver card used longer than intended, data lost"),
    "826": ("2/16", "dirty or damaged record sheets or driver card, data not legible"),
    "827": ("2/17", "no manual input when required"),
    "828": ("2/19", "incorrect use of switch mechanism"),
    "829": ("2/24", "refusing to be checked"),
    "832": (
        "2/25",
        "unable to produce manual records and printouts (28 days; 56 days from 31 December 2024)",
    ),
    "833": ("2/26", "unable to produce a driver card held"),
    "834": ("2/27", "tachograph not repaired by approved fitter"),
    "835": ("2/28", "not marking required information while tachograph out of order"),
    "836": ("3/2", "weekly working time ≥ 60 h (48 h average, extension consumed)"),
    "837": ("3/4", "weekly working time ≥ 70 h"),
    "838": ("3/6", "break ≤ 10 min (6 to 9 h work)"),
    "839": ("3/8", "break ≤ 20 min (> 9 h work)"),
    "840": ("3/10", "night work ≥ 13 h"),
    "841": ("3/11", "employer falsifying or refusing working time records"),
    "842": ("3/12", "driver falsifying or refusing working time records"),
    "843": ("4/2", "N3 overweight 10 to 20 %"),
    "844": ("4/5", "N2 overweight 15 to 25 %"),
    "845": ("4/8", "length exceeded ≥ 20 %"),
    "846": ("4/10", "width ≥ 3.10 m"),
    "847": ("6/2", "speed limiter not meeting requirements"),
    "848": ("7/1", "no initial qualification or periodic training"),
    "849": ("9/4", "leakage of dangerous substances"),
    "850": ("9/5", "bulk carriage in unserviceable container"),
    "851": ("9/6", "no certificate of approval for vehicle"),
    "852": ("9/7", "approval standards not met, immediate danger"),
    "853": ("9/8", "load securing and stowage rules broken"),
    "854": ("9/9", "mixed loading rules broken"),
    "855": ("9/10", "quantity limits broken"),
    "856": ("9/11", "information on substance missing"),
    "857": ("9/12", "driver without vocational training certificate (ADR)"),
    "858": ("9/13", "fire or unprotected light"),
    "859": ("9/14", "smoking ban not observed"),
    "860": ("10/2", "goods: unable to present Community licence or true copy"),
    "861": ("10/3", "goods without valid driver attestation"),
    "862": ("11/2", "passengers: unable to present Community licence or true copy"),
    "863": ("11/3", "regular services without valid authorisation"),
    "864": ("12/1", "animal partitions not strong enough"),
    "865": ("1/30", "no compensation rest after two reduced weekly rests"),
    "866": ("1/31", "weekly rest > 45 h taken in vehicle"),
    "867": ("1/39", "undertaking not organising return of drivers"),
    "868": ("2/21", "required information not entered on record sheet"),
    "869": ("10/5", "goods cabotage not in compliance"),
    "870": ("10/6", "cabotage within 4 days of last one in same state"),
    "871": ("10/7", "no clear evidence of preceding carriage or cabotage operations"),
    "872": ("11/7", "passenger cabotage not in compliance"),
    "873": ("11/8", "no cabotage control documents on board"),
    "874": ("13/1", "Rome I: law applicable to contractual obligations violated"),
    "875": ("14/2", "posting declaration not submitted"),
    "876": ("14/3", "falsified posting declaration"),
    "877": ("14/4", "driver unable to present posting declaration"),
    "878": ("14/5", "posting declaration not put at disposal of driver"),
    "879": ("14/6", "requested documents not submitted within 8 weeks"),
    # 9xx, serious
    "900": ("1/1", "minimum age of conductors"),
    "901": ("1/2", "daily driving 9 h: 10 h to 11 h"),
    "902": ("1/5", "extended daily driving: 11 h to 12 h"),
    "903": ("1/8", "weekly driving 60 h to 65 h"),
    "904": ("1/11", "two-week driving 100 h to 105 h"),
    "905": ("1/14", "uninterrupted driving 5 h to 6 h"),
    "906": ("1/16", "daily rest 8 h 30 to 10 h"),
    "907": ("1/18", "reduced daily rest 7 h to 8 h"),
    "908": ("1/20", "split daily rest of 3 h + 7 h to 8 h"),
    "909": ("1/22", "multi-manning rest 7 h to 8 h"),
    "910": ("1/24", "reduced weekly rest 20 h to 22 h"),
    "911": ("1/26", "weekly rest 36 h to 42 h"),
    "912": ("1/28", "six 24-hour periods exceeded 3 h to 12 h"),
    "913": ("1/33", "12-day derogation exceeded 3 h to 12 h"),
    "914": ("1/35", "weekly rest after 12 days 65 h to 67 h"),
    "915": ("1/37", "night driving 3 h to 4.5 h before break"),
    "916": ("2/18", "wrong record sheet, or driver card not in the correct slot"),
    "917": ("3/1", "weekly working time 56 h to 60 h"),
    "918": ("3/3", "weekly working time 65 h to 70 h"),
    "919": ("3/5", "break 10 to 20 min (6 to 9 h work)"),
    "920": ("3/7", "break 20 to 30 min (> 9 h work)"),
    "921": ("3/9", "night work 11 h to 13 h"),
    "922": ("4/1", "N3 overweight 5 to 10 %"),
    "923": ("4/4", "N2 overweight 5 to 15 %"),
    "924": ("4/7", "length exceeded 2 to 20 %"),
    "925": ("4/9", "width 2.65 to 3.10 m"),
    "926": ("6/3", "speed limiter not fitted by approved workshop"),
    "927": ("7/2", "unable to present qualification card or marked licence"),
    "928": ("8/2", "driving licence damaged or not of the Union model"),
    "929": ("9/15", "dangerous goods vehicle not supervised or parked properly"),
    "930": ("9/16", "more than one trailer"),
    "931": ("9/17", "approval standards not met, no immediate danger"),
    "932": ("9/18", "no operational fire extinguishers"),
    "933": ("9/19", "ADR equipment missing"),
    "934": ("9/20", "damaged packaging carried"),
    "935": ("9/21", "packaged goods in unserviceable container"),
    "936": ("9/22", "tanks not closed properly"),
    "937": ("9/23", "incorrect labelling or placarding"),
    "938": ("9/24", "no instructions in writing, or not the relevant ones"),
    "939": ("10/4", "unable to present driver attestation or its true copy"),
    "940": ("11/4", "driver unable to present authorisation (regular services)"),
    "941": ("11/5", "stops do not correspond to authorisation"),
    "942": ("11/6", "no journey form"),
    "943": ("12/2", "loading ramps unsafe for animals"),
    "944": ("12/3", "lifting platforms without barriers"),
    "945": ("12/4", "means of transport not approved for animals"),
    "946": ("12/5", "no valid documents for animal transport"),
    "947": ("1/32", "employer not covering accommodation cost"),
    "948": ("2/20", "ferry or train sign not or wrongly used"),
    "949": ("2/22", "symbols of countries crossed missing"),
    "950": ("2/23", "symbols of start and end countries missing"),
    "951": ("14/1", "incomplete posting declaration"),
    "952": ("14/7", "posting declarations not kept up to date in IMI"),
}


def category_of(code: str) -> InfringementCategory:
    """Return the category of a code, by its block. Raises KeyError for an unknown code."""
    return INFRINGEMENTS[code].category


def _by_block(code: str) -> InfringementCategory:
    blocks = {"8": InfringementCategory.VERY_SERIOUS, "9": InfringementCategory.SERIOUS}
    return blocks.get(code[0], InfringementCategory.MOST_SERIOUS)


INFRINGEMENTS: Final[Mapping[str, Infringement]] = MappingProxyType(
    {code: Infringement(code, _by_block(code), row, text) for code, (row, text) in _ROWS.items()}
)
