"""Kinds of tasks: how one may go, what is noted, how often it is tried."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.worklist import queries as worklist
from troth.worklist import services
from troth.worklist.kinds import FIELD_TYPES
from troth.worklist.models import Effect
from troth.worklist.queries import Kind, NoteField, Outcome

from .shown import area_tabs

P = Permission
SPARE = 2
TYPE_LABELS = {
    "text": gettext_lazy("Text"),
    "number": gettext_lazy("Number"),
    "date": gettext_lazy("Date"),
    "yes_no": gettext_lazy("Yes or no"),
    "choice": gettext_lazy("One of a list"),
}


class KindForm(forms.Form):
    """What a kind says of itself; outcomes and fields stand beside it."""

    name = forms.CharField(label=pgettext_lazy("catalogue", "Name"), max_length=80)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=80, required=False)
    code = forms.SlugField(label=gettext_lazy("Short name for files and the API"), max_length=40)
    team = forms.ChoiceField(label=gettext_lazy("Team"), required=False)
    script = forms.CharField(label=gettext_lazy("Call script"), max_length=40, required=False)
    due_hours = forms.IntegerField(label=gettext_lazy("Hours until it is due"), min_value=1, max_value=8760, initial=48)
    again_hours = forms.IntegerField(
        label=gettext_lazy("Hours until it is tried again"), min_value=1, max_value=8760, initial=24
    )
    most_attempts = forms.IntegerField(
        label=gettext_lazy("Tries at most"),
        min_value=0,
        max_value=100,
        initial=3,
        help_text=gettext_lazy("0: no limit."),
    )
    priority = forms.IntegerField(label=gettext_lazy("Priority"), min_value=0, max_value=100, initial=50)
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = [("", _("No team")), *((one.code, str(one)) for one in worklist.teams())]
        self.fields["team"].choices = teams  # type: ignore[attr-defined]  # a choice field


@require_safe
@requires(P.TASKS_VIEW, P.TASKS_ASSIGN)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the kinds of tasks."""
    context = {"tabs": area_tabs(request, "kinds"), "kinds": worklist.all_kinds(is_active=None)}
    return render(request, "console/tasks/kinds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.TASKS_VIEW, P.TASKS_ASSIGN)
def edit(request: ConsoleRequest, code: str = "") -> HttpResponse:
    """Make a kind, or change one."""
    kind = worklist.kinds_by_code([code]).get(code) if code else None
    if code and kind is None:
        raise Http404
    initial = {name: getattr(kind, name) for name in KindForm.base_fields} if kind else None
    form = KindForm(request.POST or None, initial=initial)
    if kind is not None:
        form.fields["code"].disabled = True
    outcomes, fields = (kind.outcomes, kind.fields) if kind else ((Outcome(code="done", label="Done"),), ())
    if request.method == "POST":
        outcomes, fields = _outcomes(request.POST, kind), _fields(request.POST)
        if form.is_valid():
            wanted = Kind(**form.cleaned_data, icon=kind.icon if kind else "checkbox", outcomes=outcomes, fields=fields)
            try:
                saved = services.save_kind(wanted, actor=request.actor, now=staff.moment(utc_now()))
            except TrothError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("%(kind)s is saved.") % {"kind": saved})
                return redirect("tasks:kinds")
    context = {
        "form": form,
        "kind": kind,
        "outcomes": [*outcomes, *[None] * SPARE],
        "note_fields": [(one, ", ".join(one.choices)) for one in fields] + [(None, "")] * SPARE,
        "effects": Effect.choices,
        "types": [(one, TYPE_LABELS[one]) for one in FIELD_TYPES],
    }
    return render(request, "console/tasks/kind.html", context, status=422 if form.errors else 200)


def _outcomes(given: Any, kind: Kind | None) -> tuple[Outcome, ...]:
    refusing = {one.code: one.refuses for one in kind.outcomes} if kind else {}
    rows = _columns(given, "outcome", "code", "label", "label_zh", "effect", "note")
    return tuple(
        Outcome(
            code=code.strip(),
            label=label.strip(),
            label_zh=label_zh.strip(),
            effect=effect,
            needs_note=note == "yes",
            refuses=refusing.get(code.strip(), ""),
        )
        for code, label, label_zh, effect, note in rows
        if code.strip() or label.strip()
    )


def _fields(given: Any) -> tuple[NoteField, ...]:
    rows = _columns(given, "field", "code", "label", "label_zh", "type", "choices")
    return tuple(
        NoteField(
            code=code.strip(), label=label.strip(), label_zh=label_zh.strip(), type=kind,
            choices=tuple(one.strip() for one in choices.replace("，", ",").split(",") if one.strip()),
        )
        for code, label, label_zh, kind, choices in rows
        if code.strip() or label.strip()
    )  # fmt: skip


def _columns(given: Any, part: str, *names: str) -> list[tuple[str, ...]]:
    """Return the rows of a table of inputs; a row that is not whole is left out."""
    return list(zip(*(given.getlist(f"{part}-{name}")[:20] for name in names), strict=False))
