"""Search keys: names a second on one core, compared with other libraries.

The names come from every alphabet of the Union in equal parts: ASCII, Latin with marks, Greek and Cyrillic.
Our key transliterates a name first. jellyfish and abydos take the name as it is, so their keys of letters
outside A to Z have no meaning. Every library makes the keys one by one, as a search needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import jellyfish
from movehub.names.search_keys import family_name_key
from movehub.sandbox.registers.holders import holders

from .measuring import Function, compared
from .results import Result

#: Typical names by script. Each script is measured separately, and all together.
NAMES = {
    "ASCII": "Kowalski Brown van-der-Berg Schmidt Creighton-Ward O'Brien Rossi Dupont Johansson Popescu",
    "Latin with marks": "Müller Åström Łukasiewicz Žižić Dvořák Sørensen Ştefănescu Gonçalves Núñez Kővári",
    "Greek": "Παπαδόπουλος Γεωργίου Ευαγγέλου Μπακογιάννης Καραγιάννη Οικονόμου Παυλίδης Αγγελόπουλος",
    "Cyrillic": "Иванов Щърбанов Димитрова Георгиев Ковальчук Шевченко Петров Стоянов Николова Живковић",
}

_EVERY = "all four alphabets"

#: How many names are measured together. Shorter lists are repeated.
COUNT = 4_000


def results() -> Iterator[Result]:
    """Measure each alphabet, all together, and invented holders."""
    groups = {group: names.split() for group, names in NAMES.items()}
    groups[_EVERY] = [name for names in groups.values() for name in names]
    groups["invented holders"] = [holder.family_name for holder in holders(COUNT)]
    for group, few in groups.items():
        names = few * (COUNT // len(few))
        found = compared(
            lambda names=names: [jellyfish.nysiis(name) for name in names],  # type: ignore[misc]
            {
                "ours": lambda names=names: [family_name_key(name) for name in names],  # type: ignore[misc]
                **_others(names),
            },
        )
        ours = found["ours"]
        rate, noise = len(names) / ours.seconds, ours.noise / ours.value
        yield Result("Search keys", f"names a second, {group}", rate, rate * noise, "")
        most = 8 if group == _EVERY else None
        yield Result("Search keys", f"times jellyfish, {group}", ours.value, ours.noise, most=most)
        if "abydos" in found:
            value, noise = found["abydos"].value / ours.value, found["abydos"].noise / ours.value
            yield Result("Search keys", f"abydos, in times ours, {group}", value, noise)


def _others(names: list[str]) -> dict[str, Function]:
    if not find_spec("abydos"):
        return {}
    from abydos.phonetic import NYSIIS

    encode = NYSIIS(max_length=-1).encode
    return {"abydos": lambda: [encode(name) for name in names]}
