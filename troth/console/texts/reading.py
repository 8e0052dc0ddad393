"""The editor's fields and the document they stand for, both ways. A field is named language.kind.part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from troth.messaging.templates.document import BODY_KINDS, LANGUAGES

from .words import KINDS, LANGUAGE_NAMES

PARTS: dict[str, tuple[str, ...]] = {
    "email": ("subject", "preheader", "body"),
    "sms": ("body", "provider_template", "values"),
    "wechat": ("body", "provider_template", "values", "url"),
    "text": ("subject", "body", "url"),
    "script": ("subject", "body"),
}
FACT_PARTS = ("code", "label", "label_zh", "example", "example_zh")
MOST_FACTS = 30


@dataclass(frozen=True, slots=True)
class Input:
    """One field: its name, its part, what stands in it."""

    name: str
    part: str
    value: str

    @property
    def is_long(self) -> bool:
        """Tell whether it takes several lines."""
        return self.part in ("body", "values")


@dataclass(frozen=True, slots=True)
class Column:
    """The fields of one language."""

    language: str
    name: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of text with a column for each language."""

    kind: str
    label: Any
    icon: str
    hint: Any
    columns: tuple[Column, ...]
    is_filled: bool


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return the editor's fields, filled with a document."""
    found = []
    for kind in BODY_KINDS:
        label, icon, hint = KINDS[kind]
        columns = tuple(
            Column(language, LANGUAGE_NAMES[language], _inputs(document, language, kind)) for language in LANGUAGES
        )
        is_filled = any(one.value for column in columns for one in column.inputs)
        found.append(Section(kind, label, icon, hint, columns, is_filled))
    return found


def document_of(sent: Mapping[str, str]) -> dict[str, Any]:
    """Return the document that the sent fields stand for; empty parts are left out."""
    languages: dict[str, Any] = {}
    for language in LANGUAGES:
        for kind in BODY_KINDS:
            parts = {part: _read(part, sent.get(f"{language}.{kind}.{part}", "")) for part in PARTS[kind]}
            if written := {part: value for part, value in parts.items() if value}:
                languages.setdefault(language, {})[kind] = written
    facts = []
    for number in range(MOST_FACTS):
        one = {part: sent.get(f"facts.{number}.{part}", "").strip() for part in FACT_PARTS}
        if one["code"]:
            kind = sent.get(f"facts.{number}.fact_kind", "text")
            facts.append(
                {part: value for part, value in one.items() if value} | ({} if kind == "text" else {"fact_kind": kind})
            )
    document: dict[str, Any] = {"languages": languages, "facts": facts}
    if "links_tracked" not in sent:
        document["links_tracked"] = False
    return document


def fact_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the sender's own facts, with two empty ones to add to."""
    empty: dict[str, Any] = dict.fromkeys(FACT_PARTS, "") | {"fact_kind": "text"}
    rows = [empty | one for one in document.get("facts", ())]
    return [row | {"number": number} for number, row in enumerate([*rows, empty, empty][:MOST_FACTS])]


def _inputs(document: Mapping[str, Any], language: str, kind: str) -> tuple[Input, ...]:
    body = document.get("languages", {}).get(language, {}).get(kind) or {}
    return tuple(Input(f"{language}.{kind}.{part}", part, _written(body.get(part, ""))) for part in PARTS[kind])


def _written(value: Any) -> str:
    """Return a value as it stands in a field: places of a registered text one a line, `name = text`."""
    if isinstance(value, Mapping):
        return "\n".join(f"{name} = {text}" for name, text in value.items())
    return str(value)


def _read(part: str, text: str) -> Any:
    if part != "values":
        return text.replace("\r\n", "\n").strip("\n") if part == "body" else text.strip()
    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
    return {name.strip(): value.strip() for name, _sign, value in pairs}
