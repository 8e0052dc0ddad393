"""What a test of transactions wrote is gone for the next one, on each database."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from troth.access.models import User
from troth.access.permissions import Role

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_rows_that_others_point_to_are_gone_and_what_migrating_makes_is_there():
    group = Group.objects.create(name="Testers")
    group.permissions.add(*Permission.objects.all()[:3])
    User.objects.create_user("ann@example.org", name="Ann", role=Role.CLERK)
    permissions = Permission.objects.count()

    call_command("flush", verbosity=0, interactive=False, reset_sequences=False)

    assert (Group.objects.count(), User.objects.count()) == (0, 0)
    assert (Group.permissions.through.objects.count(), Permission.objects.count()) == (0, permissions)
