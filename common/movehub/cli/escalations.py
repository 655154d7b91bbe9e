"""The commands `movehub node escalations`, `procedure`, `resolve` and `retry` (Annex VI, 2.2).

An outage may leave thousands of entries or failed messages. So the list shows those of one cause as one, and
`resolve` and `retry` take all that fit their options. The journal records who retries a message.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from movehub.actor import actor
from movehub.cli.console import FAILED, By, Config, Json, escape, out, show_plain
from movehub.cli.node import HOME, LOOK, QUIET, extra_needed, opened

if TYPE_CHECKING:
    from movehub.store import Escalation, Selection

#: The numbers that the list shows of entries with one cause.
_SHOWN: Final = 5

#: The systems, as a codec names them.
_SYSTEMS: Final = ("ERRU", "TACHOnet")

Numbers = Annotated[list[int] | None, typer.Argument(help="The numbers of escalations.")]
Messages = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", help="The technical identifiers of messages.")
]
Why = Annotated[str, typer.Option(help="A reason, such as 'register failed': see `procedure`.")]
OfKind = Annotated[str, typer.Option(help="The kind of the received message: query or notification.")]
System = Annotated[str, typer.Option(help="ERRU or TACHOnet.")]
Since = Annotated[str, typer.Option(help="From this time on: 2026-11-23, or 2026-11-23T10:00 (UTC).")]
Before = Annotated[str, typer.Option(help="Before this time.")]
Each = Annotated[bool, typer.Option("--each", help="List each entry, also those with the same cause.")]
Limit = Annotated[int, typer.Option(min=0, help="Print so many at most. 0: all.")]
All = Annotated[bool, typer.Option("--all", help="Do it for all that fit. Without it: count them.")]


def escalations(
    reason: Why = "",
    kind: OfKind = "",
    system: System = "",
    since: Since = "",
    before: Before = "",
    each: Each = False,
    limit: Limit = 20,
    config: Config = HOME,
    json: Json = False,
) -> None:
    """List the problems that need a person, and what to do (Annex VI, 2.2). Exit 0 none, 1 some.

    Entries that differ only in their message are listed as one. With --json you get each of them.
    """
    with opened(config) as (_, store), store.reading() as connection:
        from movehub.store import Selection, open_escalations

        which = _selection(reason, kind, system, since, before)
        items = open_escalations(connection, which.escalations())
    if not (items or json or which == Selection()):
        out.print("No open escalation fits.")
    elif json:
        show_plain({"escalations": [item.plain() for item in items]}, as_json=True)
    else:
        _print_groups([[item] for item in items] if each else _by_cause(items), limit)
    raise typer.Exit(LOOK if items else QUIET)


def _by_cause(items: Iterable[Escalation]) -> list[list[Escalation]]:
    groups: dict[tuple[str, ...], list[Escalation]] = {}
    for item in items:
        groups.setdefault((item.reason, item.system, item.detail), []).append(item)
    return list(groups.values())


def _print_groups(groups: list[list[Escalation]], limit: int) -> None:
    shown = groups[: limit or None]
    for group in shown:
        first = group[0].plain()
        head = first["id"] if len(group) == 1 else f"{len(group)} times"
        out.print(f"[bold]{head}[/] {escape(first['reason'])}: {escape(first['detail'])}", soft_wrap=True)
        out.print(f"   {_when(group)}. {escape(_about(first, len(group)))}", soft_wrap=True)
        if len(group) > 1:
            numbers = ", ".join(str(item.id) for item in group[:_SHOWN])
            more = f" and {len(group) - _SHOWN} more" if len(group) > _SHOWN else ""
            out.print(f"   Numbers {numbers}{more}: see --each", soft_wrap=True)
        out.print(f"   {escape(first['do'])} ({escape(first['article'])})", soft_wrap=True)
    if len(groups) > len(shown):
        out.print(f"... and {len(groups) - len(shown)} more: see --limit")
    if not groups:
        out.print("Nothing needs a person.")


def _when(group: list[Escalation]) -> str:
    first, last = group[0].plain(), max(group, key=lambda item: item.last_at).plain()
    times = sum(item.times for item in group)
    return f"since {first['since']}" + (f", {times} times, last {last['last']}" if times > 1 else "")


def _about(first: dict[str, Any], count: int) -> str:
    return " ".join(filter(None, (first["system"], first["technical_id"] if count == 1 else None)))


def procedure(json: Json = False) -> None:
    """Print the escalation procedure: each reason and what to do, as the Commission may ask for it.

    Annex VI, 2.2. It is the same for every node, so the command reads no configuration.
    """
    with extra_needed():
        from movehub.store.escalations import GUIDANCE
    rows = [{"reason": reason, "article": str(row.article), "do": row.do} for reason, row in GUIDANCE.items()]
    if json:
        show_plain({"procedure": rows}, as_json=True)
    for row in [] if json else rows:
        out.print(f"[bold]{escape(row['reason'])}[/] ({escape(row['article'])})", soft_wrap=True)
        out.print(f"   {escape(row['do'])}", soft_wrap=True)


def resolve(
    numbers: Numbers = None,
    by: By = None,
    reason: Why = "",
    kind: OfKind = "",
    system: System = "",
    since: Since = "",
    before: Before = "",
    every: All = False,
    config: Config = HOME,
) -> None:
    """Mark escalations as resolved: by number, or all that fit the options. Exit 0 done, 4 one is not open.

    Without numbers it counts those that fit (exit 1 if there are some), until you add --all. An entry whose
    end gives up a response ('response due') or removes data ('kept too long') only fits its --reason.
    """
    who, options = actor(by), (reason, kind, system, since, before)
    _check_choice(numbers, options, every=every)
    if numbers:
        raise typer.Exit(_resolve_numbers(config, numbers, who))
    with opened(config) as (_, store):
        from movehub.store.escalations import open_escalations, resolve_matching

        which = _selection(*options)
        with store.reading() as connection:
            count = len(open_escalations(connection, which.resolvable()))
            by_name = open_escalations(connection, which.escalations() & ~which.resolvable())
        if by_name:
            reasons = " or ".join(f"--reason '{each}'" for each in sorted({item.reason for item in by_name}))
            out.print(f"Left out: {len(by_name)}, which need {reasons}.", soft_wrap=True)
        if every:
            resolved = partial(resolve_matching, which=which.resolvable(), now=store.now(), by=who)
            out.print(f"Resolved: {store.write(resolved)}")
            return
    _print_count(count, "escalations fit", "resolve")


def _resolve_numbers(config: Path, numbers: list[int], who: str) -> int:
    missing = False
    with opened(config) as (_, store):
        from movehub.store import resolve

        for number in dict.fromkeys(numbers):
            found = store.write(partial(resolve, number=number, by=who, at=store.now()))
            out.print(f"{number} is resolved." if found else f"No open escalation has the number {number}.")
            missing = missing or not found
    return FAILED if missing else QUIET


def retry(
    messages: Messages = None,
    by: By = None,
    reason: Why = "",
    kind: OfKind = "",
    system: System = "",
    since: Since = "",
    before: Before = "",
    every: All = False,
    config: Config = HOME,
) -> None:
    """Retry failed messages: by identifier, or all that fit the options. Exit 0 done, 4 one has not failed.

    Without identifiers it counts those that fit (exit 1 if there are some), until you add --all. --reason is
    that of an open escalation about the message. If the message succeeds, that is resolved.
    """
    who, options = actor(by), (reason, kind, system, since, before)
    _check_choice(messages, options, every=every)
    if messages:
        raise typer.Exit(_retry_each(config, messages, who))
    with opened(config) as (_, store):
        from movehub.store.operator import count_failed, retry_messages

        which, done = _selection(*options), 0
        with store.reading() as connection:
            count = count_failed(connection, which)
        if every:
            again = partial(retry_messages, journal=store.journal, which=which, by=who, now=store.now())
            while done < count and (some := store.write(again)):  # one that fails again stays failed
                done += some
            out.print(f"The node will retry: {done}")
            return
    _print_count(count, "failed messages fit", "retry")


def _retry_each(config: Path, messages: list[str], who: str) -> int:
    missing = False
    with opened(config) as (_, store):
        from movehub.store import retry_message

        for message in dict.fromkeys(messages):
            again = store.write(
                partial(retry_message, journal=store.journal, technical_id=message, by=who, now=store.now())
            )
            said = (
                "The node will retry it." if again else "There is nothing to retry: it has not failed here."
            )
            out.print(said if len(messages) == 1 else f"{escape(message)}: {said}", soft_wrap=True)
            missing = missing or not again
    return FAILED if missing else QUIET


def _print_count(count: int, what: str, command: str) -> None:
    out.print(f"{count} {what}." + (f" To {command} them, add --all." if count else ""))
    raise typer.Exit(LOOK if count else QUIET)


def _check_choice(named: list[Any] | None, options: tuple[str, ...], *, every: bool) -> None:
    """Check that either single items are named, or options given. Raises BadParameter (exit code 2)."""
    if named and (any(options) or every):
        raise typer.BadParameter("name what you mean, or give options, not both")
    if not named and not any(options) and not every:
        raise typer.BadParameter("name what you mean, or give options such as --reason, or --all")


def _selection(reason: str, kind: str, system: str, since: str, before: str) -> Selection:
    """Return what the options select. Raises BadParameter (exit code 2)."""
    from movehub.store import Kind, Reason, Selection

    return Selection(
        reason=None if not reason else _one_of(Reason, reason, "--reason"),
        kind=None if not kind else _one_of(Kind, kind, "--kind"),
        system="" if not system else _system(system),
        since=_instant(since, "--since"),
        before=_instant(before, "--before"),
    )


def _one_of(words: Any, text: str, option: str) -> Any:
    try:
        return words(text.strip().lower())
    except ValueError:
        raise typer.BadParameter(f"one of: {', '.join(words)}", param_hint=option) from None


def _system(text: str) -> str:
    """Return a system. One that is misspelt must not look like one without problems."""
    found = [name for name in _SYSTEMS if name.lower() == text.strip().lower()]
    if not found:
        raise typer.BadParameter(f"one of: {', '.join(_SYSTEMS)}", param_hint="--system")
    return found[0]


def _instant(text: str, option: str) -> datetime | None:
    if not text:
        return None
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        form = "the form is 2026-11-23 or 2026-11-23T10:00, in UTC"
        raise typer.BadParameter(form, param_hint=option) from None
    return given if given.tzinfo is not None else given.replace(tzinfo=UTC)
