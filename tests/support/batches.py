"""A batch of applications about invented people, and a hub for it that does what its line says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock

from movehub.errors import HubUnreachable, MovehubError, OutcomeUnknown
from movehub.protocol.outcome import SearchStatus
from movehub.protocol.rate_limit import RateLimit

from tachonet_client import CheckIssuedCardsResponse, SearchedDriver
from tachonet_client.batch import Summary, run
from tachonet_client.batch_applications import Applications, Line
from tachonet_client.batch_results import Results
from tachonet_client.batch_rows import HEADINGS, Row, read_rows

from .clock import Clock
from .examples import CANARY, found_driver

SIGNATURE = "applications of a test"

#: What the hub does about a line, by the word in its licence number.
BEHAVIOURS = ("found", "nobody", "late", "silent", "down")


def application_lines(behaviours: Sequence[str]) -> str:
    rows = [
        f"FI-{number},{CANARY}{number},,1980-01-01,{behaviour},DK,ZZ"
        for number, behaviour in enumerate(behaviours)
    ]
    headings = "business_case_id,family_name,first_name,date_of_birth,driving_licence_number,"
    return "\n".join([headings + "driving_licence_issuing_country,to", *rows]) + "\n"


def applications(path: Path, behaviours: Sequence[str]) -> Applications:
    path.write_text(application_lines(behaviours), "utf-8")
    return Applications.read(path, "Traficom", lambda request, to: None)


class Asked:
    """A hub in the place of the real one. It notes which lines it was asked about."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self._lock = Lock()

    def __call__(self, line: Line) -> CheckIssuedCardsResponse:
        with self._lock:
            self.lines.append(line.number)
        driver: SearchedDriver = line.request.searched_driver
        behaviour = str(driver.driving_licence_number)
        if behaviour == "silent":
            raise OutcomeUnknown("the connection ended")
        if behaviour == "down":
            raise HubUnreachable("no connection to the hub")
        (first,) = line.request.answer("DK", (found_driver(), found_driver())).member_states
        if behaviour == "nobody":
            first = replace(first, status_code=SearchStatus.NOT_FOUND, found=())
        if behaviour != "late":
            return line.request.answered_with(first)
        return line.request.answered_with(first, line.request.unanswered("SE", SearchStatus.TIMEOUT))


def quickly() -> RateLimit:
    clock = Clock()
    return RateLimit(clock=clock, sleep=clock.sleep)


def run_once(
    batch: Applications,
    path: Path,
    ask: Callable[[Line], CheckIssuedCardsResponse],
    *,
    at_once: int = 1,
    stopping: Callable[[], bool] = lambda: False,
) -> Summary:
    with Results.open(path, SIGNATURE) as results:
        return run(batch, results, ask, pace=quickly(), at_once=at_once, stopping=stopping)


def rows_of(path: Path) -> list[Row]:
    content = path.read_bytes()
    assert content.startswith(HEADINGS)
    assert content.endswith(b"\n")
    return list(read_rows(content))


def last_attempts(path: Path) -> dict[str, set[tuple[str, ...]]]:
    """What the file says of each line: the rows of its last attempt, which attempt it was left out."""
    last: dict[str, str] = {}
    rows = rows_of(path)[1:]
    for row in rows:
        last[row.line] = row.attempt
    said: dict[str, set[tuple[str, ...]]] = {line: set() for line in last}
    for row in rows:
        if row.attempt == last[row.line]:
            said[row.line].add((row.outcome, row.member_state, row.card_number, row.said))
    return said


def a_failure(error: MovehubError) -> Callable[[Line], CheckIssuedCardsResponse]:
    def ask(line: Line) -> CheckIssuedCardsResponse:
        raise error

    return ask
