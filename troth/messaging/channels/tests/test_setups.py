"""Settings of channels: secrets are encrypted and never shown, wrong values refused, the environment goes first."""

import pytest

from troth.events.models import Event
from troth.messaging import channels
from troth.messaging.channels import setups
from troth.messaging.models import ChannelSetup
from troth.messaging.text_errors import ChannelRefusedError

from .conftest import ACTOR, NOW

TWILIO = {"account": "AC1", "token": "very-secret", "sender": "+15550001"}


def saved(code: str = "sms_twilio", *, is_enabled: bool = True, **values):
    return setups.save_setup(actor=ACTOR, now=NOW, code=code, is_enabled=is_enabled, values=values)


def test_a_secret_is_kept_encrypted_and_shown_to_nobody(company):
    found = saved(**TWILIO)
    assert found.has_secret == {"token"}
    assert "token" not in found.values
    row = ChannelSetup.objects.get()
    assert "very-secret" not in row.secrets + str(row.settings)
    assert setups.values_of("sms_twilio")["token"] == "very-secret"
    assert "very-secret" not in str(Event.objects.get(name="messaging.channel.changed").data)


def test_an_empty_secret_stays(company):
    saved(**TWILIO)
    saved(token="", sender="+15550002")
    assert setups.values_of("sms_twilio") | {"endpoint": ""} == {**TWILIO, "sender": "+15550002", "endpoint": ""}


def test_another_installation_cannot_read_them(company, settings):
    saved(**TWILIO)
    settings.SECRET_KEY = "another secret of another installation, long enough"
    assert setups.values_of("sms_twilio")["token"] == ""
    assert [one.code for one in setups.set_up_channel("sms_twilio").lacks] == ["token"]


def test_the_environment_goes_first_and_is_not_stored(company, monkeypatch):
    monkeypatch.setenv("TROTH_SMS_TWILIO_TOKEN", "from outside")
    found = saved(account="AC1", sender="+1")
    assert found.from_environment == {"token"}
    assert setups.values_of("sms_twilio")["token"] == "from outside"
    assert ChannelSetup.objects.get().secrets == ""


@pytest.mark.parametrize(
    ("code", "values", "field"),
    [
        ("sms_twilio", {"account": "AC1", "sender": "+1"}, "token"),
        ("sms_twilio", {**TWILIO, "endpoint": "http://evil.example"}, "endpoint"),
        ("sms_twilio", {**TWILIO, "endpoint": "https://user:pw@api.twilio.com"}, "endpoint"),
        ("sms_twilio", {**TWILIO, "sender": "+1\r\nx"}, "sender"),
        ("sms_twilio", {**TWILIO, "nothing": "x"}, "nothing"),
        ("email", {"host": "h", "sender": "a@b.example", "port": "70000"}, "port"),
        ("email", {"host": "h", "sender": "a@b.example", "security": "magic"}, "security"),
        ("pigeon", {}, "channel"),
    ],
)
def test_what_will_not_do_is_refused(company, code, values, field):
    with pytest.raises(ChannelRefusedError) as refused:
        saved(code, **values)
    assert refused.value.fields["field"] == field
    assert not ChannelSetup.objects.exists()


def test_a_channel_may_be_prepared_before_it_is_used(company):
    assert not saved(is_enabled=False, account="AC1").is_enabled
    assert setups.enabled() == frozenset()


def test_every_channel_keeps_the_protocol():
    assert len(list(channels.all_channels())) >= 12
    for channel in channels.all_channels():
        assert isinstance(channel, channels.Channel)
        assert channel.body in ("email", "sms", "wechat", "text", "script")
