"""Fixtures: a company in Shanghai, people who work there, a team, customers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from troth.access.actors import Actor, system_actor
from troth.access.models import User
from troth.access.permissions import Role
from troth.customers.models import Customer
from troth.staff.models import Company, StaffMember
from troth.worklist import services
from troth.worklist.models import Task, Team, TeamMember
from troth.worklist.services import TaskDraft

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)  # noon in Shanghai
LATER = NOW + timedelta(hours=1)
ACTOR = system_actor("test")


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def ann(company: Company) -> Customer:
    return Customer.objects.create(name="Ann", created_at=NOW, updated_at=NOW)


def hire(code: str, *, role: Role = Role.AGENT, **fields: Any) -> StaffMember:
    """Make a member of staff with a login."""
    user = User.objects.create_user(f"{code}@example.com", role=role)
    return StaffMember.objects.create(code=code, name=code.title(), user=user, **fields)


def login_of(member: StaffMember) -> Actor:
    """Return the actor that a member's login is."""
    assert member.user is not None
    return member.user.actor


@pytest.fixture
def li(company: Company) -> StaffMember:
    return hire("li")


@pytest.fixture
def wu(company: Company) -> StaffMember:
    return hire("wu")


@pytest.fixture
def team(li: StaffMember, wu: StaffMember) -> Team:
    made = Team.objects.create(code="care", name="Care", name_zh="关怀组", created_at=NOW, updated_at=NOW)
    for member in (li, wu):
        TeamMember.objects.create(team=made, member=member)
    return made


def draft(key: str = "t-1", **changes: Any) -> TaskDraft:
    """Return a draft of a call."""
    return TaskDraft(**({"key": key, "kind": "call", "title": "Call about the order"} | changes))


def make(key: str = "t-1", **changes: Any) -> Task:
    """Make one task."""
    (task_id,) = services.create_tasks([draft(key, **changes)], actor=ACTOR, now=NOW)
    return Task.objects.get(id=task_id)


def fresh(task: Task | UUID) -> Task:
    """Return a task as it stands in the database."""
    return Task.objects.get(id=task.id if isinstance(task, Task) else task)
