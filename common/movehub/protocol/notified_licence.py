"""What an ICDL notification leaves in the register of the licence's state, and what finds it again.

Regulation (EU) 2016/68, Annex VIII, 1.3 and 1.4, and Annex IV, 5 and 5.1: a later applicant is searched for
by the number of the driving licence, then by NYSIIS keys and date of birth. So a record has these, and no
name.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from movehub.records import PersonalDate, PersonalText


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedLicence:
    """A driving licence of the own state, and its holder by search keys and date of birth."""

    driving_licence_number: PersonalText = field(repr=False)
    #: None if there is no name, or one that no key can be made of.
    family_name_search_key: PersonalText | None = field(default=None, repr=False)
    first_name_search_key: PersonalText | None = field(default=None, repr=False)
    date_of_birth: PersonalDate | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifiedLicence(SearchedLicence):
    """A driving licence of the own state on which another state has issued a driver card."""

    card_number: PersonalText = field(repr=False)
