"""Writing the texts of messages: drafts, what is wrong with them, how they look, their versions."""

from typing import Any, Literal
from uuid import UUID

from ninja import Path
from pydantic import Field

from troth.access import services as access
from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.messaging import templates
from troth.messaging.models import Template
from troth.messaging.templates import previewing
from troth.messaging.templates.document import parsed
from troth.staff import queries as staff

from ..fields import Flag, MomentText, Request, Response, Text64, Text120, Text200, example
from ..keys import ApiRequest
from ..operations import reads, writes
from .templates import router

__all__ = ["router"]

P = Permission
Purpose = Literal["marketing", "service", "survey"]
TextKind = Literal["email", "sms", "wechat", "text", "script"]
TextLanguage = Literal["en", "zh-hans"]
_DOCUMENT = {
    "languages": {
        "en": {"email": {"subject": "Your ring is ready", "body": "{{ salutation }}, come and try it on."}},
        "zh-hans": {"email": {"subject": "戒指做好了", "body": "{{ salutation }}，欢迎到店试戴。"}},
    }
}


class TemplateIn(Request):
    """A new template."""

    model_config = example(
        {"code": "ready", "name": "Ready", "name_zh": "已做好", "purpose": "service", "document": _DOCUMENT}
    )

    code: Text64 = Field(description="By what messages will name it: letters, digits, hyphen, underscore.")
    name: Text120 = Field(description="Its name.")
    name_zh: Text120 = Field("", description="Its name in Chinese.")
    purpose: Purpose = Field(description="What consent it needs: service needs none.")
    document: dict[str, Any] | None = Field(
        None, description="The text by language and kind, as Liquid; left out: empty."
    )


class TemplateDraftIn(Request):
    """The draft of the next version, whole."""

    model_config = example(
        {"name": "Ready", "name_zh": "已做好", "purpose": "service", "document": _DOCUMENT, "revision": 1}
    )

    name: Text120 = Field(description="Its name.")
    name_zh: Text120 = Field("", description="Its name in Chinese.")
    purpose: Purpose = Field(description="What consent it needs: service needs none.")
    document: dict[str, Any] = Field(description="The text by language and kind, as Liquid.")
    revision: int = Field(
        ge=1, le=2**31 - 1, description="That of the draft when you read it: refused if somebody saved meanwhile."
    )


class TemplatePublishIn(Request):
    """Which draft to publish."""

    model_config = example({"revision": 2, "note": "Shorter"})

    revision: int = Field(ge=1, le=2**31 - 1, description="That of the draft that you mean.")
    note: Text200 = Field("", description="What changed, for colleagues.")


class TemplatePreviewIn(Request):
    """How to look at a draft."""

    model_config = example({"kind": "email", "language": "en"})

    kind: TextKind = Field(description="Which text.")
    language: TextLanguage = Field(description="In which language.")
    customer_id: UUID | None = Field(None, description="With the facts of this customer; left out: with examples.")


class TemplateArchiveIn(Request):
    """Whether to put it away."""

    model_config = example({"archived": True})

    archived: Flag = Field(True, description="True: put it away; false: take it back.")


class TemplateProblemOut(Response):
    """One thing to mend."""

    language: str = Field(description="In which language; empty: in the whole.")
    kind: str = Field(description="In which kind of text; empty: in the whole.")
    text: str = Field(description="What is wrong, in words.")
    blocks: bool = Field(description="Whether it has to be mended before the draft is published.")


class TemplateDraftOut(Response):
    """The draft of a template."""

    code: str = Field(description="By what messages name it.")
    name: str = Field(description="Its name.")
    name_zh: str = Field(description="Its name in Chinese, may be empty.")
    purpose: str = Field(description="marketing, service or survey.")
    document: dict[str, Any] = Field(description="The text by language and kind, as Liquid.")
    revision: int = Field(description="Counts every saving.")
    version: int | None = Field(description="Number of the version in use; null: not published.")
    is_archived: bool = Field(description="Whether it is put away.")
    problems: list[TemplateProblemOut] = Field(description="What is wrong with it, what blocks it first.")


class TemplatePublishedOut(Response):
    """A version of a template."""

    template: str = Field(description="Code of the template.")
    version: int = Field(description="Its number.")
    published_at: MomentText = Field(description="From when it is sent.")


class TemplatePreviewOut(Response):
    """A draft filled in."""

    subject: str = Field(description="May be empty.")
    text: str = Field(description="Plain text.")
    html: str = Field(description="Of an e-mail, else empty.")
    language: str = Field(description="The language that was taken: there may be no text in the one asked for.")
    missing: list[str] = Field(description="Facts that the text names and nobody knows.")


@writes(router, "POST", "/templates", scope=P.MESSAGES_EDIT, response=TemplateDraftOut, status=201)
def create_template(request: ApiRequest, wanted: TemplateIn) -> TemplateDraftOut:
    """Make a template with its first draft; nothing is sent with it before it is published."""
    made = templates.create_template(actor=request.auth, now=staff.moment(request.now), **wanted.model_dump())
    return _draft(made)


@reads(router, "/templates/{template}/draft", scope=P.MESSAGES_VIEW, response=TemplateDraftOut)
def get_template_draft(request: ApiRequest, template: Path[Text64]) -> TemplateDraftOut:
    """Get the draft of a template, with what is wrong with it."""
    return _draft(templates.template(template))


@writes(router, "PUT", "/templates/{template}/draft", scope=P.MESSAGES_EDIT, response=TemplateDraftOut)
def save_template_draft(request: ApiRequest, template: Path[Text64], draft: TemplateDraftIn) -> TemplateDraftOut:
    """Save the draft of the next version; what is sent stays the published one."""
    now = staff.moment(request.now)
    return _draft(templates.save_draft(actor=request.auth, now=now, code=template, **draft.model_dump()))


@reads(router, "/templates/{template}/evaluate", method="POST", scope=P.MESSAGES_VIEW, response=TemplatePreviewOut)
def evaluate_template(request: ApiRequest, template: Path[Text64], wanted: TemplatePreviewIn) -> TemplatePreviewOut:
    """Look at the draft, filled in with examples or with the facts of a customer. Nothing is sent or kept.

    With a customer it needs customers.view_personal, too.
    """
    row = templates.template(template)
    if wanted.customer_id is not None:
        access.require(request.auth, P.CUSTOMERS_VIEW_PERSONAL)
        customers.customer(wanted.customer_id)
    made = previewing.preview(
        parsed(row.document),
        purpose=row.purpose,
        kind=wanted.kind,
        language=wanted.language,
        customer_id=wanted.customer_id,
        now=staff.moment(request.now),
    )
    return TemplatePreviewOut(
        subject=made.subject, text=made.text, html=made.html, language=made.language, missing=list(made.missing)
    )


@writes(
    router, "POST", "/templates/{template}/publish", scope=P.MESSAGES_EDIT, response=TemplatePublishedOut, status=201
)
def publish_template(request: ApiRequest, template: Path[Text64], which: TemplatePublishIn) -> TemplatePublishedOut:
    """Publish the draft: it is sent from now on. A version never changes; the same draft again makes no new one."""
    made = templates.publish(
        actor=request.auth,
        now=staff.moment(request.now),
        code=template,
        revision=which.revision,
        note=which.note,
    )
    return TemplatePublishedOut(template=template, version=made.number, published_at=made.published_at)


@writes(router, "POST", "/templates/{template}/archive", scope=P.MESSAGES_EDIT, response=TemplateDraftOut)
def archive_template(request: ApiRequest, template: Path[Text64], wanted: TemplateArchiveIn) -> TemplateDraftOut:
    """Put a template away, or take it back; what is on its way with it still goes out."""
    now = staff.moment(request.now)
    return _draft(templates.archive_template(actor=request.auth, now=now, code=template, is_archived=wanted.archived))


def _draft(row: Template) -> TemplateDraftOut:
    return TemplateDraftOut(
        code=row.code,
        name=row.name,
        name_zh=row.name_zh,
        purpose=row.purpose,
        document=row.document,
        revision=row.revision,
        version=row.published_number,
        is_archived=row.is_archived,
        problems=[
            TemplateProblemOut(language=one.language, kind=one.kind, text=one.text, blocks=one.is_error)
            for one in templates.problems(parsed(row.document), purpose=row.purpose)
        ],
    )
