"""A batch ends in any way at any moment, and resumes; no failure of it is ever "not found"."""

from __future__ import annotations

import csv
import os
import re
import stat
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movehub.errors import HttpRefused, HubUnreachable, InvalidConfiguration, OutcomeUnknown
from movehub.printable import printable
from movehub.protocol.rate_limit import RateLimit

from tachonet_client import CheckIssuedCardsResponse, WorkshopDetails
from tachonet_client.batch import GIVE_UP_AFTER, run
from tachonet_client.batch_applications import Line
from tachonet_client.batch_results import Results
from tachonet_client.batch_rows import HEADINGS, Closing, Row, encoded, of_state, read_rows
from tests.support.batches import (
    BEHAVIOURS,
    SIGNATURE,
    Asked,
    a_failure,
    applications,
    last_attempts,
    rows_of,
    run_once,
)
from tests.support.clock import Clock
from tests.support.examples import CANARY, cic_request, found_driver

batches = st.lists(st.sampled_from(BEHAVIOURS), max_size=GIVE_UP_AFTER - 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@given(batches, st.data())
@settings(max_examples=150, deadline=None)
def test_a_run_that_is_killed_at_any_byte_resumes_to_the_same_results(
    behaviours: list[str], data: st.DataObject
) -> None:
    """A file that is only appended to is, after a kill, the beginning of what it would have become."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        batch = applications(folder / "a.csv", behaviours)
        run_once(batch, folder / "whole.csv", Asked())
        whole = (folder / "whole.csv").read_bytes()
        killed = folder / "killed.csv"
        killed.write_bytes(whole[: data.draw(st.integers(0, len(whole)), "killed after")])
        asked = Asked()
        summary = run_once(batch, killed, asked)
        assert last_attempts(killed) == last_attempts(folder / "whole.csv")
        assert summary.before + len(asked.lines) == len(behaviours)


@given(batches, st.integers(0, 6))
@settings(max_examples=75, deadline=None)
def test_a_run_that_is_stopped_after_any_line_resumes_to_the_same_results(
    behaviours: list[str], lines: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        batch = applications(folder / "a.csv", behaviours)
        run_once(batch, folder / "whole.csv", Asked())
        asked = Asked()
        first = run_once(batch, folder / "s.csv", asked, stopping=lambda: len(asked.lines) >= lines)
        assert first.left == max(len(behaviours) - lines, 0)
        run_once(batch, folder / "s.csv", asked)
        assert last_attempts(folder / "s.csv") == last_attempts(folder / "whole.csv")
        times = Counter(asked.lines)
        complete = [
            line.number
            for line, each in zip(batch.lines, behaviours, strict=True)
            if each in {"found", "nobody"}
        ]
        assert all(times[number] == 1 for number in complete)


def test_what_every_state_has_answered_is_not_asked_again_and_all_else_is(folder: Path) -> None:
    batch = applications(folder / "a.csv", ["found", "nobody", "late", "silent", "down"])
    run_once(batch, folder / "r.csv", Asked())
    again = Asked()
    summary = run_once(batch, folder / "r.csv", again)
    assert again.lines == [4, 5, 6]
    assert summary.before == 2
    assert not summary.complete


def test_a_batch_is_complete_when_every_line_is(folder: Path) -> None:
    batch = applications(folder / "a.csv", ["found", "nobody"])
    first = run_once(batch, folder / "r.csv", Asked())
    assert first.complete
    assert first.with_cards == 1
    assert run_once(batch, folder / "r.csv", a_failure(HubUnreachable("x"))).complete


def test_each_card_is_a_row_and_a_state_without_any_is_one(folder: Path) -> None:
    run_once(applications(folder / "a.csv", ["late", "nobody"]), folder / "r.csv", Asked())
    told = [(row.line, row.outcome, row.member_state, row.card_number) for row in rows_of(folder / "r.csv")]
    assert told == [
        ("0", "batch", "", ""),
        ("2", "asked", "ZZ", ""),
        ("2", "found", "DK", "DK00000000000100"),
        ("2", "found", "DK", "DK00000000000100"),
        ("2", "no answer", "SE", ""),
        ("2", "incomplete", "", ""),
        ("3", "asked", "ZZ", ""),
        ("3", "not found", "DK", ""),
        ("3", "complete", "", ""),
    ]


def test_a_row_says_whether_the_card_is_valid_for_driving_and_names_its_workshop() -> None:
    """Annex II, 5, and the appendix of Annex III: a workshop card has a workshop and no licence."""
    asked = Row(line="2", attempt="1", outcome="asked")
    workshop = WorkshopDetails(workshop_name="Værksted ApS", workshop_address="Gade 1, 6760 Ribe")
    driver = replace(found_driver(), place_of_birth="Ribe")
    fitter = replace(driver, driving_licence=None, workshop=workshop)
    fitter = replace(fitter, card=replace(fitter.card, valid_for_driving=False))
    (state,) = cic_request().answer("DK", (driver, fitter)).member_states
    one, other = of_state(asked, state)
    assert (one.valid_for_driving, one.place_of_birth, one.workshop_name) == ("yes", "Ribe", "")
    assert one.driving_licence_number != ""
    assert (other.valid_for_driving, other.driving_licence_number) == ("no", "")
    assert (other.workshop_name, other.workshop_address) == ("Værksted ApS", "Gade 1, 6760 Ribe")


@pytest.mark.parametrize(
    ("error", "closing"),
    [
        (HttpRefused(400), "failed"),
        (HubUnreachable("no connection"), "failed"),
        (OutcomeUnknown("x"), "unknown"),
    ],
)
def test_a_failure_is_recorded_as_one_and_never_as_not_found(
    folder: Path, error: HttpRefused, closing: str
) -> None:
    run_once(applications(folder / "a.csv", ["found"]), folder / "r.csv", a_failure(error))
    _, asked, end = rows_of(folder / "r.csv")
    assert (asked.outcome, end.outcome) == ("asked", closing)
    assert type(error).__name__ in end.said


def test_what_was_under_way_at_a_kill_is_shown_as_unknown_and_asked_again(folder: Path) -> None:
    batch = applications(folder / "a.csv", ["nobody"])
    with Results.open(folder / "r.csv", SIGNATURE) as results:
        results.asked(batch.lines[0])
    run_once(batch, folder / "r.csv", Asked())
    told = [(row.attempt, row.outcome) for row in rows_of(folder / "r.csv")[1:]]
    assert told == [
        ("1", "asked"),
        ("1", "unknown"),
        ("2", "asked"),
        ("2", "not found"),
        ("2", "complete"),
    ]


def test_an_error_of_the_program_itself_is_raised_and_leaves_the_line_open(folder: Path) -> None:
    def broken(line: Line) -> CheckIssuedCardsResponse:
        raise KeyError(line.number)

    batch = applications(folder / "a.csv", ["nobody"])
    with pytest.raises(KeyError):
        run_once(batch, folder / "r.csv", broken)
    assert [row.outcome for row in rows_of(folder / "r.csv")] == ["batch", "asked"]


def test_a_batch_gives_up_where_the_way_fails_again_and_again(folder: Path) -> None:
    batch = applications(folder / "a.csv", ["down"] * (GIVE_UP_AFTER + 3))
    asked = Asked()
    summary = run_once(batch, folder / "r.csv", asked)
    assert len(asked.lines) == GIVE_UP_AFTER
    assert summary.left == 3
    assert isinstance(summary.gave_up, HubUnreachable)


def test_an_answer_in_between_shows_that_the_way_is_open(folder: Path) -> None:
    batch = applications(folder / "a.csv", [*["down"] * 4, "nobody", *["down"] * 4])
    assert run_once(batch, folder / "r.csv", Asked()).gave_up is None


def test_several_requests_are_under_way_at_once_and_no_more_than_allowed(folder: Path) -> None:
    """The barrier opens when three have come: a batch that asks one after the other would never pass it."""
    barrier = Barrier(3, timeout=20)
    asked = Asked()

    def together(line: Line) -> CheckIssuedCardsResponse:
        barrier.wait()
        return asked(line)

    batch = applications(folder / "a.csv", ["nobody"] * 6)
    summary = run_once(batch, folder / "r.csv", together, at_once=3)
    assert summary.ended == {Closing.COMPLETE: 6}


@pytest.mark.rate_of_the_law
def test_no_more_than_two_requests_a_second_leave(folder: Path) -> None:
    """Annex VI, 1.7."""
    clock = Clock()
    limit = RateLimit(clock=clock, sleep=clock.sleep)
    started: list[float] = []
    asked = Asked()

    def ask(line: Line) -> CheckIssuedCardsResponse:
        limit.wait()
        started.append(clock())
        return asked(line)

    batch = applications(folder / "a.csv", ["nobody"] * 5)
    with Results.open(folder / "r.csv", SIGNATURE) as results:
        run(batch, results, ask, pace=limit, at_once=1)
    assert started == pytest.approx([0.0, 0.55, 1.1, 1.65, 2.2])


def test_the_results_are_their_owners_alone(folder: Path) -> None:
    path = folder / "r.csv"
    path.touch(mode=0o644)
    run_once(applications(folder / "a.csv", ["found"]), path, Asked())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rights_that_were_given_since_an_earlier_run_are_taken_back(folder: Path) -> None:
    batch = applications(folder / "a.csv", ["late"])
    run_once(batch, folder / "r.csv", Asked())
    (folder / "r.csv").chmod(0o644)
    run_once(batch, folder / "r.csv", Asked())
    assert stat.S_IMODE((folder / "r.csv").stat().st_mode) == 0o600


def test_results_are_written_to_a_file_and_to_nothing_else(folder: Path) -> None:
    """A pipe cannot be resumed from, and in a device they are lost."""
    os.mkfifo(folder / "pipe")
    for path in (folder / "pipe", Path(os.devnull)):
        with pytest.raises(InvalidConfiguration, match="written to a file"):
            Results.open(path, SIGNATURE)


def test_a_long_word_of_a_state_does_not_damage_the_results(folder: Path) -> None:
    """`csv` reads 128 KiB in a cell unless it is told; a message may be longer."""
    batch = applications(folder / "a.csv", ["nobody"])
    run_once(batch, folder / "r.csv", lambda line: line.request.answer("DK", (), "x" * 200_000))
    assert run_once(batch, folder / "r.csv", a_failure(HubUnreachable("x"))).complete
    assert any(len(row.said) == 200_000 for row in rows_of(folder / "r.csv"))


FORMULAS = ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", " =1", "＝1", "'=1", "''@x"]


@pytest.mark.parametrize("words", FORMULAS)
def test_no_cell_of_a_foreign_state_begins_like_a_formula(words: str) -> None:
    row = Row(line="2", attempt="1", outcome="found", family_name=words, said=words)
    (read,) = read_rows(HEADINGS + encoded(row))
    assert (read.family_name, read.said) == (f"'{words}", f"'{words}")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONE])
@given(words=st.text(st.sampled_from(""";|"'=+-@ ,\t\r\n\x85\u2028\x1baＡ＝""")))
def test_no_cell_begins_a_formula_whatever_splits_the_line(words: str, delimiter: str, quoting: int) -> None:
    line = encoded(Row(line="2", attempt="1", outcome="found", family_name=words, said=words)).decode()
    for cell in next(csv.reader([line], delimiter=delimiter, quoting=quoting)):
        assert not cell.lstrip(' "').startswith(("=", "+", "-", "@", "＝"))
    assert line.count("\n") == 1
    assert line[:-1].isprintable()


@given(st.text(st.sampled_from(""";|"'=+-@ ,aＡ＝＠""") | st.characters()))
def test_the_words_of_a_state_can_be_had_back_to_the_letter(words: str) -> None:
    """One apostrophe is taken away where, behind any more of them, a formula would begin."""
    words = printable(words)
    (read,) = read_rows(HEADINGS + encoded(Row(line="2", attempt="1", outcome="found", said=words)))
    assert re.sub("(^|[,;|\"])'(?=[ ']*[-=+@－＝＋＠])", r"\1", read.said) == words


def test_an_authority_that_is_named_like_a_formula_can_resume_its_batch(folder: Path) -> None:
    for _ in range(2):
        with Results.open(folder / "r.csv", "asked by A;=B\n"):
            pass


def test_a_state_that_says_found_and_names_no_card_has_found_one(folder: Path) -> None:
    batch = applications(folder / "a.csv", ["found"])

    def ask(line: Line) -> CheckIssuedCardsResponse:
        (row,) = line.request.answer("DK", (found_driver(),)).member_states
        return line.request.answered_with(replace(row, found=()))

    assert run_once(batch, folder / "r.csv", ask).with_cards == 1


def test_results_of_another_batch_are_refused_and_left_as_they_are(folder: Path) -> None:
    run_once(applications(folder / "a.csv", ["found"]), folder / "r.csv", Asked())
    before = (folder / "r.csv").read_bytes()
    with pytest.raises(InvalidConfiguration, match="another batch"):
        Results.open(folder / "r.csv", "another signature")
    assert (folder / "r.csv").read_bytes() == before


@pytest.mark.parametrize("content", [b"a letter to somebody", b"a;b\n1;2\n", b"\xff\xfe"])
def test_a_file_that_is_none_of_ours_is_refused_and_left_as_it_is(folder: Path, content: bytes) -> None:
    path = folder / "r.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidConfiguration, match="none that a batch has written"):
        Results.open(path, SIGNATURE)
    assert path.read_bytes() == content


@pytest.mark.parametrize("row", [b"1,2\n", b"x" + b"," * 16 + b"\n", b"\xff" + b"," * 16 + b"\n"])
def test_a_damaged_row_is_refused_and_the_file_is_left_as_it_is(folder: Path, row: bytes) -> None:
    path = folder / "r.csv"
    run_once(applications(folder / "a.csv", ["found"]), path, Asked())
    path.write_bytes(before := path.read_bytes() + row)
    with pytest.raises(InvalidConfiguration, match="damaged"):
        Results.open(path, SIGNATURE)
    assert path.read_bytes() == before


def test_a_full_disk_ends_a_run_from_which_another_resumes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes half of what is known of the second line, and then nothing more."""
    batch = applications(folder / "a.csv", ["found", "nobody"])
    room = [700]
    write = os.write

    def limited(descriptor: int, data: bytes) -> int:
        if room[0] == 0:
            raise OSError(28, "No space left on device")
        taken = write(descriptor, data[: room[0]])
        room[0] -= taken
        return taken

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", limited)
        with pytest.raises(InvalidConfiguration, match="when there is room"):
            run_once(batch, folder / "r.csv", Asked())
    assert (folder / "r.csv").stat().st_size == 700
    run_once(batch, folder / "r.csv", Asked())
    run_once(batch, folder / "whole.csv", Asked())
    assert last_attempts(folder / "r.csv") == last_attempts(folder / "whole.csv")


def test_two_runs_do_not_write_to_one_file(folder: Path) -> None:
    pytest.importorskip("fcntl")
    with Results.open(folder / "r.csv", SIGNATURE):
        with pytest.raises(InvalidConfiguration, match="another run"):
            Results.open(folder / "r.csv", SIGNATURE)


def test_a_file_that_does_not_open_is_told(folder: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="cannot be opened"):
        Results.open(folder / "no" / "r.csv", SIGNATURE)


def test_no_row_shows_a_person_in_its_repr(folder: Path) -> None:
    run_once(applications(folder / "a.csv", ["found"]), folder / "r.csv", Asked())
    rows = rows_of(folder / "r.csv")
    assert any(row.family_name == CANARY for row in rows)
    assert CANARY not in repr(rows)
