"""What a journey's document may name in other modules: codes and how people read them."""

from typing import Any

from troth.care.models import Journey
from troth.customers import queries as customers
from troth.customers.errors import AttributeRefusedError
from troth.customers.services.attributes import typed_value
from troth.events import queries as events
from troth.kit import clock
from troth.kit import festivals as calendars
from troth.kit.languages import in_language
from troth.ledger import queries as ledger
from troth.messaging import channels as ways
from troth.messaging.models import Template
from troth.messaging.templates import reading as texts
from troth.rewards import queries as rewards
from troth.segments import queries as segment_queries
from troth.staff import queries as staff
from troth.voice.models import SurveyState
from troth.voice.surveys import queries as voice
from troth.worklist import kinds
from troth.worklist import queries as worklist

Names = dict[str, str]
"""Code → how people read it."""


def segments() -> Names:
    """Return the published segments in use, by id."""
    return {str(one.id): str(one) for one in segment_queries.segments() if one.is_published}


def festivals() -> Names:
    """Return the festivals of the company's country and the lunar ones, by their day in this year."""
    company = staff.company_or_none()
    found = calendars.choices(company.country if company else "CN", year=clock.utc_now().year)
    return {one.code: one.label for one in found}


def event_names() -> Names:
    """Return the events that concern a customer and can be waited for, by name."""
    return {kind.name: str(kind.label) for kind in events.event_types() if kind.on_timeline}


def currencies() -> Names:
    """Return the point currencies."""
    return {one.code: str(one) for one in ledger.currencies()}


def campaigns() -> Names:
    """Return the coupon campaigns whose coupons are handed out one by one."""
    return {one.code: str(one) for one in rewards.campaigns() if one.code_kind == "unique"}


def attributes() -> Names:
    """Return the company's own attributes in use."""
    return {one.code: str(one) for one in customers.attribute_definitions()}


def attribute_refusal(code: str, value: Any) -> str | None:
    """Return why an attribute cannot have the value; None if it can, or if there is no such attribute."""
    definition = next((one for one in customers.attribute_definitions() if one.code == code), None)
    if definition is None:
        return None
    try:
        typed_value(definition, value)
    except AttributeRefusedError as error:
        return str(error)
    return None


def journeys() -> Names:
    """Return every journey."""
    return {one.code: str(one) for one in Journey.objects.order_by("code")}


def channels() -> Names:
    """Return the ways to a customer."""
    return {one.code: str(one.label) for one in ways.all_channels()}


def templates() -> Names:
    """Return the published templates in use."""
    return {one.code: _named(one) for one in texts.templates() if one.published_number}


def surveys() -> Names:
    """Return the surveys that take answers."""
    return {one.code: str(one) for one in voice.surveys() if one.state == SurveyState.OPEN}


def teams() -> Names:
    """Return the teams of the worklist."""
    return {one.code: str(one) for one in worklist.teams()}


def task_kinds() -> Names:
    """Return the kinds of tasks in use."""
    return {one.code: str(one) for one in kinds.all_kinds()}


def scripts() -> Names:
    """Return the call scripts that agents can be given, the ready-made ones too, which are in force unpublished."""
    ours = {one.code: str(one) for one in worklist.OUR_SCRIPTS}
    return ours | {one.code: str(one) for one in worklist.scripts() if one.is_published}


def _named(template: Template) -> str:
    return in_language(template.name, template.name_zh)
