"""Fields that one step of CONTRIBUTING's recipe leaves out, each pattern with its reason.

A field that fits no pattern must be there. A pattern that fits no field is out of date, and fails a test.
"""

from __future__ import annotations

from typing import Final

#: Below `<root>/Body`: no option sets it, and it is given in the body as JSON.
NO_OPTION: Final = {
    "*/@*SearchKey": "the hub makes the search keys",
    "NotifyCheckResult_Request/*": "too large for options: `erru ncr` reads JSON alone",
    "RoadSideInspection_Request/*": "too large for options: `erru rsi` reads JSON alone",
    "*/@placeOfBirth": "no register searches by it",
    "CheckCardStatus_Request/Body/@request*": "",
}

#: The fields of records of CIC that have no column in the applications, or in the results, of a batch.
NO_COLUMN: Final = {
    "family_name_search_key": "the hub makes the search keys",
    "first_name_search_key": "the hub makes the search keys",
    "place_of_birth": "tells two holders apart that a person looks at: `tachonet cic --json` shows it",
    "status_modified_date": "does not change what is due: `tachonet cic --json` shows it",
    "temporary_card": "does not change what is due: `tachonet cic --json` shows it",
    "driving_licence_status": "does not change what is due: `tachonet ccs` shows it",
}

#: Below `<root>`: no register of the sandbox ever answers with it.
NOT_IN_THE_SANDBOX: Final = {}
