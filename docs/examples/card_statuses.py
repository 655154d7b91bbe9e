"""Card statuses: from the law's word to the value of a national procedure, and a table with a hole."""

from __future__ import annotations

from enum import StrEnum

from movehub.errors import InvalidConfiguration

from tachonet_client import CardStatus, StatusTranslation, definition_of


class Procedure(StrEnum):
    """What the cards of an invented authority can be."""

    RUNNING = "running"
    HELD = "held"
    STOPPED = "stopped"


STOPPED = (CardStatus.SUSPENDED, CardStatus.WITHDRAWN, CardStatus.STOLEN, CardStatus.LOST, CardStatus.EXPIRED)
TABLE = dict.fromkeys(CardStatus, Procedure.RUNNING) | dict.fromkeys(STOPPED, Procedure.STOPPED)
TABLE[CardStatus.HANDED_OVER] = Procedure.HELD


def main() -> None:
    """Translate by the table that is shipped and by one's own, then leave a status out."""
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
