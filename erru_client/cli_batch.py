"""The commands `erru batch cgr`, `ctud` and `ncr`: a file of requests, line by line, which can be resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from movehub.cli import By, Config, Json, application
from movehub.cli.batch import (
    DEFAULT_AT_ONCE,
    DEFAULT_PER_SECOND,
    Again,
    AsAuthority,
    AsWritten,
    AtOnce,
    Expected,
    PerSecond,
    ResultsFile,
    run_batch,
)

from .batch_cgr import CGR
from .batch_ctud import CTUD
from .batch_ncr import NCR
from .client import ErruClient

batch = application()


@batch.callback()
def _group() -> None:
    """Send a file of searches or of clean checks, line by line: see docs/erru/batch.md.

    Ctrl-C stops a run: it waits for what is sent, and records the answers. Run the same command again to
    continue. It refuses a file that has changed.

    Exit 0 every line is answered by every state, or delivered, 3 some lines are not, 4 failed.
    """


@batch.command()
def cgr(
    file: Annotated[Path, typer.Argument(help="The managers (CSV).")],
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
    """Check the good repute of a file of managers. A later run asks only about incomplete lines."""
    run_batch(
        lambda _: CGR,
        lambda: ErruClient.from_config(config, requests_per_second=per_second, by=by),
        file,
        results,
        originating_authority,
        at_once=at_once,
        expected=expected,
        as_written=as_written,
        json=json,
    )


@batch.command()
def ctud(
    file: Annotated[Path, typer.Argument(help="The undertakings (CSV).")],
    config: Config,
    results: ResultsFile,
    originating_authority: AsAuthority,
    at_once: AtOnce = DEFAULT_AT_ONCE,
    per_second: PerSecond = DEFAULT_PER_SECOND,
    as_written: AsWritten = False,
    by: By = None,
    json: Json = False,
) -> None:
    """Check the data of a file of undertakings. A later run asks only about incomplete lines."""
    run_batch(
        lambda _: CTUD,
        lambda: ErruClient.from_config(config, requests_per_second=per_second, by=by),
        file,
        results,
        originating_authority,
        at_once=at_once,
        as_written=as_written,
        json=json,
    )


@batch.command()
def ncr(
    file: Annotated[Path, typer.Argument(help="The clean checks (CSV).")],
    config: Config,
    results: ResultsFile,
    originating_authority: AsAuthority,
    at_once: AtOnce = DEFAULT_AT_ONCE,
    per_second: PerSecond = DEFAULT_PER_SECOND,
    again: Again = [],  # noqa: B006 - typer reads it, and nothing changes it
    as_written: AsWritten = False,
    by: By = None,
    json: Json = False,
) -> None:
    """Notify a file of clean checks, each once.

    A later run sends only what was not sent. What may have arrived is in the list of failures, and only
    --again sends it once more.
    """
    run_batch(
        lambda _: NCR,
        lambda: ErruClient.from_config(config, requests_per_second=per_second, by=by),
        file,
        results,
        originating_authority,
        at_once=at_once,
        again=again,
        as_written=as_written,
        json=json,
    )
