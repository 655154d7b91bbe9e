"""A hub on loopback, with its own PKI and 28 simulated states behind it.

For development, tests and the demo; nothing of it belongs into production, and all people in its registers
are invented. The hub does what the regulations say that the hub does (Regulation (EU) 2016/68, Annex I, 1.1
and Annex III) and no more. This package alone may import the two client packages from `movehub`.
"""
