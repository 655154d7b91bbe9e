"""What must hold after a run, whatever instant the process was killed at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from movehub.protocol.message import ErrorNotification
from movehub.store import Reason, Store, open_escalations
from movehub.store.journal import COURIER, Access, check
from movehub.store.late_responses import escalate_late_responses
from movehub.store.tables import (
    ESCALATIONS,
    INBOX,
    JOURNAL,
    OUTBOX,
    STATISTIC,
    WORKFLOW,
    Kind,
    LaterResponse,
    Received,
    Sending,
    Sent,
)
from sqlalchemy import select, text

from tests.support.counted import wrong_counts
from tests.support.databases import Hands
from tests.support.later_responses import Key, wrong_states

from .runs import Evidence
from .traffic import Document

_ASKS: Final = (Kind.QUERY, Kind.NOTIFICATION, Kind.HEARTBEAT)
#: What the hub has, or may have.
_WENT_OUT: Final = (Sent.DELIVERED, Sent.ANSWERED, Sent.UNKNOWN)


@dataclass(frozen=True)
class Remains:
    """A run's evidence, and what stands in its database."""

    evidence: Evidence
    inbox: dict[str, Any]
    outbox: dict[str, Any]
    effects: Counter[tuple[str, str]]
    attention: list[Any]
    journal: list[Any]
    statistics: list[Any]
    workflows: list[Any]
    journal_fault: str | None

    def came(self, *kinds: Kind) -> dict[str, Document]:
        """Return what was accepted with 202, by identifier."""
        accepted = self.evidence.accepted
        return {each.technical_id: each for each in accepted if each.status == 202 and each.kind in kinds}

    def arrived(self, technical_id: str) -> list[Any]:
        """Return each delivery of one message to the hub."""
        return [
            each
            for each in self.evidence.arrivals
            if str(each.message.header.technical_id).lower() == technical_id
        ]

    def delivered(self, answer: Any) -> list[bytes]:
        """Return what the hub got of an answer: on the connections of the node, or on its own."""
        if self.evidence.synchronous:
            return self.evidence.replies[answer["in_reply_to"]]
        return [each.data for each in self.arrived(answer["technical_id"])]


def remains(evidence: Evidence) -> Remains:
    """Read the database of a run."""
    with Store.open(evidence.address) as store:
        with store.reading() as connection:

            def rows(table: Any) -> list[Any]:
                return [dict(row) for row in connection.execute(select(table)).mappings()]

            effects = connection.execute(text("SELECT technical_id, what FROM effect")).all()
            finding = check(store.journal, connection).finding
            return Remains(
                evidence,
                {row["technical_id"]: row for row in rows(INBOX)},
                {row["technical_id"]: row for row in rows(OUTBOX)},
                Counter((row[0], row[1]) for row in effects),
                rows(ESCALATIONS),
                rows(JOURNAL),
                rows(STATISTIC),
                rows(WORKFLOW),
                None if finding is None else str(finding),
            )


def _nothing_is_lost(left: Remains) -> Iterator[str]:
    """What got its 202 is in the inbox, with its very bytes, and settled."""
    expected = {
        Kind.ANSWER: (Received.PROCESSED, Received.PARKED),
        Kind.ERROR: (Received.PROCESSED, Received.PARKED),
    }
    for identifier, document in left.came(*Kind).items():
        row = left.inbox.get(identifier)
        if row is None:
            yield f"{document.name} was accepted, and is not there"
        elif row["document"] != document.data:
            yield f"{document.name} has other bytes"
        elif row["state"] not in expected.get(document.kind, (Received.PROCESSED,)):
            yield f"{document.name} is {row['state']}"
    for identifier in left.inbox.keys() - left.came(*Kind).keys() - _answered_at_once(left):
        yield f"{identifier} is in the inbox, and nobody sent it"


def _answered_at_once(left: Remains) -> set[str]:
    """What came back on the connection of a request of ours: nobody got a 202 for it."""
    return {
        row["answered_by"]
        for row in left.outbox.values()
        if row["answered_by"] and row["root"] == "CheckGoodRepute_Request"
    }


def _each_effect_once(left: Remains) -> Iterator[str]:
    """Each notification for us was recorded once, and nothing else ever was."""
    recorded = {identifier: times for (identifier, what), times in left.effects.items() if what == "recorded"}
    for identifier, document in left.came(Kind.NOTIFICATION).items():
        wanted = int(document.message is not None and document.message.header.to == "FI")
        if recorded.pop(identifier, 0) != wanted:
            yield f"{document.name} had its effect {left.effects[identifier, 'recorded']} times"
    yield from (f"{identifier} had an effect" for identifier in recorded)


def _one_answer_the_same_bytes(left: Remains) -> Iterator[str]:
    """Each request has one answer, which the hub has, byte for byte the same at each delivery."""
    answers = {row["in_reply_to"]: row for row in left.outbox.values() if row["kind"] == Sending.ANSWER}
    for identifier, document in left.came(*_ASKS).items():
        row = answers.pop(identifier, None)
        if row is None:
            yield f"{document.name} has no answer"
            continue
        deliveries = left.delivered(row)
        if row["state"] != Sent.DELIVERED or not deliveries:
            yield f"the answer to {document.name} is {row['state']}, and came {len(deliveries)} times"
        if set(deliveries) - {row["document"]}:
            yield f"the answer to {document.name} came with other bytes"
    yield from (f"{identifier} was answered, and is no request" for identifier in answers)


def _nothing_unasked_goes_out(left: Remains) -> Iterator[str]:
    """The hub was given what stands in the outbox, and one answer a workflow; no error was answered."""
    errors = {document.technical_id for document in left.came(Kind.ERROR, Kind.ANSWER).values()}
    for arrival in left.evidence.arrivals:
        identifier = str(arrival.message.header.technical_id).lower()
        if identifier not in left.outbox:
            yield f"{arrival.message.body.root} came to the hub, and is in no outbox"
        elif left.outbox[identifier]["in_reply_to"] in errors:
            yield "an answer or an error was answered"
        if isinstance(arrival.message.body, ErrorNotification):
            asked = left.inbox[left.outbox[identifier]["in_reply_to"]]
            if asked["to_code"] == "FI":
                yield f"{asked['root']} was answered with an error"


def _requests_go_once(left: Remains) -> Iterator[str]:
    """A ticket is kept; what was taken once is not sent again; it ends answered, or a person is called."""
    requests = {key: row for key, row in left.outbox.items() if row["kind"] == Sending.REQUEST}
    for name, identifier in left.evidence.tickets.items():
        if identifier not in requests:
            yield f"{name} has a ticket, and is not there"
    called = {row["technical_id"] for row in left.attention}
    for identifier, row in requests.items():
        taken = [each for each in left.arrived(identifier) if each.taken]
        if len(taken) > 1:
            yield f"{row['root']} was sent {len(taken)} times"
        if row["state"] == Sent.ANSWERED:
            answer = row["answered_by"]
            if left.effects[answer, "told"] != 1 or left.inbox[answer]["state"] != Received.PROCESSED:
                yield f"the answer to {row['root']} was told {left.effects[answer, 'told']} times"
        elif row["state"] != Sent.UNKNOWN or identifier not in called:
            yield f"{row['root']} of ours is {row['state']}, and nobody was called"
    of_ours = {row["answered_by"] for row in requests.values()}
    for identifier, document in left.came(Kind.ANSWER).items():
        if document.name != "unsolicited answer" and identifier not in of_ours:
            yield f"{document.name} was accepted, and its request does not know it"


def _what_is_odd_calls_a_person(left: Remains) -> Iterator[str]:
    """What is parked, or an error, or another document under a known identifier, has one open entry."""
    reasons = Counter((row["reason"], row["technical_id"]) for row in left.attention)
    for (reason, identifier), times in reasons.items():
        if times > 1:
            yield f"{reason} was escalated {times} times for {identifier}"
    for document in left.came(Kind.ANSWER, Kind.ERROR).values():
        parked = left.inbox.get(document.technical_id, {}).get("state") == Received.PARKED
        if parked != (document.name in {"unsolicited answer", "error about nothing"}):
            yield f"{document.name} is {'parked' if parked else 'not parked'}"
        if parked and not reasons["unsolicited", document.technical_id]:
            yield f"{document.name} is parked, and nobody was called"
        if document.name == "error about NU" and not reasons["error notified", document.technical_id]:
            yield "nobody was called about an ErrorNotification"
    if not any(reason == "identifier reused" for reason, _ in reasons):
        yield "nobody was called about an identifier that came with other bytes"


def _the_journal_agrees(left: Remains) -> Iterator[str]:
    """The journal is whole, and has one line for each thing that was done, and one for each author."""
    if left.journal_fault is not None:
        yield left.journal_fault
    lines = Counter(
        ("posted" if _is_by_an_author(row) else row["access"], row["technical_id"]) for row in left.journal
    )
    for identifier, document in left.came(*Kind).items():
        wanted = int(document.kind is not Kind.HEARTBEAT)
        if lines["collected", identifier] != wanted:
            yield f"{document.name}: {lines['collected', identifier]} lines in the journal that it came"
    for identifier, row in left.outbox.items():
        asked = left.inbox.get(row["in_reply_to"] or "", {}).get("kind")
        if asked != Kind.HEARTBEAT and lines["communicated", identifier] != (row["state"] in _WENT_OUT):
            yield f"{row['root']}: {lines['communicated', identifier]} lines in the journal that it went out"
        if lines["posted", identifier] != (row["kind"] == Sending.REQUEST):
            yield f"{row['root']} has {lines['posted', identifier]} authors in the journal"


def _is_by_an_author(row: Any) -> bool:
    return bool(row["access"] == Access.COMMUNICATED and row["actor"] != COURIER)


def _no_undelivered_answer_counts(left: Remains) -> Iterator[str]:
    """Each request counts once, and as answered only if its answer was delivered."""
    at_the_hub = {row["technical_id"] for row in left.outbox.values() if _is_at_the_hub(left, row)}
    synchronous = left.evidence.synchronous
    yield from wrong_counts(left.inbox, left.outbox, left.statistics, at_the_hub, synchronous=synchronous)


def _is_at_the_hub(left: Remains, row: Any) -> bool:
    if left.evidence.synchronous and row["kind"] == Sending.ANSWER:
        return bool(left.evidence.replies[row["in_reply_to"]])
    return any(each.taken for each in left.arrived(row["technical_id"]))


def _later_responses_are_due_until_they_have_arrived(left: Remains) -> Iterator[str]:
    """Each workflow with a later response is in the state of its messages, and escalated if that is due."""
    yield from wrong_states(left.inbox, left.outbox, left.workflows)
    due = {
        (row["system"], row["workflow_id"]): row["response_due"]
        for row in left.workflows
        if row["response"] == LaterResponse.DUE
    }
    escalated = _escalated_before(left.evidence.address, set(due.values()))
    if escalated != Counter(due.keys()):
        yield f"{len(due)} responses are due, and {escalated.total()} are escalated before their day"
    if not due:
        yield "no response is due, so this shows nothing"


def _escalated_before(address: str, days: set[datetime]) -> Counter[Key]:
    """Look for later responses an hour before each of their days, and return the workflows with an entry."""
    calendar = Hands()
    with Store.open(address, now=calendar) as store:
        for until in sorted(days):
            calendar.instant = until - timedelta(hours=1)
            escalate_late_responses(store)
        with store.reading() as connection:
            return Counter(
                (str(each.system), str(each.workflow_id))
                for each in open_escalations(connection)
                if each.reason is Reason.RESPONSE_DUE
            )


#: Each of them, by what it holds.
INVARIANTS: Final[tuple[Callable[[Remains], Iterator[str]], ...]] = (
    _nothing_is_lost,
    _each_effect_once,
    _one_answer_the_same_bytes,
    _nothing_unasked_goes_out,
    _requests_go_once,
    _what_is_odd_calls_a_person,
    _the_journal_agrees,
    _no_undelivered_answer_counts,
    _later_responses_are_due_until_they_have_arrived,
)


def breaches(evidence: Evidence) -> list[str]:
    """Return what does not hold after a run, in words."""
    left = remains(evidence)
    return [*evidence.troubles, *(said for holds in INVARIANTS for said in holds(left))]
