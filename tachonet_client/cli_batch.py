"""The command `tachonet batch`: check a file of applications, line by line. A later run resumes it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer
from movehub import law
from movehub.cli import (
    ANSWERED,
    FAILED,
    INCOMPLETE,
    Config,
    Json,
    err,
    errors_printed,
    escape,
    out,
    show_plain,
)
from movehub.protocol.member_states import sent_as
from movehub.protocol.rate_limit import MOST_PER_SECOND
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .batch import AT_ONCE, Ask, Summary, run
from .batch_applications import Applications
from .batch_results import Results
from .batch_rows import Closing
from .client import TachonetClient

_WORDS = {
    Closing.COMPLETE: "answered by every state",
    Closing.INCOMPLETE: "incomplete",
    Closing.FAILED: "failed",
    Closing.UNKNOWN: "of unknown outcome",
}


def batch(
    file: Annotated[Path, typer.Argument(help="The applications (CSV): see docs/tachonet/batch.md.")],
    config: Config,
    results: Annotated[
        Path, typer.Option(help="The file to write the answers to (CSV). It holds personal data.")
    ],
    originating_authority: Annotated[str, typer.Option(help="Your authority, which asks.")],
    at_once: Annotated[
        int, typer.Option(min=1, max=40, help="How many requests wait for their answer at a time.")
    ] = AT_ONCE,
    per_second: Annotated[
        float,
        typer.Option(
            help="Requests a second. Use less if other systems of your state send too"
            f" ({law.SEND_2_A_SECOND.tachonet})."
        ),
    ] = MOST_PER_SECOND,
    expected: Annotated[
        str,
        typer.Option(
            metavar="CODES",
            help="The states that must answer a broadcast, such as AT,BE,BG. Default: all participants.",
        ),
    ] = "",
    as_written: Annotated[
        bool,
        typer.Option(
            "--as-written",
            help="Send doubtful cells as they are: NULL, nan and None, numbers as 1234.0, and names that the "
            "hub cannot write in ASCII.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Check issued cards for a file of applications.

    Each line is one CIC. Ctrl-C stops the run: it waits for the requests that are sent, and records their
    answers. Run the same command again to continue. It asks again only for lines that some state has not
    answered. It refuses a file of applications that has changed.

    Exit 0 every state has answered every line, 3 some answers are missing, 4 failed.
    """
    with errors_printed(), TachonetClient.from_config(config, requests_per_second=per_second) as tachonet:
        exchange, codec = tachonet.exchange, tachonet.codec
        applications = Applications.read(
            file,
            originating_authority,
            lambda request, to: codec.encode(exchange.request(request, to)),
            as_written=as_written,
        )
        awaited = _expected(expected, tachonet)
        with Results.open(
            results, _signature(applications, tachonet, originating_authority, awaited)
        ) as opened:
            summary = _run(
                applications,
                opened,
                lambda line: tachonet.send(line.request, line.to).body,
                pace=tachonet.rate_limit,
                at_once=at_once,
                expected=awaited,
            )
    if json:
        show_plain(_plain(summary), as_json=True)
    else:
        _print(summary, results)
    if summary.gave_up is not None:
        err.print(f"[red]Gave up:[/] {escape(str(summary.gave_up))}", soft_wrap=True)
    raise typer.Exit(FAILED if summary.gave_up else ANSWERED if summary.complete else INCOMPLETE)


def _expected(given: str, tachonet: TachonetClient) -> tuple[str, ...]:
    """Return the other states that must answer a broadcast. Raises InvalidConfiguration."""
    if not given.strip():
        return tachonet.others
    codes = {sent_as(code.strip()) for code in given.split(",")}
    for code in sorted(codes):
        tachonet.codec.check_participant(code)
    return tuple(sorted(codes & set(tachonet.others)))


def _signature(
    applications: Applications, tachonet: TachonetClient, authority: str, expected: tuple[str, ...]
) -> str:
    """Describe the run. Another run, such as one against a test hub, must not complete its results."""
    exchange = tachonet.exchange
    return (
        f"applications of SHA-256 {applications.digest}, asked by {exchange.code}, {authority}, "
        f"in {exchange.edition} ({exchange.edition.namespace}) at {tachonet.address or 'no address'}; "
        f"expected: {', '.join(expected)}"
    )


def _run(applications: Applications, results: Results, ask: Ask, **options: Any) -> Summary:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    before = sum(results.is_complete(line.number) for line in applications.lines)
    with Progress(*columns, console=err) as progress, _stopped_by_hand() as stopping:
        task = progress.add_task("TACHOnet CIC", total=len(applications.lines), completed=before)
        return run(
            applications,
            results,
            ask,
            **options,
            stopping=stopping.is_set,
            heard=lambda _: progress.advance(task),
        )


@contextmanager
def _stopped_by_hand() -> Iterator[Event]:
    """Stop at the first Ctrl-C. A second one kills the run, which can be resumed as well."""
    stopping = Event()

    def stop(*_: Any) -> None:
        stopping.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        err.show_cursor()
        err.print(
            "Stopping: waiting for the last answers, at most 20 seconds. Press Ctrl-C again to end at once."
        )

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
    out.print(f"The answers are in {escape(str(results))}. It holds personal data.", soft_wrap=True)
    if not summary.complete:
        out.print("An incomplete line clears nobody. Run the same command again.")
