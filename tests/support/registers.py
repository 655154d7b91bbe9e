"""Registers that a node's configuration file can name."""

from __future__ import annotations

from movehub.sandbox.registers.drivers import DriverRegister
from movehub.sandbox.registers.undertakings import UndertakingRegister

#: What was made, for a test to look at.
MADE: list[UndertakingRegister] = []
#: The answers that `told` was told of.
TOLD: list[tuple[object, object, object]] = []


def undertakings() -> UndertakingRegister:
    MADE.append(UndertakingRegister("FI"))
    return MADE[-1]


def drivers() -> DriverRegister:
    return DriverRegister("FI")


def told(system: object, request: object, answer: object) -> None:
    TOLD.append((system, request, answer))


def austrian_drivers() -> DriverRegister:
    return DriverRegister("AT")
