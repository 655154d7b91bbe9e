"""Many who record something, one transaction: a commit costs a trip to the disk, and that is what takes time.

One thread commits for all who wait, and what comes meanwhile is the next transaction. Nobody is told that a
change is kept before the commit has returned.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from movehub.errors import StoreFailed
from movehub.store.changes import Change, make
from movehub.store.databases import store_failed

_LOG = logging.getLogger(__name__)

#: Records in one transaction at most, so that nobody waits for long.
_MOST: Final = 64
#: Seconds that the next is waited for where several come at a time: fewer transactions are less work.
_GATHERED: Final = 0.010

#: Told when the changes are kept, with None, or that they are not, with why. What it has recorded because of
#: that, it may return: who waits for the one then waits for the other.
Then = Callable[[BaseException | None], "Record | None"]


class Record:
    """Changes that are kept together or not at all."""

    def __init__(self, changes: Sequence[Change], then: Then | None) -> None:
        self.changes = changes
        self._then = then
        self._under_way = Lock()  # and no event, which is written in Python: there are a thousand a second
        self._under_way.acquire()
        self._error: BaseException | None = None
        self._following: Record | None = None

    def end(self, error: BaseException | None) -> None:
        """Say what became of it, to whoever is to be told and whoever waits."""
        self._error = error
        try:
            self._following = None if self._then is None else self._then(error)
        except Exception as failed:  # noqa: BLE001 - the thread that commits must not die of it
            _LOG.error("what follows a commit failed with %s", type(failed).__name__)
        self._under_way.release()

    def wait(self) -> None:
        """Return once the changes are kept. Raises StoreFailed, and what a change is not to be without."""
        with self._under_way:
            pass
        if self._following is not None:
            self._following.wait()
        if self._error is not None:
            raise self._error


class Committer:
    """Keeps records, in a thread that lives from the first of them to `close`."""

    def __init__(self, writing: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._writing = writing
        self._waiting: SimpleQueue[Record | None] = SimpleQueue()
        self._lock = Lock()
        self._thread: Thread | None = None

    def record(self, changes: Sequence[Change], then: Then | None = None) -> Record:
        """Have changes kept, and return at once. `then` is called by the thread that commits: be short."""
        record = Record(changes, then)
        self._waiting.put(record)
        if self._thread is None:
            self._start()
        return record

    def close(self) -> None:
        """Keep what still waits, and end the thread."""
        with self._lock:
            while self._thread is not None:
                self._waiting.put(None)
                self._thread.join()
                self._thread = None
                if not self._waiting.empty():  # somebody has recorded something since, and saw the thread
                    self._start_locked()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._start_locked()

    def _start_locked(self) -> None:
        self._thread = Thread(target=self._run, name="committer", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        records: list[Record | None] = []
        while True:
            were, records = len(records), [self._waiting.get()]
            if were > 1:
                time.sleep(_GATHERED)
            with suppress(Empty):
                while len(records) < _MOST:
                    records.append(self._waiting.get_nowait())
            self._commit([each for each in records if each is not None])
            if None in records:
                return

    def _commit(self, records: list[Record]) -> None:
        """Keep all in one transaction; where one of them cannot be kept, each in one of its own."""
        error = self._tried(records)
        # Only a record's own fault is tried again without the others; of a database that fails, or that waits
        # in vain, all have to be told, and at once.
        if error is None or len(records) == 1 or not _is_of_one(error):
            told = _told(error)
            for record in records:
                record.end(told)
        else:
            for record in records:
                self._commit([record])

    def _tried(self, records: list[Record]) -> BaseException | None:
        """Keep all in one transaction, and return why they could not be kept."""
        try:
            with self._writing() as connection:
                make(connection, (change for record in records for change in record.changes))
        except BaseException as failed:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
            return failed
        return None


def _is_of_one(error: BaseException) -> bool:
    """Whether one record may be to blame, and the others can be kept without it."""
    if isinstance(error, SQLAlchemyError):
        return isinstance(error, IntegrityError | DataError)
    return isinstance(error, Exception) and not isinstance(error, StoreFailed)


def _told(error: BaseException | None) -> BaseException | None:
    """Return the error as others may see it: the words of a database can quote what was written."""
    if isinstance(error, SQLAlchemyError):
        return store_failed(error)
    return error
