"""Plain values held to the shape of a document; what pydantic finds wrong is told by line and column."""

from typing import Any, TypeVar

from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from .errors import DocumentError, Problem
from .refusals import sentence
from .source import Path, Source

_Model = TypeVar("_Model", bound=BaseModel)
SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def shaped(source: Source, model: type[_Model], refused: type[DocumentError]) -> _Model:
    """Return the document that the values state.

    Raises:
        DocumentError: of the class given; keys, types or sizes are wrong.
    """
    if not isinstance(source.value, dict):
        raise refused([no_keys(source, refused)])
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        # A list with a wrong entry is called too short, too: that is no wrong of its own.
        wrong_within = {one["loc"][: len(one["loc"]) - cut] for one in errors for cut in range(1, len(one["loc"]))}
        found = [
            (_path(source, one["loc"]), one)
            for one in errors
            if one["type"] != "too_short" or one["loc"] not in wrong_within
        ]
        raise refused([source.problem(path, str(one["type"]), sentence(one, path)) for path, one in found]) from None


def no_keys(source: Source, refused: type[DocumentError]) -> Problem:
    """Return what is wrong with a text that is a list or a word."""
    message = _("a document is a list of “key: value”; begin with “%(key)s:” and a code") % {"key": refused.first_key}
    return source.problem((), f"not_a_{refused.first_key}", message)


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a document, for editors that help while one writes."""
    return {"$schema": SCHEMA, **model.model_json_schema(by_alias=True)}


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
