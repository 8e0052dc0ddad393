"""A channel that is set up but not in use says so: otherwise its owner waits for messages that never go."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from troth.access.permissions import Role
from troth.messaging.channels import setups

SETTINGS = {"host": "127.0.0.1", "port": "2525", "security": "none", "sender": "info@example.com"}


def _said(answer):
    return [(one.level_tag, str(one)) for one in get_messages(answer.wsgi_request)]


@pytest.mark.parametrize(("ticked", "level"), [({}, "warning"), ({"is_enabled": "on"}, "success")])
def test_saving_says_whether_anything_will_go_out(sign_in, ticked, level):
    manager = sign_in(Role.ADMIN)
    answer = manager.post(reverse("texts:channel", args=["email"]), SETTINGS | ticked)
    assert [one[0] for one in _said(answer)] == [level]
    assert setups.set_up_channel("email").is_enabled is bool(ticked)


def test_an_installation_without_a_channel_is_told_how_to_begin(sign_in):
    manager = sign_in(Role.ADMIN)
    url = reverse("texts:channels")
    assert reverse("texts:channel", args=["email"]) + '">Set up e-mail' in manager.get(url).content.decode()
    manager.post(reverse("texts:channel", args=["email"]), SETTINGS | {"is_enabled": "on"})
    assert "Set up e-mail" not in manager.get(url).content.decode()
