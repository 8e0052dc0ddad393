"""From text to a checked document, with everything that is wrong named by line, column, path and way out."""

from decimal import Decimal
from typing import Any

import yaml

from troth.care.journeys.errors import JourneyInvalidError
from troth.kit.documents.shaping import no_keys, schema_of, shaped
from troth.kit.documents.source import parse

from .checking import check
from .shapes import JourneyDocument


def read_document(text: str) -> JourneyDocument:
    """Return the journey that a YAML or JSON text states.

    Raises:
        JourneyInvalidError: with every problem found.
    """
    source = parse(text, JourneyInvalidError)
    document = shaped(source, JourneyDocument, JourneyInvalidError)
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
    source = parse(text, JourneyInvalidError)
    if not isinstance(source.value, dict):
        raise JourneyInvalidError([no_keys(source, JourneyInvalidError)])
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
    return schema_of(JourneyDocument)
