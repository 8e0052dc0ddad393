"""What a calculator is asked: by the address, else from the company's own figures, else a worked example."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django import forms
from django.http import QueryDict


class Origin(StrEnum):
    """Where the figures in a form come from."""

    GIVEN = "given"
    OWN = "own"
    EXAMPLE = "example"
    NONE = "none"


F = TypeVar("F", bound=forms.Form)


@dataclass(frozen=True, slots=True)
class Asked(Generic[F]):
    """A form with its figures; `data` is None where it waits to be filled in or was refused."""

    form: F
    origin: Origin

    @property
    def data(self) -> dict[str, Any] | None:
        """Return the cleaned figures."""
        return self.form.cleaned_data if self.form.is_bound and self.form.is_valid() else None


def ask(
    kind: type[F], query: QueryDict, *, own: Mapping[str, Any] | None = None, example: Mapping[str, Any] | None = None
) -> Asked[F]:
    """Return the form with what the address gives; `?example` asks for the worked example, no field for own figures."""
    if "example" in query and example is not None:
        return Asked(kind(dict(example)), Origin.EXAMPLE)
    if query.keys() & kind().fields.keys():
        return Asked(kind(query), Origin.GIVEN)
    if own is not None:
        return Asked(kind(dict(own)), Origin.OWN)
    if example is not None:
        return Asked(kind(dict(example)), Origin.EXAMPLE)
    return Asked(kind(), Origin.NONE)
