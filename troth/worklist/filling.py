"""A call script with the facts of one customer and one task filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.activity import queries as activity
from troth.customers import queries as customers
from troth.customers.errors import CustomerNotFoundError
from troth.customers.models import Customer
from troth.insights import queries as insights
from troth.insights.errors import ScoreNotFoundError
from troth.staff import queries as staff

from . import liquid
from .kinds import kind_of
from .models import Task
from .scripts import text_of
from .working import member_of

ITEMS_NAMED = 3

FACTS: Mapping[str, Any] = {
    "customer.name": gettext_lazy("The customer's name"),
    "customer.family_name": gettext_lazy("The customer's family name"),
    "customer.given_name": gettext_lazy("The customer's given name"),
    "customer.salutation": gettext_lazy("How to address the customer: Ms Wang, 王女士"),
    "customer.city": gettext_lazy("City"),
    "customer.since": gettext_lazy("Customer since"),
    "value.band": gettext_lazy("Value band"),
    "value.status": gettext_lazy("Place in the life cycle"),
    "value.purchases": gettext_lazy("Number of purchases"),
    "value.revenue": gettext_lazy("What the customer paid so far"),
    "value.days_since": gettext_lazy("Days since the last purchase"),
    "order.number": gettext_lazy("Number of the last order"),
    "order.date": gettext_lazy("Day of the last order"),
    "order.amount": gettext_lazy("Amount of the last order"),
    "order.currency": gettext_lazy("Currency of the last order"),
    "order.store": gettext_lazy("Store of the last order"),
    "order.items": gettext_lazy("Up to three products of the last order"),
    "agent.name": gettext_lazy("Who makes the call"),
    "company.name": gettext_lazy("Our company's name"),
    "task.title": gettext_lazy("What the task is"),
    "today": gettext_lazy("Today"),
}
"""What a script may name; what the maker of a task knows besides stands under `facts`."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A script for one customer. text: plain; missing: facts it asks for that are not known; version: 0 for ours."""

    text: str
    missing: tuple[str, ...]
    version: int
    language: str


def fill(task: Task, *, actor: Actor, now: datetime, language: str = "") -> Filled | None:
    """Return the task's script with everything filled in, in the language given, else the customer's; None without one.

    Raises:
        ScriptRefusedError: the script cannot be filled in.
    """
    if not task.script:
        return None
    who = _customer(task)
    wanted = language or (who.language if who else "") or _company_language()
    found = text_of(task.script, wanted)
    if found is None:
        return None
    source, version = found
    return fill_text(source, customer=who, task=task, version=version, language=wanted, actor=actor, now=now)


def fill_text(
    source: str,
    *,
    customer: Customer | None,
    language: str,
    actor: Actor,
    now: datetime,
    task: Task | None = None,
    version: int = 0,
) -> Filled:
    """Return a source filled in for a customer: a task's script, or a draft that is tried.

    Raises:
        ScriptRefusedError: see `fill`.
    """
    with translation.override("zh-hans" if language.startswith("zh") else "en"):
        facts = facts_of(customer, task, actor=actor, now=now)
        text = liquid.rendered(source, facts)
    missing = sorted(path for path in liquid.variables(source) if not liquid.is_known(path, facts))
    return Filled(text, tuple(missing), version, language)


def facts_of(customer: Customer | None, task: Task | None, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what scripts may name, as plain values; names are masked for who may not see them."""
    company = staff.company()
    member = member_of(actor)
    facts: dict[str, Any] = {
        "company": {"name": company.name},
        "agent": {"name": member.name if member else actor.label},
        "today": company.today(now),
    }
    if task is not None:
        is_open = actor.may(Permission.CUSTOMERS_VIEW_PERSONAL)  # a title and the maker's facts may name a person
        facts["task"] = {"title": task.title if is_open else str(kind_of(task.task_kind))}
        facts["facts"] = dict(task.facts) if is_open else {}
    if customer is not None:
        facts["customer"] = _person(customer, actor)
        facts["value"] = _value(customer)
        facts["order"] = _order(customer)
    return facts


def unknown_facts(source: str) -> list[str]:
    """Return what a source names that no task could know; `facts.…` is the maker's own.

    Raises:
        ScriptRefusedError: the source cannot be read.
    """
    return sorted(path for path in liquid.variables(source) if path not in FACTS and not path.startswith("facts."))


def _customer(task: Task) -> Customer | None:
    try:
        return customers.customer(task.customer_id) if task.customer_id else None
    except CustomerNotFoundError:
        return None


def _company_language() -> str:
    company = staff.company_or_none()
    return company.language if company else "en"


def _person(customer: Customer, actor: Actor) -> dict[str, Any]:
    name, family, given = customer.name, customer.family_name, customer.given_name
    if not actor.may(Permission.CUSTOMERS_VIEW_PERSONAL):
        name, family, given = customers.mask_name(name) if name else "", "", ""
    return _known(
        name=name,
        family_name=family,
        given_name=given,
        salutation=_salutation(family, customer.gender) or name,
        city=customer.city if actor.may(Permission.CUSTOMERS_VIEW_PERSONAL) else "",
        since=customer.joined_date,
    )


def _salutation(family: str, gender: str) -> str:
    if not family:
        return ""
    forms = {"female": _("Ms %(family)s"), "male": _("Mr %(family)s")}
    return forms[gender] % {"family": family} if gender in forms else ""


def _value(customer: Customer) -> dict[str, Any]:
    try:
        score = insights.score(customer.id)
    except ScoreNotFoundError:
        return {}
    return _known(
        band=str(_label(score, "band")),
        status=str(_label(score, "status")),
        purchases=score.purchases,
        revenue=score.revenue,
        days_since=score.days_since_last_purchase,
    )


def _order(customer: Customer) -> dict[str, Any]:
    last = activity.orders(customers.record_ids(customer.id)).select_related("store").first()
    if last is None:
        return {}
    names = [line.name for line in activity.lines_of([last.id])[last.id] if line.name]
    return _known(
        number=last.external_id,
        date=last.order_date,
        amount=last.net_amount,
        currency=last.currency,
        store=last.store.name if last.store else "",
        items=names[:ITEMS_NAMED],
    )


def _label(row: Model, field: str) -> Any:
    return getattr(row, f"get_{field}_display")()


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}
