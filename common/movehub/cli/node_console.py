"""What the commands `movehub node` have in common: the node that they look at, and who looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from movehub.cli.console import told

if TYPE_CHECKING:
    from movehub.node.records import Records
    from movehub.store import Store

By = Annotated[str, typer.Option(help="Who has done it: a service number or an account.")]
#: Exit codes: nothing to do; somebody is needed, or a figure or the journal is not as it should be.
QUIET, LOOK = 0, 1

HOME: Final = Path("node.toml")


@contextmanager
def opened(config: Path) -> Iterator[tuple[Records, Store]]:
    """Open what a node keeps. Ends the command with a line that says why, where that cannot be."""
    try:
        from movehub.node.records import Records
    except ImportError:
        raise SystemExit("This command needs its extra: pip install 'movehub-client[server]'") from None
    with told():
        records = Records.read(config)
        with records.open(create=False) as store:  # a name that is mistyped must not look like a quiet node
            yield records, store


def somebody(by: str) -> str:
    """Return who looks; nobody is refused."""
    if not by.strip():
        raise typer.BadParameter("it must say who", param_hint="--by")
    return by.strip()
