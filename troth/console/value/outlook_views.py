"""Loyalty, the value to come, and the models behind both: one page each."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires

from . import (
    actions,
    brought,
    churn_cards,
    expected,
    freshness,
    loyalty,
    model_cards,
    model_words,
    movement,
    net,
    product_cards,
    quarters,
    referral_cards,
    report,
)
from .report import Report

LOYALTY_FRAMES = (
    "index_histogram",
    "loyalty_types",
    "quadrant",
    "quadrant_sample",
    "ladder",
    "prospects",
    "model_trials",
)
EXPECTED_FRAMES = ("value_layers", "potential_curve", "actions", "reward_costs", "influence", "model_trials")
MODEL_FRAMES = ("model_trials", "model_tenths", "model_tracking")


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def loyalty_page(request: ConsoleRequest) -> HttpResponse:
    """Show how loyal customers are, by type, against value, and on the ladder."""
    found, context = _loaded(request, LOYALTY_FRAMES)
    if found and context["is_measured"]:
        context |= {
            "figures": loyalty.figures(found),
            "missing": loyalty.missing(found),
            "index": loyalty.index_card(found),
            "types": loyalty.type_map(found),
            "holds": loyalty.holds(found),
            "quadrant": quarters.card(found, request.actor),
            "quarters": quarters.summaries(found),
            "ladder": movement.ladder(found),
        }
    return render(request, "console/value/loyalty.html", context)


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def expected_page(request: ConsoleRequest) -> HttpResponse:
    """Show what customers are expected to bring, and what to do next."""
    found, context = _loaded(request, EXPECTED_FRAMES)
    if found and context["is_fitted"]:
        context |= {
            "figures": expected.figures(found),
            "layers": expected.layers(found),
            "brought": brought.table(found, request.actor),
            "brought_note": brought.note(found),
            "net": net.table(found) if net.is_known(found) else None,
            "net_note": net.note(found) if net.is_known(found) else "",
            "concentration": expected.concentration(found),
            "spread": expected.spread(found),
            "people": expected.people(found, request.actor),
            "actions": actions.card(found),
            "at_stake": actions.people(found, request.actor),
        }
    return render(request, "console/value/expected.html", context)


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def models_page(request: ConsoleRequest) -> HttpResponse:
    """Show which models are in use, why, and how they do."""
    found, context = _loaded(request, MODEL_FRAMES)
    if found and context["is_fitted"]:
        context |= {
            "verdict": model_words.verdict(found),
            "spend": model_words.spend_verdict(found),
            "sentences": model_words.sentences(found),
            "health": model_cards.health(found),
            "params": model_cards.params(found),
            "tracking": model_cards.tracking(found),
            "tenths": model_cards.tenths(found),
            "trials": model_cards.trials(found),
        }
    if found:
        context |= {"churn": churn_cards.cards(), "products": product_cards.card()}
    return render(request, "console/value/models.html", context)


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def referrals_page(request: ConsoleRequest) -> HttpResponse:
    """Show who brought whom, and what came that way."""
    found = report.load([brought.FRAME])
    context = freshness.context(request.actor) | {"report": found}
    if found:
        context |= {"note": brought.note(found), "is_recorded": bool(found.facts(brought.FRAME).get("is_recorded"))}
        context["may_configure"] = request.actor.may(Permission.CUSTOMERS_CONFIGURE)
        if context["is_recorded"]:
            context |= {
                "figures": referral_cards.figures(found),
                "forest": referral_cards.forest(found, request.actor),
                "table": brought.table(found, request.actor, brought.ALL),
            }
    return render(request, "console/value/referrals.html", context)


def _loaded(request: ConsoleRequest, frames: tuple[str, ...]) -> tuple[Report | None, dict[str, Any]]:
    """The newest analysis with what every page shows; is_measured: it was made since these reports are.

    is_fitted: the past was long enough for a model.
    """
    found = report.load(frames)
    context = freshness.context(request.actor) | {"report": found}
    if found:
        context |= {
            "is_measured": "is_fitted" in found.facts("model_trials"),
            "is_fitted": loyalty.is_fitted(found),
        }
    return found, context
