"""The command `tachonet batch`: check a file of applications, line by line. A later run resumes it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from movehub.cli import By, Config, Json
from movehub.cli.batch import (
    DEFAULT_AT_ONCE,
    DEFAULT_PER_SECOND,
    AsAuthority,
    AsWritten,
    AtOnce,
    Expected,
    PerSecond,
    ResultsFile,
    run_batch,
)

from .batch_cic import translated
from .client import TachonetClient


def batch(
    file: Annotated[Path, typer.Argument(help="The applications (CSV): see docs/tachonet/batch.md.")],
    config: Config,
    results: ResultsFile,
    originating_authority: AsAuthority,
    at_once: AtOnce = DEFAULT_AT_ONCE,
    per_second: PerSecond = DEFAULT_PER_SECOND,
    expected: Expected = "",
    as_written: AsWritten = False,
    by: By = None,
    json: Json = False,
) -> None:
    """Check issued cards for a file of applications.

    Each line is one CIC. Ctrl-C stops the run: it waits for the requests that are sent, and records their
    answers. Run the same command again to continue. It asks again only for lines that some state has not
    answered. It refuses a file of applications that has changed.

    Exit 0 every state has answered every line, 3 some answers are missing, 4 failed.
    """
    run_batch(
        lambda tachonet: translated(tachonet.statuses),
        lambda: TachonetClient.from_config(config, requests_per_second=per_second, by=by),
        file,
        results,
        originating_authority,
        at_once=at_once,
        expected=expected,
        as_written=as_written,
        json=json,
    )
