"""What stands for a module is as good as the module, and loads it no sooner than it must."""

import sys

import pytest

from troth import value
from troth.value import churn
from troth.value.later import later

NEVER_LOADED = "antigravity"  # it would open a browser


def test_nothing_is_loaded_by_naming_it():
    later(NEVER_LOADED)
    assert NEVER_LOADED not in sys.modules


def test_it_has_what_the_module_has_also_when_that_changes(monkeypatch):
    found = later("troth.value.terms")
    assert found.Terms is value.Terms
    monkeypatch.setattr("troth.value.terms.INACTIVE", "gone")
    assert found.INACTIVE == "gone"


def test_what_the_module_lacks_is_lacking():
    with pytest.raises(AttributeError, match=r"module 'troth\.value\.terms' has no attribute 'nothing'"):
        _ = later("troth.value.terms").nothing


def test_a_package_looks_its_names_up_and_says_what_it_lacks():
    assert churn.Trace.__module__ == "troth.value.churn.traces"
    assert all(getattr(churn, name) is not None for name in churn.__all__)
    with pytest.raises(AttributeError, match=r"module 'troth\.value\.churn' has no attribute 'nothing'"):
        _ = churn.nothing
    with pytest.raises(ImportError, match="nothing"):
        from troth.value.churn import nothing  # noqa: F401, PLC0415  what is tested
