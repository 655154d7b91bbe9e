"""Old names keep working for one release, and say once what they are called now."""

from __future__ import annotations

import sys
import warnings
from types import ModuleType

import pytest
from movehub import errors, renamed


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("made_for_a_test")
    made.New = object()  # type: ignore[attr-defined]
    made.__getattr__ = renamed(made.__name__, {"Old": "New"})  # type: ignore[method-assign]
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made


def test_an_old_name_warns_once_and_is_the_new_one(module: ModuleType) -> None:
    with pytest.warns(DeprecationWarning, match="Old is now called New"):
        assert module.Old is module.New
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert module.Old is module.New


def test_a_name_that_never_was_has_no_attribute(module: ModuleType) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Older'"):
        module.Older  # noqa: B018


@pytest.mark.parametrize(("old", "new"), errors.OLD_NAMES.items())
def test_the_old_names_of_errors_still_work(old: str, new: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert getattr(errors, old) is getattr(errors, new)
