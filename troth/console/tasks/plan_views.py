"""Plans of return visits: so many days after what, for whom, by whom; and whom one would reach today."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.customers.people import shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.insights.models import Band
from troth.jobs.errors import JobAlreadyActiveError
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.segments import queries as segments
from troth.staff import queries as staff
from troth.worklist import queries as worklist
from troth.worklist import services
from troth.worklist.models import Moment, Touch, VisitPlan
from troth.worklist.plans import BY_VALUE

from .list_views import present
from .shown import area_tabs

P = Permission
MOST_SHOWN = 200
BANDS = [*((band.value, band.label) for band in Band), ("", gettext_lazy("No band yet"))]
WHY_NOT = {
    "erased": gettext_lazy("the personal data were erased"),
    "visited": gettext_lazy("was called or asked lately"),
    "no_calls": gettext_lazy("wants no calls"),
    "band": gettext_lazy("the plan leaves this band in peace"),
}


class PlanForm(forms.Form):
    """What a plan says."""

    name = forms.CharField(label=pgettext_lazy("catalogue", "Name"), max_length=80)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=80, required=False)
    code = forms.SlugField(label=gettext_lazy("Short name for files and the API"), max_length=40)
    days_after = forms.IntegerField(label=gettext_lazy("Days after"), min_value=0, max_value=730, initial=7)
    moment = forms.ChoiceField(label=gettext_lazy("After what"), choices=Moment.choices)
    segment_id = forms.ChoiceField(label=gettext_lazy("For whom"), required=False)
    team = forms.ChoiceField(label=gettext_lazy("By which team"), required=False)
    is_by_owner = forms.BooleanField(
        label=gettext_lazy("The customer's owner calls, where there is one"), required=False, initial=True
    )
    script = forms.ChoiceField(label=gettext_lazy("Call script"), required=False)
    template = forms.ChoiceField(
        label=gettext_lazy("Template of the message"),
        required=False,
        initial=services.RETURN_VISIT_TEXT,
        help_text=gettext_lazy("Texts about service. Without one, only calls are planned."),
    )
    most_a_day = forms.IntegerField(
        label=gettext_lazy("Calls a day at most"),
        min_value=0,
        initial=0,
        help_text=gettext_lazy("Who is beyond it gets the message. 0: no limit."),
    )
    rest_days = forms.IntegerField(
        label=gettext_lazy("Days of peace after a return visit"), min_value=0, max_value=730, initial=14
    )
    priority = forms.IntegerField(label=gettext_lazy("Priority"), min_value=0, max_value=100, initial=50)
    is_active = forms.BooleanField(label=gettext_lazy("Switched on"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: dict[str, list[tuple[str, str]]] = {
            "segment_id": [("", _("Everybody")), *((str(one.id), str(one)) for one in segments.segments())],
            "team": [("", _("No team")), *((one.code, str(one)) for one in worklist.teams())],
            "script": [("", _("None")), *_scripts()],
            "template": _texts(self.initial.get("template", "")),
        }
        for name, choices in chosen.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field
        for band, label in BANDS:
            self.fields[f"touch_{band}"] = forms.ChoiceField(
                label=label, choices=Touch.choices, initial=BY_VALUE[band], required=False
            )

    def touches(self) -> list[forms.BoundField]:
        """Return the fields that say what each band gets."""
        return [self[f"touch_{band}"] for band, _label in BANDS]


@require_safe
@requires(P.TASKS_VIEW, P.TASKS_ASSIGN)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the plans."""
    rows = [(plan, _touch_words(plan)) for plan in worklist.plans()]
    return render(request, "console/tasks/plans.html", {"tabs": area_tabs(request, "plans"), "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.TASKS_VIEW, P.TASKS_ASSIGN)
def edit(request: ConsoleRequest, code: str = "") -> HttpResponse:
    """Make a plan, or change one."""
    plan = _plan(code) if code else None
    form = PlanForm(request.POST or None, initial=_initial(plan) if plan else None)
    if plan is not None:
        form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        names = services.PlanFields.__dataclass_fields__.keys() & given.keys() - {"segment_id"}
        fields = services.PlanFields(
            **{name: given[name] for name in names},
            segment_id=UUID(given["segment_id"]) if given["segment_id"] else None,
            touches={band: given[f"touch_{band}"] or Touch.NONE for band, _label in BANDS},
        )
        try:
            saved = services.save_plan(fields, actor=request.actor, now=staff.moment(utc_now()))
        except TrothError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(plan)s is saved.") % {"plan": saved})
            return redirect("tasks:plan_due", saved.code)
    context = {"form": form, "plan": plan}
    return render(request, "console/tasks/plan.html", context, status=422 if form.errors else 200)


@require_safe
@requires(P.TASKS_VIEW, P.TASKS_ASSIGN, P.CUSTOMERS_VIEW)
def due(request: ConsoleRequest, code: str) -> HttpResponse:
    """Show whom a plan reaches today, and whom it leaves in peace, before anything is made."""
    plan, now = _plan(code), staff.moment(utc_now())
    found = services.due_on(plan, staff.company().today(now), now=now)
    people = customers.records([one.customer_id for one in found[:MOST_SHOWN]])
    owners = {one.id: one.name for one in present()}
    is_open = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    labels = dict(BANDS)
    rows = [
        {
            "due": one,
            "name": shown_name(people[one.customer_id], is_open) if one.customer_id in people else "",
            "band": labels.get(one.band, one.band),
            "touch": Touch(one.touch).label,
            "owner": owners.get(one.owner_id, "") if one.owner_id else "",
            "why_not": WHY_NOT.get(one.why_not, ""),
        }
        for one in found[:MOST_SHOWN]
    ]
    counts = [(touch.label, sum(one.touch == touch for one in found)) for touch in Touch]
    context = {"plan": plan, "rows": rows, "counts": counts, "total": len(found), "most": MOST_SHOWN}
    context["is_planned"] = _is_planned(plan, staff.company().today(now))
    return render(request, "console/tasks/due.html", context)


@require_POST
@requires(P.TASKS_VIEW, P.TASKS_ASSIGN)
def run(request: ConsoleRequest, code: str) -> HttpResponse:
    """Plan today's visits at once, in the background."""
    plan = _plan(code)
    try:
        services.plan_now(plan.code, actor=request.actor, now=utc_now())
    except JobAlreadyActiveError:
        messages.info(request, _("They are being planned already."))
    else:
        messages.success(request, _("Today's visits are being planned; the calls appear among the tasks in a moment."))
    return redirect("tasks:plan_due", plan.code)


def _plan(code: str) -> VisitPlan:
    plan = worklist.plans().filter(code=code).first()
    if plan is None:
        raise Http404
    return plan


def _is_planned(plan: VisitPlan, today: date) -> bool:
    return plan.planned_until_date is not None and plan.planned_until_date >= today


def _initial(plan: VisitPlan) -> dict[str, Any]:
    fields = services.fields_of(plan)
    initial = {name: getattr(fields, name) for name in fields.__dataclass_fields__}
    initial["segment_id"] = str(fields.segment_id or "")
    return initial | {f"touch_{band}": fields.touches.get(band, Touch.NONE) for band, _label in BANDS}


def _scripts() -> list[tuple[str, str]]:
    own = {script.code: str(script) for script in worklist.scripts()}
    return list(({one.code: str(one) for one in worklist.OUR_SCRIPTS} | own).items())


def _texts(present: str) -> list[tuple[str, str]]:
    """Return the templates to choose from: none, the ready-made one, those in use, and the one that is chosen."""
    found: dict[str, str] = {"": _("None"), services.RETURN_VISIT_TEXT: _("Return visit by message")}
    return list(({present: present} | found | services.visit_texts()).items())


def _touch_words(plan: VisitPlan) -> list[tuple[str, str]]:
    """Return each touch with the bands that get it."""
    found = []
    for touch in (Touch.HIGH, Touch.LOW, Touch.TECH):
        bands = [str(label) for band, label in BANDS if plan.touches.get(band) == touch]
        if bands:
            found.append((str(touch.label), ", ".join(bands)))
    return found
