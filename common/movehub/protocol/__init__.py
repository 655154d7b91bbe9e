"""The protocol of the hub, alike in TACHOnet and ERRU: messages, workflows, editions, rules, member states.

A `Message` has a `Header` and a `Body`, and an `Edition` gives their words. `Exchange` makes requests and
correlates their answers. `WORKFLOWS` is the table of who sends which message to whom, `Outcome` the result of
a request, and a `Rule` a demand that no schema can hold. `to_dict` and `from_dict` turn records into plain
data and back.
"""

from movehub.protocol.edition import Edition, MessageSchema, OfficialSchema, Violation
from movehub.protocol.exchange import Exchange, utc_now
from movehub.protocol.member_states import (
    COUNTRIES,
    MEMBER_STATES,
    Standing,
    country_of,
    distinguishing_sign,
    from_distinguishing_sign,
    header_code,
    participants_of,
    sent_as,
)
from movehub.protocol.message import (
    DEFAULT_LIMIT,
    Body,
    ErrorNotification,
    ErrorStatus,
    Header,
    Message,
    Request,
)
from movehub.protocol.notified_licence import NotifiedLicence, SearchedLicence
from movehub.protocol.outcome import (
    Acknowledged,
    NotificationStatus,
    Outcome,
    Receipt,
    SearchStatus,
    StateRow,
    was_delivered,
)
from movehub.protocol.plain_data import from_dict, to_dict
from movehub.protocol.rate_limit import MOST_PER_SECOND, RateLimit
from movehub.protocol.repetition import respelt_fields, same_but_case_and_blanks
from movehub.protocol.reply import Reply, missing_states, states_asked
from movehub.protocol.rules import Level, Rule, broken_rules, header_rules
from movehub.protocol.vocabulary import OURS, Vocabulary, anywhere
from movehub.protocol.workflow import (
    BROADCAST,
    HEARTBEAT,
    HUB,
    HUB_AUTHORITY,
    WORKFLOWS,
    answer_to,
    workflow_of,
)

__all__ = [
    "BROADCAST",
    "COUNTRIES",
    "DEFAULT_LIMIT",
    "HEARTBEAT",
    "HUB",
    "HUB_AUTHORITY",
    "MEMBER_STATES",
    "MOST_PER_SECOND",
    "OURS",
    "WORKFLOWS",
    "Acknowledged",
    "Body",
    "Edition",
    "ErrorNotification",
    "ErrorStatus",
    "Exchange",
    "Header",
    "Level",
    "Message",
    "MessageSchema",
    "NotificationStatus",
    "NotifiedLicence",
    "OfficialSchema",
    "Outcome",
    "RateLimit",
    "Receipt",
    "Reply",
    "Request",
    "Rule",
    "SearchStatus",
    "SearchedLicence",
    "Standing",
    "StateRow",
    "Violation",
    "Vocabulary",
    "answer_to",
    "anywhere",
    "broken_rules",
    "country_of",
    "distinguishing_sign",
    "from_dict",
    "from_distinguishing_sign",
    "header_code",
    "header_rules",
    "missing_states",
    "participants_of",
    "respelt_fields",
    "same_but_case_and_blanks",
    "sent_as",
    "states_asked",
    "to_dict",
    "utc_now",
    "was_delivered",
    "workflow_of",
]
