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

#: Fields of CIC without a column in the applications, or in the results, of a batch.
NO_COLUMN: Final = {
    "family_name_search_key": "the hub makes the search keys",
    "first_name_search_key": "the hub makes the search keys",
    "status_modified_date": "does not change what is due; `tachonet cic --json` shows it",
    "temporary_card": "does not change what is due; `tachonet cic --json` shows it",
    "driving_licence_status": "does not change what is due; `tachonet cic --json` shows it",
    "driving_licence_issue_date": "does not change what is due; `tachonet cic --json` shows it",
    "driving_licence_expiry_date": "does not change what is due; `tachonet cic --json` shows it",
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
