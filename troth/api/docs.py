"""The documentation page: the OpenAPI document as people read it, drawn on the server, without a script."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.module_loading import autodiscover_modules
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from troth.kit.errors import TrothError

from .v1 import api

MAX_DEPTH = 3
THEME_COOKIE = "troth_theme"  # the console's
SAMPLES = {
    "uuid": "0199f3a2-7c1e-7d5b-9a44-2f6f0c1d8e21",
    "date-time": "2026-11-21T09:30:00+08:00",
    "date": "2026-11-21",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A value: where it stands, what it is, whether it must be there, what it means."""

    name: str
    depth: int
    type: str
    is_required: bool
    description: SafeString
    place: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: status, what it means, its fields."""

    status: str
    description: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation, as the page shows it."""

    name: str
    method: str
    path: str
    summary: str
    paragraphs: list[SafeString]
    scope: str
    parameters: list[Row]
    body: list[Row]
    answers: list[Answer]
    refusals: list[str]
    example: str


@dataclass(slots=True)
class Chapter:
    """The operations of one kind of thing."""

    tag: str
    title: str
    endpoints: list[Endpoint] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return self.tag.lower()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A problem that the API may answer with."""

    code: str
    status: int
    meaning: str


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show every address, field and problem; names and values are for programs and stay as they are."""
    language = _language(request)
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    info = document(language)["info"]
    context = {
        "chapters": chapters(language),
        "refusals": refusals(language),
        "limits": _limits(),
        "info": info,
        "introduction": _paragraphs(info["description"]),
        "theme": chosen if chosen in ("light", "dark") else "auto",
        "language": language,
        "languages": [one for one in settings.LANGUAGES if one[0] != language],
    }
    with translation.override(language):
        return render(request, "api/docs.html", context)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Give the OpenAPI document, its titles and descriptions of operations in the language asked for."""
    language = _language(request)
    response = JsonResponse(document(language), json_dumps_params={"ensure_ascii": False})
    response.headers["Content-Language"] = language
    return response


def _language(request: HttpRequest) -> str:
    """Return the language of ?language=, else of Accept-Language."""
    asked = request.GET.get("language", "").lower()
    known = dict(settings.LANGUAGES)
    return asked if asked in known else next((one for one in known if one == translation.get_language()), "en")


@cache
def chapters(language: str = "en") -> list[Chapter]:
    """Return the operations by kind of thing, in the order in which the API names them."""
    whole = document(language)
    found: dict[str, Chapter] = {}
    for path, operations in whole["paths"].items():
        for method, operation in operations.items():
            tag = operation["tags"][0]
            chapter = found.setdefault(tag, Chapter(tag, _in(language, tag)))
            chapter.endpoints.append(_endpoint(method, path, operation, whole))
    return list(found.values())


@cache
def refusals(language: str = "en") -> list[Refusal]:
    """Return every problem by status and code: those of the modules, and those of HTTP itself."""
    return [Refusal(one.code, one.status, _in(language, one.meaning)) for one in _refusals()]


def _refusals() -> list[Refusal]:
    autodiscover_modules("errors")  # a part that nobody has used yet is loaded late
    from_modules = {
        kind.code: Refusal(kind.code, kind.status, _first_line(kind.__doc__))
        for kind in _subclasses(TrothError)
        if "code" in vars(kind) and kind.__module__.startswith("troth.") and ".tests" not in kind.__module__
    }
    own = [
        Refusal("bad_request", 400, "The request cannot be read as JSON."),
        Refusal("key_missing", 401, "There is no API key in the Authorization header."),
        Refusal("not_found", 404, "There is nothing at this address."),
        Refusal("method_not_allowed", 405, "The address does not know the method; Allow names those it knows."),
        Refusal("too_large", 413, "The request is larger than allowed."),
        Refusal("length_required", 411, "The body is sent in chunks, without a Content-Length."),
        Refusal("media_type_unsupported", 415, "The body is not sent as application/json."),
        Refusal("validation_failed", 422, "Values do not fit the schema; errors names each with its place."),
        Refusal("internal_error", 500, "Something failed on our side; nothing was changed."),
        Refusal("busy", 503, "The database is busy; Retry-After says when to try again."),
    ]
    listed = from_modules | {one.code: one for one in own}
    return sorted(listed.values(), key=lambda one: (one.status, one.code))


def _limits() -> dict[str, int]:
    return {"per_minute": settings.API_REQUESTS_PER_MINUTE, "megabytes": settings.API_MAX_BYTES // 2**20}


@cache
def document(language: str = "en") -> dict[str, Any]:
    """Return the OpenAPI document; in another language than English, all that it says to people is translated."""
    raw: dict[str, Any] = json.loads(_plain())
    for holder, key in _said(raw):
        holder[key] = "\n\n".join(_in(language, part) for part in paragraphs(holder[key]))
    for holder in (*_asked(raw), *_answered(raw)):
        holder["description"] = _in(language, " ".join(holder["description"].split()))
    return raw


@cache
def _plain() -> str:
    """Return the document as ninja writes it, as JSON: putting it together takes seconds, so it is done once."""
    with translation.override("en"):
        return json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str)


def texts() -> list[str]:
    """Return what the document says of the API and its operations, once each: what `texts.py` has translated."""
    raw: dict[str, Any] = json.loads(_plain())
    tags = [operation["tags"][0] for operations in raw["paths"].values() for operation in operations.values()]
    said = [part for holder, key in _said(raw) for part in paragraphs(holder[key])]
    return sorted(text for text in {*tags, *said} if not text.startswith("Scope: "))


def meanings() -> dict[str, list[str]]:
    """Return what fields and problems mean, once each: of what is asked, of what is only answered, of problems."""
    raw: dict[str, Any] = json.loads(_plain())
    asked = {" ".join(one["description"].split()) for one in _asked(raw)}
    answered = {" ".join(one["description"].split()) for one in _answered(raw)} - asked
    problems = {one.meaning for one in _refusals()} - asked - answered
    return {"asked": sorted(asked), "answered": sorted(answered), "problems": sorted(problems)}


def _asked(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the described parameters, and the described fields of what may be sent."""
    operations = [operation for path in raw["paths"].values() for operation in path.values()]
    yield from (one for operation in operations for one in operation["parameters"] if one.get("description"))
    for name in sorted(_sent(raw, operations)):
        yield from _described(raw["components"]["schemas"][name])


def _answered(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the described fields of what is only answered."""
    operations = [operation for path in raw["paths"].values() for operation in path.values()]
    sent = _sent(raw, operations)
    for name, schema in raw["components"]["schemas"].items():
        if name not in sent:
            yield from _described(schema)


def _described(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in schema.get("properties", {}).values() if one.get("description")]


def _sent(raw: dict[str, Any], operations: list[dict[str, Any]]) -> set[str]:
    """Return the names of the schemas of bodies, and of all that stands in them."""
    found: set[str] = set()
    left = _references([operation.get("requestBody", {}) for operation in operations])
    while left:
        found |= left
        left = _references([raw["components"]["schemas"][name] for name in left]) - found
    return found


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].rsplit("/", 1)[-1]} if "$ref" in node else set()
        return own.union(*(_references(inner) for inner in node.values()))
    return set().union(*(_references(inner) for inner in node)) if isinstance(node, list) else set()


def _said(raw: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield where the document says something of itself and of its operations."""
    yield from ((raw["info"], key) for key in ("title", "description"))
    for operations in raw["paths"].values():
        for operation in operations.values():
            yield from ((operation, key) for key in ("summary", "description"))


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, each in one line."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def _in(language: str, text: str) -> str:
    if text.startswith("Scope: "):
        return text
    with translation.override(language):
        return translation.gettext(text)


def _endpoint(method: str, path: str, operation: dict[str, Any], document: dict[str, Any]) -> Endpoint:
    description, _mark, _scope = operation["description"].rpartition("Scope:")
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    good = {status: one for status, one in operation["responses"].items() if int(status) < 400}
    return Endpoint(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        paragraphs=_paragraphs(description),
        scope=operation["x-scope"],
        parameters=[_parameter(one, document) for one in operation["parameters"]],
        body=list(_rows(body, document)) if body else [],
        answers=[_answer(status, one, document) for status, one in good.items()],
        refusals=[status for status in operation["responses"] if status not in good],
        example=_example(method.upper(), path, operation, document),
    )


def _paragraphs(text: str) -> list[SafeString]:
    """Return paragraphs as HTML, with `code` between backticks."""
    return [_with_code(part) for part in paragraphs(text)]


def _with_code(text: str) -> SafeString:
    return format_html_join("", "{}", ((_bit(n, bit),) for n, bit in enumerate(text.split("`"))))


def _bit(number: int, text: str) -> str:
    return format_html("<code>{}</code>", text) if number % 2 else text


def _parameter(parameter: dict[str, Any], document: dict[str, Any]) -> Row:
    return Row(
        name=parameter["name"],
        depth=0,
        type=_type(parameter["schema"], document),
        is_required=parameter["required"],
        description=_with_code(parameter.get("description", "")),
        place=parameter["in"],
    )


def _answer(status: str, response: dict[str, Any], document: dict[str, Any]) -> Answer:
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    return Answer(status, response["description"], list(_rows(schema, document)) if schema else [])


def _rows(schema: dict[str, Any], document: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[Row]:
    """Yield the fields of an object and of the objects in it, in their order."""
    shape = _resolved(schema, document)
    if shape.get("type") == "array":
        yield from _rows(shape["items"], document, f"{prefix}[]", depth)
        return
    for name, inner in shape.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        is_required = name in shape.get("required", [])
        yield Row(path, depth, _type(inner, document), is_required, _with_code(inner.get("description", "")))
        if depth < MAX_DEPTH:
            yield from _rows(inner, document, path, depth + 1)


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return the shape behind references and behind "or null"."""
    if reference := schema.get("$ref"):
        named: dict[str, Any] = document["components"]["schemas"][reference.rsplit("/", 1)[-1]]
        return _resolved(named, document)
    kept = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return _resolved(kept[0], document) if len(kept) == 1 else schema


def _type(schema: dict[str, Any], document: dict[str, Any]) -> str:
    if options := schema.get("anyOf"):
        return " or ".join(dict.fromkeys(_type(one, document) for one in options))
    shape = _resolved(schema, document)
    if allowed := shape.get("enum", [shape["const"]] if "const" in shape else []):
        return " | ".join(json.dumps(one, ensure_ascii=False) for one in allowed)
    if shape.get("type") == "array":
        return f"list of {_type(shape['items'], document)}"
    return str(shape.get("format") or shape.get("type") or "any value")


def _example(method: str, path: str, operation: dict[str, Any], document: dict[str, Any]) -> str:
    """Return a command to try the operation with: its required values only."""
    lines = [f"curl -X {method} https://HOST{path}", "-H 'Authorization: Bearer troth_…'"]
    if any(one["name"] == "Idempotency-Key" for one in operation["parameters"]):
        lines.append("-H 'Idempotency-Key: 7f9c2ba4-e88f-4d1c-a5f0-8a1b7c3d2e6f'")
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body:
        text = json.dumps(_sample(body, document), ensure_ascii=False, indent=2)
        lines += ["-H 'Content-Type: application/json'", f"-d '{text}'"]
    return " \\\n  ".join(lines)


def _sample(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Return the schema's own example, in the order of its fields, or the least that it asks for."""
    shape = _resolved(schema, document)
    fields = shape.get("properties", {})
    if examples := shape.get("examples"):
        return {name: examples[0][name] for name in fields if name in examples[0]}
    if shape.get("type") == "object":
        return {name: _sample(fields[name], document) for name in shape.get("required", [])}
    if shape.get("type") == "array":
        return [_sample(shape["items"], document)]
    plain = {"integer": shape.get("minimum", 1), "boolean": True}
    text = SAMPLES.get(shape.get("format", ""), _text_sample(shape.get("pattern", "")))
    return shape.get("enum", [plain.get(shape.get("type", ""), text)])[0]


def _text_sample(pattern: str) -> str:
    return {"^[A-Z]{3}$": "CNY"}.get(pattern, "12.50" if "\\d" in pattern else "…")


def _subclasses(kind: type[TrothError]) -> Iterable[type[TrothError]]:
    """What the API can answer; what screens, public pages and commands refuse it never does, loaded or not."""
    for one in kind.__subclasses__():
        if not one.__module__.startswith(("troth.console.", "troth.portal.", "troth.cli.")):
            yield one
        yield from _subclasses(one)


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
