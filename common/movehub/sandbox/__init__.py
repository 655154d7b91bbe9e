"""A hub to practise with: on loopback, with its own PKI and 28 simulated states behind it.

Use it for development, tests and the demo, never in production. All people in its registers are invented. The
hub does only what the regulations describe (Regulation (EU) 2016/68, Annex I, 1.1 and Annex III).

`Sandbox` starts everything at once. Its parts are `Hub`, `Authority` and `SandboxServer`.
`DriverRegister`, `UndertakingRegister` and `ReferenceRegister` are registers to read and to copy.
`FaultProxy` and `FaultRelay` inject the faults of a `Script`; `movehub.sandbox.pytest_faults` has them as
fixtures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from movehub.lazy import on_demand

if TYPE_CHECKING:
    from .faults.proxy import FaultProxy, port_of
    from .faults.relay import FaultRelay, RecordingTransport, RelayCertificates
    from .faults.script import Fault, Kind, Script, Side, equal_weights
    from .hub import Hub, Profile
    from .network import PARTICIPANTS, Sandbox
    from .pki import Authority
    from .registers.drivers import DriverRegister
    from .registers.holders import holders
    from .registers.reference import ReferenceRegister
    from .registers.undertakings import UndertakingRegister
    from .server import SandboxServer, at_paths

#: The module of each name: it is loaded at first use, since a register alone needs neither hub nor server.
__getattr__, __dir__ = on_demand(
    __name__,
    {
        "movehub.sandbox.faults.proxy": "FaultProxy port_of",
        "movehub.sandbox.faults.relay": "FaultRelay RecordingTransport RelayCertificates",
        "movehub.sandbox.faults.script": "Fault Kind Script Side equal_weights",
        "hub": "Hub Profile",
        "network": "PARTICIPANTS Sandbox",
        "pki": "Authority",
        "movehub.sandbox.registers.drivers": "DriverRegister",
        "movehub.sandbox.registers.holders": "holders",
        "movehub.sandbox.registers.reference": "ReferenceRegister",
        "movehub.sandbox.registers.undertakings": "UndertakingRegister",
        "server": "SandboxServer at_paths",
    },
)

__all__ = [
    "PARTICIPANTS",
    "Authority",
    "DriverRegister",
    "Fault",
    "FaultProxy",
    "FaultRelay",
    "Hub",
    "Kind",
    "Profile",
    "RecordingTransport",
    "ReferenceRegister",
    "RelayCertificates",
    "Sandbox",
    "SandboxServer",
    "Script",
    "Side",
    "UndertakingRegister",
    "at_paths",
    "equal_weights",
    "holders",
    "port_of",
]
