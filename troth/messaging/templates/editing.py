"""Writing templates: a draft that is saved as often as one likes, versions that are published and never change."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers.models import ConsentPurpose
from troth.events import services as events

from ..models import Template, TemplateVersion
from ..text_errors import TemplateChangedError, TemplateNotFoundError, TemplateRefusedError
from .checking import problems
from .document import parsed
from .reading import version

PURPOSES = (ConsentPurpose.MARKETING.value, ConsentPurpose.SERVICE.value, ConsentPurpose.SURVEY.value)


@transaction.atomic
def create_template(
    *, actor: Actor, now: datetime, code: str, name: str, name_zh: str = "", purpose: str, document: Any = None
) -> Template:
    """Make a template with its first draft.

    Raises:
        TemplateRefusedError: the code is taken or no code, the name is missing, or the document breaks a rule.
    """
    if Template.objects.filter(code=code).exists():
        text = _("There is a template “%(code)s” already; choose another code.")
        raise TemplateRefusedError(text % {"code": code}, field="code", value=code)
    row = Template(code=code, created_at=now, updated_at=now, updated_by=actor.code)
    _fill(row, name=name, name_zh=name_zh, purpose=purpose, document=document or {})
    row.save(force_insert=True)
    events.append("messaging.template.created", actor=actor, now=now, data={"template": code})
    return row


@transaction.atomic
def save_draft(
    *,
    actor: Actor,
    now: datetime,
    code: str,
    revision: int,
    name: str,
    name_zh: str = "",
    purpose: str,
    document: Any,
) -> Template:
    """Save a template's draft; what is sent stays the published version.

    Args:
        revision: of the draft that the writer read.

    Raises:
        TemplateNotFoundError: there is none.
        TemplateChangedError: somebody saved it meanwhile.
        TemplateRefusedError: the name is missing, or the document breaks a rule.
    """
    row = _locked(code)
    if row.revision != revision:
        raise TemplateChangedError
    _fill(row, name=name, name_zh=name_zh, purpose=purpose, document=document)
    row.revision += 1
    row.updated_at, row.updated_by = now, actor.code
    row.save()
    return row


@transaction.atomic
def publish(*, actor: Actor, now: datetime, code: str, revision: int | None = None, note: str = "") -> TemplateVersion:
    """Publish the draft as a new version, which is sent from now on; if nothing changed, return the one in use.

    Raises:
        TemplateNotFoundError: there is none.
        TemplateChangedError: the draft is not the one that was read.
        TemplateRefusedError: something in it has to be mended first; `fields["problems"]` lists it.
    """
    row = _locked(code)
    if revision is not None and row.revision != revision:
        raise TemplateChangedError
    wrong = [one for one in problems(parsed(row.document), purpose=row.purpose) if one.is_error]
    if wrong:
        listed = [{"language": one.language, "kind": one.kind, "text": one.text} for one in wrong]
        text = _("This has to be mended before it is published: %(problems)s")
        raise TemplateRefusedError(text % {"problems": " ".join(one.text for one in wrong)}, problems=listed)
    latest = row.versions.order_by("-number").first()
    if latest is not None and row.published_number == latest.number and _is_same(latest, row):
        return latest
    made = TemplateVersion.objects.create(
        template=row,
        number=latest.number + 1 if latest else 1,
        purpose=row.purpose,
        document=row.document,
        note=note.strip()[:200],
        published_at=now,
        published_by=actor.code,
    )
    row.published_number = made.number
    row.save(update_fields=["published_number"])
    data = {"template": code, "version": made.number}
    events.append("messaging.template.published", actor=actor, now=now, data=data)
    return made


def restore_version(*, actor: Actor, now: datetime, code: str, number: int) -> Template:
    """Make an old version the draft again; publishing it makes a new version.

    Raises:
        TemplateNotFoundError: there is no such version.
    """
    old = version(code, number)
    row = old.template
    return save_draft(
        actor=actor,
        now=now,
        code=code,
        revision=row.revision,
        name=row.name,
        name_zh=row.name_zh,
        purpose=old.purpose,
        document=old.document,
    )


@transaction.atomic
def archive_template(*, actor: Actor, now: datetime, code: str, is_archived: bool = True) -> Template:
    """Put a template away, or back; what is on its way with it still goes out.

    Raises:
        TemplateNotFoundError: there is none.
    """
    row = _locked(code)
    if row.is_archived != is_archived:
        row.is_archived, row.updated_at, row.updated_by = is_archived, now, actor.code
        row.save()
        if is_archived:
            events.append("messaging.template.archived", actor=actor, now=now, data={"template": code})
    return row


def _locked(code: str) -> Template:
    row = Template.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise TemplateNotFoundError(code)
    return row


def _fill(row: Template, *, name: str, name_zh: str, purpose: str, document: Any) -> None:
    if purpose not in PURPOSES:
        text = _("“%(value)s” is no purpose of a message; use one of: %(expected)s.")
        raise TemplateRefusedError(
            text % {"value": purpose, "expected": ", ".join(PURPOSES)}, field="purpose", value=purpose
        )
    row.name, row.name_zh, row.purpose = name.strip(), name_zh.strip(), purpose
    row.document = parsed(document).model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    try:
        row.full_clean(exclude={"document"}, validate_unique=False)
    except ValidationError as invalid:
        field, messages = next(iter(invalid.message_dict.items()))
        raise TemplateRefusedError(f"{field}: {messages[0]}", field=field) from invalid


def _is_same(latest: TemplateVersion, row: Template) -> bool:
    return (latest.document, latest.purpose) == (row.document, row.purpose)
