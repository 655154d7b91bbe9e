"""Write above a file of `requirements/` how it is used: see `make constraints`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parents[1] / "requirements"
_USE: Final = """\
# Written by `make constraints`: what movehub-client[{extra}] needs, each in one version and with its hashes.
# An installation that is the same every time:
#
#     pip install --require-hashes -r requirements/{extra}.txt
#     pip install --no-deps movehub_client-<version>-py3-none-any.whl
"""


def main(extra: str) -> None:
    """Put the comment above the file of an extra."""
    path = FOLDER / f"{extra}.txt"
    path.write_text(_USE.format(extra=extra) + path.read_text("utf-8"), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
