"""Batches: a file of searches or notifications, sent line by line, which any end leaves to be resumed.

`Lines.read` checks the whole file, `Results.open` opens what is known of each line, and `run` sends the rest.
A `Kind` says what is special about a workflow: its columns, its request, and how its answer is read. The
systems define theirs: `tachonet_client.batch_cic`, and `erru_client.batch_cgr`, `batch_ctud` and `batch_ncr`.
"""

from movehub.batch.failures import Failure, failures, list_of, write_failures
from movehub.batch.kinds import AUTHORITY, TO, Cells, Closing, Kind
from movehub.batch.lines import Line, Lines
from movehub.batch.record_cells import columns_of, lists_of
from movehub.batch.results import Results
from movehub.batch.run import AT_ONCE, GIVE_UP_AFTER, Summary, Way, run

__all__ = [
    "AT_ONCE",
    "AUTHORITY",
    "GIVE_UP_AFTER",
    "TO",
    "Cells",
    "Closing",
    "Failure",
    "Kind",
    "Line",
    "Lines",
    "Results",
    "Summary",
    "Way",
    "columns_of",
    "failures",
    "list_of",
    "lists_of",
    "run",
    "write_failures",
]
