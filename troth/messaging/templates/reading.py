"""Reading templates and their versions."""

from collections.abc import Iterable

from django.db.models import F, QuerySet

from ..models import Template, TemplateVersion
from ..text_errors import TemplateNotFoundError


def template(code: str) -> Template:
    """Return the template of a code.

    Raises:
        TemplateNotFoundError: there is none.
    """
    found = Template.objects.filter(code=code).first()
    if found is None:
        raise TemplateNotFoundError(code)
    return found


def templates(*, is_archived: bool = False) -> QuerySet[Template]:
    """Return the templates by name."""
    return Template.objects.filter(is_archived=is_archived).order_by("name", "code")


def versions(code: str) -> QuerySet[TemplateVersion]:
    """Return the versions of a template, the newest first."""
    return TemplateVersion.objects.filter(template__code=code).order_by("-number")


def version(code: str, number: int) -> TemplateVersion:
    """Return one version.

    Raises:
        TemplateNotFoundError: there is none.
    """
    found = TemplateVersion.objects.filter(template__code=code, number=number).select_related("template").first()
    if found is None:
        raise TemplateNotFoundError(f"{code} v{number}")
    return found


def published(codes: Iterable[str]) -> dict[str, TemplateVersion | None]:
    """Return the version in use of each template, None of one that has none; codes that nobody has are left out."""
    wanted = set(codes)
    found: dict[str, TemplateVersion | None] = dict.fromkeys(
        Template.objects.filter(code__in=wanted).values_list("code", flat=True)
    )
    rows = TemplateVersion.objects.filter(template__code__in=wanted, number=F("template__published_number"))
    for row in rows.select_related("template"):
        found[row.template.code] = row
    return found
