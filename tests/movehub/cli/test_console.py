"""What all commands share: tables are never cut off, and what was received is shown on any terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from movehub.cli.console import (
    err,
    errors_printed,
    escape,
    finish,
    out,
    print_states,
    show_plain,
    table,
)
from movehub.printable import printable
from movehub.protocol.outcome import SearchStatus, StateRow
from movehub.protocol.reply import Reply
from rich.text import Text
from typer.testing import CliRunner

from tests.support.examples import cic_request

TITLES = ("In", "Outcome", "Card", "Status", "Valid from/until", "By")
ROWS = (
    ("DK", "NotAvailable", "DF00000000000100", "ApplicationWithdrawn", "2026-01-01/2031-01-01", "NYSIIS"),
    ("SE", "[green]Found[/]", "SE00000000000100", "HandedOver", "2026-01-01/2031-01-01", "NYSIIS"),
)


def printed(width: int, folding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = table("Cards", *TITLES, folding=folding)
    for row in ROWS:
        shown.add_row(*row)
    with out.capture() as captured:
        out.print(shown)
    return captured.get()


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("folding", [(), ("Status",), TITLES])
def test_no_column_and_no_letter_of_a_table_is_cut_off(
    width: int, folding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = printed(width, folding, monkeypatch)
    assert max(map(len, shown.splitlines())) <= width
    texts = ("Cards", *TITLES, *(Text.from_markup(cell).plain for row in ROWS for cell in row))
    assert sorted("".join(shown.split())) == sorted("".join("".join(texts).split()))


def test_a_column_that_may_fold_breaks_before_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = printed(80, ("Status",), monkeypatch)
    assert "DF00000000000100" in shown
    assert "ApplicationWithdrawn" not in shown


HOSTILE = "\x1b[2J\x9b31m\u202e[/red]\nFound: nobody\x85\u2028Ž"


class Row(StateRow):
    """The answer of a state that attacks whoever reads it."""

    member_state_code = "\x9b["
    status_code = SearchStatus.FOUND
    status_message = HOSTILE


def test_received_text_acts_neither_on_the_terminal_nor_on_the_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row, nowhere = Row(), cast("Any", None)
    answer = Reply(header=nowhere, body=cic_request().answered_with(), asked=("[/", "\x9b3", "[/red]"))
    shown = table(escape(HOSTILE), HOSTILE.translate({10: None, 91: None}))
    shown.add_row(escape(HOSTILE))
    out.print(shown)
    print_states("Cards", ("Card",), [(row, (HOSTILE,))])
    show_plain({"message": HOSTILE, "list": [{"x": HOSTILE}, HOSTILE]}, as_json=False)
    show_plain({"message": HOSTILE}, as_json=True)
    with pytest.raises(typer.Exit), errors_printed():
        raise ValueError(HOSTILE)
    with pytest.raises(typer.Exit):
        finish(answer)
    printed = "".join(capsys.readouterr())
    assert printable(printed, keep="\n") == printed
    assert "\nFound: nobody" not in printed
    assert printed.count("[/red]") == 10


@pytest.mark.parametrize("charset", ["ascii", "cp1252", "iso8859-7"])
@pytest.mark.parametrize("as_json", [False, True])
def test_an_encoding_that_cannot_hold_the_answer_changes_no_exit_code(charset: str, as_json: bool) -> None:
    app = typer.Typer()

    @app.command()
    def answer() -> None:
        show_plain({"family_name": "Żółć Παπαδόπουλος 😀"}, as_json=as_json)
        err.print("Ž")
        raise typer.Exit(3)

    done = CliRunner(charset=charset).invoke(app)
    assert done.exit_code == 3
    assert not as_json or json.loads(done.stdout) == {"family_name": "Żółć Παπαδόπουλος 😀"}


@pytest.mark.parametrize("full", [False, True], ids=["nobody reads", "the disk is full"])
def test_an_output_that_cannot_be_written_changes_no_exit_code(full: bool, tmp_path: Path) -> None:
    program = (
        "import typer\nfrom movehub.cli.console import out, show_plain\n"
        "for number in range(9000): out.print(f'line {number}')\n"
        "show_plain({'a': 1}, as_json=True)\nraise SystemExit(3)"
    )
    if full and not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    read, write = os.pipe()
    os.close(read)
    with open("/dev/full" if full else write, "wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-c", program], stdout=stdout, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert done.returncode == 3
    assert done.stderr.count(b"The output is not whole") == full
    assert b"Traceback" not in done.stderr


def test_every_command_escapes_in_one_way() -> None:
    """What rich calls `escape` leaves control characters alone."""
    root = Path(__file__).parents[3]
    sources = [*root.glob("common/movehub/**/*.py"), *root.glob("*_client/**/*.py")]
    escaping = [
        path.name for path in sources if re.search("rich(.markup)? import (escape|markup)", path.read_text())
    ]
    assert escaping == ["console.py"]
