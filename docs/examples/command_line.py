"""Run the command `tachonet` against a sandbox, and print its output and exit codes."""

from __future__ import annotations

import csv
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from movehub.sandbox import Sandbox

from tachonet_client.cli import app

CASE = ("--config", "hub.toml", "--business-case-id", "FI-2026-000125", "--originating-authority", "Traficom")

APPLICATIONS = """\
business_case_id,family_name,first_name,date_of_birth,driving_licence_number,driving_licence_issuing_country,to
FI-2026-006001,Brueckenthaler,Juergen,1984-03-17,,,DE
FI-2026-006002,Akerlindh,Goran,1969-07-04,64988-92128,SE,SE
FI-2026-006003,Papadopoulos,Nikos,1975-02-11,,,GR
"""

APPLICATION = """\
{"case_id": "FI-1", "event": "issue", "received_on": "2026-11-23", "licence_state": "SE"}
"""


def tachonet(*arguments: str) -> None:
    """Run the command once, and print its exit code."""
    print("Exit code:", app(list(arguments), standalone_mode=False) or 0)


def ask() -> None:
    """Ask about a driver, about the holder of a workshop card, then about a card."""
    named = ("--family-name", "Brueckenthaler", "--first-name", "Juergen", "--date-of-birth", "1984-03-17")
    for to in ("AT", "GR"):
        tachonet("cic", *CASE, *named, "--to", to)
    fitter = ("--family-name", "Gänsheimerin", "--first-name", "Sörine", "--date-of-birth", "1986-05-30")
    tachonet("cic", *CASE, *fitter, "--to", "DE")
    tachonet("ccs", *CASE, "--to", "DE", "--card-number", "DF049R7R52851102")


def notify() -> None:
    """Notify that a card was withdrawn, and that another one was issued."""
    withdrawn = ("--new-status", "Withdrawn", "--modified-at", "2026-11-20T10:30:00+02:00")
    card = ("--card-number", "DF049R7R52851102", "--declared-by", "Poliisi")
    address = ("--authority-address", "Ratapihantie 9, 00520 Helsinki")
    tachonet("mcs", *CASE, "--to", "DE", *card, *address, *withdrawn)
    issued = ("--card-number", "FI00000012345600", "--driving-licence-number", "64988-92128")
    named = ("--family-name", "Åkerlindh", "--date-of-birth", "1969-07-04")
    tachonet("icdl", *CASE, "--to", "SE", *issued, *named)


def batch() -> None:
    """Run a batch twice. The second run does not ask again about complete lines."""
    Path("applications.csv").write_text(APPLICATIONS, "utf-8")
    files = ("applications.csv", "--results", "results.csv")
    for _ in range(2):
        tachonet("batch", *files, "--config", "hub.toml", "--originating-authority", "Traficom")
    with Path("results.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(
            (row["line"], row["attempt"], row["outcome"], row["member_state"]) for row in csv.DictReader(file)
        )
    print(*(" ".join(row).rstrip() for row in rows), sep="\n")


def law() -> None:
    """Show the duties of a case and the meaning of a status. These commands send no message."""
    Path("application.json").write_text(APPLICATION, "utf-8")
    policy = 'state = "FI"\nrecords_icdl_since = 2018-03-02\n\n[sample]\nsalt = "Traficom 2026"\n'
    Path("policy.toml").write_text(policy, "utf-8")
    tachonet("due", "application.json", "--policy", "policy.toml")
    tachonet("status", "InExchange")


def main() -> None:
    """Run the commands in a folder of their own. Greece is down."""
    with Sandbox("FI", down=["GR"], patience=4.0) as sandbox, TemporaryDirectory() as folder, chdir(folder):
        sandbox.write_config(Path("hub.toml"))
        ask()
        notify()
        batch()
        law()


if __name__ == "__main__":
    main()
