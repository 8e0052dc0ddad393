"""Measure settings: how their stored form becomes the terms that `troth.value` computes by, and back."""

from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any

from troth import value
from troth.value.loyalty import LoyaltyTerms

from .models import MeasureSettings

PARTS = {"bands": value.Bands, "rhythm": value.Rhythm, "rfm": value.RfmRules}


def terms_of(settings: MeasureSettings) -> value.Terms:
    """Return the terms of stored settings.

    Raises:
        TermsError: a value is outside its limits.
    """
    return terms_from(settings.assumed_margin, {name: getattr(settings, name) for name in PARTS})


def loyalty_of(settings: MeasureSettings) -> LoyaltyTerms:
    """Return the terms of loyalty of stored settings.

    Raises:
        TermsError: a value is outside its limits.
    """
    return loyalty_from(settings.loyalty)


def loyalty_from(given: dict[str, Any]) -> LoyaltyTerms:
    """Return terms of loyalty from plain values by the names of `LoyaltyTerms`; what is left out is default.

    Raises:
        TermsError: a value is outside its limits, or no name of a setting.
    """
    found = _part(LoyaltyTerms, given)
    assert isinstance(found, LoyaltyTerms)
    return found


def terms_from(assumed_margin: Decimal, parts: dict[str, dict[str, Any]]) -> value.Terms:
    """Return terms from a margin and plain values by part ("bands", "rhythm", "rfm"); what is left out is
    default.

    Raises:
        TermsError: a value is outside its limits, or no name of a setting.
    """
    built = {name: _part(kind, parts.get(name, {})) for name, kind in PARTS.items()}
    return value.Terms(margin=value.Margin(assumed=assumed_margin), **built)


def stored(part: Any) -> dict[str, Any]:
    """Return a part of the terms as JSON: Decimals as text, tuples as lists."""
    return {name: _plain(given) for name, given in asdict(part).items()}


def _part(kind: type, given: dict[str, Any]) -> Any:
    known = {field.name: field for field in fields(kind)}
    if unknown := sorted(given.keys() - known.keys()):
        raise value.TermsError(unknown[0], given[unknown[0]], f"is no setting; there are {', '.join(known)}")
    return kind(**{name: _read(name, given[name], str(known[name].type)) for name in given})


def _read(name: str, given: Any, annotation: str) -> Any:
    try:
        return _typed(given, annotation)
    except (ValueError, ArithmeticError, TypeError, AttributeError) as error:
        raise value.TermsError(name, given, f"must be {_wanted(annotation)}") from error


def _wanted(annotation: str) -> str:
    if "Mapping" in annotation:
        return "a number for each name"
    if "tuple" in annotation:
        return "four numbers" if "Decimal" in annotation else "four whole numbers"
    return "a whole number" if annotation == "int" else "a number" if "Decimal" in annotation else "one word"


def _typed(given: Any, annotation: str) -> Any:
    if given is None:
        return None
    if "Mapping" in annotation:
        return {str(name): Decimal(str(number)) for name, number in given.items()}
    if isinstance(given, list) != ("tuple" in annotation):
        raise ValueError(given)
    if "tuple" in annotation:
        of_money = "Decimal" in annotation
        return tuple(Decimal(str(edge)) if of_money else int(edge) for edge in given)
    if "Decimal" in annotation:
        return Decimal(str(given))
    return int(given) if annotation == "int" else given


def _plain(given: Any) -> Any:
    if isinstance(given, Decimal):
        return str(given)
    if isinstance(given, dict):
        return {name: _plain(one) for name, one in given.items()}
    return [_plain(edge) for edge in given] if isinstance(given, tuple) else given
