"""List the steps that Annex VIII requires in a case, in their order. This sends no message."""

from __future__ import annotations

from datetime import date

from tachonet_client import Application, Event, Policy, RecordedNotification, Sample, due

POLICY = Policy(
    state="FI", records_icdl_since=date(2018, 3, 2), sample=Sample("Traficom 2026", percentage=35)
)

CASES = (
    Application(
        case_id="FI-2026-005001", event=Event.ISSUE, received_on=date(2026, 11, 23), licence_state="SE"
    ),
    Application(
        case_id="FI-2026-005002",
        event=Event.ISSUE,
        received_on=date(2026, 11, 23),
        licence_state="FI",
    ),
    Application(
        case_id="FI-2026-005002",
        event=Event.ISSUE,
        received_on=date(2026, 11, 23),
        licence_state="FI",
        own_register_searched=True,
        notifications=(RecordedNotification(notified_by="EE", card_number="EE00000012345600"),),
    ),
    Application(
        case_id="FI-2026-005003",
        event=Event.EXCHANGE,
        received_on=date(2026, 11, 23),
        licence_state="SE",
        card_issued_by="SE",
        card_number="SE00895045081800",
    ),
    Application(
        case_id="FI-2026-005004", event=Event.STOLEN, received_on=date(2026, 11, 23), card_issued_by="PL"
    ),
    Application(
        case_id="FI-2026-005005",
        event=Event.REPLACEMENT,
        received_on=date(2026, 11, 23),
        licence_state="SE",
    ),
)


def main() -> None:
    """Print the steps of each case."""
    for application in CASES:
        print(application.event.value, application.case_id)
        for each in due(application, POLICY):
            status = f" ({each.new_status})" if each.new_status else ""
            point = each.article.rpartition(", ")[2] + (", inferred" if each.inferred else "")
            print(f"  {each.step}{status} {each.when} [{point}]")


if __name__ == "__main__":
    main()
