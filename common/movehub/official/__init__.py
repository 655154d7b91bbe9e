"""Bring your own schema: how an official schema differs from ours, and how to use it all the same.

`check_folder` compares the schemas in a folder with ours and writes a mapping. `read_edition` makes an
edition of the schemas and the mapping: `Edition.from_directory` calls it. Regulation (EU) 2016/68 and (EU)
2016/480, Annex III, 2.1 and 2.2.
"""

from movehub.official.checking import Check, check_folder
from movehub.official.comparison import Difference, Finding
from movehub.official.edition import read_edition

__all__ = ["Check", "Difference", "Finding", "check_folder", "read_edition"]
