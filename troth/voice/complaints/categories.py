"""The tree of categories, and root causes: made and changed, never removed."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit.ids import new_id

from ..models import CaseCategory, RootCause, Severity
from .errors import CategoryRefusedError

OTHER = "other"
DEEPEST = 5
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFields:
    """A category. parent: code of the one above it, "" at the top; team: code of the team that takes its cases."""

    code: str
    name: str
    name_zh: str = ""
    parent: str = ""
    severity: str = Severity.MEDIUM
    team: str = ""
    is_public: bool = True
    is_active: bool = True
    order: int = 0


def category_for(code: str) -> CaseCategory:
    """Return the category of a code; the one for everything else where none was named.

    Raises:
        CategoryRefusedError: no such category, or not in use.
    """
    found = CaseCategory.objects.filter(code=code or OTHER, is_active=True).first()
    if found is None and not code:
        found = CaseCategory.objects.filter(is_active=True).order_by("-order").first()
    if found is None:
        text = _("There is no category “%(code)s” in use.") % {"code": code[:40]}
        raise CategoryRefusedError(text, field="category", value=code[:40])
    return found


@transaction.atomic
def save_category(*, actor: Actor, now: datetime, fields: CategoryFields) -> CaseCategory:
    """Make or change the category of a code; cases keep theirs.

    Raises:
        CategoryRefusedError: a field breaks its rule, or the tree would run in a ring.
    """
    _check(fields.code, fields.name, fields.name_zh)
    if fields.severity not in Severity.values:
        raise CategoryRefusedError(_("Choose how bad it usually is."), field="severity", value=fields.severity)
    category = CaseCategory.objects.filter(code=fields.code).first() or CaseCategory(id=new_id(), code=fields.code)
    category.parent = _parent(fields, category)
    category.name, category.name_zh, category.severity = fields.name.strip(), fields.name_zh.strip(), fields.severity
    category.team, category.order = fields.team.strip()[:60], fields.order
    category.is_public, category.is_active = fields.is_public, fields.is_active
    if not fields.is_active and fields.code == OTHER:
        raise CategoryRefusedError(_("“Something else” stays: what nobody sorted goes there."), field="is_active")
    category.save()
    data = {"code": fields.code, "what": "category"}
    events.append("voice.case_category.changed", actor=actor, now=now, data=data)
    return category


@transaction.atomic
def save_cause(
    *, actor: Actor, now: datetime, code: str, name: str, name_zh: str = "", is_active: bool = True
) -> RootCause:
    """Make or change the root cause of a code; cases keep theirs.

    Raises:
        CategoryRefusedError: a field breaks its rule.
    """
    _check(code, name, name_zh)
    values = {"name": name.strip(), "name_zh": name_zh.strip(), "is_active": is_active}
    cause, _is_new = RootCause.objects.update_or_create(
        code=code, defaults=values, create_defaults={"id": new_id(), **values}
    )
    events.append("voice.case_category.changed", actor=actor, now=now, data={"code": code, "what": "cause"})
    return cause


def _parent(fields: CategoryFields, category: CaseCategory) -> CaseCategory | None:
    if not fields.parent:
        return None
    parent = CaseCategory.objects.filter(code=fields.parent).first()
    if parent is None:
        text = _("There is no category “%(code)s”.") % {"code": fields.parent[:40]}
        raise CategoryRefusedError(text, field="parent", value=fields.parent[:40])
    above: CaseCategory | None = parent
    for _depth in range(DEEPEST):
        if above is None:
            return parent
        if above.id == category.id:
            raise CategoryRefusedError(_("A category cannot stand below itself."), field="parent", value=fields.parent)
        above = above.parent
    raise CategoryRefusedError(_("The tree has at most five levels."), field="parent", limit=DEEPEST)


def _check(code: str, name: str, name_zh: str) -> None:
    if not _CODE.fullmatch(code):
        text = _("The code has 1 to 40 small letters, digits and hyphens.")
        raise CategoryRefusedError(text, field="code", value=code[:40])
    if not 1 <= len(name.strip()) <= 120 or len(name_zh) > 120:
        raise CategoryRefusedError(_("Write a name of 1 to 120 characters."), field="name")
