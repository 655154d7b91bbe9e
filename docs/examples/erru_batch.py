"""Run the batches of the command `erru` against a sandbox, and print their output and exit codes."""

from __future__ import annotations

import csv
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from movehub.sandbox import Profile, Sandbox

from erru_client.cli import app

MANAGERS = """\
business_case_id,family_name,first_name,date_of_birth,certificate_number,certificate_issue_date,certificate_issue_country,to
FI-2026-007001,Kraeuterbaecker,Friedhelm,1967-01-23,,,,DE
FI-2026-007002,,,,75611/F4/17,2017-08-10,PL,PL
"""

UNDERTAKINGS = """\
business_case_id,transport_undertaking_name,community_licence_number,vehicle_registration_number,vehicle_registration_country,to
FI-2026-007101,,TP-532339,WA 40071,PL,PL
FI-2026-007102,Kuviteltu Kuljetus,,ABC 123,GR,GR
"""

CHECKS = """\
business_case_id,transport_undertaking_name,community_licence_number,vehicle_registration_number,vehicle_registration_country,date_of_check,to
FI-2026-007201,Źródło Cargo Sp. z o.o.,TP-532339,WA 40071,PL,2026-11-22,PL
FI-2026-007202,Kuviteltu Prijevoz,HR-1234,ZG 1234 AB,HR,2026-11-22,HR
"""

RESULTS = Path("results")


def erru(kind: str, name: str, content: str, *options: str) -> None:
    """Run a batch once, and print its exit code."""
    Path(f"{name}.csv").write_text(content, "utf-8")
    words = ["batch", kind, f"{name}.csv", "--results", str(RESULTS / f"{name}.csv"), "--config", "hub.toml"]
    words += ["--originating-authority", "Traficom", *options]
    print("Exit code:", app(words, standalone_mode=False) or 0)


def show(name: str, *columns: str) -> list[dict[str, str]]:
    """Print some columns of a file, and return its rows."""
    with (RESULTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        print(" | ".join(row[column] for column in columns))
    return rows


def ask() -> None:
    """Ask about managers and undertakings. Each list in an answer has a row for each of its items."""
    erru("cgr", "managers", MANAGERS, "--at-once", "1")
    show("managers", "line", "outcome", "member_state", "fitness_status", "transport_undertaking_name")
    erru("ctud", "undertakings", UNDERTAKINGS, "--at-once", "1")
    rows = show("undertakings.failures", "line", "to", "outcome", "said")
    print("To do:", rows[0]["what_to_do"])


def notify() -> None:
    """Notify clean checks, and send one of them again after Croatia has confirmed that it did not arrive."""
    erru("ncr", "night", CHECKS)
    (failure,) = show("night.failures", "line", "to", "outcome", "said")
    erru("ncr", "night", CHECKS)
    erru("ncr", "night", CHECKS, "--again", failure["technical_id"])


def main() -> None:
    """Run the commands in a folder of their own. Greece is down, and Croatia uses version 2 for NCR."""
    croatia = Profile(version_2=frozenset({"NCR"}))
    sandbox = Sandbox("FI", down=["GR"], profiles={"HR": croatia}, patience=4.0)
    with sandbox, TemporaryDirectory() as folder, chdir(folder):
        sandbox.write_config(Path("hub.toml"))
        RESULTS.mkdir()
        ask()
        notify()


if __name__ == "__main__":
    main()
