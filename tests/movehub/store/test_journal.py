"""The journal of accesses: one chain, in which every change shows (arrêté of 13 October 2004)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.errors import InvalidConfiguration, StoreFailed
from movehub.store import Store
from movehub.store.changes import make
from movehub.store.journal import (
    GENESIS,
    Access,
    Anchor,
    Checked,
    Entry,
    Fault,
    Finding,
    Journal,
    check,
    collected,
    delivered,
    read_key,
    worked_on,
)
from movehub.store.tables import JOURNAL, JOURNAL_START, Kind
from sqlalchemy import Connection, delete, insert, select, text, update

from tests.support.databases import Hands
from tests.support.stored import received_request

KEY = b"k" * 32
#: A manipulation by somebody who can write to the database.
Tampering = Callable[[Connection], object]


@pytest.fixture(params=[None, KEY], ids=["no key", "key"])
def journal(request: pytest.FixtureRequest, clock: Hands) -> Journal:
    return Journal(clock, request.param)


def entry(number: int) -> Entry:
    return Entry(Access.COLLECTED, "CN=hub", "ERRU", f"technical-{number}", f"workflow-{number}")


def written(store: Store, journal: Journal, lines: int) -> Anchor:
    with store.writing() as connection:
        return journal.note(connection, *map(entry, range(lines)))


def checked(store: Store, journal: Journal, anchor: Anchor | None = None) -> Checked:
    with store.reading() as connection:
        return check(journal, connection, anchor)


def tampered(store: Store, tampering: Tampering) -> None:
    with store.writing() as connection:
        tampering(connection)


def test_an_empty_journal_is_whole(store: Store, journal: Journal) -> None:
    assert checked(store, journal) == Checked(0, Anchor(0, GENESIS), None)


def test_an_unchanged_journal_is_whole(store: Store, journal: Journal) -> None:
    last = written(store, journal, 5)
    assert checked(store, journal, last) == Checked(5, last, None, anchored=True)


CHANGES: dict[str, tuple[Tampering, Finding]] = {
    "a line removed": (
        lambda c: c.execute(delete(JOURNAL).where(JOURNAL.c.seq == 3)),
        Finding(3, Fault.MISSING),
    ),
    "the first line removed": (
        lambda c: c.execute(delete(JOURNAL).where(JOURNAL.c.seq == 1)),
        Finding(1, Fault.MISSING),
    ),
    "a line put before the first": (
        lambda c: c.execute(insert(JOURNAL).from_select(list(JOURNAL.c), _copied(seq=0))),
        Finding(0, Fault.INSERTED),
    ),
    "lines removed": (
        lambda c: c.execute(delete(JOURNAL).where(JOURNAL.c.seq.between(2, 4))),
        Finding(2, Fault.MISSING, last=4),
    ),
    "two lines exchanged": (lambda c: _exchange(c, 2, 4), Finding(2, Fault.CHANGED)),
}
CHANGES |= {
    f"{column} changed": (
        lambda c, column=column: c.execute(update(JOURNAL).where(JOURNAL.c.seq == 4).values({column: "x"})),
        Finding(4, Fault.CHANGED),
    )
    for column in ("actor", "access", "system", "technical_id", "workflow_id", "previous", "digest")
}
CHANGES["the hour changed"] = (
    lambda c: c.execute(
        update(JOURNAL).where(JOURNAL.c.seq == 4).values(at=datetime(2026, 1, 1, tzinfo=UTC))
    ),
    Finding(4, Fault.CHANGED),
)


def _copied(seq: int) -> object:
    others = [column for column in JOURNAL.c if column.name != "seq"]
    return select(JOURNAL.c.seq - JOURNAL.c.seq + seq, *others).where(JOURNAL.c.seq == 2)


def _exchange(connection: Connection, one: int, other: int) -> None:
    for before, after in ((one, 99), (other, one), (99, other)):
        connection.execute(update(JOURNAL).where(JOURNAL.c.seq == before).values(seq=after))


@pytest.mark.parametrize("change", CHANGES)
def test_the_first_line_that_is_missing_changed_or_inserted_is_named(
    store: Store, journal: Journal, change: str
) -> None:
    written(store, journal, 5)
    tampering, finding = CHANGES[change]
    tampered(store, tampering)
    found = checked(store, journal)
    assert found.finding == finding
    assert not found.whole


#: What a person can put into a column of SQLite, whose columns accept any value, or of both databases.
UNREADABLE = {
    "a digest that is not ASCII": "UPDATE journal SET digest = 'é' || substr(digest, 2) WHERE seq = 3",
    "a digest of another length": "UPDATE journal SET digest = '' WHERE seq = 3",
    "an instant beyond the calendar": "UPDATE journal SET at = 9000000000000000000 WHERE seq = 3",
}
UNREADABLE_IN_SQLITE = {
    "an instant that is text": "UPDATE journal SET at = 'yesterday' WHERE seq = 3",
    "an instant that is a fraction": "UPDATE journal SET at = 1.5 WHERE seq = 3",
    "a text that is bytes": "UPDATE journal SET actor = x'434e3d687562' WHERE seq = 3",
    "a digest that is bytes": "UPDATE journal SET digest = x'ff' WHERE seq = 3",
    "a text that is not UTF-8": "UPDATE journal SET actor = CAST(x'ff' AS TEXT) WHERE seq = 3",
    "an identifier that is bytes": "UPDATE journal SET technical_id = x'00' WHERE seq = 3",
    "a digest before that is bytes": "UPDATE journal SET previous = x'31' WHERE seq = 3",
}
#: Other columns can be empty only after a change of the table itself.
EMPTY = ("at", "actor", "access", "system", "previous", "digest")


@pytest.mark.parametrize("statement", UNREADABLE.values(), ids=list(UNREADABLE))
def test_a_line_that_cannot_be_read_or_compared_was_changed(
    store: Store, journal: Journal, statement: str
) -> None:
    written(store, journal, 5)
    tampered(store, lambda c: c.execute(text(statement)))
    assert checked(store, journal).finding == Finding(3, Fault.CHANGED)


@pytest.fixture
def sqlite(tmp_path: Path, clock: Hands) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/node.db", now=clock) as opened:
        yield opened


@pytest.mark.parametrize("statement", UNREADABLE_IN_SQLITE.values(), ids=list(UNREADABLE_IN_SQLITE))
def test_a_value_of_another_type_was_changed(sqlite: Store, journal: Journal, statement: str) -> None:
    written(sqlite, journal, 5)
    tampered(sqlite, lambda c: c.execute(text(statement)))
    assert checked(sqlite, journal).finding == Finding(3, Fault.CHANGED)
    with sqlite.reading() as connection:
        assert type(connection.execute(text("SELECT 'é'")).scalar_one()) is str, "as before the check"


@pytest.mark.parametrize("column", EMPTY)
def test_an_empty_value_was_changed(sqlite: Store, journal: Journal, column: str) -> None:
    """A person can drop the rule that no value is empty, with the table."""
    written(sqlite, journal, 5)
    with sqlite.writing() as connection:
        connection.execute(text("CREATE TABLE copied AS SELECT * FROM journal"))
        connection.execute(text("DROP TABLE journal"))
        connection.execute(text("ALTER TABLE copied RENAME TO journal"))
        connection.execute(text(f"UPDATE journal SET {column} = NULL WHERE seq = 3"))
    assert checked(sqlite, journal).finding == Finding(3, Fault.CHANGED)


@pytest.mark.parametrize(("number", "line"), [("'three'", 3), ("NULL", 1), ("3.5", 3)])
def test_a_line_whose_number_is_no_number_shows(
    sqlite: Store, journal: Journal, number: str, line: int
) -> None:
    """SQLite sorts an empty number before the first line, and a text after the last one."""
    written(sqlite, journal, 5)
    tampered(sqlite, lambda c: c.execute(text(f"UPDATE journal SET seq = {number} WHERE seq = 3")))
    found = checked(sqlite, journal).finding
    assert found is not None
    assert (found.seq, found.fault) in {(line, Fault.CHANGED), (line, Fault.MISSING)}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_start SET seal = 'é'",
        "UPDATE journal_start SET at = 9000000000000000000",
        "UPDATE journal_start SET digest = 'é'",
    ],
)
def test_a_beginning_that_cannot_be_read_was_changed(
    store: Store, journal: Journal, clock: Hands, statement: str
) -> None:
    written(store, journal, 3)
    with store.writing() as connection:
        journal.prune(connection, clock() + timedelta(days=1))
        connection.execute(text(statement))
    assert checked(store, journal).finding == Finding(3, Fault.START)


@pytest.mark.parametrize("value", ["x'ff'", "'two'"])
def test_the_beginning_of_another_type_was_changed(
    sqlite: Store, journal: Journal, clock: Hands, value: str
) -> None:
    written(sqlite, journal, 3)
    for column in ("seq", "at", "digest", "seal"):
        with sqlite.writing() as connection:
            journal.prune(connection, clock() + timedelta(days=1))
            connection.execute(text(f"UPDATE journal_start SET {column} = {value}"))
        finding = checked(sqlite, journal).finding
        assert finding is not None
        assert finding.fault is Fault.START


def test_an_instant_that_cannot_be_read_stops_no_writer_and_another_value_does_in_one_sentence(
    sqlite: Store, journal: Journal
) -> None:
    written(sqlite, journal, 2)
    tampered(sqlite, lambda c: c.execute(text("UPDATE journal SET at = 'never' WHERE seq = 2")))
    assert written(sqlite, journal, 1).seq == 3
    assert checked(sqlite, journal).finding == Finding(2, Fault.CHANGED)
    tampered(sqlite, lambda c: c.execute(text("UPDATE journal SET digest = x'ff' WHERE seq = 3")))
    with pytest.raises(StoreFailed, match="the last line of the journal was changed"):
        written(sqlite, journal, 1)


def recomputed(journal: Journal, seq: int, *, to_the_end: bool) -> Tampering:
    """Change a line, and recompute its digest and those after it."""

    def tampering(connection: Connection) -> None:
        rows = connection.execute(select(JOURNAL).where(JOURNAL.c.seq >= seq).order_by(JOURNAL.c.seq))
        previous = None
        for found in rows.mappings().all()[: None if to_the_end else 1]:
            row = dict(found) | {"actor": "somebody else"}
            row["previous"] = previous or row["previous"]
            previous = row["digest"] = journal.digest_of(row)
            connection.execute(update(JOURNAL).where(JOURNAL.c.seq == row["seq"]).values(row))

    return tampering


def test_a_replaced_line_shows_in_the_one_after(store: Store, clock: Hands) -> None:
    journal = Journal(clock)
    written(store, journal, 5)
    tampered(store, recomputed(journal, 3, to_the_end=False))
    assert checked(store, journal).finding == Finding(3, Fault.CHANGED)


def test_a_chain_recomputed_to_its_end_shows_against_an_anchor(store: Store, clock: Hands) -> None:
    journal = Journal(clock)
    anchor = written(store, journal, 4)
    written(store, journal, 2)
    tampered(store, recomputed(journal, 2, to_the_end=True))
    assert checked(store, journal).whole
    assert checked(store, journal, anchor).finding == Finding(4, Fault.CHANGED)


def test_without_the_key_a_valid_chain_cannot_be_computed(store: Store, clock: Hands) -> None:
    journal = Journal(clock, KEY)
    written(store, journal, 5)
    tampered(store, recomputed(Journal(clock), 2, to_the_end=True))
    assert checked(store, journal).finding == Finding(2, Fault.CHANGED)


def test_lines_removed_at_the_end_show_against_an_anchor(store: Store, journal: Journal) -> None:
    anchor = written(store, journal, 5)
    tampered(store, lambda c: c.execute(delete(JOURNAL).where(JOURNAL.c.seq > 3)))
    assert checked(store, journal).whole
    found = checked(store, journal, anchor).finding
    assert found == Finding(4, Fault.CUT, last=5)
    assert str(found) == "lines 4 to 5: cut off"


def test_lines_after_the_anchor_are_not_a_fault(store: Store, journal: Journal) -> None:
    anchor = written(store, journal, 2)
    last = written(store, journal, 3)
    assert checked(store, journal, anchor) == Checked(5, last, None, anchored=True)


def test_after_pruning_the_rest_is_still_whole(store: Store, journal: Journal, clock: Hands) -> None:
    written(store, journal, 3)
    clock.forward(timedelta(days=400).total_seconds())
    anchor = written(store, journal, 2)
    with store.writing() as connection:
        assert journal.prune(connection, clock() - timedelta(days=365)) == 3
    assert checked(store, journal, anchor) == Checked(2, anchor, None, anchored=True)


def test_after_all_lines_were_pruned_the_numbers_continue(
    store: Store, journal: Journal, clock: Hands
) -> None:
    last = written(store, journal, 3)
    with store.writing() as connection:
        assert journal.prune(connection, clock() + timedelta(days=1)) == 3
        assert journal.prune(connection, clock() + timedelta(days=1)) == 0
        assert journal.anchor(connection) == last
    assert written(store, journal, 1).seq == 4
    assert checked(store, journal).whole


def test_a_line_that_is_younger_than_one_before_it_is_not_pruned(
    store: Store, journal: Journal, clock: Hands
) -> None:
    """The clocks of several processes differ. Only the beginning is removed, never a line from the middle."""
    written(store, journal, 1)
    clock.forward(-3600)
    written(store, journal, 1)
    with store.writing() as connection:
        assert journal.prune(connection, clock() + timedelta(seconds=1)) == 0


def test_a_line_from_the_future_keeps_no_other_line(store: Store, journal: Journal, clock: Hands) -> None:
    """A clock was in 2099 for a moment. The lines written then go with the lines around them."""
    now = clock.instant
    clock.instant = now.replace(year=2099)
    written(store, journal, 1)
    clock.instant = now
    written(store, journal, 2)
    clock.instant = now.replace(year=2099)
    written(store, journal, 1)
    clock.instant = now
    with store.writing() as connection:
        assert journal.prune(connection, clock() - timedelta(days=365)) == 0
    clock.forward(timedelta(days=400).total_seconds())
    with store.writing() as connection:
        assert journal.prune(connection, clock() - timedelta(days=365)) == 3
    found = checked(store, journal)
    assert (found.whole, found.lines) == (True, 1)


def test_with_a_key_a_forged_beginning_shows(store: Store, clock: Hands) -> None:
    journal = Journal(clock, KEY)
    written(store, journal, 5)

    def tampering(connection: Connection) -> None:
        digest = connection.execute(select(JOURNAL.c.digest).where(JOURNAL.c.seq == 2)).scalar_one()
        connection.execute(delete(JOURNAL).where(JOURNAL.c.seq <= 2))
        start = {"seq": 2, "at": clock(), "digest": digest}
        connection.execute(insert(JOURNAL_START), start | {"seal": Journal(clock).seal_of(start)})

    tampered(store, tampering)
    assert checked(store, journal).finding == Finding(2, Fault.START)


def test_without_a_key_a_forged_beginning_shows_against_an_anchor(store: Store, clock: Hands) -> None:
    """Somebody removes the anchor's line and all lines before it, as if their period were over."""
    journal = Journal(clock)
    anchor = written(store, journal, 3)
    written(store, journal, 3)

    def tampering(connection: Connection) -> None:
        digest = connection.execute(select(JOURNAL.c.digest).where(JOURNAL.c.seq == 5)).scalar_one()
        connection.execute(delete(JOURNAL).where(JOURNAL.c.seq <= 5))
        start = {"seq": 5, "at": clock(), "digest": digest}
        connection.execute(insert(JOURNAL_START), start | {"seal": journal.seal_of(start)})

    clock.forward(timedelta(days=300).total_seconds())
    tampered(store, tampering)
    assert checked(store, journal).whole
    assert checked(store, journal, anchor).finding == Finding(3, Fault.REMOVED, last=5)
    clock.forward(timedelta(days=66).total_seconds())
    assert checked(store, journal, anchor).whole


def test_an_anchor_is_read_as_it_is_written_and_without_its_instant(store: Store, journal: Journal) -> None:
    with store.writing() as connection:
        start = journal.anchor(connection)
        last = journal.note(connection, entry(1))
        kept = journal.anchor(connection)
    for anchor in (start, last, kept):
        assert Anchor.of(str(anchor)) == anchor
        assert Anchor.of(str(anchor)).at == anchor.at
    assert (start.at, last.at, kept.at) == (None, journal.now(), journal.now())
    assert Anchor.of(f"{kept.seq} {kept.digest}") == kept


def test_a_line_inserted_before_the_beginning_shows(store: Store, journal: Journal, clock: Hands) -> None:
    written(store, journal, 3)
    with store.reading() as connection:
        old = dict(connection.execute(select(JOURNAL).where(JOURNAL.c.seq == 1)).mappings().one())
    with store.writing() as connection:
        journal.prune(connection, clock() + timedelta(days=1))
        connection.execute(insert(JOURNAL), old)
    assert checked(store, journal).finding == Finding(1, Fault.INSERTED)


def test_concurrent_writers_write_one_chain(store: Store, journal: Journal) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: written(store, journal, 2), range(40)))
    found = checked(store, journal)
    assert found.whole
    assert found.lines == 80


def test_a_line_is_written_in_the_same_transaction_or_not_at_all(store: Store, journal: Journal) -> None:
    def noted_and_failed() -> None:
        with store.writing() as connection:
            journal.note(connection, entry(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        noted_and_failed()
    assert checked(store, journal).lines == 0


def test_the_lines_of_a_transaction_are_appended_at_its_end(
    store: Store,
) -> None:
    """On PostgreSQL other writers of the journal wait from then on, and a register may be slow before."""
    with store.writing() as connection:
        make(connection, [store.journal.noted(entry(1)), store.journal.noted(entry(2))])
        assert connection.execute(select(JOURNAL)).all() == []
        with store.reading() as other:
            assert check(store.journal, other).lines == 0
    store.record(store.journal.noted(entry(3)))
    with store.reading() as connection:
        wanted = select(JOURNAL.c.technical_id).order_by(JOURNAL.c.seq)
        assert list(connection.execute(wanted).scalars()) == ["technical-1", "technical-2", "technical-3"]
        assert check(store.journal, connection).whole


def test_concurrent_recorders_write_one_chain(store: Store) -> None:
    def recorded(number: int) -> None:
        store.record(store.journal.noted(entry(number)))
        store.write(lambda connection: make(connection, [store.journal.noted(entry(number))]))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(recorded, range(40)))
    found = checked(store, store.journal)
    assert (found.whole, found.lines) == (True, 80)


FIELDS = st.tuples(
    *[st.text(max_size=5)] * 3, st.none() | st.text(max_size=5), st.none() | st.text(max_size=5)
)


@given(FIELDS, FIELDS)
def test_no_two_lines_have_one_digest(one: tuple[str | None, ...], other: tuple[str | None, ...]) -> None:
    """`ab` and `c` differ from `a` and `bc`, and a missing text differs from an empty one."""
    names = ("actor", "access", "system", "technical_id", "workflow_id")
    at = Hands()()
    digests = {
        Journal().digest_of(dict(zip(names, fields, strict=True)) | {"seq": 1, "at": at, "previous": GENESIS})
        for fields in (one, other)
    }
    assert len(digests) == len({one, other})


def test_the_key_is_not_in_the_repr() -> None:
    assert "kkk" not in repr(Journal(key=KEY))


def test_a_short_or_missing_key_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"x" * 31 + b"\n")
    with pytest.raises(InvalidConfiguration, match="32 bytes"):
        read_key(tmp_path / "short")
    with pytest.raises(InvalidConfiguration, match="cannot be read"):
        read_key(tmp_path / "missing")


def test_a_key_is_read_without_the_end_of_its_line(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(KEY + b"\n")
    assert read_key(tmp_path / "key") == KEY


def accesses(store: Store) -> list[tuple[str, str, str]]:
    columns = JOURNAL.c
    wanted = select(columns.access, columns.actor, columns.technical_id).order_by(columns.seq)
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(wanted)]


@pytest.mark.parametrize(
    ("kind", "access"), [(Kind.QUERY, Access.CONSULTED), (Kind.NOTIFICATION, Access.CHANGED)]
)
def test_each_step_of_a_message_is_a_line(store: Store, clock: Hands, kind: Kind, access: Access) -> None:
    """Arrêté of 13 October 2004: collecting, consulting or changing, communicating."""
    with store.writing() as connection:
        _, row = received_request(connection, clock)
        row["kind"] = kind
        make(connection, collected(store.journal, row))
        make(connection, worked_on(store.journal, row))
        make(connection, delivered(store.journal, row))
    name = row["technical_id"]
    assert accesses(store) == [
        (Access.COLLECTED, "CN=hub", name),
        (access, "register", name),
        (Access.COMMUNICATED, "courier", name),
    ]


def test_a_heartbeat_is_not_in_the_journal(store: Store, clock: Hands) -> None:
    with store.writing() as connection:
        _, row = received_request(connection, clock)
        row["kind"] = Kind.HEARTBEAT
        make(connection, collected(store.journal, row))
        make(connection, worked_on(store.journal, row))
    assert accesses(store) == []
