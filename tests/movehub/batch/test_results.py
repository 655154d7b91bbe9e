"""The results of a batch are their owner's, and one run's at a time; what no batch wrote stays as it is."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from movehub.batch import Results
from movehub.batch.rows import columns
from movehub.errors import HubUnreachable, InvalidConfiguration

from tachonet_client.batch_cic import CIC
from tests.support.batches import (
    SIGNATURE,
    Asked,
    a_failure,
    applications,
    last_attempts,
    reply_to,
    rows_of,
    run_once,
)

#: How many commas a row has.
LAST = len(columns(CIC)) - 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


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
    batch = applications(folder / "a.csv", [])
    os.mkfifo(folder / "pipe")
    for path in (folder / "pipe", Path(os.devnull)):
        with pytest.raises(InvalidConfiguration, match="written to a file"):
            Results.open(path, batch, SIGNATURE)


def test_a_long_word_of_a_state_does_not_damage_the_results(folder: Path) -> None:
    """`csv` reads 128 KiB in a cell unless it is told; a message may be longer."""
    batch = applications(folder / "a.csv", ["nobody"])
    run_once(
        batch,
        folder / "r.csv",
        lambda message: reply_to(message, message.body.answer("DK", (), "x" * 200_000)),
    )
    assert run_once(batch, folder / "r.csv", a_failure(HubUnreachable("x"))).complete
    assert any(len(row.said) == 200_000 for row in rows_of(folder / "r.csv"))


def test_an_authority_that_is_named_like_a_formula_can_resume_its_batch(folder: Path) -> None:
    batch = applications(folder / "a.csv", [])
    for _ in range(2):
        with Results.open(folder / "r.csv", batch, "asked by A;=B\n"):
            pass


def test_results_of_another_batch_are_refused_and_left_as_they_are(folder: Path) -> None:
    batch = applications(folder / "a.csv", ["found"])
    run_once(batch, folder / "r.csv", Asked())
    before = (folder / "r.csv").read_bytes()
    with pytest.raises(InvalidConfiguration, match="another batch"):
        Results.open(folder / "r.csv", batch, "another signature")
    assert (folder / "r.csv").read_bytes() == before


@pytest.mark.parametrize("content", [b"a letter to somebody", b"a;b\n1;2\n", b"\xff\xfe"])
def test_a_file_that_is_none_of_ours_is_refused_and_left_as_it_is(folder: Path, content: bytes) -> None:
    path = folder / "r.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidConfiguration, match="none that a batch of applications has written"):
        Results.open(path, applications(folder / "a.csv", []), SIGNATURE)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "row",
    [
        b"1,2\n",
        b"x" + b"," * LAST + b"\n",
        b"\xff" + b"," * LAST + b"\n",
        b"9,1,,,,complete" + b"," * (LAST - 5) + b"\n",  # the end of what was never asked
    ],
)
def test_a_damaged_row_is_refused_and_the_file_is_left_as_it_is(folder: Path, row: bytes) -> None:
    path = folder / "r.csv"
    batch = applications(folder / "a.csv", ["found"])
    run_once(batch, path, Asked())
    path.write_bytes(before := path.read_bytes() + row)
    with pytest.raises(InvalidConfiguration, match="damaged"):
        Results.open(path, batch, SIGNATURE)
    assert path.read_bytes() == before


def test_a_full_disk_ends_a_run_from_which_another_resumes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes half of what is known of the second line, and then nothing more."""
    batch = applications(folder / "a.csv", ["found", "nobody"])
    run_once(batch, folder / "whole.csv", Asked())
    size = (folder / "whole.csv").stat().st_size - 20
    room = [size]
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
    assert (folder / "r.csv").stat().st_size == size
    run_once(batch, folder / "r.csv", Asked())
    assert last_attempts(folder / "r.csv") == last_attempts(folder / "whole.csv")


def test_two_runs_do_not_write_to_one_file(folder: Path) -> None:
    pytest.importorskip("fcntl")
    batch = applications(folder / "a.csv", [])
    with Results.open(folder / "r.csv", batch, SIGNATURE):
        with pytest.raises(InvalidConfiguration, match="another run"):
            Results.open(folder / "r.csv", batch, SIGNATURE)


def test_a_file_that_does_not_open_is_told(folder: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="cannot be opened"):
        Results.open(folder / "no" / "r.csv", applications(folder / "a.csv", []), SIGNATURE)
