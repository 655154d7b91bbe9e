"""Fields that one step of CONTRIBUTING's recipe leaves out: patterns of them, each with its reason.

A field that fits no pattern must be there. A pattern that no field needs is out of date. Both fail a test.
"""

from __future__ import annotations

from typing import Final

#: No option of a command sets these; the body as JSON has every field.
NO_OPTION: Final = {
    "*SearchKey": "the hub makes the search keys",
    "*/TransportManagerNameDetails/*@placeOfBirth": "no register of ERRU searches by it",
    "*/TransportManagerAddressDetails/@*": "no register searches by an address",
    "*/SearchByLicenceAndName/Vehicle/@*": "with all three `erru ctud` searches by licence and vehicle",
    "*/SearchByNameAndVehicle/@communityLicenceNumber": "with all three it searches by licence and vehicle",
    "*/TransportManagerCertificateDetails/TransportManager/@*": "`erru nu` puts a name first if there is one",
    "*/DeclaredBy/@phone": "how to reach a person stays out of the shell's history",
    "*/DeclaredBy/@email": "how to reach a person stays out of the shell's history",
    "*/DeclaredBy/@familyName": "an officer's name stays out of the shell's history",
    "*/DeclaredBy/@firstName": "an officer's name stays out of the shell's history",
}

#: Fields of a request without a column in the file of a batch, by the kind of the batch.
NO_COLUMN: Final[dict[str, dict[str, str]]] = {
    "TACHOnet CIC": {"*_search_key": "the hub makes the search keys"},
    "ERRU CGR": {
        "originating_authority": "the option of the command has it",
        "*_search_key": "the hub makes the search keys",
        "place_of_birth": "no register of ERRU searches by it",
        "address": "no register searches by an address",
        "post_code": "no register searches by an address",
        "city": "no register searches by an address",
        "country": "no register searches by an address",
    },
    "ERRU CTUD": {"originating_authority": "the option of the command has it"},
    "ERRU NCR": {
        "check_result": "each is a clean check",
        **dict.fromkeys(
            (
                *("date_of_infringement", "number_of_infringements", "category", "infringement_type"),
                *("appeal_possible", "start_date", "end_date", "penalty_*", "final_decision_date"),
                *("is_executed", "*reason*", "duration"),
            ),
            "a clean check has no infringement: use `erru ncr`",
        ),
    },
}

#: No register of the sandbox answers with these.
NOT_IN_THE_SANDBOX: Final = {
    "*/SearchedDriver/@*": "repeats the question",
    "*/SearchedTransportManager/*": "repeats the question",
    "*/SearchedCompany/*": "repeats the question",
    "*/@statusMessage": "a register adds no words of its own",
    "*/DrivingLicenceDetails/@drivingLicence*Date": "the data have no dates of licences",
    "*/TransportManagerDetails/TransportManagerAddressDetails/@*": "the data have no addresses of people",
    "*/CommunityLicenceDetails/@suspension*": "the data have no dates of a suspension",
    "*/CommunityLicenceDetails/@withdrawalDate": "the data have no dates of a withdrawal",
}
