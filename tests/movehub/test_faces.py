"""The face of a room: what other rooms may use."""

from __future__ import annotations

from importlib import import_module

import pytest


@pytest.mark.parametrize("room", ["movehub.http", "movehub.tls"])
def test_a_room_says_what_it_is_for_and_offers_what_it_names(room: str) -> None:
    face = import_module(room)
    assert face.__doc__
    names = face.__all__
    assert len(names) == len(set(names))
    assert all(getattr(face, name) is not None for name in names)
    assert set(names) <= set(dir(face))
