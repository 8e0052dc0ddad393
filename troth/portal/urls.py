"""Addresses of the public pages under /p/: one include per area that has a `urls.py`."""

from importlib import import_module
from pkgutil import iter_modules

from django.urls import URLResolver, include, path

from . import __path__ as _folder


def _areas() -> list[URLResolver]:
    names = sorted(module.name for module in iter_modules(_folder) if module.ispkg and module.name != "tests")
    modules = [import_module(f"{__package__}.{name}.urls") for name in names]
    return [path("", include(module)) for module in modules]


urlpatterns = _areas()
