"""The node of a national system: it receives, processes, answers and sends messages, and loses no message.

`Node(Settings.read("node.toml"))` is the service. `Sender` posts requests of your own, and a `Ticket` tells
what became of one. `Records` opens the database of a node without serving it.
Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, 1.1 (asynchronous interface) and Annex VI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from movehub import on_demand

if TYPE_CHECKING:
    from .access import AccessControl
    from .correlator import Correlator
    from .couriers import AnswerCourier, RequestCourier, Route
    from .node import Node
    from .reaper import Reaper
    from .receiver import Receiver, SynchronousReceiver
    from .settings import Records, Settings
    from .tickets import Sender, Ticket
    from .work_queue import WorkQueue
    from .worker import Worker

#: The module of each name. It is loaded at first use: a command that reads records needs no server.
__getattr__, __dir__ = on_demand(
    __name__,
    {
        "access": "AccessControl",
        "correlator": "Correlator",
        "couriers": "AnswerCourier RequestCourier Route",
        "node": "Node",
        "reaper": "Reaper",
        "receiver": "Receiver SynchronousReceiver",
        "settings": "Records Settings",
        "tickets": "Sender Ticket",
        "work_queue": "WorkQueue",
        "worker": "Worker",
    },
)

__all__ = [
    "AccessControl",
    "AnswerCourier",
    "Correlator",
    "Node",
    "Reaper",
    "Receiver",
    "Records",
    "RequestCourier",
    "Route",
    "Sender",
    "Settings",
    "SynchronousReceiver",
    "Ticket",
    "WorkQueue",
    "Worker",
]
