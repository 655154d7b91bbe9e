"""The commands `movehub node`, on a file as an operator has it. The journal records who reads a message."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from movehub.cli.main import app
from movehub.node.settings import Records
from movehub.protocol.exchange import Exchange
from movehub.store import Store, inbox, statistics
from movehub.store.changes import make
from movehub.store.escalations import GUIDANCE, Reason, escalate
from movehub.store.journal import Access, Entry, Journal
from movehub.store.monthly_figures import Month, summarise
from movehub.store.statistics import UNANSWERED, Row
from movehub.store.tables import INBOX, JOURNAL, OUTBOX, Kind, Received, Sending, Sent
from sqlalchemy import delete, select, update
from typer.testing import CliRunner

from tachonet_client import TACHONET_3_0
from tests.support.cards import mcs_request
from tests.support.databases import Hands
from tests.support.examples import CANARY, cgr_request
from tests.support.node_commands import configured, run
from tests.support.nodes import from_denmark, written
from tests.support.stored import document, received, to_send

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return configured(tmp_path)


@pytest.fixture
def store(config: Path) -> Iterator[Store]:
    with Records.read(config).open() as opened:
        yield opened


def test_where_nothing_needs_a_person_the_exit_code_is_0(config: Path, store: Store) -> None:
    done = run(config, "escalations")
    assert (done.exit_code, done.output) == (0, "Nothing needs a person.\n")


def raised(store: Store) -> None:
    with store.writing() as connection:
        for _ in range(2):
            escalate(connection, Reason.REFUSED, "HTTP status 404", now=LONG_AGO, system="ERRU")


def test_what_needs_a_person_is_shown_with_what_to_do(config: Path, store: Store) -> None:
    raised(store)
    done = run(config, "escalations")
    assert done.exit_code == 1
    assert "1 refused: HTTP status 404" in done.output
    assert "2 times" in done.output
    assert "Annex VI, 2.2" in done.output


def test_as_json_it_has_the_same(config: Path, store: Store) -> None:
    raised(store)
    (item,) = json.loads(run(config, "escalations", "--json").output)["escalations"]
    assert (item["id"], item["reason"], item["times"]) == (1, "refused", 2)


def test_the_escalation_procedure_can_be_handed_over_without_a_node() -> None:
    """Annex VI, 2.2: it is detailed to the Commission upon request."""
    said = " ".join(CliRunner().invoke(app, ["node", "procedure"]).output.split())
    for reason, guidance in GUIDANCE.items():
        assert f"{reason.value} ({guidance.article}) {guidance.do}" in said
    listed = json.loads(CliRunner().invoke(app, ["node", "procedure", "--json"]).output)["procedure"]
    assert [row["reason"] for row in listed] == [reason.value for reason in GUIDANCE]


def test_what_is_done_is_gone(config: Path, store: Store) -> None:
    raised(store)
    assert run(config, "resolve", "1", "--by", "service 7").exit_code == 0
    assert run(config, "escalations").exit_code == 0
    again = run(config, "resolve", "1", "--by", "service 7")
    assert (again.exit_code, again.output) == (4, "No open escalation has the number 1.\n")


def test_several_are_done_at_once_and_one_that_is_not_open_is_told(config: Path, store: Store) -> None:
    with store.writing() as connection:
        for reason in (Reason.REFUSED, Reason.TOO_LATE):
            escalate(connection, reason, "said", now=LONG_AGO, system="ERRU")
    done = run(config, "resolve", "1", "7", "2", "--by", "service 7")
    assert (done.exit_code, done.output) == (
        4,
        "1 is resolved.\nNo open escalation has the number 7.\n2 is resolved.\n",
    )
    assert run(config, "escalations").exit_code == 0


@pytest.mark.parametrize("by", ["", "  "])
def test_what_is_done_has_a_name_to_it(config: Path, store: Store, by: str) -> None:
    raised(store)
    assert run(config, "resolve", "1", "--by", by).exit_code == 2
    assert run(config, "escalations").exit_code == 1


def counted(store: Store, *statuses: str) -> None:
    with store.writing() as connection:
        for status in statuses:
            response = None if status == UNANSWERED else 2 * SECOND
            root, at = "CheckIssuedCards_Request", datetime(2020, 3, 2, tzinfo=UTC)
            make(connection, [statistics.noted(Row("TACHOnet", "DK", "FI", root, status, at, response))])


def test_a_month_below_98_per_cent_is_told_by_the_exit_code(config: Path, store: Store) -> None:
    counted(store, "Found", UNANSWERED)
    done = run(config, "statistics", "--month", "2020-03")
    assert done.exit_code == 1
    assert "Answered: 50.00% of the 98 % of Annex VI, 1.4 (1 of 2), within 10 s: 1" in done.output
    assert "Availability: not known" in done.output


def test_a_month_as_json_has_what_the_law_lists(config: Path, store: Store) -> None:
    counted(store, "Found", "Found")
    done = run(config, "statistics", "--month", "2020-03", "--json")
    assert done.exit_code == 0
    assert json.loads(done.output)["messages"] == [
        {
            "system": "TACHOnet",
            "from": "DK",
            "to": "FI",
            "type": "CheckIssuedCards_Request",
            "status": "Found",
            "count": 2,
            "mean_seconds": 2.0,
        }
    ]


def test_a_year_has_twelve_months_and_its_own_figures(config: Path, store: Store) -> None:
    counted(store, "Found", UNANSWERED)
    done = run(config, "statistics", "--year", "2020")
    assert done.exit_code == 1
    assert "FI, 2020: 2020-03-02T00:00:00Z to 2021-01-01T00:00:00Z" in done.output
    assert "Answered: 50.00% of the 98 % of Annex VI, 1.4 (1 of 2), within 10 s: 1" in done.output
    assert re.search(r"2020-03 +2 +1 +50.00% +1 ", done.output)
    as_json = json.loads(run(config, "statistics", "--year", "2020", "--json").output)
    assert [each["month"] for each in as_json["months"]] == [f"2020-{month:02}" for month in range(1, 13)]
    assert (as_json["kept"], as_json["answers"]["rate"]) == (False, 0.5)
    assert run(config, "statistics", "--year", "2021").exit_code == 0


def test_a_year_that_lacks_the_availability_of_a_month_says_so(config: Path, store: Store) -> None:
    counted(store, "Found")
    with store.writing() as connection:
        later = Row("ERRU", "EU", "FI", "R", "OK", datetime(2020, 12, 31, tzinfo=UTC), SECOND, Kind.HEARTBEAT)
        make(connection, [statistics.noted(later)])
    summarise(store, datetime(2020, 4, 1, tzinfo=UTC), store.now())
    config.write_text(config.read_text("utf-8") + "[records]\nheartbeat_every = 3600\n", "utf-8")
    shown = " ".join(run(config, "statistics", "--year", "2020").output.split())
    assert "The availability of 2020-03 is not known, and not in that of the year" in shown


@pytest.mark.parametrize("options", ["--year 26000", "--year 0", "--year 2020 --month 2020-03"])
def test_a_wrong_year_and_a_month_beside_a_year_are_wrong_options(config: Path, options: str) -> None:
    assert run(config, "statistics", *options.split()).exit_code == 2


def test_responses_to_an_mcs_have_a_figure_of_their_own(config: Path, store: Store) -> None:
    """Annex VI, 1.6. The 10 seconds of 1.5 are for the acknowledgement."""
    at = datetime(2020, 3, 2, tzinfo=UTC)
    message = Exchange("DK", TACHONET_3_0, lambda: at).request(mcs_request(), "FI")
    received(store, Received.PROCESSED, message=message, at=at)
    done = run(config, "statistics", "--month", "2020-03")
    assert "MCS responses within 10 days (2016/68, Annex VI, 1.6): 0 of 1, late: 1" in done.output
    told = json.loads(run(config, "statistics", "--month", "2020-03", "--json").output)["mcs_responses"]
    assert told == {"requests": 1, "in_time": 0, "late": 1, "within_days": 10}
    assert "MCS responses" not in run(config, "statistics", "--month", "2020-04").output


def test_availability_is_counted_where_the_heartbeats_pace_is_known(config: Path, store: Store) -> None:
    config.write_text(config.read_text("utf-8") + "[records]\nheartbeat_every = 3600\n", "utf-8")
    with store.writing() as connection:
        for hour in range(24):
            at = datetime(2020, 3, 31, hour, tzinfo=UTC)
            status = UNANSWERED if hour == 12 else "NotFound"
            heartbeat = Row("ERRU", "EU", "FI", "CheckGoodRepute_Request", status, at, SECOND, Kind.HEARTBEAT)
            make(connection, [statistics.noted(heartbeat)])
    done = run(config, "statistics", "--month", "2020-03")
    assert done.exit_code == 1
    assert "Availability: 95.83% of the 98 % of Annex VI, 1.3, down 1.0 h" in done.output


def test_this_month_is_shown_where_none_is_given(config: Path, store: Store) -> None:
    now = datetime.now(UTC)
    assert f"FI, {now:%Y-%m}" in run(config, "statistics").output


@pytest.mark.parametrize("month", ["March", "11-2026", "2026-13", "2026-1", "0000-01", "202611"])
def test_a_wrong_month_is_an_option_that_is_wrong(config: Path, month: str) -> None:
    done = run(config, "statistics", "--month", month)
    assert done.exit_code == 2
    assert "the form is 2026-11" in done.output


def test_a_new_system_is_not_down_before_it_was_first_asked(config: Path, store: Store) -> None:
    """Its first row is a request of its own; by one heartbeat's time later somebody must have asked."""
    config.write_text(config.read_text("utf-8") + "[records]\nheartbeat_every = 3600\n", "utf-8")
    began, root = datetime(2020, 3, 31, 20, tzinfo=UTC), "CheckGoodRepute_Request"

    def noted(hours: float, asked_by: str, kind: Kind | Sending) -> None:
        at, to = began + timedelta(hours=hours), "FI" if asked_by == "EU" else "DK"
        with store.writing() as connection:
            make(connection, [statistics.noted(Row("ERRU", asked_by, to, root, "Found", at, SECOND, kind))])

    def down() -> float:
        shown = json.loads(run(config, "statistics", "--month", "2020-03", "--json").output)
        return float(shown["availability"]["down_hours"])

    noted(0, "FI", Sending.REQUEST)
    assert down() == 3, "from 21 o'clock on nobody has asked"
    for hour in (0.5, 1.5, 2.5, 3.5):
        noted(hour, "EU", Kind.HEARTBEAT)
    assert down() == 0


def test_prune_says_what_it_removed_and_what_must_stay(config: Path, store: Store) -> None:
    half_a_year_ago = store.now() - timedelta(days=200)
    finished, parked = (
        received(store, state, at=half_a_year_ago) for state in (Received.PROCESSED, Received.PARKED)
    )
    done = run(config, "prune", "--json")
    assert done.exit_code == 1
    pruned = json.loads(done.output)
    assert pruned.pop("months") in ([], [str(Month.at(half_a_year_ago))]), "its last day may be younger"
    assert pruned == {
        "removed": {"inbox CheckIssuedCards_Request": 1},
        "left": {"inbox CheckIssuedCards_Request": 1},
        "notified_licences": 0,
        "identifiers": 0,
        "journal_lines": 0,
        "bytes": "overwritten",
    }
    assert document(store, finished) is None
    assert document(store, parked) is not None


def test_where_nothing_is_past_its_period_prune_says_so(config: Path, store: Store) -> None:
    done = run(config, "prune")
    assert (done.exit_code, done.output) == (0, "Nothing was past its period.\n")
    assert json.loads(run(config, "prune", "--json").output)["removed"] == {}


def test_a_backup_says_its_size_and_its_anchor(keyed: Path, store: Store) -> None:
    noted(keyed, store)
    copy = keyed.parent / "copy.db"
    done = run(keyed, "backup", str(copy), "--by", "service 7")
    assert done.exit_code == 0
    size, anchor = done.output.splitlines()
    assert size == f"{copy}: {copy.stat().st_size} bytes, 4 lines of the journal."
    assert anchor == f"Its anchor: {run(keyed, 'journal', 'anchor').output.strip()}"
    again = run(keyed, "backup", str(copy))
    assert again.exit_code == 4
    assert "overwrites no file" in again.stderr


def test_a_backup_of_a_journal_that_is_not_whole_is_made_and_says_so(keyed: Path, store: Store) -> None:
    noted(keyed, store)
    with store.writing() as connection:
        connection.execute(delete(JOURNAL).where(JOURNAL.c.seq == 2))
    done = run(keyed, "backup", str(keyed.parent / "copy.db"))
    assert done.exit_code == 1
    assert "The journal is not whole: line 2: missing" in done.output


def test_metrics_are_printed_as_prometheus_reads_them(config: Path, store: Store) -> None:
    done = run(config, "metrics")
    assert done.exit_code == 0
    assert done.output.startswith("# HELP movehub_inbox_messages")


@pytest.fixture
def keyed(config: Path) -> Path:
    (config.parent / "journal.key").write_bytes(b"k" * 32)
    config.write_text(config.read_text("utf-8") + '[records]\njournal_key_file = "journal.key"\n', "utf-8")
    return config


def noted(config: Path, store: Store) -> Journal:
    with Records.read(config).open() as keyed, keyed.writing() as connection:
        keyed.journal.note(connection, *[Entry(Access.COLLECTED, "CN=hub")] * 3)
    return keyed.journal


def test_a_whole_journal_is_verified_against_its_anchor(keyed: Path, store: Store) -> None:
    noted(keyed, store)
    anchor = run(keyed, "journal", "anchor").output.strip()
    done = run(keyed, "journal", "verify", "--anchor", anchor)
    assert (done.exit_code, done.output) == (0, "Whole: 3 lines, the last is 3.\n")


def test_a_journal_that_was_cut_is_told_and_needs_a_person(keyed: Path, store: Store) -> None:
    noted(keyed, store)
    anchor = run(keyed, "journal", "anchor").output.strip()
    with store.writing() as connection:
        connection.execute(delete(JOURNAL).where(JOURNAL.c.seq == 3))
    done = run(keyed, "journal", "verify", "--anchor", anchor)
    assert (done.exit_code, done.output) == (1, "Not whole: line 3: cut off\n")
    assert "journal broken" in run(keyed, "escalations").output


def test_a_journal_under_another_key_is_not_called_changed_alone(keyed: Path, store: Store) -> None:
    noted(keyed, store)
    (keyed.parent / "journal.key").write_bytes(b"q" * 32)
    done = run(keyed, "journal", "verify")
    assert done.exit_code == 1
    assert "line 1: changed" in done.output
    assert "The same happens if journal_key_file is missing" in done.output


def _pruned(keyed: Path, store: Store) -> str:
    """Remove all lines but one, and return an anchor of one of those."""
    journal = noted(keyed, store)
    with store.writing() as connection:
        old = str(journal.anchor(connection))
        journal.note(connection, Entry(Access.COLLECTED, "CN=hub"))
        journal.prune(connection, datetime(2100, 1, 1, tzinfo=UTC))
    return old


def test_an_anchor_of_lines_that_are_gone_by_law_cannot_be_compared(keyed: Path, store: Store) -> None:
    seq, digest, _ = _pruned(keyed, store).split()
    for old in (f"{seq} {digest} 2020-01-01T00:00:00+00:00", f"{seq} {digest}"):
        assert "could not be compared" in run(keyed, "journal", "verify", "--anchor", old).output


def test_an_anchor_of_lines_that_are_gone_too_early_shows_it(keyed: Path, store: Store) -> None:
    done = run(keyed, "journal", "verify", "--anchor", _pruned(keyed, store))
    assert (done.exit_code, done.output) == (
        1,
        "Not whole: lines 3 to 4: removed before the period was over\n",
    )


@pytest.mark.parametrize(
    "anchor", ["3", "x y", "-1 " + "0" * 64, "1 " + "0" * 64 + " 2026-11-23T10:00:00", "1 " + "0" * 64 + " x"]
)
def test_what_is_no_anchor_is_refused(keyed: Path, anchor: str) -> None:
    assert run(keyed, "journal", "verify", "--anchor", anchor).exit_code == 4


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("[records]\ndocument = '1 year'", "unknown setting records.document. Did you mean documents?"),
        ("[records]\ndocuments = '59 days'", "60 days"),
        ("[records]\ndocuments = 6", "not a whole number"),
        ("[records]\nheartbeat_every = '5'", "heartbeat_every must be a whole number of seconds"),
        ("[records]\njournal_key_file = 'none'", "cannot be read"),
        ("records = 1", "[records] must be a section"),
    ],
)
def test_a_wrong_setting_is_named(config: Path, wrong: str, said: str) -> None:
    lines = config.read_text("utf-8")
    config.write_text(f"{wrong}\n{lines}" if "[" not in wrong else f"{lines}{wrong}\n", "utf-8")
    done = run(config, "prune")
    assert done.exit_code == 4
    assert said in " ".join(done.stderr.split())


def test_no_file_or_no_database_is_told(tmp_path: Path) -> None:
    assert "there is no configuration file" in " ".join(run(tmp_path / "none", "metrics").stderr.split())
    (tmp_path / "empty.toml").write_text('member_state = "FI"', "utf-8")
    assert "the section [node] is missing" in run(tmp_path / "empty.toml", "metrics").stderr
    (tmp_path / "none.toml").write_text('member_state = "FI"\n[node]\n', "utf-8")
    assert "database must be given" in run(tmp_path / "none.toml", "metrics").stderr


def test_the_journals_key_is_shown_nowhere(keyed: Path, store: Store) -> None:
    noted(keyed, store)
    shown: Any = [run(keyed, *words) for words in (["journal", "anchor"], ["journal", "verify"], ["metrics"])]
    assert "kkk" not in "".join(each.output + each.stderr for each in shown) + repr(Records.read(keyed))


def came(store: Store, state: Received = Received.FAILED) -> str:
    """Keep a message in a state, and return its identifier."""
    now = Hands()()
    message = from_denmark(cgr_request(), now)
    data = written(message)
    row, changes = inbox.new_message("ERRU", message, data, now=now, answer_by=None, peer="CN=hub")
    with store.writing() as connection:
        make(connection, changes)
        connection.execute(update(INBOX).values(state=state, reason="the register failed"))
    return str(row["technical_id"])


def journal(store: Store) -> list[tuple[str, str, str]]:
    with store.reading() as connection:
        columns = JOURNAL.c
        return [
            tuple(row)
            for row in connection.execute(select(columns.access, columns.actor, columns.technical_id))
        ]


def test_a_message_is_shown_and_the_journal_says_to_whom(config: Path, store: Store) -> None:
    identifier = came(store)
    shown = run(config, "show", identifier.upper(), "--by", "service 7")
    assert shown.exit_code == 0
    assert CANARY in shown.stdout
    assert "CheckGoodRepute_Request from DK to FI" in shown.stderr
    assert "failed, the register failed" in shown.stderr
    assert journal(store) == [("consulted", "service 7", identifier)]


def test_a_request_is_shown_with_the_states_that_did_not_answer(config: Path, store: Store) -> None:
    identifier = to_send(store, Sent.ANSWERED, outcome="incomplete")
    with store.writing() as connection:
        connection.execute(update(OUTBOX).values(states="DK SE"))
    shown = run(config, "show", identifier, "--by", "service 7")
    assert "answered, incomplete: DK, SE" in shown.stderr


def test_of_a_message_whose_period_is_over_only_the_rest_is_shown(config: Path, store: Store) -> None:
    identifier = came(store)
    with store.writing() as connection:
        connection.execute(update(INBOX).values(document=None))
    shown = run(config, "show", identifier, "--by", "service 7")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "was removed when its period was over" in shown.stderr


@pytest.mark.parametrize("command", ["show", "retry"])
def test_a_message_that_is_not_here_is_told(config: Path, store: Store, command: str) -> None:
    told = run(config, command, "11111111-1111-4111-8111-111111111111", "--by", "service 7")
    assert told.exit_code == 4
    assert "MessageNotFound" in told.stderr
    assert journal(store) == []


@pytest.mark.parametrize("command", ["show", "retry"])
def test_nobody_is_shown_nothing(config: Path, store: Store, command: str) -> None:
    assert run(config, command, came(store), "--by", " ").exit_code == 2
    assert journal(store) == []


def test_a_message_that_failed_is_worked_on_again(config: Path, store: Store) -> None:
    identifier = came(store)
    assert run(config, "retry", identifier, "--by", "service 7").exit_code == 0
    with store.reading() as connection:
        assert connection.execute(select(INBOX.c.state)).scalar_one() == Received.RECEIVED
    assert journal(store) == [("changed", "service 7", identifier)]


@pytest.mark.parametrize("state", [Received.PROCESSED, Received.PROCESSING, Received.EXPIRED])
def test_what_has_not_failed_is_left_as_it_is(config: Path, store: Store, state: Received) -> None:
    told = run(config, "retry", came(store, state), "--by", "service 7")
    assert told.exit_code == 4
    with store.reading() as connection:
        assert connection.execute(select(INBOX.c.state)).scalar_one() == state
    assert journal(store) == []


@pytest.mark.parametrize("command", [["escalations"], ["metrics"], ["journal", "verify"], ["prune"]])
def test_no_command_makes_a_database_where_there_is_none(config: Path, command: list[str]) -> None:
    """An empty one would look like a node where nothing needs anybody."""
    told = run(config, *command)
    assert told.exit_code == 4
    assert "no node has served it yet, or the setting names another" in told.stderr
    assert not (config.parent / "node.db").exists()


def test_an_empty_file_is_no_database_of_a_node(config: Path) -> None:
    (config.parent / "node.db").touch(0o600)
    told = run(config, "escalations")
    assert told.exit_code == 4
    assert "the database is empty: no node has served it yet" in told.stderr
