"""Texts of messages, what came back of messages, and the customer's inbox."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.messaging import inbox, receipts, templates
from troth.messaging.models import InboxMessage, Receipt, ReceiptKind, Template
from troth.staff import queries as staff

from ..fields import Flag, MomentText, Response, Text64
from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page

router = Router(tags=["Templates"])


class TemplateOut(Response):
    """A template."""

    code: str = Field(description="By what messages name it.")
    name: str = Field(description="Its name.")
    name_zh: str = Field(description="Its name in Chinese, may be empty.")
    purpose: str = Field(description="marketing, service or survey.")
    version: int | None = Field(description="Number of the version in use; null: not published.")
    kinds: list[str] = Field(description="Kinds of text there are: email, sms, wechat, text, script.")
    languages: list[str] = Field(description="Languages there are.")
    is_archived: bool = Field(description="Whether it is put away.")


class TemplateVersionOut(TemplateOut):
    """A template with the text in use."""

    document: dict[str, Any] | None = Field(
        description="The published text by language and kind, as Liquid; null: none."
    )
    facts: list[str] = Field(description="Codes of the facts that the sender brings.")


class TemplatePage(Response):
    """One page of templates."""

    items: list[TemplateOut] = Field(description="By code.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class TemplateNarrowing(BaseModel):
    """What a list of templates is narrowed to."""

    archived: Flag = Field(False, description="True: those put away instead of those in use.")


class ReceiptOut(Response):
    """What came back of a message."""

    kind: ReceiptKind = Field(description="What it tells.")
    channel: str = Field(description="Code of the channel.")
    detail: str = Field(description="A code, such as an SMTP status; may be empty.")
    occurred_at: MomentText = Field(description="When it happened.")


class ReceiptList(Response):
    """What came back of a message, the oldest first."""

    items: list[ReceiptOut] = Field(description="Each thing once.")


class InboxMessageOut(Response):
    """A message in a customer's inbox."""

    id: UUID = Field(description="Its id.")
    subject: str = Field(description="May be empty.")
    text: str = Field(description="Plain text.")
    language: str = Field(description="Code of its language.")
    created_at: MomentText = Field(description="When it came in.")
    read_at: MomentText | None = Field(description="When it was read first; null: not yet.")


class InboxPage(Response):
    """One page of an inbox."""

    items: list[InboxMessageOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


@reads(router, "/templates", scope=Permission.MESSAGES_VIEW, response=TemplatePage)
def list_templates(
    request: ApiRequest, narrowing: Annotated[TemplateNarrowing, Query(...)], paging: PagingQuery
) -> TemplatePage:
    """List the templates that messages can name."""
    rows, cursor = page(templates.all_templates(is_archived=narrowing.archived), paging, keys=("code",))
    return TemplatePage(items=[TemplateOut(**_template(row)) for row in rows], next_cursor=cursor)


@reads(router, "/templates/{template}", scope=Permission.MESSAGES_VIEW, response=TemplateVersionOut)
def get_template(request: ApiRequest, template: Path[Text64]) -> TemplateVersionOut:
    """Get a template with the text in use."""
    row = templates.template(template)
    version = templates.version(row.code, row.published_number) if row.published_number is not None else None
    document = version.document if version else None
    facts = [fact["code"] for fact in (document or {}).get("facts", ())]
    return TemplateVersionOut(**_template(row), document=document, facts=facts)


@reads(router, "/messages/{message_id}/receipts", scope=Permission.MESSAGES_VIEW, response=ReceiptList)
def list_receipts(request: ApiRequest, message_id: Path[UUID]) -> ReceiptList:
    """List what came back of a message: delivered, bounced, opened, reported as spam."""
    return ReceiptList(items=[_receipt(row) for row in receipts.receipts_of([message_id])[message_id]])


@reads(router, "/customers/{customer_id}/inbox", scope=Permission.CUSTOMERS_VIEW_PERSONAL, response=InboxPage)
def list_inbox(request: ApiRequest, customer_id: Path[UUID], paging: PagingQuery) -> InboxPage:
    """List the messages in a customer's inbox, for the company's own app."""
    found = inbox.inbox_of(customers.record_ids(customer_id))
    rows, cursor = page(found, paging, keys=("-created_at", "-id"))
    return InboxPage(items=[_message(row) for row in rows], next_cursor=cursor)


@writes(router, "POST", "/inbox/{message_id}/read", scope=Permission.MESSAGES_SEND, response=InboxMessageOut)
def mark_read(request: ApiRequest, message_id: Path[UUID]) -> InboxMessageOut:
    """Note that a customer read a message; the first time counts."""
    return _message(inbox.mark_read(message_id=message_id, now=staff.moment(request.now)))


def _template(row: Template) -> dict[str, Any]:
    languages = row.document.get("languages", {})
    return {
        "code": row.code,
        "name": row.name,
        "name_zh": row.name_zh,
        "purpose": row.purpose,
        "version": row.published_number,
        "kinds": sorted({kind for bodies in languages.values() for kind in bodies}),
        "languages": sorted(languages),
        "is_archived": row.is_archived,
    }


def _receipt(row: Receipt) -> ReceiptOut:
    return ReceiptOut(
        kind=ReceiptKind(row.receipt_kind), channel=row.channel, detail=row.detail, occurred_at=row.occurred_at
    )


def _message(row: InboxMessage) -> InboxMessageOut:
    return InboxMessageOut(
        id=row.id,
        subject=row.subject,
        text=row.text,
        language=row.language,
        created_at=row.created_at,
        read_at=row.read_at,
    )
