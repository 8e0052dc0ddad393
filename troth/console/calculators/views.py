"""The calculators, one page each: a form whose address can be shared, and what its figures mean."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Tab
from troth.console.guard import ConsoleRequest, requires

from . import attrition, lifetime, referral, retention
from . import own as owned
from . import rules as tested
from .answer import Answer
from .asking import Asked, Origin, ask
from .own import Own


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def retention_page(request: ConsoleRequest) -> HttpResponse:
    """What keeping customers is worth."""
    own = owned.load()
    asked = ask(retention.RetentionForm, request.GET, own=own.retention_form())
    found = retention.answer(asked.data, own.money) if asked.data else None
    own_note = [own.measured_on(), _interval(own), own.report.margin_note if own.report else ""]
    return _page(request, "retention", asked, found, own_note if asked.origin != Origin.GIVEN else [])


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def attrition_page(request: ConsoleRequest) -> HttpResponse:
    """What losing more customers of one band costs."""
    own = owned.load()
    asked = ask(attrition.AttritionForm, request.GET, own=own.attrition_form(), example=attrition.example())
    is_measure = asked.origin == Origin.EXAMPLE
    found = attrition.answer(asked.data, own.money, is_measure=is_measure) if asked.data else None
    return _page(request, "attrition", asked, found, _attrition_notes(own, asked.origin))


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def referral_page(request: ConsoleRequest) -> HttpResponse:
    """How customers multiply by introductions."""
    own = owned.load()
    asked = ask(referral.ReferralForm, request.GET, own=own.referral_form(), example=referral.EXAMPLE)
    found = referral.answer(asked.data) if asked.data else None
    case = _("The worked case: four introductions each, half of them buy, so the new customers double each round.")
    notes = {
        Origin.EXAMPLE: [case, "" if own.brought else own.introduced()],
        Origin.OWN: [own.introduced()],
    }
    return _page(request, "referral", asked, found, notes.get(asked.origin, []))


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def lifetime_page(request: ConsoleRequest) -> HttpResponse:
    """Lifetime value by the plain formula."""
    own = owned.load()
    asked = ask(lifetime.LifetimeForm, request.GET, example=lifetime.example())
    found = lifetime.answer(asked.data, own.money) if asked.data else None
    case = _("The worked case: a design studio's customer who costs 850 to win and brings others over five years.")
    notes = [case if asked.origin == Origin.EXAMPLE else "", _expected(own)]
    return _page(request, "lifetime", asked, found, notes)


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def rules_page(request: ConsoleRequest) -> HttpResponse:
    """Rules of thumb beside the company's own figures."""
    context = {"rules": tested.rules(owned.load()), "tabs": _tabs("rules")}
    return render(request, "console/calculators/rules.html", context)


def _page(
    request: ConsoleRequest, name: str, asked: Asked[Any], found: Answer | None, notes: Sequence[str]
) -> HttpResponse:
    context = {
        "form": asked.form,
        "answer": found,
        "is_given": asked.origin == Origin.GIVEN,
        "has_example": name in {"attrition", "referral"} and asked.origin != Origin.EXAMPLE,
        "is_refused": asked.form.is_bound and found is None,
        "notes": [note for note in notes if note],
        "tabs": _tabs(name),
        "own_url": reverse(f"calculators:{name}"),
    }
    return render(request, f"console/calculators/{name}.html", context)


def _tabs(active: str) -> list[Tab]:
    names = {
        "retention": _("Retention"),
        "attrition": _("Attrition table"),
        "referral": _("Referral"),
        "lifetime": _("Lifetime value"),
        "rules": _("Rules of thumb"),
    }
    return [Tab(label, reverse(f"calculators:{name}"), is_active=name == active) for name, label in names.items()]


def _interval(own: Own) -> str:
    row = own.retention
    if row is None or row["gain_low"] is None:
        return ""
    return _("Five points more earn %(gain)s a customer; 95%% interval %(low)s to %(high)s.") % {
        "gain": own.money.exact(row["gain"]),
        "low": own.money.exact(row["gain_low"]),
        "high": own.money.exact(row["gain_high"]),
    }


def _attrition_notes(own: Own, origin: Origin) -> list[str]:
    if origin == Origin.EXAMPLE:
        return [_("The worked case: 10,000 active customers in five bands; one band at a time loses five points more.")]
    if origin == Origin.GIVEN or own.report is None:
        return []
    bands = _("Your own bands, as in the pyramid of %(day)s.") % {"day": formats.day(own.report.run.as_of_date)}
    if own.retention is None:
        churn = _("Your own churn is not known yet; write what you suppose.")
    else:
        churn = _("In each band stands the churn of all your customers: that of one band alone is not known yet.")
    return [bands, churn, own.report.margin_note]


def _expected(own: Own) -> str:
    """Say what the models expect, beside the plain formula."""
    facts = own.report.facts("potential_curve") if own.report else {}
    layers = own.report.rows("value_layers") if own.report else []
    count = sum(row["customers"] for row in layers)
    if not facts.get("customers") or not count:
        return _("What the models expect of your customers is not known yet: a longer past of orders is needed.")
    made = sum(float(row["made"]) for row in layers) / count
    return _("Your own customers have brought %(made)s of profit a head so far; the models expect %(mean)s more in the"
             " coming %(months)s months.") % {
        "made": own.money.exact(made), "mean": own.money.exact(facts["mean"]), "months": facts["months"],
    }  # fmt: skip
