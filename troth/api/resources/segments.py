"""Segments: what defines them, who is in them, and how many a condition would find."""

from typing import Any
from uuid import UUID

from ninja import Path, Router
from pydantic import Field

from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.kit.conditions.fields import Field as ConditionField
from troth.kit.conditions.fields import ParamKind, ValueType, choices_of
from troth.kit.conditions.operators import Shape, operators_of
from troth.segments import queries
from troth.segments.models import Segment

from ..fields import MomentText, Request, Response, example
from ..keys import ApiRequest
from ..operations import reads
from ..paging import PagingQuery, page
from . import customer_views
from .customer_schemas import CustomerPage

router = Router(tags=["Segments"])


class SegmentOut(Response):
    """A segment: a group of customers that renews itself."""

    id: UUID = Field(description="Its id.")
    name: str = Field(description="Its name, in English where both are kept.")
    name_zh: str = Field(description="Its name in Chinese, or empty.")
    description: str = Field(description="What it is for.")
    version: int = Field(description="The published version in force; 0: only a draft so far.")
    member_count: int | None = Field(description="Stored members; null before the first renewal.")
    refreshed_at: MomentText | None = Field(description="When its members were last worked out, or null.")
    updated_at: MomentText = Field(description="When the segment was last changed.")


class SegmentDetail(SegmentOut):
    """A segment with its definition."""

    definition: dict[str, Any] | None = Field(
        description="The condition in force, as a tree; null while there is only a draft."
    )
    sentence: str | None = Field(description="The condition in words, in the language asked for.")


class SegmentPage(Response):
    """A page of segments."""

    items: list[SegmentOut] = Field(description="By name.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class ConditionIn(Request):
    """A condition to try out."""

    model_config = example({"definition": {"all": [{"field": "address.city", "operator": "is", "value": "上海"}]}})

    definition: dict[str, Any] = Field(
        description='A condition tree, for example {"all": [{"field": "…", "operator": "…", "value": …}]}.'
    )


class OperatorOut(Response):
    """An operator of a field."""

    code: str = Field(description="The code to write it by.")
    takes: Shape = Field(description="What `value` is: none, one, range (two), many, days, period, months.")


class ParamOut(Response):
    """An optional narrowing of what a field counts."""

    code: str = Field(description="Its key in `with`.")
    takes: ParamKind = Field(description="A number of days, some choices, or some texts.")


class ConditionFieldOut(Response):
    """A field that conditions may use."""

    code: str = Field(description="The code to write it by.")
    label: str = Field(description="Its name on screens.")
    type: ValueType = Field(description="What it holds.")
    unit: str = Field(description="Unit of numbers, or empty.")
    choices: list[str] = Field(description="Codes that may be chosen, for choices.")
    operators: list[OperatorOut] = Field(description="What it can be asked.")
    params: list[ParamOut] = Field(description="How what it counts can be narrowed.")


class ConditionFields(Response):
    """The field catalogue."""

    items: list[ConditionFieldOut] = Field(description="By group.")


class EvaluationOut(Response):
    """Whom a condition finds now."""

    count: int = Field(description="How many customers.")
    sample_ids: list[UUID] = Field(description="Ids of a few of them, always the same ones.")
    sentence: str = Field(description="The condition in words, in the language asked for.")


@reads(router, "/segments", scope=Permission.SEGMENTS_VIEW, response=SegmentPage)
def list_segments(request: ApiRequest, paging: PagingQuery) -> SegmentPage:
    """List the segments in use."""
    rows, cursor = page(queries.segments(), paging, keys=("name", "id"))
    return SegmentPage(items=[SegmentOut(**_fields(row)) for row in rows], next_cursor=cursor)


@reads(router, "/segments/evaluate", method="POST", scope=Permission.SEGMENTS_VIEW, response=EvaluationOut)
def evaluate_condition(request: ApiRequest, condition: ConditionIn) -> EvaluationOut:
    """Count whom a condition would find now.

    Nothing is stored. A condition that cannot be understood is refused with 422, and each problem in it is
    named with its place; one by personal data needs customers.view_personal (403). Counting that takes too long
    is stopped (503).
    """
    fields = queries.catalogue(request.auth)
    tree = queries.condition_of(condition.definition, fields)
    found = queries.preview(tree, fields, queries.as_of(request.now))
    return EvaluationOut(
        count=found.count, sample_ids=list(found.sample_ids), sentence=queries.words(fields).sentence(tree)
    )


@reads(router, "/condition-fields", scope=Permission.SEGMENTS_VIEW, response=ConditionFields)
def list_condition_fields(request: ApiRequest) -> ConditionFields:
    """List the fields that conditions may use, with their operators.

    Without customers.view_personal, those that hold personal data are left out: who may not see them may not
    count by them either.
    """
    return ConditionFields(items=[_condition_field(field) for field in queries.catalogue(request.auth)])


@reads(router, "/segments/{segment_id}", scope=Permission.SEGMENTS_VIEW, response=SegmentDetail)
def get_segment(request: ApiRequest, segment_id: Path[UUID]) -> SegmentDetail:
    """Get a segment with the condition that decides who is in it."""
    segment = queries.segment(segment_id)
    version = queries.version_in_force(segment)
    definition = version.definition if version else None
    return SegmentDetail(
        **_fields(segment), definition=definition, sentence=_sentence(definition) if definition else None
    )


@reads(router, "/segments/{segment_id}/members", scope=Permission.CUSTOMERS_VIEW, response=CustomerPage)
def list_members(request: ApiRequest, segment_id: Path[UUID], paging: PagingQuery) -> CustomerPage:
    """List the stored members of a segment.

    As of its last renewal (`refreshed_at`), in the order in which the customers were added.
    """
    among = queries.member_ids(queries.segment(segment_id).id)
    found = customers.customers_matching(customers.CustomerFilter(among=among))
    rows, cursor = page(found, paging, keys=("id",))
    return CustomerPage(items=customer_views.many(rows, request.auth), next_cursor=cursor)


def _fields(segment: Segment) -> dict[str, Any]:
    names = "id name name_zh description member_count refreshed_at updated_at"
    return {name: getattr(segment, name) for name in names.split()} | {"version": segment.version_number}


def _condition_field(field: ConditionField) -> ConditionFieldOut:
    return ConditionFieldOut(
        code=field.code,
        label=str(field.label),
        type=field.type,
        unit=str(field.unit),
        choices=[choice.code for choice in choices_of(field.choices)],
        operators=[OperatorOut(code=one.code, takes=one.shape) for one in operators_of(field)],
        params=[ParamOut(code=one.code, takes=one.kind) for one in field.params],
    )


def _sentence(definition: dict[str, Any]) -> str:
    fields = queries.catalogue()
    return queries.words(fields).sentence(queries.condition_of(definition, fields))
