"""What the commands `tachonet batch` and `erru batch` share: options, the run, and what they print."""

from __future__ import annotations

import signal
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from movehub import law
from movehub.batch import (
    AT_ONCE,
    Closing,
    Kind,
    Lines,
    Results,
    Summary,
    Way,
    list_of,
    run,
    write_failures,
)
from movehub.cli.console import ANSWERED, FAILED, INCOMPLETE, err, errors_printed, escape, out, show_plain
from movehub.client import Client
from movehub.protocol.member_states import sent_as
from movehub.protocol.rate_limit import MOST_PER_SECOND

ResultsFile = Annotated[
    Path, typer.Option(help="The file to write the answers to (CSV). It holds personal data.")
]
AsAuthority = Annotated[str, typer.Option(help="Your authority, which asks or notifies.")]
AtOnce = Annotated[
    int, typer.Option(min=1, max=40, help="How many requests wait for their answer at a time.")
]
PerSecond = Annotated[
    float,
    typer.Option(
        help="Requests a second. Use less if other systems of your state send too"
        f" (2016/68, {law.SEND_2_A_SECOND.tachonet}; 2016/480, {law.SEND_2_A_SECOND.erru})."
    ),
]
Expected = Annotated[
    str,
    typer.Option(
        metavar="CODES",
        help="The states that must answer a broadcast, such as AT,BE,BG. Default: all participants.",
    ),
]
AsWritten = Annotated[
    bool,
    typer.Option(
        "--as-written",
        help="Send doubtful cells as they are: NULL, nan and None, numbers as 1234.0, and names that the "
        "hub cannot write in ASCII.",
    ),
]
Again = Annotated[
    list[str],
    typer.Option(
        metavar="ID",
        help="The technical identifier of a notification that did not arrive, as its receiver has confirmed: "
        "send this line once more.",
    ),
]
Asker = TypeVar("Asker", bound=Client)

DEFAULT_AT_ONCE: Final = AT_ONCE
DEFAULT_PER_SECOND: Final = MOST_PER_SECOND


def run_batch(
    kind_of: Callable[[Asker], Kind],
    connect: Callable[[], Asker],
    file: Path,
    results: Path,
    authority: str,
    *,
    as_written: bool,
    json: bool,
    at_once: int,
    expected: str = "",
    again: Collection[str] = (),
) -> None:
    """Run a batch, print how it ended, and exit with the code for it."""
    with errors_printed(), connect() as client:
        kind = kind_of(client)
        lines = Lines.read(
            kind,
            file,
            authority,
            lambda request, to: client.codec.encode(client.exchange.request(request, to)),
            as_written=as_written,
        )
        awaited = _expected(expected, client)
        way = Way(client.exchange.request, client.send_message)
        with Results.open(results, lines, _signature(lines, client, authority, awaited)) as opened:
            try:
                summary = _run(
                    opened, way, pace=client.rate_limit, at_once=at_once, expected=awaited, again=again
                )
            finally:
                failed = write_failures(results, kind, opened.history)
    if json:
        show_plain({**_plain(summary), "failures": failed}, as_json=True)
    else:
        _print(kind, summary, results, failed)
    if summary.gave_up is not None:
        err.print(f"[red]Gave up:[/] {escape(str(summary.gave_up))}", soft_wrap=True)
    raise typer.Exit(FAILED if summary.gave_up else ANSWERED if summary.complete else INCOMPLETE)


def _expected(given: str, client: Client) -> tuple[str, ...]:
    """Return the other states that must answer a broadcast. Raises InvalidConfiguration."""
    if not given.strip():
        return client.others
    codes = {sent_as(code.strip()) for code in given.split(",")}
    for code in sorted(codes):
        client.codec.check_participant(code)
    return tuple(sorted(codes & set(client.others)))


def _signature(lines: Lines, client: Client, authority: str, expected: tuple[str, ...]) -> str:
    """Describe the run. Another run, such as one against a test hub, must not complete its results."""
    exchange = client.exchange
    return (
        f"{lines.kind.items} of SHA-256 {lines.digest}, asked by {exchange.code}, {authority}, "
        f"in {exchange.edition} ({exchange.edition.namespace}) at {client.address or 'no address'}; "
        f"expected: {', '.join(expected)}"
    )


def _run(results: Results, way: Way, **options: Any) -> Summary:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    lines = results.lines
    before = sum(map(results.is_done, lines.lines))
    with Progress(*columns, console=err) as progress, _stopped_by_hand() as stopping:
        task = progress.add_task(lines.kind.name, total=len(lines.lines), completed=before)
        return run(results, way, **options, stopping=stopping.is_set, heard=lambda _: progress.advance(task))


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


def _plain(summary: Summary) -> dict[str, Any]:
    ended = {closing.value: summary.ended[closing] for closing in Closing}
    return {
        **ended,
        "before": summary.before,
        "found": summary.found,
        "left": summary.left,
        "held": summary.held,
        "out_of_reach": list(summary.out_of_reach),
    }


def _print(kind: Kind, summary: Summary, results: Path, failed: int) -> None:
    ended = [closing for closing in Closing if summary.ended[closing]]
    said = [f"{summary.ended[closing]} {kind.words[closing]}" for closing in ended]
    said += [f"{summary.before} complete from before"] if summary.before else []
    said += [f"{summary.held} for you to decide"] if summary.held else []
    said += [f"{summary.left} {'not sent' if kind.notifies else 'not asked'}"] if summary.left else []
    out.print(f"{kind.items.capitalize()}: {', '.join(said) or 'none in the file'}.", soft_wrap=True)
    if not kind.notifies:
        out.print(f"With a record found, of those asked now: {summary.found}.")
    out.print(f"The answers are in {escape(str(results))}. It holds personal data.", soft_wrap=True)
    if failed:
        out.print(f"Failures: {failed}. Each is in {escape(str(list_of(results)))}.", soft_wrap=True)
    if summary.out_of_reach:
        states = escape(", ".join(summary.out_of_reach))
        out.print(f"Stopped sending to {states}: the last ones were not delivered.", soft_wrap=True)
    if summary.complete:
        return
    if not kind.notifies:
        out.print("An incomplete line clears nobody. Run the same command again.")
    elif failed > summary.ended[Closing.FAILED]:
        out.print("A notification that may have arrived is not sent again. Read what to do in the list.")
