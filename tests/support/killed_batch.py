"""Run a batch of three clean checks in a process of its own, which a hub in it kills with SIGKILL.

`python -m tests.support.killed_batch FOLDER DEADLY MOMENT`: the hub notes each check that it got in the file
`got`. It kills the process at the check DEADLY, `before` it notes it or `after`. 0 kills nothing.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from movehub.protocol.message import Message
from movehub.protocol.reply import Reply

from .batches import clean_checks, reply_to, run_once


def main(folder: Path, deadly: str, moment: str) -> None:
    """Run the batch."""

    def send(message: Message[Any]) -> Reply[Any]:
        case = message.body.business_case_id
        for now in ("before", "after"):
            if now == "after":
                with (folder / "got").open("a", encoding="utf-8") as file:
                    file.write(f"{case}\n")
            if (case, now) == (f"FI-{deadly}", moment):
                os.kill(os.getpid(), signal.SIGKILL)
        return reply_to(message, message.body.acknowledge("GITD"))

    run_once(clean_checks(folder / "checks.csv", ["delivered"] * 3), folder / "r.csv", send)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
