"""Settings of a survey, its open link with its code to scan, publishing and closing; the rules of asking."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import segno
from django import forms
from django.conf import settings as django_settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.console.links import dead_links
from troth.kit import clock
from troth.staff import queries as staff
from troth.voice.complaints import queries as complaints
from troth.voice.models import AskingRules, Survey, SurveyState
from troth.voice.surveys import queries, services

from .edit_views import draft_of, problems
from .frame import frame


class SettingsForm(forms.Form):
    """What can be changed of a survey without a new version."""

    name = forms.CharField(label=pgettext_lazy("survey", "Name"), max_length=120)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=120, required=False)
    closes_date = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    max_answers = forms.IntegerField(label=gettext_lazy("Answers at most"), min_value=1, required=False)
    fatigue_days = forms.IntegerField(
        label=gettext_lazy("Days since the last survey, at least"), min_value=0, max_value=365, required=False
    )
    has_open_link = forms.BooleanField(label=gettext_lazy("Open link"), required=False)
    open_limit = forms.IntegerField(label=gettext_lazy("Answers by the open link at most"), min_value=1, required=False)


class RulesForm(forms.Form):
    """The rules of asking, over all surveys."""

    fatigue_days = forms.IntegerField(label=gettext_lazy("Days between two surveys"), min_value=0, max_value=365)
    detractor_days = forms.IntegerField(
        label=gettext_lazy("Days without promotion after a bad score"), min_value=0, max_value=365
    )
    reminder_days = forms.IntegerField(label=gettext_lazy("Days until a reminder"), min_value=0, max_value=365)
    expiry_days = forms.IntegerField(label=gettext_lazy("Days until an invitation ends"), min_value=1, max_value=365)


@require_http_methods(["GET", "POST"])
@requires(Permission.SURVEYS_EDIT)
def settings(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Change name, end, quota, guard and open link."""
    survey = queries.survey(survey_id)
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=_initial(survey))
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        values["closes_at"] = _end_of(values.pop("closes_date"))
        services.change_settings(actor=request.actor, now=clock.utc_now(), survey_id=survey_id, **values)
        messages.success(request, _("Settings saved."))
        return redirect("surveys:settings", survey_id)
    context = frame(request, survey, "settings") | {
        "form": form,
        "open_url": open_url(survey),
        "dead_links": dead_links(request),
        "rules": queries.asking_rules(),
        "case_up_to": _case_up_to(survey),
        "may_configure_cases": request.actor.may(Permission.CASES_CONFIGURE),
    }
    return render(request, "console/surveys/settings.html", context)


@require_safe
@requires(Permission.SURVEYS_VIEW)
def code(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Give the open link as a code to scan, to print on a receipt or a table card."""
    survey = queries.survey(survey_id)
    if not survey.open_token:
        raise Http404
    drawn = BytesIO()
    segno.make(open_url(survey), error="m", micro=False).save(drawn, kind="svg", scale=8, border=4, light="#fff")
    headers = {"Content-Disposition": f'inline; filename="{survey.code}.svg"'}
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml", headers=headers)


@require_POST
@requires(Permission.SURVEYS_EDIT)
def publish(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Publish the draft; what is wrong is named on the page of questions."""
    survey = queries.survey(survey_id)
    if problems(draft_of(survey)):
        messages.error(request, _("Mend what is listed first; then publish."))
        return redirect("surveys:edit", survey_id)
    services.publish(actor=request.actor, now=clock.utc_now(), survey_id=survey_id, note=request.POST.get("note", ""))
    messages.success(request, _("Published: the survey takes answers now. Next, send it out."))
    return redirect("surveys:send", survey_id)


@require_POST
@requires(Permission.SURVEYS_EDIT)
def state(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Close the survey, or open it again."""
    change = services.close_survey if request.POST.get("to") == SurveyState.CLOSED else services.reopen_survey
    change(actor=request.actor, now=clock.utc_now(), survey_id=survey_id)
    return redirect("surveys:results", survey_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.SURVEYS_EDIT)
def rules(request: ConsoleRequest) -> HttpResponse:
    """Change how often anybody is asked, over all surveys."""
    found: AskingRules = queries.asking_rules()
    names = ("fatigue_days", "detractor_days", "reminder_days", "expiry_days")
    initial = {name: getattr(found, name) for name in names}
    form = RulesForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.change_asking_rules(actor=request.actor, now=clock.utc_now(), **form.cleaned_data)
        messages.success(request, _("Settings saved."))
        return redirect("surveys:rules")
    return render(request, "console/surveys/rules.html", {"form": form})


def open_url(survey: Survey) -> str:
    """Return the whole address of the open link, "" without one."""
    if not survey.open_token:
        return ""
    return f"{django_settings.PUBLIC_URL}{reverse('portal_surveys:open', args=[survey.open_token])}"


def _initial(survey: Survey) -> dict[str, Any]:
    zone = staff.company().time_zone
    last = clock.business_date(survey.closes_at - timedelta(seconds=1), zone) if survey.closes_at else None
    return {
        "name": survey.name,
        "name_zh": survey.name_zh,
        "closes_date": last,
        "max_answers": survey.max_answers,
        "fatigue_days": survey.fatigue_days,
        "has_open_link": bool(survey.open_token),
        "open_limit": survey.open_limit,
    }


def _case_up_to(survey: Survey) -> int | None:
    """Return the highest score of the survey that opens a case by itself, None where none does."""
    low = complaints.policy().low_scores
    scores: dict[str, int | None] = {"nps": low.nps, "csat": low.csat, "ces": low.ces}
    return None if survey.code in low.except_surveys else scores.get(survey.survey_kind)


def _end_of(day: Any) -> datetime | None:
    """Return the end of the last day in the company's zone."""
    return clock.day_start(day + timedelta(days=1), staff.company().time_zone) if day else None
