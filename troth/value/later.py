"""Packages that take long to load, and modules of ours that load them: loaded when somebody computes with them.

    from troth.value.later import pl                      # Polars, when the first frame is made

A process that needs but a setting, a word or a type of ours starts without them, and stays small. Where a module is
read whole by whoever computes anyway, it imports them as usual.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["csv", "duckdb", "ibis", "later", "looked_up", "np", "pa", "parquet", "pl", "special"]


class _Later:
    """Stands for a module: loads it when something of it is asked for, and has from then on what the module has."""

    __slots__ = ("__dict__", "_name")

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        module = import_module(self._name)
        self.__dict__ = module.__dict__
        return getattr(module, attribute)


def later(module: str) -> Any:
    """Stand for a module until something of it is asked for; beside it, `if TYPE_CHECKING` says the same to mypy."""
    return _Later(module)


def looked_up(package: str, names: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Be the `__getattr__` of a package: load one of its modules when a name of it, or itself, is asked for.

    names: by module of the package, what the package hands out of it.
    """
    home = {name: module for module, inside in names.items() for name in inside}

    def found(name: str) -> Any:
        if name in home:
            return getattr(import_module(f"{package}.{home[name]}"), name)
        if name in names:
            return import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return found


if TYPE_CHECKING:
    import duckdb
    import ibis
    import numpy as np
    import polars as pl
    import pyarrow as pa
    from pyarrow import csv, parquet
    from scipy import special
else:
    duckdb, ibis, np, pl = map(later, ("duckdb", "ibis", "numpy", "polars"))
    pa, csv, parquet, special = map(later, ("pyarrow", "pyarrow.csv", "pyarrow.parquet", "scipy.special"))
