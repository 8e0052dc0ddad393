"""Whoever uses the library alone has nothing but its docstrings: errors, shapes, units and sources stand there."""

import inspect
import re
from importlib import import_module

import pytest

from troth.value.models.base import Model

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


COLUMN = re.compile(r"`\w+`")
YEAR = re.compile(r"\b(18|19|20)\d\d\b")
UNIT = re.compile(
    r"\b(shares?|chances?|money|amounts?|profit|revenue|days?|weeks?|months?|years?|units?|times|0 to 1|points?|"
    r"how many|how much|customers|people|likelihood|logarithms?|outcome|psi)\b",
    flags=re.IGNORECASE,
)
END = re.compile(r"_(low|high)$")


def functions(package):
    """Every function, public method and property that a package hands out, with its docstring."""
    for name, one in exported(package):
        if inspect.isfunction(one):
            yield f"{package}.{name}", one
        elif inspect.isclass(one):
            yield from ((f"{package}.{name}.{method}", inner) for method, inner in members(one))


def fields(package):
    """Every public field of a data class that holds a number or a frame, with the class."""
    for name, one in exported(package):
        kept = getattr(one, "__dataclass_fields__", {}) if inspect.isclass(one) else {}
        for field in kept.values():
            if not field.name.startswith("_") and re.search(r"\b(float|Decimal|DataFrame)\b", str(field.type)):
                yield f"{package}.{name}.{field.name}", END.sub("", field.name), one


@pytest.mark.parametrize("package", PACKAGES)
def test_a_frame_that_is_given_back_has_its_columns_named(package):
    given = [(name, one) for name, one in functions(package) if "DataFrame" in returned(one)]
    assert [name for name, one in given if not COLUMN.search(one.__doc__ or "")] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_number_that_is_given_back_has_its_unit(package):
    given = [(name, one) for name, one in functions(package) if re.search(r"\bfloat\b", returned(one))]
    assert [name for name, one in given if not UNIT.search(one.__doc__ or "")] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_figure_of_a_result_is_explained(package):
    assert [name for name, field, one in fields(package) if not re.search(rf"\b{field}", one.__doc__ or "")] == []


def test_every_model_names_its_source():
    """A paper has a year."""
    models = [(name, one) for name, one in exported("troth.value.models") if inspect.isclass(one)]
    fitted = {name: one for name, one in models if issubclass(one, Model) and getattr(one, "names", ())}
    assert len(fitted) >= 8
    assert [name for name, one in fitted.items() if not YEAR.search(one.__doc__ or "")] == []


def returned(function):
    return str(inspect.signature(function).return_annotation)
