"""The command `movehub demo`: two batches, checked against every other Member State over mutual TLS."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.table import Table

from erru_client import CheckGoodReputeResponse, ErruClient
from erru_client.batch_cgr import CGR
from erru_client.cli_records import fitness
from movehub.batch import Cells, Kind
from movehub.cli.console import escape, out, table
from movehub.client import Client
from movehub.protocol.outcome import Outcome, StateRow
from movehub.protocol.reply import Reply
from movehub.protocol.workflow import BROADCAST
from movehub.sandbox.network import PARTICIPANTS, Sandbox
from movehub.sandbox.registers.rows import Row, rows
from tachonet_client import CheckIssuedCardsResponse, StatusTranslation, TachonetClient
from tachonet_client.batch_cic import CIC
from tachonet_client.cli_queries import COLUMNS, lines

ASKING: Final = "FI"
LATE: Final = ("LV",)
DOWN: Final = ("GR",)
#: Requests under way at once: with the hub waiting 2.5 s for the late state, below the law's two a second.
_AT_ONCE: Final = 4
#: The note below the column By.
_BY: Final = (
    "By, as the answering state says: NYSIIS, the search keys; Local, a search of its own;\n"
    "CPC, the certificate's number."
)


def run(patience: float) -> None:
    """Start the sandbox, check both batches, print the results, and stop everything."""
    started = time.monotonic()
    out.print(Rule("[bold]TACHOnet and ERRU over a sandbox hub"), width=min(out.width, 80))
    out.print(
        f"A hub and {len(PARTICIPANTS)} states on loopback, the participants of TACHOnet and ERRU, each with "
        f"a certificate of its own; {ASKING} asks the others. On purpose {', '.join(LATE)} answers late and "
        f"{', '.join(DOWN)} is down. By law the hub waits 20 s for an answer; here {patience:g} s for "
        "a late state, so that the demo ends within a minute. All people are invented.\n"
    )
    with Sandbox(ASKING, late=LATE, down=DOWN, patience=patience) as sandbox:
        applications = list(rows("applicants"))
        managers = list(rows("candidates"))
        shown = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        with Progress(*shown, console=out) as progress:
            tachonet = TachonetClient(ASKING, sandbox.transport("tachonet"))
            erru = ErruClient(ASKING, sandbox.transport("erru"))
            cards = _checked(progress, "TACHOnet CIC, broadcast", applications, tachonet, CIC)
            reputes = _checked(progress, "ERRU CGR, broadcast    ", managers, erru, CGR)
        _print_cards(applications, cards)
        _print_reputes(managers, reputes)
        without = sorted({code for answer in (*cards, *reputes) for code in answer.missing})
        _print_unanswered(cards[0].body.member_states, without)
    out.print(f"Everything that was started is stopped, after {time.monotonic() - started:.0f} s.")
    out.print(
        f"demo ok: {len(applications)} applications, {len(managers)} transport managers, "
        f"{len(PARTICIPANTS) - 1} states asked, {len(without)} without an answer",
        soft_wrap=True,
    )


def _checked(
    progress: Progress, title: str, items: Sequence[Row], client: Client, kind: Kind
) -> list[Reply[Any]]:
    """Ask all states about each item, a few at a time. Return the answers in the order of the items."""

    def ask(item: Row) -> Reply[Any]:
        return client.send(kind.request(Cells(item, "Traficom")), to=BROADCAST)

    task = progress.add_task(title, total=len(items))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        replies = []
        for reply in threads.map(ask, items):
            replies.append(reply)
            progress.advance(task)
    return replies


def _print_cards(asked: list[Row], answers: list[Reply[CheckIssuedCardsResponse]]) -> None:
    shown = table("Driver cards already issued", "Applicant", "In", *COLUMNS, folding=["Applicant"])
    here = StatusTranslation.default()
    for row, answer in zip(asked, answers, strict=True):
        cells = [
            (f"[yellow]{state.member_state_code}[/]", *map(escape, found))
            for state, found in lines(answer.body, here)
            if found
        ]
        _add(shown, f"{row['family_name']} {row['first_name']}", cells, answer)
    out.print(shown, "")


def _print_reputes(asked: list[Row], answers: list[Reply[CheckGoodReputeResponse]]) -> None:
    columns = ("Manager or certificate", "In", "Fitness", "Manages", "By")
    shown = table("Transport managers", *columns, folding=["Manager or certificate", "Fitness"])
    for row, answer in zip(asked, answers, strict=True):
        cells = [
            (
                f"[yellow]{state.member_state_code}[/]",
                fitness(manager.certificate.fitness),
                f"{manager.transport_undertakings.total_managed_vehicles} vehicle(s)",
                manager.search_method.value,
            )
            for state in answer.body.member_states
            for manager in state.found
        ]
        name = (
            f"{row['family_name']} {row['first_name']}" if row["family_name"] else row["certificate_number"]
        )
        _add(shown, name, cells, answer)
    out.print(shown, f"{_BY}\n", highlight=False)


def _add(
    shown: Table,
    who: str,
    cells: Sequence[tuple[str, ...]],
    answer: Reply[Any],
) -> None:
    """Add a line for each record. If there is none, add how many of the states answered so."""
    for line in cells:
        shown.add_row(escape(who), *line)
        who = ""
    if not cells:
        asked = len(answer.asked)
        colour = "green" if answer.complete else "yellow"
        shown.add_row(escape(who), "–", f"[{colour}]none in {asked - len(answer.missing)} of {asked}[/]")


def _print_unanswered(states: Iterable[StateRow], without: list[str]) -> None:
    why = {row.member_state_code: row.status_code.value for row in states if row.outcome is Outcome.NO_ANSWER}
    said = ", ".join(f"{code} ({why.get(code, 'in some answers')})" for code in without)
    out.print(f"[red]No answer[/] from {said}: nobody is cleared there; ask again.")
