"""A hub to practise with: on loopback, with its own PKI and a simulated state for each participant behind it.

Use it for development, tests and the demo, never in production. All people in its registers are invented. The
hub does only what the regulations describe (Regulation (EU) 2016/68, Annex I, 1.1 and Annex III).

`Sandbox` starts everything at once. Its parts are `Hub`, `Authority` and `SandboxServer`.
`DriverRegister`, `UndertakingRegister` and `ReferenceRegister` are registers to read and to copy.
`FaultProxy` and `FaultRelay` inject the faults of a `Script`; `movehub.sandbox.pytest_faults` has them as
fixtures.
"""

from movehub.http.endpoint import at_paths
from movehub.sandbox.faults.proxy import FaultProxy, port_of
from movehub.sandbox.faults.relay import FaultRelay, RecordingTransport, RelayCertificates
from movehub.sandbox.faults.script import Fault, Kind, Script, Side, equal_weights
from movehub.sandbox.hub import Hub
from movehub.sandbox.network import PARTICIPANTS, Sandbox
from movehub.sandbox.pki import Authority
from movehub.sandbox.profiles import Profile
from movehub.sandbox.registers.drivers import DriverRegister
from movehub.sandbox.registers.holders import holders
from movehub.sandbox.registers.reference import ReferenceRegister
from movehub.sandbox.registers.undertakings import UndertakingRegister
from movehub.sandbox.server import SandboxServer

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
