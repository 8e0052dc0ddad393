"""Trainings: courses and sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.care.models import CourseKind, SessionState
from troth.care.training import queries as training
from troth.care.training import services
from troth.care.training.services import SessionFields
from troth.console.components import Tab
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import queries as staff

P = Permission
MOST_SHOWN = 100
DATE_TIME = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class CourseForm(forms.Form):
    """A course."""

    name = forms.CharField(label=pgettext_lazy("catalogue", "Name"), max_length=120)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=120, required=False)
    code = forms.SlugField(label=gettext_lazy("Short name for files and the API"), max_length=40)
    course_kind = forms.ChoiceField(label=gettext_lazy("Kind of training"), choices=CourseKind.choices)
    description = forms.CharField(label=gettext_lazy("What customers read"), max_length=1000, required=False)
    description_zh = forms.CharField(
        label=gettext_lazy("What customers read, in Chinese"), max_length=1000, required=False
    )
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)


class SessionForm(forms.Form):
    """A session of a course."""

    course = forms.ChoiceField(label=pgettext_lazy("training", "Course"))
    starts_at = forms.DateTimeField(label=pgettext_lazy("time", "From"), widget=DATE_TIME)
    ends_at = forms.DateTimeField(label=pgettext_lazy("time", "Until"), widget=DATE_TIME)
    capacity = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1, max_value=100_000, initial=20)
    place = forms.CharField(label=pgettext_lazy("training", "Place"), max_length=200, required=False)
    trainer = forms.ChoiceField(label=gettext_lazy("Who leads it"), required=False)
    template = forms.ChoiceField(
        label=gettext_lazy("Template of the invitation"), required=False, initial=training.INVITATION,
        help_text=gettext_lazy("Without one nobody can be invited from here."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [("", "–"), *((str(one.id), one.name) for one in staff.people().filter(left_date=None))]
        self.fields["course"].choices = [(one.code, str(one)) for one in training.courses()]  # type: ignore[attr-defined]  # a choice field
        self.fields["trainer"].choices = people  # type: ignore[attr-defined]  # a choice field
        self.fields["template"].choices = _invitations(self.initial.get("template", ""))  # type: ignore[attr-defined]  # a choice field


def _invitations(present: str) -> list[tuple[str, str]]:
    """Return the templates to choose from: none, the ready-made one, those in use, and the one that is chosen."""
    found: dict[str, str] = {"": "–", training.INVITATION: _("Invitation to a training")}
    return list(({present: present} | found | training.invitations()).items())


@require_safe
@requires(P.CASES_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the sessions to come, those that were, and the courses."""
    now, show = staff.moment(utc_now()), request.GET.get("show", "")
    sessions = training.sessions_past(now) if show == "past" else training.sessions_to_come(now)
    context = {
        "tabs": [
            Tab(_("Planned sessions"), "?", show not in {"past", "courses"}),
            Tab(_("Sessions held"), "?show=past", show == "past"),
            Tab(_("Courses"), "?show=courses", show == "courses"),
        ],
        "show": show,
        "rows": [(row, _share(row)) for row in sessions[:MOST_SHOWN]],
        "courses": training.courses(is_active=None) if show == "courses" else [],
        "has_courses": training.courses().exists(),
        "may_edit": request.actor.may(P.CASES_WORK),
    }
    return render(request, "console/requests/training.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.CASES_VIEW, P.CASES_WORK)
def course(request: ConsoleRequest, code: str = "") -> HttpResponse:
    """Make a course, or change one."""
    found = training.course(code) if code else None
    initial = {name: getattr(found, name) for name in CourseForm.base_fields} if found else None
    form = CourseForm(request.POST or None, initial=initial)
    if found is not None:
        form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_course(**form.cleaned_data, actor=request.actor, now=staff.moment(utc_now()))
        except TrothError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(course)s is saved.") % {"course": saved})
            return redirect("requests:training")
    context = {"form": form, "title": found or _("New course")}
    return render(request, "console/requests/course.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.CASES_VIEW, P.CASES_WORK)
def session_form(request: ConsoleRequest, session_id: UUID | None = None) -> HttpResponse:
    """Plan a session, or change one that is open."""
    found = training.session(session_id) if session_id else None
    if found is None and not training.courses().exists():
        messages.info(request, _("A session belongs to a course: make the course first."))
        return redirect("requests:course_new")
    initial: dict[str, Any] = {}
    if found is not None:
        initial = {name: getattr(found, name) for name in ("capacity", "place", "template")}
        initial |= {"course": found.course.code, "trainer": str(found.trainer_id or "")}
        initial |= {"starts_at": _local(found.starts_at), "ends_at": _local(found.ends_at)}
    form = SessionForm(request.POST or None, initial=initial)
    if found is not None:
        form.fields["course"].disabled = True
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        trainer = given.pop("trainer")
        fields = SessionFields(**given, trainer_id=UUID(trainer) if trainer else None)
        who: dict[str, Any] = {"actor": request.actor, "now": staff.moment(utc_now())}
        try:
            if found is None:
                saved = services.plan_session(fields, **who)
            else:
                saved = services.change_session(found.id, fields, **who)
        except TrothError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The session is saved."))
            return redirect("requests:session", saved.id)
    is_open = found is None or found.state == SessionState.OPEN
    context = {"form": form, "title": found.course if found else _("New session"), "is_open": is_open}
    return render(request, "console/requests/course.html", context, status=422 if form.errors else 200)


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(tzinfo=None)


def _share(session: Any) -> float:
    """Return how full a session is, from 0 to 1; it comes with its counts."""
    return float(min(session.taken / session.capacity, 1))
