"""What must survive a power cut: what came, what goes out, which conversations are open, what needs a person.

SQLAlchemy Core over SQLite or PostgreSQL; the same code and the same tests for both. Regulation (EU) 2016/68
and (EU) 2016/480, Annex VI (service levels, the five troubles) and Annex VII (statistics, retention). Needs
the extra `server`, and `postgres` for that database. Only `movehub.node` and its commands import this
package.
"""

from movehub.store.engine import Store, transaction

__all__ = ["Store", "transaction"]
