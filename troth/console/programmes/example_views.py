"""The live example beside the draft, and the search for a real order to try it on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.activity import queries as activity
from troth.activity.errors import OrderNotFoundError
from troth.activity.models import Order
from troth.console.customers.people import Faces, shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.kit.conditions.wording import Words
from troth.programs import queries as programs
from troth.programs.document.reading import read_document
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.errors import BasketRefusedError, DocumentInvalidError
from troth.programs.fields import customer_catalogue
from troth.programs.models import Programme
from troth.programs.naming import shown
from troth.programs.queries import Version
from troth.segments import queries as segments
from troth.staff import queries as staff

from . import example as examples
from .edit_text import clean
from .example import Earned, Example, ExampleRefusedError

FOUND = 8


@dataclass(frozen=True, slots=True)
class OrderHit:
    """A real order that can be tried."""

    order: Order
    name: str


@require_POST
@requires(Permission.PROGRAMS_VIEW)
def example(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Answer the editor: what the example's basket earns under the text as it stands, rule by rule."""
    programme = programs.programme(programme_id)
    context: dict[str, Any] = {"programme": programme}
    document = _document(clean(request.POST.get("text", "")))
    if document is None:
        return render(request, "console/programmes/example_result.html", context | {"is_wrong": True})
    version, now = _version(programme, document), utc_now()
    chosen = request.POST.get("pick", "")
    try:
        if chosen and request.actor.may(Permission.ORDERS_VIEW):
            found = examples.of_order(UUID(chosen), version.zone)
        else:
            found = examples.read(request.POST, now, version.zone)
        context |= result(programme, version, found, now)
    except (ExampleRefusedError, BasketRefusedError, OrderNotFoundError, ValueError) as error:
        return render(request, "console/programmes/example_result.html", context | {"refusal": str(error)})
    facts = _facts(request.actor, version, found)
    # The inputs are drawn anew only when what can be assumed has changed: whoever types keeps the focus.
    context |= facts | {"is_redrawn": bool(chosen) or request.POST.get("shape", "") != facts["shape"]}
    return render(request, "console/programmes/example_result.html", context)


def first(actor: Actor, programme: Programme, text: str) -> dict[str, Any]:
    """Return the example as a page begins with it."""
    document = _document(text)
    now = utc_now()
    context: dict[str, Any] = {"programme": programme, "stores": list(staff.stores()), "is_wrong": document is None}
    if document is None:
        return context | {"example": examples.default(now.astimezone()), "shape": ""}
    version = _version(programme, document)
    found = examples.default(now.astimezone(version.zone))
    return context | result(programme, version, found, now) | _facts(actor, version, found)


def result(programme: Programme, version: Version, found: Example, now: datetime) -> dict[str, Any]:
    """Return what the example brings under a version, and under the one in force beside it."""
    basket = examples.basket(found, version)
    brought: Earned = examples.earned(version, basket, examples.state(found, version, basket))
    context: dict[str, Any] = {"earned": brought}
    current = programs.version_at(programme.id, now)
    if current is not None:
        compared = examples.earned(current, basket, examples.state(found, current, basket))
        context |= {"current": current, "current_headline": compared.headline or "0"}
    return context


def _facts(actor: Actor, version: Version, found: Example) -> dict[str, Any]:
    """Return what the example's inputs offer: tiers, and what the rules ask of the customer."""
    document = version.compiled.document
    words = Words(customer_catalogue(), document.currency)
    questions = {key: words.comparison(one) for key, one in version.compiled.questions.items()}
    wanted = set(version.compiled.segments)
    tiers = [(tier.code, shown(tier.name)) for tier in (document.tiers.ladder if document.tiers else ())]
    context: dict[str, Any] = {
        "example": found,
        "currency": document.currency,
        "stores": list(staff.stores()),
        "tiers": tiers,
        "questions": questions,
        "segments": [(str(one.id), str(one)) for one in segments.segments() if str(one.id) in wanted],
        "asks_birthday": version.compiled.asks_birthday,
        "shape": "|".join([*(code for code, _name in tiers), *sorted(questions), *sorted(wanted)]),
    }
    if found.owner_id is not None:
        customer = customers.customer(found.owner_id)
        context["customer"] = customer
        context["customer_name"] = shown_name(customer, actor.may(Permission.CUSTOMERS_VIEW_PERSONAL))
    return context


def _document(text: str) -> ProgrammeDocument | None:
    try:
        return read_document(text)
    except DocumentInvalidError:
        return None


def _version(programme: Programme, document: ProgrammeDocument) -> Version:
    return programs.ready(
        document, version_id=programme.id, number=programme.version_number + 1, programme_id=programme.id
    )


@require_safe
@requires(Permission.PROGRAMS_VIEW, Permission.ORDERS_VIEW)
def orders(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Answer the search for a real order: by its number, or by whose it is; the latest ones for nothing typed."""
    wanted = request.GET.get("q", "").strip().replace("\x00", "")[:80]
    found = list(_orders(request.actor, wanted))
    people = {one.id: one for one in customers.customers_matching(
        customers.CustomerFilter(among=[order.owner_id for order in found])
    )}  # fmt: skip
    faces = Faces(request.actor, people)
    hits = [
        OrderHit(order, faces.name(people[order.owner_id]) if order.owner_id in people else _("Merged customer"))
        for order in found
    ]
    context = {"hits": hits, "wanted": wanted, "programme_id": programme_id}
    return render(request, "console/programmes/order_hits.html", context)


def _orders(actor: Actor, wanted: str) -> list[Order]:
    if not wanted:
        return list(activity.orders()[:FOUND])
    by_number = activity.orders_by_number(wanted)[:FOUND]
    if by_number:
        return by_number
    people = customers.find(wanted, limit=FOUND, sees_personal=actor.may(Permission.CUSTOMERS_VIEW_PERSONAL))
    return list(activity.orders([record for one in people for record in customers.record_ids(one.id)])[:FOUND])
