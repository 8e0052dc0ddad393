"""Making, changing, publishing and closing surveys."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events

from ..models import AskingRules, Survey, SurveyKind, SurveyState, SurveyVersion
from . import handing
from .document.reading import read_document, shaped, to_json
from .errors import SurveyChangedError, SurveyNotFoundError, SurveyRefusedError, SurveyStateError

MOST_DAYS = 365


@transaction.atomic
def create_survey(
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    name: str,
    name_zh: str = "",
    code: str = "",
    document: Any = None,
    is_made_up: bool = False,
) -> Survey:
    """Make a survey with a first draft; nobody can answer it before it is published.

    Raises:
        SurveyRefusedError: no name, an unknown kind, or the code is taken.
        SurveyInvalidError: the document has not the shape of a survey.
    """
    if kind not in SurveyKind.values:
        raise SurveyRefusedError(_("“%(kind)s” is no kind of survey.") % {"kind": kind[:40]}, field="kind", value=kind)
    title = {"en": name.strip(), "zh": name_zh.strip()}
    survey = Survey(
        code=code or _free_code(name or kind),
        survey_kind=kind,
        name=_name(name),
        name_zh=name_zh.strip()[:120],
        draft=to_json(shaped(document or {"title": title, "pages": [{"code": "p1"}]})),
        is_made_up=is_made_up,
        created_at=now,
        created_by=actor.code,
        updated_at=now,
    )
    try:
        with transaction.atomic():
            survey.save()
    except IntegrityError as error:
        message = _("There is a survey of code “%(code)s” already; choose another code.") % {"code": code}
        raise SurveyRefusedError(message, field="code", value=code) from error
    events.append("voice.survey.created", actor=actor, now=now, data={"survey": survey.code})
    return survey


@transaction.atomic
def save_draft(
    *, actor: Actor, now: datetime, survey_id: UUID, document: Any, expected_revision: int | None = None
) -> Survey:
    """Keep a document as the draft of the next version; who answers goes on with the version begun.

    Raises:
        SurveyNotFoundError: no such survey.
        SurveyChangedError: somebody else saved it meanwhile.
        SurveyInvalidError: it has not the shape of a survey; what contradicts itself is told at publishing.
    """
    survey = _locked(survey_id, expected_revision)
    survey.draft = to_json(shaped(document))
    survey.revision += 1
    survey.updated_at = now
    survey.save(update_fields=["draft", "revision", "updated_at"])
    return survey


@transaction.atomic
def publish(
    *, actor: Actor, now: datetime, survey_id: UUID, note: str = "", expected_revision: int | None = None
) -> SurveyVersion:
    """Make the draft the version in force and open the survey.

    Raises:
        SurveyNotFoundError: no such survey.
        SurveyStateError: there is no draft.
        SurveyChangedError: somebody else saved it meanwhile.
        SurveyInvalidError: the draft contradicts itself; every problem is named.
    """
    survey = _locked(survey_id, expected_revision)
    if survey.draft is None:
        raise SurveyStateError(_("There is no draft to publish; change the survey first."))
    version = SurveyVersion.objects.create(
        survey=survey,
        number=survey.version_number + 1,
        document=to_json(read_document(survey.draft)),
        note=note.strip()[:200],
        published_at=now,
        published_by=actor.code,
    )
    handing.install_texts(actor=actor, now=now)
    survey.draft, survey.version_number, survey.state = None, version.number, SurveyState.OPEN
    survey.revision += 1
    survey.updated_at = now
    survey.save()
    data = {"survey": survey.code, "version": version.number}
    events.append("voice.survey.published", actor=actor, now=now, data=data)
    return version


@transaction.atomic
def change_settings(
    *,
    actor: Actor,
    now: datetime,
    survey_id: UUID,
    name: str,
    name_zh: str = "",
    closes_at: datetime | None = None,
    max_answers: int | None = None,
    fatigue_days: int | None = None,
    has_open_link: bool = False,
    open_limit: int | None = None,
) -> Survey:
    """Change the name, when and after how many answers it closes, and whether it has an open link.

    Taking the open link away makes its address worthless for ever; giving it again makes a new one.

    Raises:
        SurveyNotFoundError: no such survey.
        SurveyRefusedError: no name, or a number outside its limits.
    """
    survey = _locked(survey_id, None)
    _refuse_outside("fatigue_days", fatigue_days, 0, MOST_DAYS)
    _refuse_outside("max_answers", max_answers, 1, 10**8)
    _refuse_outside("open_limit", open_limit, 1, 10**8)
    survey.name, survey.name_zh = _name(name), name_zh.strip()[:120]
    survey.closes_at, survey.max_answers, survey.fatigue_days = closes_at, max_answers, fatigue_days
    survey.open_limit = open_limit
    if has_open_link != bool(survey.open_token):
        survey.open_token = secrets.token_urlsafe(12) if has_open_link else ""
    survey.updated_at = now
    survey.save()
    events.append("voice.survey.changed", actor=actor, now=now, data={"survey": survey.code})
    return survey


@transaction.atomic
def close_survey(*, actor: Actor, now: datetime, survey_id: UUID) -> Survey:
    """Take no more answers; what was begun stays as it is.

    Raises:
        SurveyNotFoundError: no such survey.
        SurveyStateError: it is not open.
    """
    return _move(survey_id, SurveyState.OPEN, SurveyState.CLOSED, "voice.survey.closed", actor, now)


@transaction.atomic
def reopen_survey(*, actor: Actor, now: datetime, survey_id: UUID) -> Survey:
    """Take answers again.

    Raises:
        SurveyNotFoundError: no such survey.
        SurveyStateError: it is not closed.
    """
    return _move(survey_id, SurveyState.CLOSED, SurveyState.OPEN, "voice.survey.reopened", actor, now)


@transaction.atomic
def change_asking_rules(
    *, actor: Actor, now: datetime, fatigue_days: int, detractor_days: int, reminder_days: int, expiry_days: int
) -> AskingRules:
    """Change how often anybody is asked over all surveys, and for how long promotion is silent after a bad score.

    Raises:
        SurveyRefusedError: a number of days outside its limits.
    """
    days = {
        "fatigue_days": fatigue_days,
        "detractor_days": detractor_days,
        "reminder_days": reminder_days,
        "expiry_days": expiry_days,
    }
    for name, value in days.items():
        _refuse_outside(name, value, 1 if name == "expiry_days" else 0, MOST_DAYS)
    rules, _is_new = AskingRules.objects.update_or_create(id=1, defaults={**days, "updated_at": now})
    events.append("voice.rules.changed", actor=actor, now=now, data=dict(days))
    return rules


def _move(survey_id: UUID, before: str, after: str, event: str, actor: Actor, now: datetime) -> Survey:
    survey = _locked(survey_id, None)
    if survey.state != before:
        wanted = SurveyState(before).label
        raise SurveyStateError(_("Only a survey in the state “%(state)s” can do that.") % {"state": wanted})
    survey.state, survey.updated_at = after, now
    survey.save(update_fields=["state", "updated_at"])
    events.append(event, actor=actor, now=now, data={"survey": survey.code})
    return survey


def _name(name: str) -> str:
    stripped = name.strip()
    if not 1 <= len(stripped) <= 120:
        raise SurveyRefusedError(_("Give the survey a name of 1 to 120 characters."), field="name", limit=120)
    return stripped


def _refuse_outside(name: str, value: int | None, low: int, high: int) -> None:
    if value is not None and not low <= value <= high:
        about = {"name": name, "value": value, "low": low, "high": high}
        message = _("%(name)s: %(value)d is outside %(low)d to %(high)d.") % about
        raise SurveyRefusedError(message, field=name, value=value)


def _free_code(name: str) -> str:
    stem = slugify(name)[:32] or "survey"
    taken = set(Survey.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(code for code in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if code not in taken)


def _locked(survey_id: UUID, expected_revision: int | None) -> Survey:
    survey = Survey.objects.select_for_update().filter(id=survey_id).first()
    if survey is None:
        raise SurveyNotFoundError(survey_id)
    if expected_revision is not None and survey.revision != expected_revision:
        message = _("Somebody saved this survey while you were changing it. Reload the page; copy your changes first.")
        raise SurveyChangedError(message, revision=survey.revision)
    return survey
