"""The states that take part in ERRU, unless your configuration names others: `erru.participants`.

Regulation (EU) 2016/480, Article 3.
"""

from __future__ import annotations

from typing import Final

from movehub.protocol.member_states import MEMBER_STATES

#: The Member States, Norway (both in the broadcast answers of the Commission's tests), and since 2026 the
#: United Kingdom again (SCRT Decision 2/2025). Switzerland, Iceland and Liechtenstein may take part too. No
#: public answer of the hub names them (inferred from that).
PARTICIPANTS: Final = MEMBER_STATES | {"NO", "UK"}
