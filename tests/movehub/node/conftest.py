import pytest
from movehub.store import Store

from tests.support.databases import Hands, address, clock, postgres_server, store
from tests.support.nodes import Parts

__all__ = ["address", "clock", "node", "postgres_server", "store"]


@pytest.fixture
def node(store: Store, clock: Hands) -> Parts:
    return Parts(store, clock)
