"""The facts of a customer that texts may name, and who knows them.

A module above registers a `FactProvider` in its `apps.ready`; a provider is asked once for many customers, and only if
a text names one of its facts.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. fact_kind: text, number, day or url; examples stand in previews where a customer has none."""

    code: str
    label: Text
    fact_kind: str = "text"
    example: Any = ""
    example_zh: Any = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose facts are asked for: the canonical customer and the language of the text."""

    customer_id: UUID
    language: str


Known = Callable[[Sequence[Reader], Collection[str], datetime], list[dict[str, Any]]]
"""Return, for each reader, the values of those of the wanted facts that are known."""


@dataclass(frozen=True, slots=True)
class FactProvider:
    """A set of facts with the function that knows them; own: those that are the same whoever reads, for previews."""

    name: str
    facts: tuple[Fact, ...]
    known: Known
    own: Callable[[], Mapping[str, Any]] | None = None


_providers: dict[str, FactProvider] = {}


def register(provider: FactProvider) -> None:
    """Add a provider; registering the same one again changes nothing.

    Raises:
        ValueError: another one has the name, or one of its facts.
    """
    standing = _providers.get(provider.name)
    if standing is not None and standing != provider:
        raise ValueError(f"a provider of facts {provider.name!r} is registered already")
    if standing is None and (taken := catalogue().keys() & {fact.code for fact in provider.facts}):
        raise ValueError(f"facts {sorted(taken)} are registered already")
    _providers[provider.name] = provider


def catalogue() -> dict[str, Fact]:
    """Return every fact by its code, in the order of registration."""
    return {fact.code: fact for provider in _providers.values() for fact in provider.facts}


def known(readers: Sequence[Reader], wanted: Collection[str], now: datetime) -> list[dict[str, Any]]:
    """Return the wanted facts of each reader; each provider is asked at most once."""
    found: list[dict[str, Any]] = [{} for _reader in readers]
    for provider in _providers.values():
        asked = {fact.code for fact in provider.facts} & set(wanted)
        if asked and readers:
            for values, more in zip(found, provider.known(readers, asked, now), strict=True):
                values.update(more)
    return found


def examples(language: str) -> Mapping[str, Any]:
    """Return an example of every fact, for previews without a customer."""
    is_chinese = language.startswith("zh")
    return {
        code: (fact.example_zh or fact.example) if is_chinese else fact.example for code, fact in catalogue().items()
    }


def own() -> Mapping[str, Any]:
    """Return the facts that need no example, since they are the company's and the same for every reader."""
    return {code: value for one in _providers.values() if one.own for code, value in one.own().items()}
