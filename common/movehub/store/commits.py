"""Several writers, one transaction: what SQLite needs, where a commit costs a trip to the disk.

Whoever gets the turn does the work of all who wait for it, each behind a savepoint of its own, and none is
told that it is kept before the commit has returned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ..errors import StoreFailed

T = TypeVar("T")

Writing = Callable[[], AbstractContextManager[Connection]]

#: Pieces of work in one transaction at most, so that nobody waits for long.
_MOST: Final = 64


class _Job:
    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.done = False
        self.result: Any = None
        self.error: Exception | None = None

    def attempt(self, connection: Connection) -> None:
        self.result = self.error = None
        try:
            with connection.begin_nested():
                self.result = self.work(connection)
        except SQLAlchemyError as error:
            self.error = StoreFailed(f"the database failed with {type(error).__name__}")
        except Exception as error:  # noqa: BLE001 - it is raised where the work was asked for
            self.error = error

    def alone(self, writing: Writing) -> None:
        """Do without the savepoint: the transaction is this work's own."""
        try:
            with writing() as connection:
                self.result = self.work(connection)
        except Exception as error:  # noqa: BLE001 - as above
            self.error = error


class GroupCommit:
    """Runs work in transactions that are shared by whoever comes at the same time."""

    def __init__(
        self,
        turn: AbstractContextManager[Any],
        writing: Writing,
    ) -> None:
        self._turn = turn
        self._writing = writing
        self._waiting: deque[_Job] = deque()

    def run(self, work: Callable[[Connection], T]) -> T:
        """Return what the work returned, once that is on the disk. Raises StoreFailed, or what it raised."""
        job = _Job(work)
        self._waiting.append(job)
        while not job.done:
            with self._turn:
                if not job.done:
                    self._commit([self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))])
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    def _commit(self, jobs: list[_Job]) -> None:
        try:
            if len(jobs) == 1:
                jobs[0].alone(self._writing)
                return
            with self._writing() as connection:
                for job in jobs:
                    job.attempt(connection)
        except StoreFailed as error:
            for job in jobs:
                job.error = StoreFailed(error.reason)
        finally:
            for job in jobs:
                job.done = True
