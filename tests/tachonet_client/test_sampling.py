"""The sample of Annex VIII, 1.5: reproducible by anybody, and never short of 30 %."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.errors import InvalidConfiguration

from tachonet_client import Sample

CASES = [f"FI-2026-{number}" for number in range(2000)]


def test_whoever_knows_the_salt_repeats_the_draw_by_hand() -> None:
    """The rule as it is published, written out once more."""
    sample = Sample(salt="Traficom 2026", percentage=30)
    for case_id in CASES[:200]:
        number = int(sha256(f"Traficom 2026\n{case_id}".encode()).hexdigest()[:16], 16)
        assert sample.drawn(case_id) is (number / 2**64 < 0.30)


def test_a_case_is_drawn_or_not_whenever_it_is_asked() -> None:
    """The draw must not depend on order, day or machine. These cases were drawn with sha256sum."""
    drawn = [number for number, case_id in enumerate(CASES[:12]) if Sample("salt").drawn(case_id)]
    assert drawn == [0, 1, 3, 4, 11]


def test_another_salt_draws_other_cases() -> None:
    first, second = Sample("a"), Sample("b")
    assert [first.drawn(case) for case in CASES] != [second.drawn(case) for case in CASES]


@pytest.mark.parametrize("percentage", [30, 35, 50, 100])
def test_about_the_percentage_is_drawn(percentage: int) -> None:
    drawn = sum(Sample("Traficom", percentage).drawn(case) for case in CASES)
    assert abs(drawn / len(CASES) * 100 - percentage) < 4


def test_a_higher_percentage_keeps_whoever_was_drawn() -> None:
    low, high = Sample("s", 30), Sample("s", 60)
    assert all(high.drawn(case) for case in CASES if low.drawn(case))


@pytest.mark.parametrize("percentage", [29, 0, -1, 101])
def test_less_than_30_per_cent_cannot_be_set_up(percentage: int) -> None:
    with pytest.raises(InvalidConfiguration, match="30 to 100"):
        Sample("salt", percentage)


def test_a_sample_without_a_salt_cannot_be_set_up() -> None:
    with pytest.raises(InvalidConfiguration, match="salt"):
        Sample("")


@given(st.text(min_size=1, max_size=5), st.integers(30, 100), st.sets(st.integers(0, 10**9), max_size=200))
def test_with_the_shortfall_made_good_a_period_has_its_30_per_cent(
    salt: str, percentage: int, numbers: set[int]
) -> None:
    sample = Sample(salt, percentage)
    cases = [f"case {number}" for number in numbers]
    checked = {case for case in cases if sample.drawn(case)} | set(sample.shortfall(cases))
    assert len(checked) * 100 >= len(cases) * 30
    assert not any(sample.drawn(case) for case in sample.shortfall(cases))


def test_a_period_with_enough_drawn_has_no_shortfall() -> None:
    assert Sample("Traficom").shortfall(CASES) == ()
    assert Sample("Traficom").shortfall([]) == ()
