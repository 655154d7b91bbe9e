"""Group commit: changes that several threads record at the same moment share one transaction.

A commit has to wait for the disk, and that takes most of the time. One thread commits for all. Changes that
arrive during a commit go into the next one. No caller learns of success before the commit has returned.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from queue import Empty, SimpleQueue
from threading import Lock, RLock, Thread
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from movehub.errors import StoreFailed
from movehub.log_limit import limited
from movehub.store.causes import store_failed
from movehub.store.changes import Change, make
from movehub.store.wakeups import Topic

_LOG = limited(__name__)

#: Records in one transaction at most, so that no caller waits for long.
_MOST: Final = 64
#: Under load, the seconds to wait for more records: fewer transactions cost less.
_GATHER: Final = 0.010

#: Called after the commit with None, or with the error.
Then = Callable[[BaseException | None], None]


class Record:
    """Changes that are stored together or not at all. `topic` is notified after the commit."""

    def __init__(self, changes: Sequence[Change], topic: Topic | None, then: Then | None) -> None:
        self.changes = changes
        self.topic = topic
        self._then = then
        # A lock, because threading.Event is slow and there are hundreds of records a second.
        self._under_way = Lock()
        self._under_way.acquire()
        self._error: BaseException | None = None

    def end(self, error: BaseException | None) -> None:
        """Set the result, call `then`, and let the waiting thread go on."""
        self._error = error
        try:
            if self._then is not None:
                self._then(error)
        except Exception as failed:  # noqa: BLE001 - the committing thread must survive it
            _LOG.error("the step after a commit failed with %s", type(failed).__name__)
        self._under_way.release()

    def wait(self) -> None:
        """Return once the changes are stored. Raises StoreFailed, and the error of `Change.unless`."""
        with self._under_way:
            pass
        if self._error is not None:
            raise self._error


class Committer:
    """Commits records, in a thread that lives from the first record to `close`."""

    def __init__(
        self,
        writing: Callable[[], AbstractContextManager[Connection]],
        notify: Callable[[Topic], None],
    ) -> None:
        self._writing = writing
        self._notify = notify
        self._waiting: SimpleQueue[Record | None] = SimpleQueue()
        self._lock = RLock()
        self._thread: Thread | None = None

    def record(
        self, changes: Sequence[Change], topic: Topic | None = None, then: Then | None = None
    ) -> Record:
        """Queue changes and return at once. `then` runs in the committing thread, so it must be short."""
        record = Record(changes, topic, then)
        self._waiting.put(record)
        if self._thread is None:
            self._start()
        return record

    def close(self) -> None:
        """Commit everything that waits, and end the thread."""
        with self._lock:
            while self._thread is not None:
                self._waiting.put(None)
                self._thread.join()
                self._thread = None
                if not self._waiting.empty():  # another thread has recorded something meanwhile
                    self._start()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="committer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        records: list[Record | None] = []
        while True:
            before, records = len(records), [self._waiting.get()]
            if before > 1:
                time.sleep(_GATHER)
            with suppress(Empty):
                while len(records) < _MOST:
                    records.append(self._waiting.get_nowait())
            self._commit([each for each in records if each is not None])
            if None in records:
                return

    def _commit(self, records: list[Record]) -> None:
        """Commit all records in one transaction. If one record is at fault, commit each by itself."""
        error = self._tried(records)
        # If the database itself fails, or waits in vain, a retry one by one would only take longer.
        if error is not None and len(records) > 1 and _may_be_of_one(error):
            for record in records:
                self._commit([record])
            return
        # An error that may be shown: the text of a database error can quote the row.
        result = store_failed(error) if isinstance(error, SQLAlchemyError) else error
        if error is None:  # one wake-up for all: the thread that wakes claims everything at once
            for topic in {record.topic for record in records if record.topic is not None}:
                self._notify(topic)
        for record in records:  # last: the caller of `wait` may look for the work that was notified
            record.end(result)

    def _tried(self, records: list[Record]) -> BaseException | None:
        try:
            with self._writing() as connection:
                make(connection, (change for record in records for change in record.changes))
        except BaseException as failed:  # noqa: BLE001 - the waiting threads must learn of every error
            return failed
        return None


def _may_be_of_one(error: BaseException) -> bool:
    """Whether one record may be at fault, so that the others can be stored without it."""
    if isinstance(error, SQLAlchemyError):
        return isinstance(error, IntegrityError | DataError)
    return isinstance(error, Exception) and not isinstance(error, StoreFailed)
