"""The author of an access: never empty, and by default the user of the operating system."""

from __future__ import annotations

import os
import pwd

import pytest
from movehub.actor import actor
from movehub.errors import InvalidConfiguration


def test_the_default_is_the_account_of_the_process_and_no_variable_changes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert actor() == f"os:{pwd.getpwuid(os.getuid()).pw_name}"


def test_an_account_without_a_name_is_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(uid: int) -> object:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert actor() == f"os:{os.getuid()}"


def test_a_given_author_counts_without_the_blanks_around_it() -> None:
    assert actor(" service 7 ") == "service 7"
    assert actor("x" * 64) == "x" * 64


@pytest.mark.parametrize("by", ["", "  ", "x" * 65, "service\n7", "service\x1b[31m"])
def test_an_author_is_never_empty_long_or_unprintable(by: str) -> None:
    with pytest.raises(InvalidConfiguration, match="who you are"):
        actor(by)
