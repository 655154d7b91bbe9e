"""A hub in this process for the commands that ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.hub import Registers, in_front_of


@pytest.fixture
def registers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registers]:
    made = Registers()
    in_front_of(made, monkeypatch)
    yield made
    made.close()
