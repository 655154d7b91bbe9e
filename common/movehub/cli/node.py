"""The commands `movehub node`: messages, figures, retention, and the journal of accesses.

They work beside a running node, and need the extra `server`. To read a message leaves a line in the
journal (Annex VI, 2.2 of both regulations).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from movehub.actor import actor
from movehub.cli.console import By, Config, Json, err, errors_printed, escape, out, show_plain
from movehub.cli.figures import print_month, print_year
from movehub.printable import printable
from movehub.protocol.exchange import utc_now
from movehub.records.values import write_instant

if TYPE_CHECKING:
    from movehub.node import Records
    from movehub.store import Store

#: Exit codes: all is well, or something needs your attention.
QUIET, LOOK = 0, 1

HOME: Final = Path("node.toml")

#: A wrong key makes every line look changed, from the first one on.
_OTHER_KEY: Final = ". The same happens if journal_key_file is missing, or is not the key of this journal"

TechnicalId = Annotated[str, typer.Argument(metavar="ID", help="The technical identifier of the message.")]

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
journal = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
app.add_typer(journal, name="journal", help="The journal of accesses: check it, or print its last line.")


@app.callback()
def _group() -> None:
    """Look after a node: escalations, messages, figures and the journal."""


@contextmanager
def extra_needed() -> Iterator[None]:
    """Import what needs the extra `server`. If it is missing, print one line and exit with 1."""
    try:
        yield
    except ImportError:
        raise SystemExit("This command needs its extra: pip install 'movehub-client[server]'") from None


@contextmanager
def opened(config: Path) -> Iterator[tuple[Records, Store]]:
    """Open the database of a node. If that fails, print one line and exit with 4."""
    with extra_needed():
        from movehub.node import Records
    with errors_printed():
        records = Records.read(config)
        with records.open(create=False) as store:  # a new, empty database would look like a quiet node
            yield records, store


@app.command()
def show(message: TechnicalId, by: By = None, config: Config = HOME) -> None:
    """Print a message. It holds personal data, so the journal records who has read it."""
    with opened(config) as (_, store):
        from movehub.store import show_message

        found = store.write(lambda connection: show_message(connection, store.journal, message, by=actor(by)))
    reason = f", {found.reason}" if found.reason else ""
    err.print(
        escape(f"{found.table}: {found.root} from {found.from_code} to {found.to_code}"), soft_wrap=True
    )
    became = f", {found.outcome}" if found.outcome else ""
    err.print(escape(f"{write_instant(found.at)}, {found.state}{reason}{became}"), soft_wrap=True)
    if found.document is None:
        err.print("The document was removed when its period was over.")
        raise typer.Exit(LOOK)
    if sys.stdout.isatty():  # a file gets the document as it came
        out.print(Text(printable(found.document.decode(), keep="\n")), soft_wrap=True)
    else:
        typer.echo(found.document)


@app.command()
def statistics(
    month: Annotated[str, typer.Option(help="The month, such as 2026-11. Default: this month.")] = "",
    year: Annotated[
        int | None, typer.Option(min=1, max=9999, help="A year, such as 2026: its months, and their sums.")
    ] = None,
    config: Config = HOME,
    json: Json = False,
) -> None:
    """Show answer rate, response times and availability of a month or a year (Annex VI). Exit 1 below 98 %.

    An answer counts once it was delivered. For a year, the 98 % count for each month and for the year.
    """
    _check_month(month)
    if month and year is not None:
        raise typer.BadParameter("give a month or a year", param_hint="--year")
    with opened(config) as (records, store), store.snapshot() as connection:
        from movehub.store.monthly_figures import Month, monthly_report
        from movehub.store.yearly_figures import kept, yearly_report

        now, us, every = utc_now(), records.member_state, records.heartbeat_every
        if year is not None:
            figures = yearly_report(connection, year, us, now, every)
            reached, printed = figures["kept"], print_year
        else:
            wanted = Month.of(month) if month else Month(now.year, now.month)
            figures = monthly_report(connection, wanted, us, now, every)
            reached, printed = kept(figures), print_month
    if json:
        show_plain(figures, as_json=True)
    else:
        printed(figures)
    raise typer.Exit(QUIET if reached else LOOK)


def _check_month(text: str) -> None:
    """Check the form of a month. Raises BadParameter (exit code 2)."""
    try:
        right = not text or date.fromisoformat(f"{text}-01").isoformat() == f"{text}-01"
    except ValueError:
        right = False
    if not right:
        raise typer.BadParameter("the form is 2026-11", param_hint="--month")


@app.command()
def prune(by: By = None, config: Config = HOME, json: Json = False) -> None:
    """Remove data whose period is over (Annex VII). Exit 1 if some must stay."""
    with opened(config) as (records, store):
        from movehub.store import Bytes
        from movehub.store import prune as run

        pruned = run(
            store,
            store.journal,
            records.periods,
            heartbeat_every=records.heartbeat_every,
            actor=actor(by),
        )
    if json or pruned.any or pruned.bytes is Bytes.LEFT:
        show_plain(pruned.plain(), as_json=json)
    else:
        out.print("Nothing was past its period.")
    raise typer.Exit(LOOK if pruned.left or pruned.bytes is Bytes.LEFT else QUIET)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The new file. An existing one is never overwritten.")],
    by: By = None,
    config: Config = HOME,
) -> None:
    """Copy the database to a new file that only you can read, and check the copy. SQLite only.

    The node may be running. Exit 0 good, 1 good but the journal is not whole, 4 failed.
    """
    with opened(config) as (_, store):
        from movehub.store.backup import back_up

        made = back_up(store, file, by=actor(by))
    out.print(f"{escape(str(file))}: {made.size} bytes, {made.journal.lines} lines of the journal.")
    out.print(f"Its anchor: {made.anchor}", soft_wrap=True)
    if made.journal.finding is not None:
        out.print(f"[red]The journal is not whole:[/] {made.journal.finding}")
        raise typer.Exit(LOOK)


@app.command()
def metrics(config: Config = HOME) -> None:
    """Print the metrics, in the format of Prometheus."""
    with opened(config) as (_, store), store.reading() as connection:
        from movehub.store.metrics import metrics as figures

        typer.echo(figures(connection, store.now()), nl=False)


@journal.command()
def anchor(config: Config = HOME) -> None:
    """Print the number, digest and instant of the last line. Store it elsewhere, for `verify --anchor`."""
    with opened(config) as (_, store), store.reading() as connection:
        last = store.journal.anchor(connection)
    typer.echo(str(last))


@journal.command()
def verify(
    against: Annotated[str, typer.Option("--anchor", help="An earlier output of `anchor`, in quotes.")] = "",
    config: Config = HOME,
) -> None:
    """Check that no line is missing, changed or inserted. Exit 0 whole, 1 not whole."""
    with opened(config) as (records, store):
        from movehub.store import Anchor, Fault, Reason, check, escalate

        kept = Anchor.of(against) if against else None
        with store.reading() as connection:
            found = check(store.journal, connection, kept, records.periods.journal)
        if found.finding is not None:
            first = not found.lines and found.finding.fault not in {Fault.CUT, Fault.REMOVED}
            now, finding = store.now(), f"{found.finding}{_OTHER_KEY if first else ''}"
            store.write(lambda c: escalate(c, Reason.JOURNAL_BROKEN, finding, now=now, system=""))
            out.print(f"[red]Not whole:[/] {finding}")
            raise typer.Exit(LOOK)
    out.print(f"[green]Whole[/]: {found.lines} lines, the last is {found.last.seq}.")
    if kept and not found.anchored:
        out.print("The line of the anchor is no longer stored, so it could not be compared.")
