"""Whom a reward or a birthday gift is meant for: the condition of the editor, read, put into words, and counted."""

import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.kit.conditions.catalogue import Catalogue
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.reading import read
from troth.kit.conditions.wording import Words
from troth.programs.fields import customer_catalogue
from troth.rewards import terms
from troth.rewards.models import Reward
from troth.staff import queries as staff

P = Permission
MAX_DEFINITION = 100_000
NOBODY_NAMED: tuple[dict[str, Any], ...] = ({"all": []}, {"any": []})
"""An empty group asks nothing: the reward is for everybody."""


@require_POST
@requires(P.REWARDS_VIEW)
def preview(request: ConsoleRequest) -> HttpResponse:
    """Answer the editor: whom it means in a sentence, or what is missing."""
    fields, raw = catalogue(), definition(request)
    context: dict[str, Any] = {"of_gift": request.GET.get("of") == "gift"}
    if raw is not None:
        try:
            context["sentence"] = Words(fields, staff.company().currency).sentence(read(raw, fields))
        except ConditionInvalidError as error:
            context |= {"problems": error.problems, "paths": [one.path for one in error.problems]}
    return render(request, "console/rewards/audience.html", context)


@require_safe
@requires(P.REWARDS_VIEW)
def suggest(request: ConsoleRequest) -> JsonResponse:
    """Return values of a field that begin as typed."""
    fields, code = catalogue(), request.GET.get("field", "")
    find = fields[code].suggest if code in fields else None
    start = request.GET.get("q", "").replace("\x00", "")[:60]
    return JsonResponse({"values": list(find(start)) if find else []})


def catalogue() -> Catalogue:
    """Return the fields that an audience may ask for."""
    return customer_catalogue()


def definition(request: ConsoleRequest) -> Any:
    """Return the audience sent, None for everybody; what is no JSON is a condition that will be refused."""
    raw = request.POST.get("definition", "")
    try:
        found = json.loads(raw) if raw and len(raw) <= MAX_DEFINITION else None
    except (ValueError, RecursionError):
        return {}
    return None if found in NOBODY_NAMED else found


def audience_text(reward: Reward) -> str:
    """Return whom a reward is meant for in words, "" for everybody."""
    return terms.sentence(reward.audience, catalogue(), staff.company().currency)
