"""Every refusal of the API in one form: RFC 9457 problem details."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, Field

from troth.kit.errors import TrothError

from .validation import sentence

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
_SCHEMAS = "#/components/schemas/"


class FieldProblem(BaseModel):
    """One value of the request that breaks its rule."""

    location: str = Field(description="Where the value stands: body, query, path or header.")
    pointer: str = Field(description="JSON pointer into the body, or the name of the parameter.")
    code: str = Field(description="Name of the broken rule.")
    detail: str = Field(description="What is wrong.")


class Problem(BaseModel):
    """Why a request was refused (RFC 9457). A refused request changed nothing."""

    type: str = Field(description="Address of the problem's explanation, stable per code.")
    title: str = Field(description="The problem in general, the same for every occurrence.")
    status: int = Field(description="HTTP status, as in the status line.")
    detail: str = Field(description="This occurrence: field, value and the way out, in the language asked for.")
    code: str = Field(description="Stable name of the problem, for programs.")
    fields: dict[str, Any] = Field(default_factory=dict, description="Machine-readable details of this occurrence.")
    errors: list[FieldProblem] = Field(
        default_factory=list, description="The values that break a rule, for code validation_failed."
    )


class RateLimitedError(TrothError):
    """The key asked more often than its limit allows."""

    code = "rate_limited"
    status = 429

    def __init__(self, wait_seconds: int, per_minute: int) -> None:
        text = _("This key may ask %(limit)s times a minute. Try again in %(seconds)s seconds.")
        super().__init__(
            text % {"limit": per_minute, "seconds": wait_seconds},
            retry_after_seconds=wait_seconds,
            limit_per_minute=per_minute,
        )


class CursorInvalidError(TrothError):
    """The cursor does not come from the list it is used on."""

    code = "cursor_invalid"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("The cursor is not one of this list. Start again without a cursor."), field="cursor")


def refusal(status: int) -> dict[str, Any]:
    """Return how the OpenAPI document describes a refusal of an operation.

    Said here and not as ninja's response: ninja would build a model for each operation and status, a thousand of them.
    """
    said: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}Problem"}}},
    }
    if status in {429, 503}:
        wait = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        said["headers"] = {"Retry-After": wait}
    return said


def problem_schemas() -> dict[str, Any]:
    """Return the schemas that `refusal` refers to, by name."""
    schema = Problem.model_json_schema(ref_template=_SCHEMAS + "{model}", mode="serialization")
    return {**schema.pop("$defs"), "Problem": schema}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    fields: Mapping[str, Any] | None = None,
    errors: Iterable[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a response that says why the request was refused."""
    body = Problem(
        type=f"/api/v1/docs#problem-{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        fields=dict(fields or {}),
        errors=list(errors),
    )
    response = HttpResponse(
        json.dumps(body.model_dump(), cls=DjangoJSONEncoder), status=status, content_type=MEDIA_TYPE
    )
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def of_error(error: TrothError) -> HttpResponse:
    """Return the response to a refusal by one of our modules."""
    headers = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if wait := error.fields.get("retry_after_seconds"):
        headers["Retry-After"] = str(wait)
    return problem(error.status, error.code, str(error), fields=error.fields, headers=headers)


def of_status(status: int) -> HttpResponse:
    """Return the problem of a bare HTTP status, for answers that were made outside the API's own code."""
    texts = {
        400: ("bad_request", _("The request cannot be read. Send JSON as docs/api.md shows.")),
        401: ("key_missing", _("Send an API key: Authorization: Bearer troth_…")),
        403: ("forbidden", _("This is not allowed.")),
        404: ("not_found", _("There is nothing at this address.")),
        405: ("method_not_allowed", _("This address does not know that method; Allow names those it knows.")),
        411: ("length_required", _("Send the body with its length (Content-Length), not in chunks.")),
        413: (
            "too_large",
            _("The request is larger than %s bytes. Send less at a time.") % settings.API_MAX_BYTES,
        ),
        415: ("media_type_unsupported", _("Send the body as application/json.")),
        500: ("internal_error", _("Something failed on our side. It was noted; nothing was changed.")),
        503: ("busy", _("The database is busy. Try again in a few seconds.")),
    }
    code, detail = texts.get(status, (f"http_{status}", HTTPStatus(status).phrase))
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_SECONDS)
    return problem(status, code, str(detail), headers=headers)


def of_validation(error: ValidationError) -> HttpResponse:
    """Return the response to values that do not fit the schema; the values themselves are not echoed."""
    errors = [_field_problem(raw) for raw in error.errors]
    detail = "; ".join(f"{one.pointer or one.location}: {one.detail}" for one in errors[:3])
    return problem(422, "validation_failed", detail, errors=errors[:100])


def _field_problem(raw: dict[str, Any]) -> FieldProblem:
    location, *path = (str(part) for part in raw["loc"])
    # In a body, the first part is the view's own argument.
    pointer = "".join(f"/{part}" for part in path[1:]) if location == "body" else "".join(path[-1:])
    return FieldProblem(
        location=location,
        pointer=_printable(pointer),
        code=str(raw["type"]),
        detail=_printable(sentence(str(raw["type"]), str(raw["msg"]), raw.get("ctx", {}))),
    )


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()[:300]


def add_handlers(api: NinjaAPI) -> None:
    """Answer every kind of exception with a problem; what is left over becomes one in the middleware."""
    api.add_exception_handler(TrothError, lambda request, error: of_error(_one(error)))
    api.add_exception_handler(ValidationError, lambda request, error: of_validation(_one(error)))
    api.add_exception_handler(AuthenticationError, lambda request, error: of_status(401))
    api.add_exception_handler(HttpError, lambda request, error: _of_http(_one(error)))
    api.add_exception_handler(Http404, lambda request, error: of_status(404))
    api.add_exception_handler(RequestDataTooBig, lambda request, error: of_status(413))
    api.add_exception_handler(OperationalError, _busy_or_broken)
    api.add_exception_handler(Exception, _reraised)


def _one(error: Any) -> Any:
    """ninja types handlers as taking a class or an instance; they get instances."""
    return error


def _of_http(error: HttpError) -> HttpResponse:
    """ninja calls every body that cannot be read the same; where our parser said why, that is the answer."""
    cause = error.__cause__
    return of_error(cause) if isinstance(cause, TrothError) else of_status(error.status_code)


def _busy_or_broken(request: HttpRequest, error: Any) -> HttpResponse:
    """Locks waited for in vain may be free in a moment; other failures of the database are ours to see."""
    cause = str(error)
    if "locked" in cause or "deadlock" in cause or "lock timeout" in cause or "could not serialize" in cause:
        return of_status(503)
    raise error


def _reraised(request: HttpRequest, error: Any) -> HttpResponse:
    """Let Django log it and answer 500; the middleware turns that answer into a problem."""
    raise error
