"""From text to a checked document, with everything that is wrong named by line, column, path and way out."""

from typing import Any

from troth.kit.documents import source as documents
from troth.kit.documents.shaping import schema_of, shaped
from troth.kit.documents.source import Source
from troth.programs.errors import DocumentInvalidError

from .checking import check
from .shapes import ProgrammeDocument


def parse(text: str) -> Source:
    """Return the values and places of a text.

    Raises:
        DocumentInvalidError: it is no YAML, too long, nested too deep, has a key twice or an alias.
    """
    return documents.parse(text, DocumentInvalidError)


def read_document(text: str) -> ProgrammeDocument:
    """Return the programme that a YAML or JSON text states.

    Raises:
        DocumentInvalidError: with every problem found.
    """
    source = parse(text)
    document = shaped(source, ProgrammeDocument, DocumentInvalidError)
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
    return schema_of(ProgrammeDocument)
