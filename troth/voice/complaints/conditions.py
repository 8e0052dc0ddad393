"""What complaints contribute to the condition language: open ones, how many, when, what about, and how it ended."""

from django.utils.translation import gettext_lazy as _

from troth.kit.conditions import catalogue, windows
from troth.kit.conditions.fields import (
    LAST_DAYS,
    Aggregate,
    AsOf,
    Choice,
    Facts,
    Field,
    Group,
    Members,
    Rows,
    Rowset,
    ValueType,
)
from troth.kit.conditions.tree import Params
from troth.kit.languages import in_language

from ..models import OPEN_STATES, Case, CaseCategory, CaseState, Word

SUBJECT = "customer"
CASES = Group("cases", _("Complaints"), order=74)
_OWNER = "customer_id"
_NO_COMPLAINT = (CaseState.MERGED, CaseState.REJECTED)


def _complaints(as_of: AsOf, params: Params) -> Rowset:
    known = Case.objects.exclude(state__in=_NO_COMPLAINT).exclude(customer_id=None)
    return known.filter(windows.moments("opened_at", as_of, params))


def _count(as_of: AsOf, params: Params) -> Rows:
    return Rows(_complaints(as_of, params), "id", _OWNER)


def _open(as_of: AsOf, params: Params) -> Rows:
    return Rows(_complaints(as_of, params).filter(state__in=OPEN_STATES), "id", _OWNER)


def _moments(as_of: AsOf, params: Params) -> Rows:
    return Rows(_complaints(as_of, params), "opened_at", _OWNER)


def _categories(as_of: AsOf, params: Params) -> Rows:
    return Rows(_complaints(as_of, params), "category__code", _OWNER)


def _words(as_of: AsOf, params: Params) -> Rows:
    said = (Word.SATISFIED, Word.DISSATISFIED, Word.SILENT)
    return Rows(_complaints(as_of, params).filter(word__in=said), "word", _OWNER)


def _category_choices() -> list[Choice]:
    rows = CaseCategory.objects.order_by("order", "code")
    return [Choice(row.code, in_language(row.name, row.name_zh)) for row in rows]


def _word_choices() -> list[Choice]:
    return [Choice(word.value, str(word.label)) for word in (Word.SATISFIED, Word.DISSATISFIED, Word.SILENT)]


def register() -> None:
    """Add the fields to the catalogue of customers."""
    count = Facts(_count, Aggregate.COUNT)
    is_open = Facts(_open, Aggregate.COUNT)
    last = Facts(_moments, Aggregate.LATEST)
    catalogue.register(
        SUBJECT,
        Field("cases.open", ValueType.COUNT, _("Open complaints"), CASES, is_open, order=10),
        Field("cases.count", ValueType.COUNT, _("Number of complaints"), CASES, count, params=(LAST_DAYS,), order=12),
        Field("cases.last_opened", ValueType.MOMENT, _("Last complaint"), CASES, last, order=14),
        Field(
            "cases.categories",
            ValueType.CHOICE_SET,
            _("Complained about"),
            CASES,
            Members(_categories),
            choices=_category_choices,
            params=(LAST_DAYS,),
            order=16,
        ),
        Field(
            "cases.words",
            ValueType.CHOICE_SET,
            _("Said how complaints were handled"),
            CASES,
            Members(_words),
            choices=_word_choices,
            params=(LAST_DAYS,),
            order=18,
        ),
    )
