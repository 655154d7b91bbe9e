from tests.support.databases import address, clock, postgres_server, store

__all__ = ["address", "clock", "postgres_server", "store"]
