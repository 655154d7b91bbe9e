"""The database of a node: inbox, outbox, conversations, escalations, journal and statistics.

All of it survives a power cut. The store uses SQLAlchemy Core over SQLite or PostgreSQL, with the same code
and the same tests for both. Regulation (EU) 2016/68 and (EU) 2016/480, Annex VI (service levels, escalation)
and Annex VII (statistics, retention). Needs the extra `server`, and also `postgres` for that database. Only
`movehub.node` and its commands import this package.
"""

from movehub.store.engine import Store, transaction

__all__ = ["Store", "transaction"]
