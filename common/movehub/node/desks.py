"""The desks of one node: who works on what, and how much of it the process may have in hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from movehub.node.work_queue import Desk
from movehub.store import Store, inbox, outbox
from movehub.store.leases import Work
from movehub.store.tables import Kind
from movehub.store.wakeups import Topic

#: Places for each thread: enough that none waits for the database, few enough that processes share the work.
_PLACES: Final = 16
#: Seconds between two looks for what other processes wrote, and what is due again.
_LOOK: Final = 0.1


@dataclass(frozen=True, slots=True)
class Desks:
    """Searches and heartbeats have a desk of their own, so that a slow search holds up no notification."""

    queries: Desk
    notifications: Desk
    correlating: Desk
    on_the_spot: Desk
    answers: Desk

    @classmethod
    def of(cls, store: Store, numbers: Mapping[str, int]) -> Desks:
        """Make the desks of a node that has so many threads of each name."""
        queries, notifications = (Kind.QUERY, Kind.HEARTBEAT), (Kind.NOTIFICATION,)

        def desk(work: Work, topic: Topic, threads: int) -> Desk:
            room, bell = _PLACES * threads, store.bells[topic]
            return Desk(store, work, room=room, bell=bell, every=_LOOK)

        return cls(
            queries=desk(inbox.work(queries), Topic.QUERY, numbers["query_workers"]),
            notifications=desk(
                inbox.work(notifications), Topic.NOTIFICATION, numbers["notification_workers"]
            ),
            correlating=Desk(store, inbox.work((Kind.ANSWER, Kind.ERROR))),
            on_the_spot=desk(inbox.work(queries + notifications), Topic.QUERY, numbers["threads"]),
            answers=desk(outbox.answers_to_deliver(), Topic.TO_DELIVER, numbers["couriers"]),
        )

    @property
    def by_kind(self) -> Mapping[Kind, Desk]:
        """Where a message that came is worked on."""
        return MappingProxyType(
            {
                Kind.QUERY: self.queries,
                Kind.HEARTBEAT: self.queries,
                Kind.NOTIFICATION: self.notifications,
            }
        )

    def renew(self) -> bool:
        """Renew the leases of what is in hand, and return whether there were any to renew."""
        renewed = [desk.renew() for desk in self._all()]
        return any(renewed)

    def leave(self) -> None:
        """Let others have what is in hand: the node ends."""
        for desk in self._all():
            desk.leave()

    def _all(self) -> tuple[Desk, ...]:
        return self.queries, self.notifications, self.correlating, self.on_the_spot, self.answers
