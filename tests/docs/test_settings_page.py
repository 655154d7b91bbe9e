"""The page of all settings is what the classes declare."""

from __future__ import annotations

import pytest
from movehub.config import settings_of

from tools.settings_page import PAGE, SECTIONS, page


def test_the_page_is_what_the_classes_declare() -> None:
    """If it is not: `python -m tools.settings_page`."""
    assert PAGE.read_text("utf-8") == page()


@pytest.mark.parametrize("cls", [cls for _, cls, _ in SECTIONS])
def test_every_setting_has_its_words(cls: type) -> None:
    for key, each in settings_of(cls).items():
        assert each.help.endswith("."), key
        assert each.kind.words, key
