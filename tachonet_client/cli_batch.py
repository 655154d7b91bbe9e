"""`tachonet batch`: ask about a file of applications, line by line, and resume where an earlier run ended."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer
from movehub.console import ANSWERED, FAILED, INCOMPLETE, err, out, show_plain, told
from movehub.console_options import Config, Json
from movehub.pace import MOST_PER_SECOND, Pace
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .batch import AT_ONCE, Ask, Summary, run
from .batch_applications import Applications
from .batch_results import Results
from .batch_rows import Closing
from .client import TachonetClient
from .editions import CODEC

_WORDS = {
    Closing.COMPLETE: "answered by every state",
    Closing.INCOMPLETE: "incomplete",
    Closing.FAILED: "failed",
    Closing.UNKNOWN: "of unknown outcome",
}


def batch(
    file: Annotated[Path, typer.Argument(help="The applications (CSV): see docs/tachonet/batch.md.")],
    config: Config,
    results: Annotated[Path, typer.Option(help="Where to write what the states say (CSV). It holds people.")],
    originating_authority: Annotated[str, typer.Option(help="The authority that asks.")],
    at_once: Annotated[int, typer.Option(min=1, max=40, help="Requests under way at a time.")] = AT_ONCE,
    per_second: Annotated[
        float,
        typer.Option(help="Requests a second; less where others of your state send too (Annex VI, 1.8)."),
    ] = MOST_PER_SECOND,
    json: Json = False,
) -> None:
    """Check issued cards for a file of applications.

    Each line is one CIC. Ctrl-C stops it: what is under way is waited for, and recorded. Run the same command
    again to go on: lines that every state has answered are not asked again, all others are. A file of
    applications that was changed is refused.

    Exit 0 all lines are answered by every state, 3 some are not, 4 failed.
    """
    with told(), TachonetClient.from_config(config) as tachonet:
        exchange = tachonet.exchange
        applications = Applications.read(
            file, originating_authority, lambda request, to: CODEC.encode(exchange.request(request, to))
        )
        asker = f"{exchange.code}, {originating_authority}"
        signature = f"applications of SHA-256 {applications.digest}, asked by {asker}"
        pace = Pace(per_second)
        with Results.open(results, signature) as opened:
            summary = _run(
                applications, opened, lambda line: tachonet.send(line.request, line.to).body, pace, at_once
            )
    if json:
        show_plain(_plain(summary), as_json=True)
    else:
        _print(summary, results)
    if summary.gave_up is not None:
        err.print(f"[red]Gave up:[/] {escape(str(summary.gave_up))}", soft_wrap=True)
    raise typer.Exit(FAILED if summary.gave_up else ANSWERED if summary.complete else INCOMPLETE)


def _run(applications: Applications, results: Results, ask: Ask, pace: Pace, at_once: int) -> Summary:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    before = sum(results.is_complete(line.number) for line in applications.lines)
    with Progress(*columns, console=err) as progress, _stopped_by_hand() as stopping:
        task = progress.add_task("TACHOnet CIC", total=len(applications.lines), completed=before)
        return run(
            applications,
            results,
            ask,
            pace=pace,
            at_once=at_once,
            stopping=stopping.is_set,
            heard=lambda _: progress.advance(task),
        )


@contextmanager
def _stopped_by_hand() -> Iterator[Event]:
    """Let Ctrl-C ask for the end once; a second one is a kill, from which a run resumes as well."""
    stopping = Event()

    def stop(*_: Any) -> None:
        stopping.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        err.show_cursor()
        err.print("Stopping: what is under way is waited for, 20 seconds at most. Ctrl-C again ends at once.")

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopping
    finally:
        signal.signal(signal.SIGINT, before)


def _plain(summary: Summary) -> dict[str, int]:
    ended = {closing.value: summary.ended[closing] for closing in Closing}
    return {**ended, "before": summary.before, "with_cards": summary.with_cards, "left": summary.left}


def _print(summary: Summary, results: Path) -> None:
    said = [f"{summary.ended[closing]} {_WORDS[closing]}" for closing in Closing if summary.ended[closing]]
    said += [f"{summary.before} complete from before"] if summary.before else []
    said += [f"{summary.left} not asked"] if summary.left else []
    out.print(f"Applications: {', '.join(said) or 'none in the file'}.", soft_wrap=True)
    out.print(f"With a card found, of those asked now: {summary.with_cards}.")
    out.print(f"The states' words are in {escape(str(results))}; it holds people.", soft_wrap=True)
    if not summary.complete:
        out.print("Nobody is cleared by a line that is not complete: run the same command again.")
