"""Print the figures of a month or a year: answers, response times and availability (Annex VI, 1.3 to 1.6)."""

from __future__ import annotations

from typing import Any

from movehub import law
from movehub.cli.console import out, table


def print_month(figures: dict[str, Any]) -> None:
    """Print the figures of a month."""
    _print_figures(figures["month"], figures)


def print_year(figures: dict[str, Any]) -> None:
    """Print the figures of a year, and a row for each month."""
    _print_figures(figures["year"], figures)
    lacking = figures["without_availability"]
    if lacking and figures["availability"] is not None:
        out.print(f"The availability of {', '.join(lacking)} is not known, and not in that of the year")
    shown = table(
        "Months", "Month", "Requests", "Answered", "Rate", "In time", "Available", "Down h", "MCS late"
    )
    for month in figures["months"]:
        answers, there = month["answers"], month["availability"]
        down = "" if there is None else f"{there['down_hours']:.1f}"
        counts = [str(answers[name]) for name in ("requests", "answered")]
        rates = [_share(answers), str(answers["answered_in_time"]), _share(there), down]
        shown.add_row(month["month"], *counts, *rates, str(month["mcs_responses"]["late"]))
    out.print(shown)


def _print_figures(period: str, figures: dict[str, Any]) -> None:
    answers, there = figures["answers"], figures["availability"]
    out.print(f"{figures['member_state']}, {period}: {figures['from']} to {figures['to']}")
    out.print(
        f"Answered: {_rate(answers, law.ANSWER_RATE)} ({answers['answered']} of {answers['requests']}), "
        f"within {answers['within_seconds']:.0f} s: {answers['answered_in_time']}"
    )
    responses = figures["mcs_responses"]
    if responses["requests"]:
        out.print(
            f"MCS responses within {responses['within_days']} days ({law.MCS_RESPONSE_WITHIN_10_DAYS}): "
            f"{responses['in_time']} of {responses['requests']}, late: {responses['late']}",
            soft_wrap=True,
        )
    if there is None:
        out.print("Availability: not known, as records.heartbeat_every is not configured")
    else:
        out.print(f"Availability: {_rate(there, law.AVAILABILITY)}, down {there['down_hours']:.1f} h")
    shown = table("Messages", "From", "To", "Type", "Status", "Count", "Mean s", folding=("Type",))
    for row in figures["messages"]:
        mean = "" if row["mean_seconds"] is None else f"{row['mean_seconds']:.1f}"
        shown.add_row(row["from"], row["to"], row["type"], row["status"], str(row["count"]), mean)
    out.print(shown)


def _rate(figures: dict[str, Any], article: law.Point) -> str:
    if figures["rate"] is None:
        return "no messages"
    return f"{_share(figures)} of the 98 % of {article}"


def _share(figures: dict[str, Any] | None) -> str:
    """Return a rate in the colour of its result, or nothing if it is not known."""
    if figures is None or figures["rate"] is None:
        return ""
    colour = "green" if figures["kept"] else "red"
    return f"[{colour}]{figures['rate']:.2%}[/]"
