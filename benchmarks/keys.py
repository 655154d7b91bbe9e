"""Search keys: names a second on one core, and beside functions that others have written.

Names are of every alphabet of the Union, in equal parts: ASCII, Latin with marks, Greek and Cyrillic. Ours
writes a name in ASCII first; jellyfish and abydos take it as it stands, and their keys of other letters than
A to Z mean nothing. Ours is measured twice: many names at once, as a register is given its keys, and one by
one, as a search is.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import jellyfish
from movehub.names.search_keys import family_name_key, family_name_keys
from movehub.sandbox.registers.holders import holders

from .measuring import Function, Ratio, compared
from .results import Result

#: Typical names, script by script; measured apart and together.
NAMES = {
    "ASCII": "Kowalski Brown van-der-Berg Schmidt Creighton-Ward O'Brien Rossi Dupont Johansson Popescu",
    "Latin with marks": "Müller Åström Łukasiewicz Žižić Dvořák Sørensen Ştefănescu Gonçalves Núñez Kővári",
    "Greek": "Παπαδόπουλος Γεωργίου Ευαγγέλου Μπακογιάννης Καραγιάννη Οικονόμου Παυλίδης Αγγελόπουλος",
    "Cyrillic": "Иванов Щърбанов Димитрова Георгиев Ковальчук Шевченко Петров Стоянов Николова Живковић",
}

_EVERY = "all four alphabets"


#: How many names make one batch; shorter lists are repeated.
BATCH = 4_000


def results() -> Iterator[Result]:
    """Measure each alphabet, all together, and invented holders."""
    groups = {group: names.split() for group, names in NAMES.items()}
    groups[_EVERY] = [name for names in groups.values() for name in names]
    groups["invented holders"] = [holder.family_name for holder in holders(BATCH)]
    for group, few in groups.items():
        names = few * (BATCH // len(few))
        found = compared(
            lambda names=names: [jellyfish.nysiis(name) for name in names],  # type: ignore[misc]
            {
                "at once": lambda names=names: family_name_keys(names),  # type: ignore[misc]
                "one by one": lambda names=names: [family_name_key(name) for name in names],  # type: ignore[misc]
                **_others(names),
            },
        )
        for way in ("at once", "one by one"):
            yield from _ours(found[way], len(names), f"{way}, {group}", wanted=group == _EVERY)
        if "abydos" in found:
            ours = found["one by one"]
            value, spread = found["abydos"].value / ours.value, found["abydos"].noise / ours.value
            yield Result("Search keys", f"abydos, in times ours one by one, {group}", value, spread)


def _ours(ratio: Ratio, names: int, what: str, *, wanted: bool) -> Iterator[Result]:
    rate, noise = names / ratio.seconds, ratio.noise / ratio.value
    least = 250_000 if wanted and what.startswith("at once") else None
    yield Result("Search keys", f"names a second, {what}", rate, rate * noise, "", least=least)
    yield Result(
        "Search keys", f"beside jellyfish, {what}", ratio.value, ratio.noise, most=8 if wanted else None
    )


def _others(names: list[str]) -> dict[str, Function]:
    if not find_spec("abydos"):
        return {}
    from abydos.phonetic import NYSIIS

    encode = NYSIIS(max_length=-1).encode
    return {"abydos": lambda: [encode(name) for name in names]}
