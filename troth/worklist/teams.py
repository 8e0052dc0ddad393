"""Teams: who shares a worklist."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.staff import queries as staff

from .errors import TeamRefusedError
from .models import Team, TeamMember


@transaction.atomic
def save_team(
    *,
    code: str,
    name: str,
    name_zh: str = "",
    is_active: bool = True,
    members: Collection[UUID] | None = None,
    leads: Collection[UUID] = (),
    actor: Actor,
    now: datetime,
) -> Team:
    """Add a team or change the one of this code; its people are then exactly `members`, None leaves them.

    Raises:
        TeamRefusedError: a field breaks its rule, or somebody named does not work here.
    """
    if slugify(code) != code.lower() or not 1 <= len(code) <= 40:
        raise TeamRefusedError(_("code: write 1 to 40 letters, digits, hyphens or underscores."), field="code")
    if not 1 <= len(name.strip()) <= 80 or len(name_zh) > 80:
        raise TeamRefusedError(_("name: write 1 to 80 characters."), field="name", value=name)
    team = Team.objects.select_for_update().filter(code=code).first()
    is_new = team is None
    if team is None:
        team = Team(code=code, created_at=now, created_by=actor.code)
    team.name, team.name_zh, team.is_active, team.updated_at = name.strip(), name_zh.strip(), is_active, now
    team.save()
    if members is not None:
        _place(team, set(members), set(leads))
    events.append("worklist.team.saved", actor=actor, now=now, data={"team": code, "is_new": is_new})
    return team


def _place(team: Team, members: set[UUID], leads: set[UUID]) -> None:
    here = set(staff.people().filter(id__in=members, left_date=None).values_list("id", flat=True))
    if members - here or leads - members:
        raise TeamRefusedError(_("Choose people who work here; who leads a team is in it."), field="members")
    TeamMember.objects.filter(team=team).exclude(member_id__in=members).delete()
    for member_id in sorted(members):
        TeamMember.objects.update_or_create(team=team, member_id=member_id, defaults={"is_lead": member_id in leads})
