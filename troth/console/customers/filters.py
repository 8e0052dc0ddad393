"""What the list of customers is asked for, read from the address."""

from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.insights import queries as insights
from troth.segments import queries as segments

from . import behind, scores


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of the list: its key, its head, what the list is sorted by, whether it holds numbers."""

    key: str
    label: str | Promise
    sort: str = ""
    is_number: bool = False


COLUMNS = {
    column.key: column
    for column in (
        ListColumn("band", _("Value")),
        ListColumn("status", _("Life cycle")),
        ListColumn("rfm_segment", _("RFM segment")),
        ListColumn("revenue", _("Revenue"), "revenue", is_number=True),
        ListColumn("profit", _("Profit"), "profit", is_number=True),
        ListColumn("orders", _("Orders"), "orders", is_number=True),
        ListColumn("last_purchase", _("Last purchase"), "last_purchase"),
        ListColumn("usual_gap", _("Usual gap"), is_number=True),
        ListColumn("phone", _("Phone")),
        ListColumn("email", _("E-mail")),
        ListColumn("city", _("City")),
        ListColumn("tags", _("Tags")),
        ListColumn("owner", _("Our person")),
        ListColumn("joined", _("Customer since"), "joined"),
        ListColumn("source", _("Source")),
    )
}
DEFAULT_COLUMNS = ("band", "status", "revenue", "orders", "last_purchase", "phone", "city", "tags")
SCORE_SORTS = {
    "revenue": "revenue",
    "profit": "profit",
    "orders": "orders",
    "last_purchase": "last_purchase_date",
}
CUSTOMER_SORTS = {"name": "search_key", "joined": "joined_date", "created": "created_at"}
PERSONAL_COLUMNS = ("city",)
PERSONAL_SORTS = ("name",)


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The list that was asked for: narrowed by what, in which order, with which columns."""

    narrow: customers.CustomerFilter
    sort: str
    columns: tuple[ListColumn, ...]
    query: str
    behind: insights.People
    segment_id: UUID | None = None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.narrow.used())

    @property
    def is_selective(self) -> bool:
        """Tell whether few customers are likely to fit, so that they can be sorted as they are."""
        return bool(self.narrow.text or self.narrow.tag_id or self.narrow.staff_owner_id or self.segment_id)


def columns_for(actor: Actor) -> dict[str, ListColumn]:
    """Return the columns that somebody may see."""
    if actor.may(Permission.CUSTOMERS_VIEW_PERSONAL):
        return COLUMNS
    return {key: column for key, column in COLUMNS.items() if key not in PERSONAL_COLUMNS}


def read(data: QueryDict, default_sort: str, actor: Actor) -> ListRequest:
    """Return the list that an address asks for; what cannot be read is left out.

    What is masked for the actor is no column and no order either; `customers_matching` refuses to narrow by it.
    """
    sees_personal = actor.may(Permission.CUSTOMERS_VIEW_PERSONAL)
    columns = columns_for(actor)
    wanted = behind.read(data)
    segment_id = _uuid(data.get("segment"))
    chosen = [columns[key] for key in data.getlist("columns") if key in columns]
    sort = data.get("sort", "")
    known = sort.removeprefix("-") in SCORE_SORTS | CUSTOMER_SORTS
    known = known and (sees_personal or sort.removeprefix("-") not in PERSONAL_SORTS)
    codes = [*wanted.given(), *(["segment"] if segment_id else [])]
    narrow = customers.CustomerFilter(
        text=data.get("q", "").replace("\0", "")[:100],
        customer_kind=_one_of(data.get("kind"), ["person", "company"]),
        city=data.get("city", "").strip()[:80].replace("\0", ""),
        tag_id=_number(data.get("tag")),
        staff_owner_id=_uuid(data.get("owner")),
        among=_among(wanted, segment_id),
        codes=tuple(codes),
        sees_personal=sees_personal,
    )
    return ListRequest(
        narrow=narrow,
        sort=sort if known else default_sort,
        columns=tuple(chosen) or tuple(columns[key] for key in DEFAULT_COLUMNS if key in columns),
        query=_query(data),
        behind=wanted,
        segment_id=segment_id,
    )


def _among(wanted: insights.People, segment_id: UUID | None) -> object:
    """Return the ids to which scores and a segment narrow the list, or None."""
    measured = scores.owner_ids(wanted)
    members = segments.member_ids(segment_id) if segment_id else None
    if measured is not None and members is not None:
        return measured.filter(owner_id__in=members)
    return measured if measured is not None else members


def _query(data: QueryDict) -> str:
    kept = data.copy()
    for key in ("page", "csrfmiddlewaretoken", "name"):
        kept.pop(key, None)
    return kept.urlencode()


def _one_of(value: str | None, allowed: list[str]) -> str:
    return value if value in allowed else ""


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value or "")
    except ValueError:
        return None


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else None
