"""The journey map: what customers do, ask and feel at each point, and who answers for it."""

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
from troth.care.models import Stage
from troth.care.touchpoints import queries as touchpoints
from troth.care.touchpoints import services
from troth.care.touchpoints.queries import Measured
from troth.care.touchpoints.services import TouchpointFields
from troth.console import charts
from troth.console.components import ChartCard, Column, Table, Tone
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.voice.complaints import queries as complaints
from troth.voice.surveys import queries as surveys

P = Permission
TEXT = forms.Textarea(attrs={"rows": 2})


class PointForm(forms.Form):
    """A touchpoint."""

    name = forms.CharField(label=pgettext_lazy("catalogue", "Name"), max_length=80)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=80, required=False)
    code = forms.SlugField(label=gettext_lazy("Short name for files and the API"), max_length=40)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), choices=Stage.choices)
    position = forms.IntegerField(label=gettext_lazy("Place in the order"), min_value=0, max_value=1000, initial=50)
    owner = forms.ChoiceField(label=gettext_lazy("Who answers for it"), required=False)
    does = forms.CharField(label=gettext_lazy("What the customer does"), max_length=400, required=False, widget=TEXT)
    does_zh = forms.CharField(
        label=gettext_lazy("What the customer does, in Chinese"), max_length=400, required=False, widget=TEXT
    )
    asks = forms.CharField(label=gettext_lazy("What the customer asks"), max_length=400, required=False, widget=TEXT)
    asks_zh = forms.CharField(
        label=gettext_lazy("What the customer asks, in Chinese"), max_length=400, required=False, widget=TEXT
    )
    survey = forms.ChoiceField(label=gettext_lazy("Survey that tells what is felt"), required=False)
    category = forms.ChoiceField(label=gettext_lazy("Complaints of the category"), required=False)
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = complaints.categories(is_active=None)
        chosen: dict[str, list[tuple[str, str]]] = {
            "owner": [("", "–"), *((str(one.id), one.name) for one in staff.people().filter(left_date=None))],
            "survey": [("", "–"), *((one.code, str(one)) for one in surveys.surveys())],
            "category": [("", "–"), *((one.code, complaints.named(one)) for one in rows)],
        }
        for name, choices in chosen.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field


@require_safe
@requires(P.JOURNEYS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the map, measured over the last ninety days."""
    found = touchpoints.journey_map(staff.moment(utc_now()))
    stages = [(stage.label, [_shown(one) for one in points]) for stage, points in found]
    every = [one for _stage, points in found for one in points]
    context = {
        "stages": stages,
        "chart": _feelings(every) if any(one.feeling is not None for one in every) else None,
        "may_edit": request.actor.may(P.JOURNEYS_EDIT),
        "may_see_answers": request.actor.may(P.SURVEYS_VIEW),
        "may_see_cases": request.actor.may(P.CASES_VIEW),
    }
    return render(request, "console/requests/map.html", context)


@require_POST
@requires(P.JOURNEYS_VIEW, P.JOURNEYS_EDIT)
def begin(request: ConsoleRequest) -> HttpResponse:
    """Put the touchpoints that most companies have onto an empty map."""
    count = services.begin_with_ours(actor=request.actor, now=staff.moment(utc_now()))
    if count:
        messages.success(request, _("Twelve touchpoints to begin with. Change them to your own."))
    return redirect("requests:map")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.JOURNEYS_VIEW, P.JOURNEYS_EDIT)
def edit(request: ConsoleRequest, code: str = "") -> HttpResponse:
    """Make a touchpoint, or change one."""
    row = touchpoints.touchpoints(is_active=None).filter(code=code).first() if code else None
    if code and row is None:
        raise Http404
    initial: dict[str, Any] = {}
    if row is not None:
        initial = {name: getattr(row, name) for name in PointForm.base_fields if name != "owner"}
        initial["owner"] = str(row.owner_id or "")
    form = PointForm(request.POST or None, initial=initial)
    if row is not None:
        form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        owner = given.pop("owner")
        fields = TouchpointFields(**given, owner_id=UUID(owner) if owner else None)
        try:
            saved = services.save_touchpoint(fields, actor=request.actor, now=staff.moment(utc_now()))
        except TrothError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(point)s is saved.") % {"point": saved})
            return redirect("requests:map")
    context = {"form": form, "title": row or _("New touchpoint"), "back_to_map": True, "is_open": True}
    return render(request, "console/requests/course.html", context, status=422 if form.errors else 200)


def _shown(one: Measured) -> dict[str, Any]:
    point = one.touchpoint
    tone: Tone = "neutral"
    if one.feeling is not None:
        tone = "good" if one.feeling >= 0.75 else "warn" if one.feeling >= 0.5 else "bad"
    return {
        "point": point,
        "does": point.in_language("does"),
        "asks": point.in_language("asks"),
        "measured": one,
        "tone": tone,
        "score": "" if one.score is None else f"{one.score:.1f}",
    }


def _feelings(points: list[Measured]) -> ChartCard:
    """Return the line of feelings along the way, as far as they were measured."""
    names = [str(one.touchpoint) for one in points]
    values = [None if one.feeling is None else round(one.feeling * 100) for one in points]
    columns = [Column(_("Touchpoint")), Column(_("Feeling, 0 to 100"), is_number=True)]
    columns += [Column(_("Answers"), is_number=True), Column(_("Complaints"), is_number=True)]
    rows: list[Any] = [
        [name, value, one.answers, one.complaints] for name, value, one in zip(names, values, points, strict=True)
    ]
    return ChartCard(
        id="feelings",
        title=_("What customers feel along the way"),
        subtitle=_("From 0 (bad) to 100 (good), the last ninety days; a gap where nobody was asked."),
        option=charts.trend(names, {_("Feeling, 0 to 100"): values}),
        table=Table(columns, rows),
        height="sm",
    )
