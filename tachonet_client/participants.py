"""The states that take part in TACHOnet, unless your configuration names others: `tachonet.participants`.

Regulation (EU) 2016/68, Articles 3 and 3a.
"""

from __future__ import annotations

from typing import Final

from movehub.protocol.member_states import MEMBER_STATES

#: The Member States connect their registers (Article 3). Third countries may, if the Commission approves
#: (Article 3a). No public list says which of them are connected. These five are inferred: Iceland,
#: Liechtenstein and Norway have the rules on tachographs through the EEA Agreement, Switzerland through the
#: agreement on land transport of 1999, and the United Kingdom through the Trade and Cooperation Agreement.
PARTICIPANTS: Final = MEMBER_STATES | {"CH", "IS", "LI", "NO", "UK"}
