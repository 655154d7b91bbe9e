"""What no log may show: SQLAlchemy logs each row that it reads at DEBUG, and rows have messages in them.

Hidden parameters, which the engine asks for, hide what goes in and not what comes out. So engines of a store
log under a name of their own, and that logger lets nothing through at DEBUG, however it is configured.
Statements without their values are logged at INFO as ever.
"""

from __future__ import annotations

import logging
from typing import Final

#: The `logging_name` of an engine whose rows are not logged.
NAME: Final = "movehub"


def _shows_no_row(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


logging.getLogger(f"sqlalchemy.engine.Engine.{NAME}").addFilter(_shows_no_row)
