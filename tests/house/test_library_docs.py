"""Whoever uses the library alone has nothing but its docstrings: all that it exports has one, errors told."""

import inspect
from importlib import import_module

import pytest

PACKAGES = (
    "troth.value",
    "troth.value.models",
    "troth.value.churn",
    "troth.value.loyalty",
    "troth.value.next_product",
    "troth.value.experiments",
    *(f"troth.value.voice.{part}" for part in ("bands", "drivers", "kano", "marks", "scores", "silence", "texts")),
)


def exported(package):
    """What a package hands out under its name, written by us."""
    module = import_module(package)
    found = ((name, getattr(module, name)) for name in module.__all__)
    return [(name, one) for name, one in found if getattr(one, "__module__", "").startswith("troth.value")]


def members(kind):
    """The public methods and properties that a class writes itself."""
    for name, member in vars(kind).items():
        inner = getattr(member, "fget", None) or getattr(member, "func", None) or getattr(member, "__func__", member)
        if not name.startswith("_") and inspect.isfunction(inner):
            yield name, inner


def lacking(package):
    """Name what a stranger could not use without reading its code."""
    for name, one in exported(package):
        told = (one.__doc__ or "").strip()
        # Python writes the signature of a data class where there is no docstring.
        if (inspect.isclass(one) or inspect.isfunction(one)) and (not told or told.startswith(f"{name}(")):
            yield f"{package}.{name}: no docstring"
        elif inspect.isfunction(one) and "raises" not in told.lower():
            yield f"{package}.{name}: tells no errors (Raises …)"
        if inspect.isclass(one):
            yield from (
                f"{package}.{name}.{method}: no docstring" for method, inner in members(one) if not inner.__doc__
            )


@pytest.mark.parametrize("package", PACKAGES)
def test_everything_exported_tells_what_it_is_and_what_it_raises(package):
    assert exported(package)
    assert not list(lacking(package))
