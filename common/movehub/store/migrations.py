"""Migrations: steps from any older database to today's tables, never back.

Never change a step that was released: add a new one. A test compares the result of all steps with `tables`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, inspect, text

from movehub.errors import InvalidConfiguration
from movehub.store.databases import NEVER_SERVED

_MESSAGE: Final = """
    technical_id TEXT PRIMARY KEY, workflow_id TEXT NOT NULL, system TEXT NOT NULL, root TEXT NOT NULL,
    kind TEXT NOT NULL, from_code TEXT NOT NULL, to_code TEXT NOT NULL, sent_at BIGINT NOT NULL,
    digest TEXT NOT NULL, document {bytes}"""
_WORK: Final = """
    state TEXT NOT NULL, attempts INTEGER NOT NULL, next_attempt_at BIGINT NOT NULL, lease_owner TEXT,
    lease_until BIGINT, reason TEXT, done_at BIGINT"""

_FIRST: Final = (
    f"CREATE TABLE inbox ({_MESSAGE}, peer TEXT NOT NULL, received_at BIGINT NOT NULL,"
    f" answer_by BIGINT, {_WORK})",
    "CREATE INDEX inbox_work ON inbox (state, kind, next_attempt_at)",
    "CREATE INDEX inbox_workflow ON inbox (workflow_id)",
    f"CREATE TABLE outbox ({_MESSAGE}, in_reply_to TEXT UNIQUE, prepared_at BIGINT NOT NULL,"
    f" not_after BIGINT, answered_by TEXT, {_WORK})",
    "CREATE INDEX outbox_work ON outbox (state, kind, next_attempt_at)",
    "CREATE INDEX outbox_workflow ON outbox (workflow_id)",
    """CREATE TABLE workflow (
        system TEXT NOT NULL, workflow_id TEXT NOT NULL, opened_by_us BOOLEAN NOT NULL, partner TEXT NOT NULL,
        root TEXT NOT NULL, opened_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, request TEXT NOT NULL,
        answer TEXT, state TEXT NOT NULL, PRIMARY KEY (system, workflow_id))""",
    """CREATE TABLE attention (
        id {serial}, at BIGINT NOT NULL, last_at BIGINT NOT NULL, times INTEGER NOT NULL,
        reason TEXT NOT NULL, detail TEXT NOT NULL, system TEXT NOT NULL, technical_id TEXT,
        workflow_id TEXT, done_at BIGINT, done_by TEXT)""",
    "CREATE INDEX attention_open ON attention (done_at, reason)",
    """CREATE TABLE statistic (
        id {serial}, system TEXT NOT NULL, from_code TEXT NOT NULL, to_code TEXT NOT NULL, root TEXT NOT NULL,
        status TEXT NOT NULL, sent_at BIGINT NOT NULL, response_ms INTEGER)""",
    "CREATE INDEX statistic_sent ON statistic (sent_at)",
    """CREATE TABLE journal (
        seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL, access TEXT NOT NULL,
        system TEXT NOT NULL, technical_id TEXT, workflow_id TEXT, previous TEXT NOT NULL,
        digest TEXT NOT NULL)""",
    "CREATE TABLE slot (name TEXT PRIMARY KEY, next_at BIGINT NOT NULL)",
)

#: For retention, the beginning of the journal, and the heartbeats in the statistics.
_SECOND: Final = (
    "CREATE INDEX attention_message ON attention (technical_id)",
    "ALTER TABLE statistic ADD COLUMN kind TEXT NOT NULL DEFAULT 'query'",
    """CREATE TABLE journal_start (
        seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, digest TEXT NOT NULL, seal TEXT NOT NULL)""",
    "CREATE INDEX inbox_kept ON inbox (received_at) WHERE document IS NOT NULL",
    "CREATE INDEX outbox_kept ON outbox (prepared_at) WHERE document IS NOT NULL",
)

#: A response may take longer than 2**31 milliseconds (24 days).
_THIRD: Final = ("{longer_response}",)

#: Notified licences, with an index for each of the two searches and for retention.
_FOURTH: Final = (
    """CREATE TABLE notified_licence (
        technical_id TEXT PRIMARY KEY, notified_by TEXT NOT NULL, card_number TEXT NOT NULL,
        licence_number TEXT NOT NULL, family_name_key TEXT, first_name_key TEXT, date_of_birth TEXT,
        recorded_at BIGINT NOT NULL)""",
    "CREATE INDEX notified_licence_number ON notified_licence (licence_number)",
    "CREATE INDEX notified_licence_keys ON notified_licence (date_of_birth, family_name_key)",
    "CREATE INDEX notified_licence_recorded ON notified_licence (recorded_at)",
)

#: Sums in place of the rows of old months, and the rows of messages that retention has emptied and removes.
_FIFTH: Final = (
    """CREATE TABLE month_requests (
        month TEXT NOT NULL, system TEXT NOT NULL, from_code TEXT NOT NULL, to_code TEXT NOT NULL,
        root TEXT NOT NULL, status TEXT NOT NULL, kind TEXT NOT NULL, times BIGINT NOT NULL,
        responses BIGINT NOT NULL, response_ms BIGINT NOT NULL, in_time BIGINT NOT NULL, slowest_ms BIGINT,
        PRIMARY KEY (month, system, from_code, to_code, root, status, kind))""",
    """CREATE TABLE month (
        month TEXT PRIMARY KEY, began_at BIGINT NOT NULL, of_us BIGINT, down_us BIGINT,
        mcs_requests BIGINT NOT NULL, mcs_in_time BIGINT NOT NULL, mcs_late BIGINT NOT NULL)""",
    "CREATE INDEX inbox_emptied ON inbox (received_at) WHERE document IS NULL",
    "CREATE INDEX outbox_emptied ON outbox (prepared_at) WHERE document IS NULL",
)

#: What became of a request of ours. It stays empty for those that were answered before.
_OUTCOMES: Final = (
    "ALTER TABLE outbox ADD COLUMN outcome TEXT",
    "ALTER TABLE outbox ADD COLUMN states TEXT",
)

#: An answer is counted when it was delivered, and by our clock. Until now a row had the instant of its
#: sender's clock, and was written when the answer was stored. So requests that still wait get their row here.
_DELIVERED_ANSWERS: Final = (
    "DROP INDEX statistic_sent",
    "ALTER TABLE statistic RENAME COLUMN sent_at TO at",
    "ALTER TABLE statistic RENAME COLUMN response_ms TO answered_at",
    # A sender's clock may have been at the end of the calendar, after which Python has no instant.
    "UPDATE statistic SET answered_at = CASE WHEN at > 253402300799999999 - answered_at * 1000 THEN at"
    " ELSE at + answered_at * 1000 END WHERE answered_at IS NOT NULL",
    "ALTER TABLE statistic ADD COLUMN request TEXT",
    "ALTER TABLE outbox ADD COLUMN status TEXT",
    """INSERT INTO statistic (system, from_code, to_code, root, status, at, kind, request)
        SELECT system, from_code, to_code, root, 'none', received_at, kind, technical_id FROM inbox
        WHERE state IN ('received', 'processing') AND kind IN ('query', 'notification', 'heartbeat')
        AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.in_reply_to = inbox.technical_id)""",
    "CREATE INDEX statistic_at ON statistic (at)",
    "CREATE UNIQUE INDEX statistic_request ON statistic (request) WHERE request IS NOT NULL",
)

#: The first rows of what a workflow waits for: a request in the inbox, and one in the outbox.
_IS_RECORDED: Final = """EXISTS (SELECT 1 FROM inbox WHERE inbox.technical_id = workflow.request
    AND inbox.state = 'processed')"""
_WE_REFUSED: Final = """EXISTS (SELECT 1 FROM outbox WHERE outbox.in_reply_to = workflow.request
    AND outbox.root = 'ErrorNotification')"""
_IS_ACKNOWLEDGED: Final = """EXISTS (SELECT 1 FROM outbox WHERE outbox.technical_id = workflow.request
    AND outbox.state = 'answered')"""
_THEY_REFUSED: Final = """(EXISTS (SELECT 1 FROM outbox JOIN inbox ON inbox.technical_id = outbox.answered_by
    WHERE outbox.technical_id = workflow.request AND inbox.kind = 'error')
    OR EXISTS (SELECT 1 FROM attention WHERE attention.technical_id = workflow.request
    AND attention.reason = 'not delivered'))"""
#: Our response with a receipt that says that it arrived, and theirs.
_OURS: Final = """FROM outbox WHERE outbox.system = workflow.system
    AND outbox.workflow_id = workflow.workflow_id AND outbox.state = 'answered'
    AND outbox.root = REPLACE(workflow.root, '_Request', '_Response') AND NOT EXISTS (SELECT 1 FROM attention
    WHERE attention.technical_id = outbox.technical_id AND attention.reason = 'not delivered')"""
_THEIRS: Final = """FROM inbox WHERE inbox.system = workflow.system
    AND inbox.workflow_id = workflow.workflow_id AND inbox.state = 'processed'
    AND inbox.root = REPLACE(workflow.root, '_Request', '_Response')"""

#: Later responses. For older rows: ten days from `sentAt` of an MCS, and for an NCR six weeks from the day of
#: its arrival, because SQL does not read the decisions in a document. An NCR without its document, or with
#: the words of a clean check in it, has no response here.
_LATER_RESPONSES: Final = (
    "ALTER TABLE workflow ADD COLUMN response TEXT",
    "ALTER TABLE workflow ADD COLUMN response_due BIGINT",
    "ALTER TABLE workflow ADD COLUMN response_at BIGINT",
    "CREATE INDEX workflow_responses ON workflow (response, response_due)",
    # Of a sender's clock, `later_response` believes no more. It may be at the end of the calendar.
    """UPDATE workflow SET response_due = 864000000000 + COALESCE(
        (SELECT CASE WHEN sent_at BETWEEN received_at - 86400000000 AND received_at THEN sent_at
            ELSE received_at END FROM inbox WHERE technical_id = workflow.request),
        (SELECT sent_at FROM outbox WHERE technical_id = workflow.request))
        WHERE root = 'ModifyCardStatus_Request'""",
    """UPDATE workflow SET response_due = 86400000000 * (43 + COALESCE(
        (SELECT received_at FROM inbox WHERE technical_id = workflow.request AND NOT ({clean})),
        (SELECT prepared_at FROM outbox WHERE technical_id = workflow.request AND NOT ({clean})))
        / 86400000000)
        WHERE root = 'NotifyCheckResult_Request'""",
    "UPDATE workflow SET response = 'expected' WHERE response_due IS NOT NULL",
    f"UPDATE workflow SET response = CASE WHEN {_WE_REFUSED} THEN 'none' ELSE 'due' END"  # noqa: S608
    f" WHERE response = 'expected' AND NOT opened_by_us AND {_IS_RECORDED}",
    f"UPDATE workflow SET response = CASE WHEN {_THEY_REFUSED} THEN 'none' ELSE 'due' END"  # noqa: S608
    f" WHERE response = 'expected' AND opened_by_us AND {_IS_ACKNOWLEDGED}",
    f"UPDATE workflow SET response = 'given', response_at = (SELECT MIN(outbox.done_at) {_OURS})"  # noqa: S608
    f" WHERE response IS NOT NULL AND NOT opened_by_us AND EXISTS (SELECT 1 {_OURS})",
    f"UPDATE workflow SET response = 'given', response_at = (SELECT MIN(inbox.received_at) {_THEIRS})"  # noqa: S608
    f" WHERE response IS NOT NULL AND opened_by_us AND EXISTS (SELECT 1 {_THEIRS})",
    # The older program itself resolved the entry when our response was posted, whatever became of that.
    """UPDATE workflow SET response = 'settled' WHERE response = 'due' AND EXISTS (SELECT 1 FROM attention
        WHERE attention.technical_id = workflow.request AND attention.reason = 'response due'
        AND attention.done_at IS NOT NULL AND attention.done_by <> 'movehub serve')""",
)

#: The statements of each step. The first step leads to version 1.
STEPS: Final[tuple[tuple[str, ...], ...]] = (
    *(_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH),
    *(_OUTCOMES, _DELIVERED_ANSWERS, _LATER_RESPONSES),
)

#: The words that differ between the two databases. Every integer of SQLite has 64 bits.
_WORDS: Final = {
    "sqlite": {
        "bytes": "BLOB",
        "serial": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "longer_response": "",
        "clean": "COALESCE(INSTR(document, CAST('CleanCheck' AS BLOB)), 1) > 0",
    },
    "postgresql": {
        "bytes": "BYTEA",
        "serial": "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        "longer_response": "ALTER TABLE statistic ALTER COLUMN response_ms TYPE BIGINT",
        "clean": "COALESCE(POSITION(CAST('CleanCheck' AS BYTEA) IN document), 1) > 0",
    },
}

#: The number of the lock that a process holds while it migrates PostgreSQL.
_LOCK: Final = 68_480_2016

#: A step may take long, and a process that waits for another migration needs more patience than for a row.
_LIMITS: Final = ("statement_timeout = 0", "lock_timeout = '10min'")


def migrate(
    connection: Connection, steps: tuple[tuple[str, ...], ...] = STEPS, *, create: bool = True
) -> int:
    """Migrate a database to the newest version in this transaction, and return the version.

    Several processes may start at once: one migrates, and the others wait for it. Raises InvalidConfiguration
    if the database is newer than this program, or if it is empty and `create` is false.
    """
    if connection.dialect.name == "postgresql":
        for limit in _LIMITS:
            connection.execute(text(f"SET LOCAL {limit}"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    if not inspect(connection).has_table("version"):
        if not create:
            raise InvalidConfiguration(f"the database is empty: {NEVER_SERVED}")
        connection.execute(text("CREATE TABLE version (number INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO version (number) VALUES (0)"))
    done = connection.execute(text("SELECT number FROM version")).scalar_one()
    if done > len(steps):
        raise InvalidConfiguration(
            f"the database has version {done}, and this program supports only {len(steps)}:"
            " use the newer program"
        )
    words = _WORDS[connection.dialect.name]
    for statement in filter(None, (each.format(**words) for step in steps[done:] for each in step)):
        connection.execute(text(statement))
    connection.execute(text("UPDATE version SET number = :number"), {"number": len(steps)})
    return len(steps)
