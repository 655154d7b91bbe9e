"""How a later response must stand, by the messages alone: NCR and MCS, owed by us and awaited.

It reads inbox and outbox, and none of the columns by which a node keeps these states itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from movehub.codec.codec import Codec
from movehub.protocol.workflow import WORKFLOWS
from movehub.store.tables import Kind, LaterResponse, Received, Sent

import erru_client as erru
import tachonet_client as tachonet

_CODECS: Final[dict[str, Codec]] = {codec.system: codec for codec in (erru.CODEC, tachonet.CODEC)}
#: The message that a later response follows, and that response.
_RESPONSES: Final = {each.opening: each.later_response for each in WORKFLOWS if each.later_response}

Rows = Mapping[str, Any]
#: System and workflow identifier.
Key = tuple[str, str]


def expected(inbox: Rows, outbox: Rows, us: str = "FI") -> dict[Key, LaterResponse]:
    """Return the state of each later response, from the rows of both tables by technical identifier."""
    owed = {
        _key(row): _owed(row, inbox, outbox, us)
        for row in inbox.values()
        if row["root"] in _RESPONSES and row["kind"] == Kind.NOTIFICATION
    }
    awaited = {_key(row): _awaited(row, inbox, us) for row in outbox.values() if row["root"] in _RESPONSES}
    return owed | awaited


def _key(row: Mapping[str, Any]) -> Key:
    return row["system"], row["workflow_id"]


def _owed(row: Mapping[str, Any], inbox: Rows, outbox: Rows, us: str) -> LaterResponse:
    ours = [each for each in outbox.values() if each["root"] == _RESPONSES[row["root"]]]
    if any(_key(each) == _key(row) and _was_delivered(each, inbox) for each in ours):
        return LaterResponse.GIVEN
    answers = [each for each in outbox.values() if each["in_reply_to"] == row["technical_id"]]
    is_acknowledged = any(each["root"] != "ErrorNotification" for each in answers)
    if row["state"] != Received.PROCESSED and not is_acknowledged:  # an operator can retry one that failed
        return LaterResponse.EXPECTED
    return LaterResponse.DUE if row["to_code"] == us else LaterResponse.NONE


def _awaited(row: Mapping[str, Any], inbox: Rows, us: str) -> LaterResponse:
    theirs = [each for each in inbox.values() if each["root"] == _RESPONSES[row["root"]]]
    if any(
        _key(each) == _key(row) and each["state"] == Received.PROCESSED and each["to_code"] == us
        for each in theirs
    ):
        return LaterResponse.GIVEN
    if row["state"] != Sent.ANSWERED:
        return LaterResponse.EXPECTED
    return LaterResponse.DUE if _was_delivered(row, inbox) else LaterResponse.NONE


def _was_delivered(row: Mapping[str, Any], inbox: Rows) -> bool:
    """Whether a message of ours has a receipt that says that it arrived."""
    if row["state"] != Sent.ANSWERED:
        return False
    answer = inbox[row["answered_by"]]
    if answer["kind"] != Kind.ANSWER:
        return False
    return bool(_CODECS[row["system"]].decode(answer["document"]).body.delivered)


def wrong_states(inbox: Rows, outbox: Rows, workflows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Say which workflows are in another state than their messages."""
    stored = {_key(row): row for row in workflows}
    for key, state in expected(inbox, outbox).items():
        row = stored.get(key)
        if row is None:
            yield f"a workflow with a response that is {state} is not there"
        elif row["response"] != state:
            side = "awaited" if row["opened_by_us"] else "owed"
            yield f"the {side} response to {row['root']} is {row['response']} and must be {state}"
        elif state is LaterResponse.DUE and not isinstance(row["response_due"], datetime):
            yield f"the response to {row['root']} has no date"
