"""The commands `movehub node`: what needs a person, figures, retention, and the journal of accesses.

They look on while a node serves. Needs the extra `server`.

What the commands `movehub node` have in common: the node that they look at, and who looks.

The commands `movehub node show` and `retry`: what a person does with one message that needs him.

Annex VI, 2.2 of both regulations. Each leaves a line in the journal of accesses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.markup import escape

from movehub.cli.console import FAILED, Config, Json, err, out, show_plain, table, told
from movehub.protocol.exchange import utc_now
from movehub.records.values import write_instant

if TYPE_CHECKING:
    from movehub.node.settings import Records
    from movehub.store import Store


_Message = Annotated[str, typer.Argument(help="The technical identifier, as the queue shows it.")]


By = Annotated[str, typer.Option(help="Who has done it: a service number or an account.")]
#: Exit codes: nothing to do; somebody is needed, or a figure or the journal is not as it should be.
QUIET, LOOK = 0, 1

HOME: Final = Path("node.toml")


app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
attention = typer.Typer(add_completion=False, rich_markup_mode=None, invoke_without_command=True)
journal = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def show(message: _Message, by: By, config: Config = HOME) -> None:
    """Print a message that came or went out, which is personal data: the journal says who has seen it."""
    with opened(config) as (_, store):
        from movehub.store.operator import show_message

        found = store.write(
            lambda connection: show_message(connection, store.journal, message, by=somebody(by))
        )
    reason = f", {found.reason}" if found.reason else ""
    err.print(
        escape(f"{found.table}: {found.root} from {found.from_code} to {found.to_code}"), soft_wrap=True
    )
    err.print(escape(f"{write_instant(found.at)}, {found.state}{reason}"), soft_wrap=True)
    if found.document is None:
        err.print("The document was removed when its period was over.")
        raise typer.Exit(LOOK)
    typer.echo(found.document.decode())


def retry(message: _Message, by: By, config: Config = HOME) -> None:
    """Have a message that failed worked on again: exit 0 it will be, 4 it has not failed."""
    with opened(config) as (_, store):
        from movehub.store.operator import retry_message

        again = store.write(
            lambda connection: retry_message(
                connection, store.journal, message, by=somebody(by), now=store.now()
            )
        )
    out.print("It is worked on again." if again else "Nothing to try again: it has not failed here.")
    raise typer.Exit(QUIET if again else FAILED)


@contextmanager
def opened(config: Path) -> Iterator[tuple[Records, Store]]:
    """Open what a node keeps. Ends the command with a line that says why, where that cannot be."""
    try:
        from movehub.node.settings import Records
    except ImportError:
        raise SystemExit("This command needs its extra: pip install 'movehub-client[server]'") from None
    with told():
        records = Records.read(config)
        with records.open(create=False) as store:  # a name that is mistyped must not look like a quiet node
            yield records, store


def somebody(by: str) -> str:
    """Return who looks; nobody is refused."""
    if not by.strip():
        raise typer.BadParameter("it must say who", param_hint="--by")
    return by.strip()


app.add_typer(attention, name="attention")
app.add_typer(journal, name="journal", help="The record of accesses: is it whole, and where does it end.")

#: Where the very first line is at fault, each one may be.
_OTHER_KEY: Final = ". A journal_key_file that is missing, or not the one it was written with, looks the same"


app.command()(show)
app.command()(retry)


@app.callback()
def _group() -> None:
    """Look at what a node has kept, and remove what is past its time."""


@attention.callback()
def attention_list(context: typer.Context, config: Config = HOME, json: Json = False) -> None:
    """Show what needs a person, and what to do (Annex VI, 2.2): exit 0 nothing, 1 something."""
    if context.invoked_subcommand is not None:
        return
    with opened(config) as (_, store), store.reading() as connection:
        from movehub.store.escalations import open_escalations

        items = [item.plain() for item in open_escalations(connection)]
    if json:
        show_plain({"attention": items}, as_json=True)
    for item in [] if json else items:
        times = f", {item['times']} times, last {item['last']}" if item["times"] > 1 else ""
        about = " ".join(filter(None, (item["system"], item["technical_id"])))
        out.print(f"[bold]{item['id']}[/] {escape(item['reason'])}: {escape(item['detail'])}", soft_wrap=True)
        out.print(f"   since {item['since']}{times}. {escape(about)}", soft_wrap=True)
        out.print(f"   {escape(item['do'])} ({escape(item['article'])})", soft_wrap=True)
    if not items and not json:
        out.print("Nothing needs a person.")
    raise typer.Exit(LOOK if items else QUIET)


@attention.command("done")
def attention_done(
    numbers: Annotated[list[int], typer.Argument(help="The numbers of items.")],
    by: By,
    config: Config = HOME,
) -> None:
    """Mark items as done: exit 0 all, 4 where one is not open."""
    who, missing = somebody(by), False
    with opened(config) as (_, store):
        from movehub.store.escalations import resolve

        for number in dict.fromkeys(numbers):
            found = store.write(partial(resolve, number=number, by=who, at=store.now()))
            out.print(f"{number} is done." if found else f"Nothing of the number {number} is open.")
            missing = missing or not found
    raise typer.Exit(FAILED if missing else QUIET)


@app.command()
def statistics(
    month: Annotated[str, typer.Option(help="Such as 2026-11; this month where it is left out.")] = "",
    config: Config = HOME,
    json: Json = False,
) -> None:
    """Show answer rate, response times and availability of a month (Annex VI): exit 1 below 98 %."""
    _check_month(month)
    with opened(config) as (records, store), store.reading() as connection:
        from movehub.node.monthly_report import monthly_report
        from movehub.store.statistics import Month

        now = utc_now()
        wanted = Month.of(month) if month else Month(now.year, now.month)
        figures = monthly_report(connection, wanted, records.member_state, now, records.heartbeat_every)
    if json:
        show_plain(figures, as_json=True)
    else:
        _print_month(figures)
    there = figures["availability"]
    kept = figures["answers"]["kept"] and (there is None or there["kept"])
    raise typer.Exit(QUIET if kept else LOOK)


def _check_month(text: str) -> None:
    """Refuse what is no month, as an option that is wrong (exit code 2)."""
    try:
        right = not text or date.fromisoformat(f"{text}-01").isoformat() == f"{text}-01"
    except ValueError:
        right = False
    if not right:
        raise typer.BadParameter("it is written as in 2026-11", param_hint="--month")


def _print_month(figures: dict[str, Any]) -> None:
    answers, there = figures["answers"], figures["availability"]
    out.print(f"{figures['member_state']}, {figures['month']}: {figures['from']} to {figures['to']}")
    out.print(
        f"Answered: {_rate(answers)} ({answers['answered']} of {answers['requests']}), "
        f"within {answers['within_seconds']:.0f} s: {answers['answered_in_time']}"
    )
    if there is None:
        out.print("Availability: not known, as records.heartbeat_every is not configured")
    else:
        out.print(f"Availability: {_rate(there)}, down {there['down_hours']:.1f} h")
    shown = table("Messages", "From", "To", "Type", "Status", "Count", "Mean s", folding=("Type",))
    for row in figures["messages"]:
        mean = "" if row["mean_seconds"] is None else f"{row['mean_seconds']:.1f}"
        shown.add_row(row["from"], row["to"], row["type"], row["status"], str(row["count"]), mean)
    out.print(shown)


def _rate(figures: dict[str, Any]) -> str:
    if figures["rate"] is None:
        return "nothing to count"
    colour = "green" if figures["kept"] else "red"
    return f"[{colour}]{figures['rate']:.2%}[/] of the 98 % that the law asks for"


@app.command()
def prune(config: Config = HOME, json: Json = False) -> None:
    """Remove personal data whose period is over, and say what (Annex VII): exit 1 if some must stay."""
    with opened(config) as (records, store):
        from movehub.store.retention import Bytes
        from movehub.store.retention import prune as run

        pruned = run(store, store.journal, records.periods)
    if json or pruned.removed or pruned.left or pruned.journal_lines or pruned.bytes is Bytes.LEFT:
        show_plain(pruned.plain(), as_json=json)
    else:
        out.print("Nothing was past its period.")
    raise typer.Exit(LOOK if pruned.left or pruned.bytes is Bytes.LEFT else QUIET)


@app.command()
def metrics(config: Config = HOME) -> None:
    """Print figures for whoever watches, in the format of Prometheus."""
    with opened(config) as (_, store), store.reading() as connection:
        from movehub.store.metrics import metrics as figures

        typer.echo(figures(connection, store.now()), nl=False)


@journal.command()
def anchor(config: Config = HOME) -> None:
    """Print the last line's number, digest and instant. Keep it elsewhere: against it, a cut shows."""
    with opened(config) as (_, store), store.reading() as connection:
        last = store.journal.anchor(connection)
    typer.echo(str(last))


@journal.command()
def verify(
    against: Annotated[str, typer.Option("--anchor", help="What `anchor` printed, in quotes.")] = "",
    config: Config = HOME,
) -> None:
    """Say whether a line is missing, changed or put in: exit 0 whole, 1 not."""
    with opened(config) as (records, store):
        from movehub.store.escalations import Reason, escalate
        from movehub.store.journal import Anchor, Fault, check

        kept = Anchor.of(against) if against else None
        with store.reading() as connection:
            found = check(store.journal, connection, kept, records.periods.journal)
        if found.finding is not None:
            first = not found.lines and found.finding.fault not in {Fault.CUT, Fault.REMOVED}
            now, said = store.now(), f"{found.finding}{_OTHER_KEY if first else ''}"
            store.write(lambda c: escalate(c, Reason.JOURNAL_BROKEN, said, now=now, system=""))
            out.print(f"[red]Not whole:[/] {said}")
            raise typer.Exit(LOOK)
    out.print(f"[green]Whole[/]: {found.lines} lines, the last is {found.last.seq}.")
    if kept and not found.anchored:
        out.print("The anchor's line is no longer kept, so that it could not be compared.")
