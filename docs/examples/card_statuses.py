"""Translate card statuses into the values of your procedure. One table is incomplete."""

from __future__ import annotations

from enum import StrEnum

from movehub.errors import InvalidConfiguration

from tachonet_client import CardStatus, StatusTranslation, definition_of


class Procedure(StrEnum):
    """The card values of an invented authority."""

    RUNNING = "running"
    HELD = "held"
    STOPPED = "stopped"


STOPPED = (CardStatus.SUSPENDED, CardStatus.WITHDRAWN, CardStatus.STOLEN, CardStatus.LOST, CardStatus.EXPIRED)
TABLE = dict.fromkeys(CardStatus, Procedure.RUNNING) | dict.fromkeys(STOPPED, Procedure.STOPPED)
TABLE[CardStatus.HANDED_OVER] = Procedure.HELD


def main() -> None:
    """Translate with the default table and with your own, then leave out two statuses."""
    for status in (CardStatus.HANDED_OVER, CardStatus.STOLEN):
        print(f"{status}: {definition_of(status).meaning}")
        print("  by the table that is shipped:", StatusTranslation.default().to_local(status))
        print("  by the authority's own:", StatusTranslation.of(TABLE, Procedure).to_local(status))
    del TABLE[CardStatus.LOST], TABLE[CardStatus.EXPIRED]
    try:
        StatusTranslation.of(TABLE, Procedure)
    except InvalidConfiguration as error:
        print(error)


if __name__ == "__main__":
    main()
