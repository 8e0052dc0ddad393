"""From text to a checked document, with everything that is wrong named by line, column, path and way out."""

from decimal import Decimal
from typing import Any

import yaml
from django.utils.translation import gettext as _
from pydantic import ValidationError

from troth.care.journeys.errors import JourneyInvalidError
from troth.programs.document.refusals import sentence
from troth.programs.document.source import Path, Source, parse
from troth.programs.errors import DocumentInvalidError

from .checking import check
from .shapes import JourneyDocument


def read_document(text: str) -> JourneyDocument:
    """Return the journey that a YAML or JSON text states.

    Raises:
        JourneyInvalidError: with every problem found.
    """
    try:
        source = parse(text)
    except DocumentInvalidError as error:
        raise JourneyInvalidError(error.problems) from None
    document = _shaped(source)
    if problems := check(document, source):
        raise JourneyInvalidError(problems)
    return document


def stored_document(raw: dict[str, Any]) -> JourneyDocument:
    """Return the document of a published version, as `to_json` wrote it; it was checked before."""
    return JourneyDocument.model_validate(raw)


def to_json(document: JourneyDocument) -> dict[str, Any]:
    """Return the document in its one written form: plain JSON values, defaults left out."""
    raw: dict[str, Any] = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return raw


def draft_values(text: str) -> dict[str, Any]:
    """Return the plain values of a draft that need not be right yet, for an editor that changes them.

    Raises:
        JourneyInvalidError: the text is no YAML or JSON with keys.
    """
    try:
        source = parse(text)
    except DocumentInvalidError as error:
        raise JourneyInvalidError(error.problems) from None
    if not isinstance(source.value, dict):
        raise JourneyInvalidError([_no_journey(source)])
    return source.value


def as_text(raw: dict[str, Any]) -> str:
    """Return values of a document as the YAML that people read and `read_document` takes."""
    text: str = yaml.safe_dump(_plain(raw), allow_unicode=True, sort_keys=False, width=110, default_flow_style=False)
    return text


def _plain(value: Any) -> Any:
    """Return values as YAML can write them: numbers with a point as texts, which conditions read as well."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return format(value, "f") if isinstance(value, Decimal) else value


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a journey, for editors that help while one writes."""
    schema = JourneyDocument.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _shaped(source: Source) -> JourneyDocument:
    if not isinstance(source.value, dict):
        raise JourneyInvalidError([_no_journey(source)])
    try:
        return JourneyDocument.model_validate(source.value)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        # A list with a wrong entry is called too short, too: that is no wrong of its own.
        wrong_within = {one["loc"][: len(one["loc"]) - cut] for one in errors for cut in range(1, len(one["loc"]))}
        found = [
            (_path(source, one["loc"]), one)
            for one in errors
            if one["type"] != "too_short" or one["loc"] not in wrong_within
        ]
        raise JourneyInvalidError(
            [source.problem(path, str(one["type"]), sentence(one, path)) for path, one in found]
        ) from None


def _no_journey(source: Source) -> Any:
    message = _("a journey is a list of “key: value”; begin with “journey:” and a code")
    return source.problem((), "not_a_journey", message)


def _path(source: Source, loc: tuple[Any, ...]) -> Path:
    """Return the path in the text: pydantic puts the names of variants between the keys, which are no keys."""
    found: list[str | int] = []
    value: Any = source.value
    for place, part in enumerate(loc):
        if isinstance(value, dict):
            if part in value:
                found.append(part)
                value = value[part]
            elif place == len(loc) - 1:
                found.append(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            found.append(part)
            value = value[part]
    return tuple(found)
