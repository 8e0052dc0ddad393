"""Sending out: the effect first (who, how many, who is spared and why), then the act."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.guard import ConsoleRequest, requires
from troth.console.messages.list_views import sending_context
from troth.messaging.channels import setups
from troth.segments import queries as segments
from troth.voice.models import Sending, Survey, SurveyState
from troth.voice.present import present
from troth.voice.surveys import queries, services
from troth.voice.surveys.services import Effect

from .frame import frame
from .words import gate_words, spared_words

SHOWN = 20


class SendForm(forms.Form):
    """To whom, how many, by which way."""

    segment = forms.ChoiceField(label=gettext_lazy("To whom"), required=False)
    sample_size = forms.IntegerField(label=gettext_lazy("Random sample of at most"), min_value=1, required=False)
    channel = forms.ChoiceField(label=gettext_lazy("By which way"), required=False)
    reminder_days = forms.IntegerField(
        label=gettext_lazy("Remind after so many days"), min_value=0, max_value=60, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(str(one.id), str(one)) for one in segments.segments() if one.is_published]
        segment, channel = self.fields["segment"], self.fields["channel"]
        assert isinstance(segment, forms.ChoiceField)
        assert isinstance(channel, forms.ChoiceField)
        segment.choices = [("", _("All customers")), *groups]
        known = [(one.channel.code, str(one.channel.label)) for one in setups.set_up_channels() if one.is_enabled]
        channel.choices = [("", _("The first that the customer agreed to")), *known]


@dataclass(frozen=True, slots=True)
class Spared:
    """Why customers are spared, and how many; estimated: from those tried."""

    why: str
    count: str
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class SendingRow:
    """A sending as the list draws it."""

    row: Sending
    to: str
    spared: list[Spared]


@require_http_methods(["GET", "POST"])
@requires(Permission.SURVEYS_EDIT)
def send(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Show what a sending would come to; POST does it."""
    survey = queries.survey(survey_id)
    data = request.POST if request.method == "POST" else request.GET or None
    form = SendForm(data, initial={"reminder_days": queries.asking_rules().reminder_days})
    if request.method == "POST" and form.is_valid():
        terms = _terms(form) | {"reminder_days": form.cleaned_data["reminder_days"]}
        services.send_out(actor=request.actor, now=present(), survey_id=survey_id, **terms)
        messages.success(request, _("The survey is being sent. How it goes stands below, and under Background jobs."))
        return redirect("surveys:send", survey_id)
    effect = _effect(survey, form)
    context = (
        frame(request, survey, "send")
        | sending_context(request)
        | {
            "form": form,
            "is_open": survey.state == SurveyState.OPEN,
            "effect": effect,
            "spared": _spared(effect) if effect else [],
            "sendings": [_row(one) for one in queries.sendings(survey_id)[:SHOWN]],
        }
    )
    return render(request, "console/surveys/send.html", context)


def _terms(form: SendForm) -> dict[str, Any]:
    found = form.cleaned_data
    return {
        "segment_id": UUID(found["segment"]) if found["segment"] else None,
        "sample_size": found["sample_size"],
        "channels": [found["channel"]] if found["channel"] else [],
    }


def _effect(survey: Survey, form: SendForm) -> Effect | None:
    if survey.state != SurveyState.OPEN or (form.is_bound and not form.is_valid()):
        return None
    terms = _terms(form) if form.is_bound else {"segment_id": None, "sample_size": None, "channels": []}
    return services.effect(survey, **terms, now=present())


def _spared(effect: Effect) -> list[Spared]:
    found = []
    if effect.asked_lately:
        days = _("asked in the last %(days)d days, in this or another survey") % {"days": effect.fatigue_days}
        found.append(Spared(days, formats.count(effect.asked_lately)))
    if effect.eligible > effect.chosen:
        found.append(Spared(_("not drawn for the sample"), formats.count(effect.eligible - effect.chosen)))
    is_estimated = effect.tried < effect.eligible or effect.chosen < effect.eligible
    for gate, count in effect.stopped.items():
        about = round(effect.chosen * count / effect.tried)
        found.append(Spared(gate_words(gate), formats.count(about), is_estimated=is_estimated))
    return found


def _row(row: Sending) -> SendingRow:
    names = {one.id: str(one) for one in segments.segments()}
    to = names.get(row.segment_id, "–") if row.segment_id else _("All customers")
    spared = [Spared(spared_words(reason), formats.count(count)) for reason, count in row.spared_for.items()]
    return SendingRow(row, to, spared)
