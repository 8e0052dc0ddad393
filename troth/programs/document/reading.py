"""From text to a checked document, with everything that is wrong named by line, column, path and way out."""

from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from troth.programs.errors import DocumentInvalidError

from .checking import check
from .refusals import sentence
from .shapes import ProgrammeDocument
from .source import Path, Source, parse


def read_document(text: str) -> ProgrammeDocument:
    """Return the programme that a YAML or JSON text states.

    Raises:
        DocumentInvalidError: with every problem found.
    """
    source = parse(text)
    document = _shaped(source)
    problems = check(document, source)
    if problems:
        raise DocumentInvalidError(problems)
    return document


def stored_document(raw: dict[str, Any]) -> ProgrammeDocument:
    """Return the document of a published version, as `to_json` wrote it; it was checked before."""
    return ProgrammeDocument.model_validate(raw)


def to_json(document: ProgrammeDocument) -> dict[str, Any]:
    """Return the document in its one written form: plain JSON values, defaults left out, decimals as texts."""
    return document.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a programme, for editors that help while one writes."""
    schema = ProgrammeDocument.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _shaped(source: Source) -> ProgrammeDocument:
    if not isinstance(source.value, dict):
        message = _("a programme is a list of “key: value”; begin with “programme:” and a code")
        raise DocumentInvalidError([source.problem((), "not_a_programme", message)])
    try:
        return ProgrammeDocument.model_validate(source.value)
    except ValidationError as error:
        found = [(_path(source, one["loc"]), one) for one in error.errors(include_url=False)]
        raise DocumentInvalidError(
            [source.problem(path, str(one["type"]), sentence(one, path)) for path, one in found]
        ) from None


def _path(source: Source, loc: tuple[Any, ...]) -> Path:
    """Return the path in the text: pydantic puts the names of variants between the keys, which are no keys."""
    found: list[str | int] = []
    value: Any = source.value
    for part in loc:
        if isinstance(value, dict):
            if part in value:
                found.append(part)
                value = value[part]
            elif part == loc[-1]:
                found.append(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            found.append(part)
            value = value[part]
    return tuple(found)
