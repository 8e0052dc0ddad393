"""How an endpoint is made: who may use it, how it is documented, that a repeat does nothing twice."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial, wraps
from typing import Annotated, Any, Generic, Protocol, TypeVar

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from ninja import Body, Header, Router
from ninja.signature.utils import get_typed_signature
from ninja.utils import contribute_operation_args
from pydantic import BaseModel, StringConstraints

from troth.access import idempotency
from troth.access.actors import Actor
from troth.access.idempotency import Answer
from troth.access.permissions import Permission
from troth.kit.errors import TrothError
from troth.kit.gathering import Gatherer
from troth.kit.json_text import json_text
from troth.kit.turns import Turn
from troth.kit.warm import warm_connection

from .keys import ApiKeyBearer, ApiRequest
from .problems import refusal

View = Callable[..., Any]
Content = BaseModel | Mapping[str, Any]
"""A body: of a schema, or plain values that a test holds equal to one, where thousands of parts are sent at once."""

Item = TypeVar("Item", bound=BaseModel)
Item_contra = TypeVar("Item_contra", bound=BaseModel, contravariant=True)
READ_PROBLEMS = (401, 403, 404, 422, 429, 500, 503)
WRITE_PROBLEMS = (400, 401, 403, 404, 409, 411, 413, 415, 422, 429, 500, 503)
IdempotencyKey = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,255}$")]


class ParameterUnknownError(TrothError):
    """The query names a parameter that the address does not know: better refused than silently ignored."""

    code = "parameter_unknown"
    status = 422


class ParameterRepeatedError(TrothError):
    """The query names a parameter more than once: which of its values was meant cannot be told."""

    code = "parameter_repeated"
    status = 422


@dataclass(frozen=True, slots=True)
class Reply:
    """A write's answer with a status of its own, where one operation has several."""

    status: int
    body: Content


@dataclass(frozen=True, slots=True)
class BatchPart:
    """What became of a part of a batch: plain values of its `results`, and how many had which outcome."""

    results: Sequence[Mapping[str, Any]]
    counts: Mapping[str, int]


class GatheredView(Protocol[Item_contra]):
    """The function behind a gathered endpoint."""

    __name__: str

    def __call__(
        self, items: Sequence[Item_contra], /, *, actor: Actor, now: datetime
    ) -> Sequence[Content | Reply | TrothError]: ...


@dataclass(frozen=True, slots=True)
class _Call(Generic[Item]):
    """One call of a gathered endpoint."""

    name: idempotency.Named
    now: datetime
    item: Item


def reads(
    router: Router, path: str, *, scope: Permission, response: Any, method: str = "GET"
) -> Callable[[View], View]:
    """Make the decorated function an endpoint that changes nothing and needs the scope."""

    def decorate(view: View) -> View:
        known = _query_names(view)

        @wraps(view)
        def guarded(request: ApiRequest, **values: Any) -> Any:
            _refuse_wrong_query(request, known)
            return view(request, **values)

        problems = READ_PROBLEMS if method == "GET" else WRITE_PROBLEMS
        _add(router, f"{method} {path}", guarded, scope=scope, responses={200: response}, problems=problems)
        return view

    return decorate


def writes(
    router: Router,
    method: str,
    path: str,
    *,
    scope: Permission,
    response: Any = None,
    status: int = 200,
    other_statuses: Iterable[int] = (),
) -> Callable[[View], View]:
    """Make the decorated function an endpoint that changes something, once per Idempotency-Key.

    The function returns the body (a schema), None for an empty answer, or a `Reply` of one of other_statuses.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def named(request: ApiRequest, idempotency_key: str, **values: Any) -> HttpResponse:
            _refuse_wrong_query(request, frozenset())
            answer = idempotency.perform_once(
                actor=request.auth,
                key=idempotency_key,
                payload=_payload(request),
                now=request.now,
                operation=lambda: _answer(view(request, **values), status),
            )
            return _response(answer)

        _take_key(named)
        responses = dict.fromkeys([status, *other_statuses], response)
        _add(router, f"{method} {path}", named, scope=scope, responses=responses, problems=WRITE_PROBLEMS)
        return view

    return decorate


def writes_in_parts(router: Router, path: str, *, scope: Permission, response: Any) -> Callable[[View], View]:
    """Make the decorated function a POST endpoint that records a batch in short transactions, one after the other.

    The function returns, for each part of the batch, what does it and returns a `BatchPart`. All of it happens once per
    Idempotency-Key, however often a call was interrupted and sent again. Answers as {"results": …, "counts": …}.
    """

    def decorate(view: View) -> View:
        turn = Turn()

        @wraps(view)
        def named(request: ApiRequest, idempotency_key: str, **values: Any) -> HttpResponse:
            _refuse_wrong_query(request, frozenset())
            answers = idempotency.perform_in_parts_once(
                actor=request.auth,
                key=idempotency_key,
                payload=_payload(request),
                now=request.now,
                parts=[partial(_part_answer, part) for part in view(request, **values)],
                around=lambda: _alone(turn),
            )
            return _response(_whole(answers))

        _take_key(named)
        _add(router, f"POST {path}", named, scope=scope, responses={200: response}, problems=WRITE_PROBLEMS)
        return view

    return decorate


@contextmanager
def _alone(turn: Turn) -> Iterator[None]:
    """Take the turn first, the connection then: whoever waits for the turn would keep a warm one from being used."""
    with turn.taken(), warm_connection():
        yield


def _part_answer(perform: Callable[[], BatchPart]) -> Answer:
    """Do a part of a batch; its counts are kept on a line before its results, which are most of it."""
    done = perform()
    return Answer(200, f"{json_text(dict(done.counts))}\n{json_text(done.results)[1:-1]}")


def _whole(parts: Sequence[Answer]) -> Answer:
    """Return the answer of a batch, put together from those of its parts as they are."""
    counts: Counter[str] = Counter()
    results = []
    for part in parts:
        counted, _line, text = part.text.partition("\n")
        counts.update(json.loads(counted))
        results.append(text)
    text = f'{{"results":[{",".join(results)}],"counts":{json_text(dict(counts))}}}'
    return Answer(200, text, is_repeat=all(part.is_repeat for part in parts))


def writes_gathered(
    router: Router,
    path: str,
    *,
    scope: Permission,
    item: type[Item],
    response: Any,
    status: int = 201,
    other_statuses: Iterable[int] = (),
) -> Callable[[GatheredView[Item]], GatheredView[Item]]:
    """Make the decorated function a POST endpoint whose calls are gathered for a moment and written together.

    The function takes the bodies of several calls of one actor, in their order, and returns for each its answer
    or the refusal of one that changed nothing, exactly as if it had taken them one by one. Each caller gets its
    own; what it sent under an Idempotency-Key happens once. If a batch fails as a whole, each is done alone.
    """

    def decorate(view: GatheredView[Item]) -> GatheredView[Item]:
        def perform(calls: Sequence[_Call[Item]]) -> list[Answer | TrothError]:
            with warm_connection():
                return _perform_calls(view, calls, status)

        # A refusal is put into words where it is made, so a batch speaks one language.
        gatherers: dict[str, Gatherer[_Call[Item], Answer]] = {}

        def named(request: ApiRequest, **values: Any) -> HttpResponse:
            _refuse_wrong_query(request, frozenset())
            name = idempotency.Named(request.auth, values["idempotency_key"], _payload(request))
            gatherer = gatherers.setdefault(translation.get_language() or "", Gatherer(perform))
            return _response(gatherer.submit(_Call(name, request.now, values["item"])))

        named.__name__, named.__doc__ = view.__name__, view.__doc__
        body: Any = Body(...)  # type: ignore[type-arg]  # generic in the stubs only
        contribute_operation_args(named, "item", item, body)
        _take_key(named)
        responses = dict.fromkeys([status, *other_statuses], response)
        _add(router, f"POST {path}", named, scope=scope, responses=responses, problems=WRITE_PROBLEMS)
        return view

    return decorate


def _perform_calls(view: GatheredView[Item], calls: Sequence[_Call[Item]], status: int) -> list[Answer | TrothError]:
    """Do calls in one transaction. They came within milliseconds, so the last one's moment is that of all."""
    now = max(call.now for call in calls)

    def perform(places: Sequence[int]) -> list[Answer | TrothError]:
        outcomes: dict[int, Answer | TrothError] = {}
        for actor, own in _by_actor(places, calls).items():
            results = view([calls[place].item for place in own], actor=actor, now=now)
            for place, result in zip(own, results, strict=True):
                outcomes[place] = result if isinstance(result, TrothError) else _answer(result, status)
        return [outcomes[place] for place in places]

    return idempotency.perform_many_once([call.name for call in calls], now=now, perform=perform)


def _by_actor(places: Iterable[int], calls: Sequence[_Call[Item]]) -> dict[Actor, list[int]]:
    found: dict[Actor, list[int]] = {}
    for place in places:
        found.setdefault(calls[place].name.actor, []).append(place)
    return found


def _take_key(view: View) -> None:
    header: Any = Header(  # type: ignore[type-arg]  # generic in the stubs only
        ...,
        alias="Idempotency-Key",
        description="Your name for this request, 1 to 255 visible ASCII characters, for example a UUID. "
        "The same key with the same request gives the first answer again; nothing happens twice.",
    )
    contribute_operation_args(view, "idempotency_key", IdempotencyKey, header)


def _add(
    router: Router,
    address: str,
    view: View,
    *,
    scope: Permission,
    responses: dict[int, Any],
    problems: Iterable[int],
) -> None:
    method, _space, path = address.partition(" ")
    summary, _blank, rest = (view.__doc__ or "").strip().partition("\n")
    description = "\n".join(line.strip() for line in rest.strip().splitlines())
    router.add_api_operation(
        path,
        [method],
        view,
        auth=ApiKeyBearer(scope),
        response=responses,
        operation_id=view.__name__,
        summary=summary.rstrip("."),
        description=f"{description}\n\nScope: `{scope.value}`.".strip(),
        openapi_extra={"x-scope": scope.value, "responses": {status: refusal(status) for status in problems}},
    )


def _query_names(view: View) -> frozenset[str]:
    """Return what the view may take from the query: its own parameters and the fields of its schemas."""
    names: set[str] = set()
    for parameter in get_typed_signature(view).parameters.values():
        annotation = getattr(parameter.annotation, "__origin__", parameter.annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            names |= annotation.model_fields.keys()
        else:
            names.add(parameter.name)
    return frozenset(names)


def _refuse_wrong_query(request: ApiRequest, known: frozenset[str]) -> None:
    for name in request.GET:
        if name not in known:
            text = _("This address does not know the parameter “%(name)s”.")
            raise ParameterUnknownError(text % {"name": name[:60]}, field=name[:60])
        if len(request.GET.getlist(name)) > 1:
            text = _("The parameter “%(name)s” is given more than once; give it once.")
            raise ParameterRepeatedError(text % {"name": name}, field=name)


def _payload(request: ApiRequest) -> dict[str, Any]:
    """Return what the request asks for, as far as it names an operation."""
    # Read already where the view takes one; a batch of a thousand orders takes milliseconds to read again.
    body = getattr(request, "parsed_body", None)
    if body is None and request.body:
        body = json.loads(request.body)
    return {"method": request.method, "address": request.get_full_path(), "body": body}


def _answer(result: Content | Reply | None, status: int) -> Answer:
    if isinstance(result, Reply):
        status, result = result.status, result.body
    if result is None:
        return Answer(status, "")
    return Answer(status, result.model_dump_json() if isinstance(result, BaseModel) else json_text(result))


def _response(answer: Answer) -> HttpResponse:
    headers = {"Idempotency-Replayed": "true"} if answer.is_repeat else {}
    if not answer.text:
        return HttpResponse(status=answer.status, headers=headers)
    return HttpResponse(answer.text, status=answer.status, headers=headers, content_type="application/json")
