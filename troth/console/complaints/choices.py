"""What the forms of complaints choose from, and how people, teams, categories are called."""

from collections.abc import Mapping
from uuid import UUID

from troth.ledger import queries as ledger
from troth.rewards import queries as rewards
from troth.rewards.models import CampaignState, CodeKind
from troth.staff import queries as staff
from troth.staff.models import StaffMember
from troth.voice.complaints import queries as complaints
from troth.worklist import queries as worklist

Choices = list[tuple[str, str]]


def category_choices() -> Choices:
    """Return the categories in use with those above them."""
    rows = complaints.categories()
    paths = complaints.category_paths(rows)
    return [(row.code, paths[row.code]) for row in rows]


def cause_choices() -> Choices:
    """Return the root causes in use."""
    return [(row.code, complaints.named(row)) for row in complaints.causes()]


def team_choices() -> Choices:
    """Return the teams of the worklist."""
    return [(row.code, str(row)) for row in worklist.teams()]


def people() -> list[StaffMember]:
    """Return who works here now."""
    return list(staff.people().filter(left_date=None))


def member_of(user_id: UUID | None) -> StaffMember | None:
    """Return who works here now under a login, None where it belongs to nobody: then no case can be theirs."""
    return staff.people().filter(left_date=None, user_id=user_id).first() if user_id else None


def currency_choices() -> Choices:
    """Return the point currencies."""
    return [(row.code, str(row)) for row in ledger.currencies()]


def campaign_choices() -> Choices:
    """Return the running campaigns that hand out coupons of their own."""
    running = rewards.campaigns().filter(state=CampaignState.ACTIVE, code_kind=CodeKind.UNIQUE)
    return [(row.code, str(row)) for row in running]


def all_names() -> Mapping[str, Mapping[str, str]]:
    """Return what codes and ids in a record are called, those not in use any more too."""
    every = complaints.categories(is_active=None)
    return {
        "categories": complaints.category_paths(every),
        "causes": {row.code: complaints.named(row) for row in complaints.causes(is_active=None)},
        "teams": {row.code: str(row) for row in worklist.teams(is_active=None)},
        "people": {str(row.id): row.name for row in staff.people()},
    }


def staff_id(text: str) -> UUID | None:
    """Return the id that a form sent, None for nobody or no id."""
    try:
        return UUID(text)
    except ValueError:
        return None
