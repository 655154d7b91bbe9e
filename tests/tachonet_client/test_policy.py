"""The policy file: what Annex VIII leaves to a state."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from movehub.errors import InvalidConfiguration

from tachonet_client import Policy, Sample

SAMPLE = '[sample]\nsalt = "x"\n'


def read(folder: Path, text: str) -> Policy:
    path = folder / "policy.toml"
    path.write_text(text, "utf-8")
    return Policy.read(path)


def test_a_whole_file_is_a_policy(tmp_path: Path) -> None:
    text = 'state = "FI"\nrecords_icdl_since = 2024-01-01\nprefers_ccs = false\n'
    assert read(tmp_path, text + SAMPLE + "percentage = 100\n") == Policy(
        state="FI", records_icdl_since=date(2024, 1, 1), sample=Sample("x", 100), prefers_ccs=False
    )


def test_what_is_left_out_is_no_recording_ccs_and_35_per_cent(tmp_path: Path) -> None:
    assert read(tmp_path, 'state = "FI"\n' + SAMPLE) == Policy(
        state="FI", records_icdl_since=None, sample=Sample("x", 35), prefers_ccs=True
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("state =", "cannot be read as TOML"),
        (SAMPLE, "lacks state"),
        ('state = "FI"\n', "lacks sample"),
        ('state = "FI"\n[sample]\npercentage = 40\n', "lacks sample.salt"),
        ('state = "FI"\nprefer_ccs = true\n' + SAMPLE, "unknown setting prefer_ccs"),
        ('state = "FI"\nprefers_ccs = 1\n' + SAMPLE, "prefers_ccs of another type than bool"),
        ('state = "FI"\nrecords_icdl_since = "2024-01-01"\n' + SAMPLE, "of another type than date"),
        ('state = "FI"\nrecords_icdl_since = 2024-01-01T00:00:00\n' + SAMPLE, "of another type than date"),
        ('state = "FI"\n' + SAMPLE + "percentage = true\n", "sample.percentage of another type than int"),
        ('state = "FI"\n' + SAMPLE + "percentage = 29\n", "30 to 100 per cent"),
        ('state = "XX"\n' + SAMPLE, "a state that takes part"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_by_its_setting(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidConfiguration, match=said):
        read(tmp_path, text)


def test_the_participants_of_the_configuration_count(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text('state = "TR"\n' + SAMPLE, "utf-8")
    with pytest.raises(InvalidConfiguration, match="a state that takes part"):
        Policy.read(tmp_path / "policy.toml")
    policy = Policy.read(tmp_path / "policy.toml", ["TR", "GB"])
    assert policy.participants == {"TR", "UK"}
    assert policy.takes_part("UK")
    assert not policy.takes_part("FI")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="no policy file"):
        Policy.read(tmp_path / "none.toml")
