"""Batches about invented people, and a hub for them that does what a line says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

from movehub.batch import Kind, Lines, Results, Summary, Way, run
from movehub.batch.rows import Row, headings, read_rows
from movehub.errors import ErrorNotified, HttpRefused, HubUnreachable, MovehubError, OutcomeUnknown
from movehub.protocol.message import ErrorNotification, ErrorStatus, Message
from movehub.protocol.outcome import NotificationStatus, SearchStatus
from movehub.protocol.rate_limit import RateLimit
from movehub.protocol.reply import Reply

from erru_client.batch_ncr import NCR
from tachonet_client.batch_cic import CIC

from .clock import Clock
from .examples import CANARY, FI_ERRU, FI_TACHONET, found_driver

SIGNATURE = "applications of a test"

#: What the hub does about a line of applications, by the word in its licence number.
BEHAVIOURS = ("found", "nobody", "late", "silent", "down")
#: What it does about a line of clean checks, by the word in the name of the undertaking.
RECEIPTS = ("delivered", "late", "version 2", "silent", "refused", "notified", "down")

Send = Callable[[Message[Any]], Reply[Any]]


def application_lines(behaviours: Sequence[str]) -> str:
    rows = [
        f"FI-{number},{CANARY}{number},,1980-01-01,{behaviour},DK,ZZ"
        for number, behaviour in enumerate(behaviours, 2)
    ]
    headings_ = "business_case_id,family_name,first_name,date_of_birth,driving_licence_number,"
    return "\n".join([headings_ + "driving_licence_issuing_country,to", *rows]) + "\n"


def applications(path: Path, behaviours: Sequence[str]) -> Lines:
    path.write_text(application_lines(behaviours), "utf-8")
    return Lines.read(CIC, path, "Traficom", lambda request, to: None)


def check_lines(behaviours: Sequence[str], to: str = "PL") -> str:
    rows = [
        f"FI-{number},{behaviour},TP-{number},WA {number},PL,2026-11-22,{to}"
        for number, behaviour in enumerate(behaviours, 2)
    ]
    return "\n".join([",".join(NCR.required), *rows]) + "\n"


def clean_checks(path: Path, behaviours: Sequence[str]) -> Lines:
    path.write_text(check_lines(behaviours), "utf-8")
    return Lines.read(NCR, path, "Traficom", lambda request, to: None)


def reply_to(message: Message[Any], body: Any) -> Reply[Any]:
    """Return an answer as the reply of the states that have a row in it."""
    rows = getattr(body, "member_states", ())
    asked = tuple(row.member_state_code for row in rows) or (message.header.to,)
    return Reply(header=message.header, body=body, asked=asked)


class Asked:
    """A hub in the place of the real one. It notes the lines of which it got a message."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self._lock = Lock()

    def __call__(self, message: Message[Any]) -> Reply[Any]:
        with self._lock:
            self.lines.append(int(message.body.business_case_id.removeprefix("FI-")))
        return reply_to(message, self.answer(message.body))

    def answer(self, request: Any) -> Any:
        behaviour = str(request.searched_driver.driving_licence_number)
        if behaviour == "silent":
            raise OutcomeUnknown("the connection ended")
        if behaviour == "down":
            raise HubUnreachable("no connection to the hub")
        (first,) = request.answer("DK", (found_driver(), found_driver())).member_states
        if behaviour == "nobody":
            first = replace(first, status_code=SearchStatus.NOT_FOUND, found=())
        if behaviour != "late":
            return request.answered_with(first)
        return request.answered_with(first, request.unanswered("SE", SearchStatus.TIMEOUT))


class Notified(Asked):
    """A hub that gets notifications. It notes those that it got, whatever it then answers."""

    def __call__(self, message: Message[Any]) -> Reply[Any]:
        if message.body.transport_undertaking.transport_undertaking_name == "down":
            raise HubUnreachable("no connection to the hub")
        return super().__call__(message)

    def answer(self, request: Any) -> Any:
        match request.transport_undertaking.transport_undertaking_name:
            case "silent":
                raise OutcomeUnknown("the connection ended")
            case "refused":
                raise HttpRefused(400)
            case "notified":
                raise ErrorNotified(
                    ErrorNotification(
                        business_case_id=request.business_case_id,
                        status_code=ErrorStatus.SERVER_ERROR,
                        status_message="the register is down",
                        original_message="",
                    )
                )
            case "late":
                return request.unanswered(NotificationStatus.TIMEOUT)
            case "version 2":
                said = "The Member State still speaks version 2. The notification has not been forwarded."
                return request.unanswered(NotificationStatus.OK, said)
        return request.acknowledge("GITD")


def way_of(kind: Kind, send: Send) -> Way:
    return Way((FI_ERRU if kind.name.startswith("ERRU") else FI_TACHONET).request, send)


def quickly() -> RateLimit:
    clock = Clock()
    return RateLimit(clock=clock, sleep=clock.sleep)


def run_once(
    batch: Lines,
    path: Path,
    send: Send,
    *,
    at_once: int = 1,
    again: Collection[str] = (),
    stopping: Callable[[], bool] = lambda: False,
) -> Summary:
    way = way_of(batch.kind, send)
    with Results.open(path, batch, SIGNATURE) as results:
        return run(results, way, pace=quickly(), at_once=at_once, again=again, stopping=stopping)


def rows_of(path: Path, kind: Kind = CIC) -> list[Row]:
    content = path.read_bytes()
    assert content.startswith(headings(kind))
    assert content.endswith(b"\n")
    return list(read_rows(kind, content))


def last_attempts(path: Path, kind: Kind = CIC) -> dict[str, set[tuple[str, ...]]]:
    """What the file says of each line: the rows of its last attempt, without what differs in each attempt."""
    last: dict[str, str] = {}
    rows = rows_of(path, kind)[1:]
    for row in rows:
        last[row.line] = row.attempt
    said: dict[str, set[tuple[str, ...]]] = {line: set() for line in last}
    for row in rows:
        if row.attempt == last[row.line]:
            said[row.line].add((row.outcome, row.member_state, *row.cells.values(), row.said))
    return said


def a_failure(error: MovehubError) -> Send:
    def send(message: Message[Any]) -> Reply[Any]:
        raise error

    return send
